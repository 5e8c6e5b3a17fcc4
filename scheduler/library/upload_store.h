// Bytes of uploads in the making, one file an upload under DATA/uploads. It knows no offsets of its own: the database
// does. The order that keeps a power cut harmless: append() returns only when the bytes are on disk, then the caller
// records the new offset; what stands in the file beyond the recorded offset was never promised to anyone and is cut
// off by the next append(). Threads: any, but calls for one upload one at a time. A failure leaves the recorded bytes
// as they were.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"

#include <QByteArrayView>
#include <QString>

#include <cstdint>
#include <span>
#include <vector>

namespace loa::library {

class UploadStore {
public:
    // Makes DATA/uploads (0700) when absent. Error: Storage.
    [[nodiscard]] static Result<UploadStore> open(const QString& dataDir);

    // An empty file for a new upload, on disk when it returns. Errors: Conflict when it exists, InvalidInput for a bad
    // id, Storage.
    [[nodiscard]] Result<void> create(const UploadId& upload) const;
    // Writes `bytes` at `offset` (the recorded one) and returns the new offset. Errors: NotFound, Conflict when fewer
    // than `offset` bytes stand in the file, Storage (a full disk says so; the file is cut back to `offset`).
    [[nodiscard]] Result<std::int64_t> append(const UploadId& upload, std::int64_t offset, QByteArrayView bytes) const;
    // Bytes in the file; may exceed the recorded offset after a crash. Errors: NotFound, Storage.
    [[nodiscard]] Result<std::int64_t> size(const UploadId& upload) const;
    // Not an error when it is gone already. Errors: InvalidInput, Storage.
    [[nodiscard]] Result<void> remove(const UploadId& upload) const;
    // Removes every file whose upload is not in `known`; returns how many. For start-up and for expiry, after the rows
    // are gone.
    [[nodiscard]] Result<int> removeAllBut(std::span<const UploadId> known) const;

    // Where the bytes stand, whether or not they exist. The id must be valid.
    [[nodiscard]] QString path(const UploadId& upload) const;

private:
    explicit UploadStore(QString folder) : m_folder(std::move(folder)) {}

    QString m_folder;
};

} // namespace loa::library
