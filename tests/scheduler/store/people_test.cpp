#include "scheduler/store/password.h"
#include "scheduler/store/sign_in.h"
#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;
using store::PasswordCost;
using store::SignIn;

namespace {

const QString password = text("đúng mật khẩu rồi");
const QString address = text("192.0.2.1");

struct Office : District {
    Office()
    {
        settle();
        model::User user{
            UserId{text("lan")}, text("lan"), text("Nguyễn Thị Lan"), {{model::Role::Editor, district}}, true, morning};
        taken(store.users.add(user, taken(store::hashPassword(password, PasswordCost::Testing))));
    }

    SignIn signing{*database};
};

} // namespace

TEST_CASE("Passwords are kept as Argon2id and nothing else")
{
    const QString hash = taken(store::hashPassword(password, PasswordCost::Testing));
    CHECK(hash.startsWith(text("$argon2id$")));
    CHECK(hash != taken(store::hashPassword(password, PasswordCost::Testing))); // salted
    CHECK(store::passwordMatches(hash, password));
    CHECK_FALSE(store::passwordMatches(hash, password + text(" ")));
    CHECK_FALSE(store::passwordMatches(text("no hash"), password));
    const QString real = taken(store::hashPassword(password));
    CHECK(real.contains(text("m=65536"))); // 64 MiB
    CHECK(store::passwordMatches(real, password));
}

TEST_CASE("A bad password is refused")
{
    CHECK(store::checkPassword(password, text("lan")));
    CHECK_FALSE(store::checkPassword(text("123456789"), text("lan")));
    CHECK_FALSE(store::checkPassword(text("xin chào Lan 2026"), text("lan")));
    CHECK_FALSE(store::checkPassword(QString(2000, QLatin1Char('a')), text("lan")));
}

TEST_CASE("Secret codes are long, differ and read well")
{
    const QString code = store::newSecretCode();
    CHECK(code.size() == 23);
    CHECK(code != store::newSecretCode());
    CHECK(store::normalisedCode(text(" o1l-Ab c")) == text("011ABC"));
    CHECK(store::normalisedCode(code).size() == 20);
}

TEST_CASE("Users come back with their roles, and usernames are unique")
{
    Office at;
    auto& users = at.store.users;
    model::User lan = taken(users.find(UserId{text("lan")}));
    CHECK(lan.fullName == text("Nguyễn Thị Lan"));
    REQUIRE(lan.roles.size() == 1);
    lan.roles = {{model::Role::Approver, at.city}, {model::Role::Editor, at.district}};
    lan.fullName = text("Lan");
    taken(users.update(lan));
    CHECK(taken(users.findByUsername(text("lan"))) == lan);
    const auto everyone = taken(users.all());
    REQUIRE(everyone.size() == 4);
    CHECK(everyone[3] == lan);

    model::User other = lan;
    other.id = UserId{text("other")};
    CHECK(categoryOf(users.add(other, {})) == ErrorCategory::Conflict);
    other.username = text("Lan Lan");
    CHECK(categoryOf(users.add(other, {})) == ErrorCategory::InvalidInput);
    other.username = text("other");
    other.roles = {{model::Role::Editor, UnitId{text("nowhere")}}};
    CHECK(categoryOf(users.add(other, {})) == ErrorCategory::Conflict);
    CHECK(taken(users.all()).size() == 4);
    CHECK(categoryOf(users.find(UserId{text("other")})) == ErrorCategory::NotFound);
}

TEST_CASE("Who signs in gets a session; the database alone opens none")
{
    Office at;
    const auto session = taken(at.signing.signIn(text(" LAN "), password, address, morning));
    CHECK(session.user.username == text("lan"));
    CHECK(session.token.size() == 64);
    CHECK(session.csrfToken.size() == 64);
    CHECK(session.csrfToken != session.token);
    const auto again = taken(at.signing.resume(session.token, morning + std::chrono::hours(1)));
    CHECK(again.user == session.user);
    CHECK(again.csrfToken == session.csrfToken);

    const auto rows = taken(at.database->select(text("SELECT token_sha256 FROM person_sessions")));
    REQUIRE(rows.size() == 1);
    CHECK(categoryOf(at.signing.resume(rows[0][0].toString().toLatin1(), morning)) == ErrorCategory::Unauthorized);
    CHECK(categoryOf(at.signing.resume("", morning)) == ErrorCategory::Unauthorized);

    taken(at.signing.signOut(session.token));
    CHECK(categoryOf(at.signing.resume(session.token, morning)) == ErrorCategory::Unauthorized);
}

TEST_CASE("A session ends when idle, and in the end")
{
    Office at;
    const store::SignInLimits limits;
    const auto session = taken(at.signing.signIn(text("lan"), password, address, morning));
    CHECK(at.signing.resume(session.token, morning + limits.idle));
    CHECK(at.signing.resume(session.token, morning + 2 * limits.idle)); // it was used meanwhile
    CHECK(categoryOf(at.signing.resume(session.token, morning + 3 * limits.idle + std::chrono::minutes(1))) ==
          ErrorCategory::Unauthorized);

    const auto second = taken(at.signing.signIn(text("lan"), password, address, morning));
    UtcTime now = morning;
    while (now < morning + limits.lifetime) {
        CHECK(at.signing.resume(second.token, now));
        now += limits.idle;
    }
    CHECK_FALSE(at.signing.resume(second.token, morning + limits.lifetime + std::chrono::seconds(1)));
    taken(at.signing.tidy(now + limits.lifetime));
    CHECK(taken(at.database->select(text("SELECT * FROM person_sessions"))).empty());
}

TEST_CASE("Guessing is limited by username and by address")
{
    Office at;
    const store::SignInLimits limits;
    for (int i = 0; i < limits.failuresPerUsername; ++i)
        CHECK(categoryOf(at.signing.signIn(text("lan"), text("wrong"), address, morning)) ==
              ErrorCategory::Unauthorized);
    const auto limited = at.signing.signIn(text("lan"), password, text("198.51.100.7"), morning);
    CHECK(categoryOf(limited) == ErrorCategory::LimitExceeded); // the right password does not help
    CHECK(at.signing.signIn(text("lan"), password, address, morning + limits.window + std::chrono::seconds(1)));

    for (int i = 0; i < limits.failuresPerAddress; ++i)
        CHECK_FALSE(at.signing.signIn(text("user%1").arg(i), text("wrong"), text("203.0.113.1"),
                                      morning + std::chrono::hours(2)));
    CHECK(categoryOf(at.signing.signIn(text("lan"), password, text("203.0.113.1"), morning + std::chrono::hours(2))) ==
          ErrorCategory::LimitExceeded);
    CHECK(at.signing.signIn(text("lan"), password, address, morning + std::chrono::hours(2)));
}

TEST_CASE("An unknown name, a wrong password and an inactive user get the same answer")
{
    Office at;
    const auto unknown = at.signing.signIn(text("nobody"), password, address, morning);
    const auto wrong = at.signing.signIn(text("lan"), text("wrong"), address, morning);
    const auto session = taken(at.signing.signIn(text("lan"), password, address, morning));
    model::User lan = session.user;
    lan.active = false;
    taken(at.store.users.update(lan));
    const auto inactive = at.signing.signIn(text("lan"), password, address, morning);
    REQUIRE_FALSE(unknown);
    REQUIRE_FALSE(wrong);
    REQUIRE_FALSE(inactive);
    CHECK(unknown.error() == wrong.error());
    CHECK(unknown.error() == inactive.error());
    CHECK(categoryOf(at.signing.resume(session.token, morning)) == ErrorCategory::Unauthorized);
}

TEST_CASE("A new password ends all sessions and opens one")
{
    Office at;
    const QString next = text("một mật khẩu khác");
    const auto one = taken(at.signing.signIn(text("lan"), password, address, morning));
    const auto two = taken(at.signing.signIn(text("lan"), password, address, morning));
    CHECK(categoryOf(at.signing.changePassword(one, text("wrong"), next, address, morning, PasswordCost::Testing)) ==
          ErrorCategory::Forbidden);
    CHECK(categoryOf(at.signing.changePassword(one, password, text("short"), address, morning,
                                               PasswordCost::Testing)) == ErrorCategory::InvalidInput);
    const auto fresh = taken(at.signing.changePassword(one, password, next, address, morning, PasswordCost::Testing));
    CHECK_FALSE(at.signing.resume(one.token, morning));
    CHECK_FALSE(at.signing.resume(two.token, morning));
    CHECK(at.signing.resume(fresh.token, morning));
    CHECK_FALSE(at.signing.signIn(text("lan"), password, address, morning));
    CHECK(at.signing.signIn(text("lan"), next, address, morning));
}
