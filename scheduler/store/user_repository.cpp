#include "scheduler/store/user_repository.h"

#include <QHash>
#include <QRegularExpression>

namespace loa::store {

namespace {

const QString userColumns = QStringLiteral("SELECT id, username, full_name, active, created_at FROM users ");

model::User readUser(RowReader& row)
{
    model::User user;
    user.id = row.id<UserId>();
    user.username = row.text();
    user.fullName = row.text();
    user.active = row.flag();
    user.createdAt = row.time();
    return user;
}

tl::unexpected<Error> userNotFound(const UserId& id)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có người dùng này."), QStringLiteral("There is no such user.")}, id.value);
}

Result<void> checkUser(const model::User& user)
{
    static const QRegularExpression form(QStringLiteral("\\A[a-z0-9._-]{2,64}\\z"));
    if (!isValidId(user.id.value) || !form.match(user.username).hasMatch()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Tên đăng nhập gồm 2 đến 64 ký tự a-z, 0-9, '.', '_', '-'."),
                     QStringLiteral("A username is 2 to 64 characters of a-z, 0-9, '.', '_', '-'.")},
                    QStringLiteral("username"));
    }
    if (user.fullName.trimmed().isEmpty() || user.fullName.size() > 200) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Cần họ tên, tối đa 200 ký tự."),
                     QStringLiteral("A full name of at most 200 characters is needed.")},
                    QStringLiteral("full_name"));
    }
    return {};
}

} // namespace

Result<std::vector<model::User>> UserRepository::select(const QString& where, const Values& values)
{
    auto users = m_database.selectAll(userColumns + where + QStringLiteral(" ORDER BY username"), values, readUser);
    if (!users)
        return users;
    struct Grant {
        UserId user;
        model::RoleGrant grant;
    };
    const auto grants = m_database.selectAll(
        QStringLiteral("SELECT user_id, role, unit_id FROM user_roles WHERE user_id IN (SELECT id FROM users ") +
            where + QStringLiteral(") ORDER BY user_id, role, unit_id"),
        values, [](RowReader& row) {
            Grant read;
            read.user = row.id<UserId>();
            read.grant.role = row.word(model::roleFromString);
            read.grant.unit = row.id<UnitId>();
            return read;
        });
    if (!grants)
        return passOn(grants);
    QHash<UserId, model::User*> byId;
    for (model::User& user : *users)
        byId.insert(user.id, &user);
    for (const Grant& read : *grants) {
        if (model::User* user = byId.value(read.user))
            user->roles.push_back(read.grant);
    }
    return users;
}

Result<void> UserRepository::putRoles(const model::User& user)
{
    const auto removed =
        m_database.execute(QStringLiteral("DELETE FROM user_roles WHERE user_id = ?"), {toSql(user.id)});
    if (!removed)
        return passOn(removed);
    for (const model::RoleGrant& grant : user.roles) {
        const auto added =
            m_database.execute(QStringLiteral("INSERT INTO user_roles (user_id, role, unit_id) VALUES (?, ?, ?) "
                                              "ON CONFLICT (user_id, role, unit_id) DO NOTHING"),
                               {toSql(user.id), toString(grant.role), toSql(grant.unit)});
        if (!added)
            return passOn(added);
    }
    return {};
}

Result<void> UserRepository::add(const model::User& user, const QString& passwordHash)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto sound = checkUser(user); !sound)
            return passOn(sound);
        const auto taken = findByUsername(user.username);
        if (!taken)
            return passOn(taken);
        if (*taken) {
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Tên đăng nhập \"%1\" đã có.").arg(user.username),
                         QStringLiteral("The username \"%1\" is taken.").arg(user.username)},
                        user.username);
        }
        const auto inserted =
            m_database.execute(QStringLiteral("INSERT INTO users (id, username, full_name, password_hash, active, "
                                              "created_at) VALUES (?, ?, ?, ?, ?, ?)"),
                               {toSql(user.id), toSql(user.username), toSql(user.fullName), toSql(passwordHash),
                                toSql(user.active), toSql(user.createdAt)});
        if (!inserted)
            return passOn(inserted);
        return putRoles(user);
    });
}

Result<void> UserRepository::update(const model::User& user)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto sound = checkUser(user); !sound)
            return passOn(sound);
        const auto updated = m_database.execute(
            QStringLiteral("UPDATE users SET full_name = ?, active = ? WHERE id = ? AND username = ?"),
            {toSql(user.fullName), toSql(user.active), toSql(user.id), toSql(user.username)});
        if (!updated)
            return passOn(updated);
        if (*updated == 0)
            return userNotFound(user.id);
        if (!user.active) {
            const auto ended =
                m_database.execute(QStringLiteral("DELETE FROM person_sessions WHERE user_id = ?"), {toSql(user.id)});
            if (!ended)
                return passOn(ended);
        }
        return putRoles(user);
    });
}

Result<void> UserRepository::setPassword(const UserId& user, const QString& passwordHash)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto updated = m_database.execute(QStringLiteral("UPDATE users SET password_hash = ? WHERE id = ?"),
                                                {toSql(passwordHash), toSql(user)});
        if (!updated)
            return passOn(updated);
        if (*updated == 0)
            return userNotFound(user);
        const auto ended =
            m_database.execute(QStringLiteral("DELETE FROM person_sessions WHERE user_id = ?"), {toSql(user)});
        if (!ended)
            return passOn(ended);
        return {};
    });
}

Result<model::User> UserRepository::find(const UserId& id)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return userNotFound(id);
    return found->front();
}

Result<std::optional<model::User>> UserRepository::findByUsername(const QString& username)
{
    const auto found = select(QStringLiteral("WHERE username = ?"), {toSql(username)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<model::User>> UserRepository::all()
{
    return select(QString(), {});
}

Result<QString> UserRepository::passwordHash(const UserId& user)
{
    const auto rows = m_database.selectAll(QStringLiteral("SELECT password_hash FROM users WHERE id = ?"),
                                           {toSql(user)}, [](RowReader& row) { return row.text(); });
    if (!rows)
        return passOn(rows);
    if (rows->empty())
        return userNotFound(user);
    return rows->front();
}

} // namespace loa::store
