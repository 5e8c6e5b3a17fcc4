// What house files sound like: prints, which each airing is compared with, and loudness block by block, for what is not
// heard again because it passed as it is. Made once a file from the file itself, its SHA-256 computed again first, and
// kept beside the media under the same name (references/<sha256>.print, about 6 % of its size). So the agent judges by
// what was approved, and no bundle has to carry it.
//
// Threads: any. One thread of the lowest priority reads and prints; it ends with the shelf, in the middle of a file if
// need be. Failure: what cannot be read or printed is simply not there: find() is null, and nothing is claimed. A file
// that was damaged on disk is made again. A full disk costs making it again at the next start.
#pragma once

#include "playout/proof/airing_measure.h"
#include "scheduler/contract/hash.h"

#include <QString>

#include <atomic>
#include <functional>
#include <memory>

namespace loa::playout {

class ReferenceShelf {
public:
    // Where a house file lies on disk.
    using MediaPath = std::function<QString(const Sha256&)>;

    // `folder` is made when it is not there. Prints whose house file is gone are removed, now and from time to time.
    ReferenceShelf(QString folder, MediaPath media);
    ~ReferenceShelf();

    // It will be needed: made when it is not there.
    void want(const Sha256& sha256);
    // Null while it is not there.
    [[nodiscard]] std::shared_ptr<const Reference> find(const Sha256& sha256);

private:
    struct Worker;
    std::unique_ptr<Worker> m_worker;
};

// Of a house file, decoded on the caller's thread. Errors: those of sha256OfFile() and HouseReader; Conflict when the
// hash differs; Unavailable as soon as `isOver`, when given, is true.
[[nodiscard]] Result<Reference> referenceOf(const QString& path, const Sha256& sha256,
                                            const std::atomic<bool>* isOver = nullptr);

// On disk and back: how many rows, rows, loudness, closed by a hash. Error: InvalidInput.
[[nodiscard]] QByteArray packReference(const Reference& reference);
[[nodiscard]] Result<Reference> unpackReference(QByteArrayView packed);

} // namespace loa::playout
