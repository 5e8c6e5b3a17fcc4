// Who did what, kept for ever: records are added, never changed, never removed, and each carries the hash of the one
// before it, so that a hand that reaches into the database shows. Storage thread; borrows the database.
#pragma once

#include "scheduler/contract/hash.h"
#include "scheduler/model/user.h"
#include "scheduler/store/database.h"

#include <QJsonObject>

namespace loa::store {

class AuditRepository {
public:
    explicit AuditRepository(Database& database) : m_database(database) {}

    // In the transaction of what it tells of. `user` null: the system, or an agent named by `actor`. `detail` is small.
    [[nodiscard]] Result<void> append(UtcTime at, const model::User* user, const QString& actor, const QString& action,
                                      const QString& subject, const QJsonObject& detail = {});
    [[nodiscard]] Result<void> append(UtcTime at, const model::User& user, const QString& action,
                                      const QString& subject, const QJsonObject& detail = {})
    {
        return append(at, &user, user.fullName, action, subject, detail);
    }

    [[nodiscard]] Result<std::vector<model::AuditRecord>> latest(int limit);          // newest first
    [[nodiscard]] Result<std::vector<model::AuditRecord>> of(const QString& subject); // oldest first

    // Error: Conflict, naming the first record that was altered, removed or slipped in. The number of records
    // otherwise.
    [[nodiscard]] Result<std::int64_t> verify();

private:
    Database& m_database;
};

} // namespace loa::store
