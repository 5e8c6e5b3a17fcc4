// People, their roles and passwords. Storage thread; borrows the database. Users are never deleted but made inactive,
// since the audit trail and approvals name them. Errors: NotFound, Conflict (username taken), InvalidInput, Storage.
#pragma once

#include "scheduler/model/user.h"
#include "scheduler/store/database.h"

namespace loa::store {

class UserRepository {
public:
    explicit UserRepository(Database& database) : m_database(database) {}

    // `passwordHash` is from hashPassword(). The username is 2 to 64 characters of a-z, 0-9, '.', '_', '-'.
    [[nodiscard]] Result<void> add(const model::User& user, const QString& passwordHash);
    // Name, roles and activity; not the username, not the password. A user made inactive is signed out everywhere.
    [[nodiscard]] Result<void> update(const model::User& user);
    // Signs the user out everywhere.
    [[nodiscard]] Result<void> setPassword(const UserId& user, const QString& passwordHash);

    [[nodiscard]] Result<model::User> find(const UserId& id);
    [[nodiscard]] Result<std::optional<model::User>> findByUsername(const QString& username);
    [[nodiscard]] Result<std::vector<model::User>> all(); // by username
    [[nodiscard]] Result<QString> passwordHash(const UserId& user);

private:
    [[nodiscard]] Result<std::vector<model::User>> select(const QString& where, const Values& values);
    [[nodiscard]] Result<void> putRoles(const model::User& user);

    Database& m_database;
};

} // namespace loa::store
