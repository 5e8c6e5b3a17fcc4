// House files on disk, named by their SHA-256: DATA/media/<first two digits>/<sha256>.opus. A file is there whole or
// not at all, and never changes: it is brought in by rename after its hash was checked and its bytes are on disk.
// Threads: any; it holds no state but the folder.
#pragma once

#include "media/error.h"
#include "scheduler/contract/hash.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace loa::library {

struct StoredMedia {
    Sha256 sha256;
    QString path;
    std::int64_t bytes = 0;
};

class MediaLibrary {
public:
    // Makes DATA/media (0700) when absent. Error: Storage.
    [[nodiscard]] static Result<MediaLibrary> open(const QString& dataDir);

    // Where a file of this hash stands or would stand.
    [[nodiscard]] QString path(const Sha256& hash) const;
    // Does not read the file. Error: NotFound.
    [[nodiscard]] Result<StoredMedia> find(const Sha256& hash) const;

    // Takes `file` (same file system) into the library: hash checked, fsync, rename, fsync of the folder. When the
    // library has it already, the newcomer is removed. Errors: InvalidInput when the hash is another one (the file
    // stays where it was), NotFound, Storage.
    [[nodiscard]] Result<StoredMedia> adopt(const QString& file, const Sha256& expected) const;

    // Reads the whole file and compares. Errors: NotFound, InvalidInput when the bytes have changed, Storage.
    [[nodiscard]] Result<void> verify(const Sha256& hash) const;
    // All that is stored, by hash. Files of other names are passed over. Error: Storage.
    [[nodiscard]] Result<std::vector<StoredMedia>> list() const;

private:
    explicit MediaLibrary(QString folder) : m_folder(std::move(folder)) {}

    QString m_folder;
};

} // namespace loa::library
