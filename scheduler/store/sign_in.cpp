#include "scheduler/store/sign_in.h"

#include "scheduler/contract/hash.h"
#include "scheduler/store/password.h"
#include "scheduler/store/user_repository.h"

#include <sodium.h>

#include <cstdlib>

namespace loa::store {

namespace {

QByteArray newSessionToken()
{
    if (sodium_init() < 0)
        std::abort();
    QByteArray bytes(32, Qt::Uninitialized);
    randombytes_buf(bytes.data(), static_cast<std::size_t>(bytes.size()));
    return bytes.toHex();
}

QString tokenHash(QByteArrayView token)
{
    return toString(sha256("loa-session\n" + token.toByteArray()));
}

tl::unexpected<Error> wrongPassword()
{
    return fail(ErrorCategory::Unauthorized, {QStringLiteral("Sai tên đăng nhập hoặc mật khẩu."),
                                              QStringLiteral("The username or the password is wrong.")});
}

tl::unexpected<Error> sessionEnded()
{
    return fail(ErrorCategory::Unauthorized, {QStringLiteral("Phiên làm việc đã kết thúc. Hãy đăng nhập lại."),
                                              QStringLiteral("The session has ended. Sign in again.")});
}

// Burns the time that a real check takes, so that an unknown username does not answer faster than a known one.
void checkNothing(const QString& password)
{
    static const QString decoy = hashPassword(QStringLiteral("nobody has this password")).value_or(QString());
    static_cast<void>(passwordMatches(decoy, password));
}

} // namespace

QByteArray SignIn::csrfTokenFor(QByteArrayView token)
{
    return toString(sha256("loa-csrf\n" + token.toByteArray())).toLatin1();
}

Result<void> SignIn::demandFewFailures(const QString& username, const QString& address, UtcTime now)
{
    const auto count = [&](const QString& column, const QString& value) {
        return m_database.selectAll(
            QStringLiteral("SELECT COUNT(*) FROM sign_in_failures WHERE %1 = ? AND failed_at > ?").arg(column),
            {toSql(value), toSql(now - m_limits.window)}, [](RowReader& row) { return row.integer(); });
    };
    const auto ofUser = count(QStringLiteral("username"), username);
    if (!ofUser)
        return passOn(ofUser);
    const auto ofAddress = count(QStringLiteral("address"), address);
    if (!ofAddress)
        return passOn(ofAddress);
    if (ofUser->front() < m_limits.failuresPerUsername && ofAddress->front() < m_limits.failuresPerAddress)
        return {};
    const auto minutes = m_limits.window.count();
    return fail(ErrorCategory::LimitExceeded,
                {QStringLiteral("Đăng nhập sai quá nhiều lần. Hãy thử lại sau %1 phút.").arg(minutes),
                 QStringLiteral("Too many failed sign-ins. Try again in %1 minutes.").arg(minutes)});
}

Result<void> SignIn::remember(const QString& username, const QString& address, UtcTime now)
{
    const auto noted = m_database.execute(
        QStringLiteral("INSERT INTO sign_in_failures (username, address, failed_at) VALUES (?, ?, ?)"),
        {toSql(username), toSql(address), toSql(now)});
    if (!noted)
        return passOn(noted);
    return {};
}

Result<PersonSession> SignIn::open(const model::User& user, UtcTime now)
{
    const QByteArray token = newSessionToken();
    const auto inserted = m_database.execute(
        QStringLiteral("INSERT INTO person_sessions (token_sha256, user_id, created_at, used_at) VALUES (?, ?, ?, ?)"),
        {tokenHash(token), toSql(user.id), toSql(now), toSql(now)});
    if (!inserted)
        return passOn(inserted);
    return PersonSession{user, token, csrfTokenFor(token), now + m_limits.lifetime};
}

Result<PersonSession> SignIn::signIn(const QString& username, const QString& password, const QString& address,
                                     UtcTime now)
{
    // Kept whatever is typed, so bounded; no username is longer.
    const QString name = username.trimmed().toLower().left(64);
    if (const auto few = demandFewFailures(name, address, now); !few)
        return passOn(few);
    UserRepository users(m_database);
    const auto user = users.findByUsername(name);
    if (!user)
        return passOn(user);
    bool right = false;
    if (*user) {
        const auto hash = users.passwordHash((*user)->id);
        if (!hash)
            return passOn(hash);
        right = passwordMatches(*hash, password) && (*user)->active;
    } else {
        checkNothing(password);
    }
    if (!right) {
        if (const auto noted = remember(name, address, now); !noted)
            return passOn(noted);
        return wrongPassword();
    }
    return m_database.transaction([&]() -> Result<PersonSession> {
        const auto cleared =
            m_database.execute(QStringLiteral("DELETE FROM sign_in_failures WHERE username = ?"), {toSql(name)});
        if (!cleared)
            return passOn(cleared);
        return open(**user, now);
    });
}

Result<PersonSession> SignIn::resume(QByteArrayView token, UtcTime now)
{
    struct Stored {
        UserId user;
        UtcTime createdAt;
        UtcTime usedAt;
    };
    const auto rows = m_database.selectAll(
        QStringLiteral("SELECT user_id, created_at, used_at FROM person_sessions WHERE token_sha256 = ?"),
        {tokenHash(token)}, [](RowReader& row) {
            Stored stored;
            stored.user = row.id<UserId>();
            stored.createdAt = row.time();
            stored.usedAt = row.time();
            return stored;
        });
    if (!rows)
        return passOn(rows);
    if (rows->empty())
        return sessionEnded();
    const Stored& stored = rows->front();
    if (now > stored.usedAt + m_limits.idle || now > stored.createdAt + m_limits.lifetime)
        return sessionEnded();
    const auto user = UserRepository(m_database).find(stored.user);
    if (!user)
        return passOn(user);
    if (!user->active)
        return sessionEnded();
    // Once a minute is enough to know that a session is in use, and spares a write for most requests.
    if (now > stored.usedAt + std::chrono::minutes(1)) {
        const auto noted =
            m_database.execute(QStringLiteral("UPDATE person_sessions SET used_at = ? WHERE token_sha256 = ?"),
                               {toSql(now), tokenHash(token)});
        if (!noted)
            return passOn(noted);
    }
    return PersonSession{*user, token.toByteArray(), csrfTokenFor(token), stored.createdAt + m_limits.lifetime};
}

Result<void> SignIn::signOut(QByteArrayView token)
{
    const auto ended =
        m_database.execute(QStringLiteral("DELETE FROM person_sessions WHERE token_sha256 = ?"), {tokenHash(token)});
    if (!ended)
        return passOn(ended);
    return {};
}

Result<PersonSession> SignIn::changePassword(const PersonSession& session, const QString& current, const QString& next,
                                             const QString& address, UtcTime now, PasswordCost cost)
{
    const model::User& user = session.user;
    if (const auto few = demandFewFailures(user.username, address, now); !few)
        return passOn(few);
    UserRepository users(m_database);
    const auto hash = users.passwordHash(user.id);
    if (!hash)
        return passOn(hash);
    if (!passwordMatches(*hash, current)) {
        if (const auto noted = remember(user.username, address, now); !noted)
            return passOn(noted);
        return fail(ErrorCategory::Forbidden, {QStringLiteral("Mật khẩu hiện tại không đúng."),
                                               QStringLiteral("The current password is wrong.")});
    }
    if (const auto good = checkPassword(next, user.username); !good)
        return passOn(good);
    const auto nextHash = hashPassword(next, cost);
    if (!nextHash)
        return passOn(nextHash);
    return m_database.transaction([&]() -> Result<PersonSession> {
        if (const auto set = users.setPassword(user.id, *nextHash); !set)
            return passOn(set);
        return open(user, now);
    });
}

Result<void> SignIn::tidy(UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto sessions =
            m_database.execute(QStringLiteral("DELETE FROM person_sessions WHERE used_at < ? OR created_at < ?"),
                               {toSql(now - m_limits.idle), toSql(now - m_limits.lifetime)});
        if (!sessions)
            return passOn(sessions);
        const auto failures = m_database.execute(QStringLiteral("DELETE FROM sign_in_failures WHERE failed_at < ?"),
                                                 {toSql(now - m_limits.window)});
        if (!failures)
            return passOn(failures);
        return {};
    });
}

} // namespace loa::store
