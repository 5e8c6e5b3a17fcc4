// Uploads under way (tus 1.0). The bytes lie in the library's folder; here stands how many of them are certain. Storage
// thread; borrows the database. Errors: NotFound, Conflict (offset), LimitExceeded, Storage.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"
#include "scheduler/store/database.h"

namespace loa::store {

struct Upload {
    UploadId id;
    UserId owner;
    QString filename; // as the browser gave it; never a path
    std::int64_t length = 0;
    std::int64_t offset = 0; // bytes that are on disk for certain
    UtcTime createdAt;
    UtcTime expiresAt; // unless it is complete
    bool operator==(const Upload&) const = default;
};

class UploadRepository {
public:
    explicit UploadRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const Upload& upload);
    [[nodiscard]] Result<Upload> find(const UploadId& id);
    // Moves the offset on from exactly `from` (else Conflict) to `to`, at most the length (else LimitExceeded).
    [[nodiscard]] Result<void> advance(const UploadId& id, std::int64_t from, std::int64_t to, UtcTime expiresAt);
    [[nodiscard]] Result<void> remove(const UploadId& id);
    // Incomplete ones past their time, for the library to delete the bytes of before remove().
    [[nodiscard]] Result<std::vector<Upload>> expired(UtcTime now);
    [[nodiscard]] Result<std::vector<Upload>> all();

private:
    [[nodiscard]] Result<std::vector<Upload>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
