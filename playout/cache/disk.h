// A folder as the agent's cache sees it, small enough to be played by memory in a test that cuts the power. Names are
// relative, with '/', and never leave the folder. Thread: the agent's.
#pragma once

#include "media/error.h"
#include "scheduler/contract/hash.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <cstdint>
#include <vector>

namespace loa::playout {

struct DiskFile {
    QString name;
    std::int64_t bytes = 0;
    std::int64_t stamp = 0; // higher: written or touched later
};

class Disk {
public:
    virtual ~Disk() = default;

    // Errors: NotFound, Storage; LimitExceeded above `most` bytes.
    [[nodiscard]] virtual Result<QByteArray> read(const QString& name, std::int64_t most) const = 0;
    // All or nothing, also across a power cut, and durable on return: temporary file, fsync, rename, fsync of the
    // folder. Error: Storage; the old content stands.
    [[nodiscard]] virtual Result<void> replace(const QString& name, QByteArrayView bytes) = 0;
    // Writes at `offset` (at most the present size; what lay behind is cut off). Not durable until commit(). Error:
    // Storage; the file may be shorter than expected.
    [[nodiscard]] virtual Result<void> write(const QString& name, std::int64_t offset, QByteArrayView bytes) = 0;
    // Makes `from` durable and renames it to `to`, durably. Error: Storage.
    [[nodiscard]] virtual Result<void> commit(const QString& from, const QString& to) = 0;
    // No error when it is not there.
    [[nodiscard]] virtual Result<void> remove(const QString& name) = 0;
    // The file has been of use. It is not worth a word where that cannot be noted.
    virtual void touch(const QString& name) = 0;
    // Files (no folders) directly in `folder`, by name; empty when the folder is not there.
    [[nodiscard]] virtual Result<std::vector<DiskFile>> list(const QString& folder) const = 0;
    // Of the file's content as it is now. Errors: NotFound, Storage.
    [[nodiscard]] virtual Result<Sha256> hash(const QString& name) const = 0;
    // Where others find the file.
    [[nodiscard]] virtual QString path(const QString& name) const = 0;
};

} // namespace loa::playout
