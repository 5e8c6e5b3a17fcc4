// Signing people in: attempts are limited by username and by address, sessions are kept by the hash of their token, and
// the CSRF token is derived from the session's token, so that a stolen database opens no session. Storage thread;
// borrows the database.
#pragma once

#include "scheduler/model/user.h"
#include "scheduler/store/database.h"
#include "scheduler/store/password.h"

#include <chrono>

namespace loa::store {

struct SignInLimits {
    int failuresPerUsername = 5; // within `window`; then wait until it has passed
    int failuresPerAddress = 20;
    std::chrono::minutes window{15};
    std::chrono::minutes idle{8 * 60};          // a session unused for so long has ended
    std::chrono::minutes lifetime{7 * 24 * 60}; // and so has one this old
};

struct PersonSession {
    model::User user;
    QByteArray token;     // for the cookie: 64 hexadecimal digits
    QByteArray csrfToken; // for the header X-CSRF-Token
    UtcTime expiresAt;    // at the latest
};

class SignIn {
public:
    explicit SignIn(Database& database, SignInLimits limits = {}) : m_database(database), m_limits(limits) {}

    // Errors: Unauthorized (unknown, wrong or inactive, in the same words and about the same time), LimitExceeded (too
    // many attempts).
    [[nodiscard]] Result<PersonSession> signIn(const QString& username, const QString& password, const QString& address,
                                               UtcTime now);

    // Who holds this token, and notes that the session is in use. Error: Unauthorized.
    [[nodiscard]] Result<PersonSession> resume(QByteArrayView token, UtcTime now);

    [[nodiscard]] Result<void> signOut(QByteArrayView token);

    // Checks the current password (attempts count), sets the new one, ends all sessions of the user but opens a new
    // one.
    [[nodiscard]] Result<PersonSession> changePassword(const PersonSession& session, const QString& current,
                                                       const QString& next, const QString& address, UtcTime now,
                                                       PasswordCost cost = PasswordCost::Normal);

    // Forgets ended sessions and old attempts.
    [[nodiscard]] Result<void> tidy(UtcTime now);

    [[nodiscard]] static QByteArray csrfTokenFor(QByteArrayView token);

private:
    [[nodiscard]] Result<void> demandFewFailures(const QString& username, const QString& address, UtcTime now);
    [[nodiscard]] Result<void> remember(const QString& username, const QString& address, UtcTime now);
    [[nodiscard]] Result<PersonSession> open(const model::User& user, UtcTime now);

    Database& m_database;
    SignInLimits m_limits;
};

} // namespace loa::store
