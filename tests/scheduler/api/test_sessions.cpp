#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

api::Response signIn(Office& office, const char* username, const char* password, const QByteArray& fields = {})
{
    const QJsonObject body{{text("username"), text(username)}, {text("password"), text(password)}};
    return office.raw("POST", "/api/v1/session", "Content-Type: application/json\r\n" + fields,
                      QJsonDocument(body).toJson(QJsonDocument::Compact));
}

} // namespace

TEST_CASE("Signing in gives a cookie that no script reads and a token for writes")
{
    Office office;
    const api::Response response = signIn(office, "editor", Office::password);
    REQUIRE(response.status == 200);
    const QByteArray cookie = response.header("Set-Cookie");
    CHECK(cookie.startsWith("loa_session="));
    CHECK(cookie.contains("; HttpOnly"));
    CHECK(cookie.contains("; SameSite=Strict"));
    CHECK(cookie.contains("; Path=/"));
    CHECK_FALSE(cookie.contains("Secure"));
    CHECK(response.header("Cache-Control") == "no-store");
    const QJsonObject json = Office::json(response);
    CHECK(json.value(QLatin1String("user")).toObject().value(QLatin1String("username")) == text("editor"));
    CHECK_FALSE(cookie.contains(json.value(QLatin1String("csrf_token")).toString().toLatin1()));
    CHECK(Office::json(office.get("editor", "/session")).value(QLatin1String("user")) ==
          json.value(QLatin1String("user")));
}

TEST_CASE("Where people come by HTTPS the cookie is Secure")
{
    Office office;
    office.settings.secureCookies = true;
    office.router = std::make_unique<api::Router>(*office.services, office.settings);
    CHECK(signIn(office, "editor", Office::password).header("Set-Cookie").contains("; Secure"));
}

TEST_CASE("A wrong password and an unknown name get the same words")
{
    Office office;
    const api::Response wrong = signIn(office, "editor", "sai-mat-khau");
    const api::Response unknown = signIn(office, "nobody", "sai-mat-khau");
    CHECK(wrong.status == 401);
    CHECK(wrong.bytes() == unknown.bytes());
    CHECK(wrong.header("Set-Cookie").isEmpty());
}

TEST_CASE("Attempts are limited by name and by address, and the wait ends")
{
    Office office;
    for (int i = 0; i < office.settings.signIn.failuresPerUsername; ++i)
        CHECK(signIn(office, "editor", "sai-mat-khau").status == 401);
    const api::Response limited = signIn(office, "editor", Office::password);
    CHECK(limited.status == 429);
    CHECK(limited.header("Retry-After") == "900");
    CHECK(signIn(office, "approver", Office::password).status == 200); // another name
    for (int i = office.settings.signIn.failuresPerUsername; i < office.settings.signIn.failuresPerAddress; ++i)
        signIn(office, ("nobody-" + std::to_string(i)).c_str(), "sai-mat-khau");
    CHECK(signIn(office, "approver", Office::password).status == 429); // the address
    office.clock.advance(16min);
    CHECK(signIn(office, "editor", Office::password).status == 200);
}

TEST_CASE("Without a session nothing but the public is answered")
{
    Office office;
    for (const api::Route& route : api::allRoutes()) {
        if (route.caller == api::Caller::Anyone)
            continue;
        const QByteArray path = QByteArray(route.pattern)
                                    .replace("{id}", "x")
                                    .replace("{sha256}", QByteArray(64, 'a'))
                                    .replace("{station}", "x");
        const api::Response response =
            office.raw(route.method, "/api/v1" + path, "Cookie: loa_session=" + QByteArray(64, 'f') + "\r\n");
        INFO(route.method << ' ' << route.pattern);
        CHECK(response.status == 401);
    }
    CHECK(office.raw("GET", "/api/v1/health").status == 200);
    CHECK(office.raw("GET", "/api/v1/openapi.yaml").bytes().startsWith("openapi: 3.1.0"));
}

TEST_CASE("Every write of a person needs the token of that session")
{
    Office office;
    for (const api::Route& route : api::allRoutes()) {
        const QByteArray method = route.method;
        if (route.caller != api::Caller::Person || method == "GET" || method == "HEAD")
            continue;
        const QByteArray path = "/api/v1" + QByteArray(route.pattern).replace("{id}", "x");
        INFO(route.method << ' ' << route.pattern);
        const QByteArray cookie = "Cookie: " + office.people["admin"].cookie + "\r\n";
        CHECK(office.raw(method, path, cookie).status == 403);
        CHECK(office.raw(method, path, cookie + "X-CSRF-Token: \r\n").status == 403);
        CHECK(office.raw(method, path, cookie + "X-CSRF-Token: " + office.people["editor"].csrf + "\r\n").status ==
              403);
    }
}

TEST_CASE("A browser on another site changes nothing, with or without token")
{
    Office office;
    const QByteArray path = "/units";
    const QJsonObject unit{{text("code"), text("c")},
                           {text("name"), text("n")},
                           {text("kind"), text("commune")},
                           {text("valid_from"), text("2026-01-01")},
                           {text("parent_id"), text("district")}};
    for (const char* origin : {"http://evil.test", "null", "http://loa.test.evil.test", "http://loa.test:81"})
        CHECK(office.send("admin", "POST", path, unit, "Origin: " + QByteArray(origin) + "\r\n").status == 403);
    CHECK(signIn(office, "editor", Office::password, "Origin: http://evil.test\r\n").status == 403);
    CHECK(office.send("admin", "POST", path, unit, "Origin: http://loa.test\r\n").status == 201);
    office.settings.publicOrigin = text("https://loa.example.vn");
    office.router = std::make_unique<api::Router>(*office.services, office.settings);
    CHECK(signIn(office, "editor", Office::password, "Origin: http://loa.test\r\n").status == 403);
    CHECK(signIn(office, "editor", Office::password, "Origin: https://loa.example.vn\r\n").status == 200);
}

TEST_CASE("Signing out ends the session")
{
    Office office;
    const api::Response out = office.send("editor", "DELETE", "/session", {});
    CHECK(out.status == 204);
    CHECK(out.header("Set-Cookie").contains("Max-Age=0"));
    CHECK(office.get("editor", "/session").status == 401);
}

TEST_CASE("A session ends when it is not used")
{
    Office office;
    office.clock.advance(office.settings.signIn.idle - 1min);
    CHECK(office.get("editor", "/session").status == 200);
    office.clock.advance(office.settings.signIn.idle + 1min);
    CHECK(office.get("editor", "/session").status == 401);
}

TEST_CASE("Changing the password ends the other sessions and goes on with a new one")
{
    Office office;
    const Visitor elsewhere = office.signIn("editor", Office::password);
    CHECK(office
              .post("editor", "/session/password",
                    {{text("current"), text("sai")}, {text("new"), text("mat-khau-moi-2")}})
              .status == 403);
    CHECK(office
              .post("editor", "/session/password",
                    {{text("current"), text(Office::password)}, {text("new"), text("ngan")}})
              .status == 400);
    const api::Response changed =
        office.post("editor", "/session/password",
                    {{text("current"), text(Office::password)}, {text("new"), text("mat-khau-moi-2")}});
    CHECK(changed.status == 200);
    CHECK(office.raw("GET", "/api/v1/session", "Cookie: " + elsewhere.cookie + "\r\n").status == 401);
    CHECK(office.raw("GET", "/api/v1/session", "Cookie: " + changed.header("Set-Cookie").split(';').front() + "\r\n")
              .status == 200);
    CHECK(signIn(office, "editor", Office::password).status == 401);
    CHECK(signIn(office, "editor", "mat-khau-moi-2").status == 200);
}

TEST_CASE("An administrator makes people, within his own units alone")
{
    Office office;
    const auto person = [](const char* name, const char* role, const char* unit) {
        return QJsonObject{
            {text("username"), text(name)},
            {text("full_name"), text("Bà Mới")},
            {text("password"), text("mat-khau-moi-3")},
            {text("roles"), QJsonArray{QJsonObject{{text("role"), text(role)}, {text("unit_id"), text(unit)}}}}};
    };
    CHECK(office.post("admin", "/users", person("moi.a", "editor", "commune-a")).status == 201);
    CHECK(signIn(office, "moi.a", "mat-khau-moi-3").status == 200);
    CHECK(office.post("admin", "/users", person("moi.a", "editor", "commune-a")).status == 409);
    CHECK(office.post("admin", "/users", person("moi.b", "no_such_role", "commune-a")).status == 400);
    CHECK(office.post("admin", "/users", person("moi.b", "editor", "no-such-unit")).status == 400);
    CHECK(office.post("admin", "/users", person("Ng Uyen", "editor", "commune-a")).status == 400);
    CHECK(office.post("admin-b", "/users", person("moi.c", "editor", "commune-b")).status == 201);
    CHECK(office.post("admin-b", "/users", person("moi.d", "editor", "commune-a")).status == 403);
    CHECK(office.post("admin-b", "/users", person("moi.d", "administrator", "district")).status == 403);
    CHECK(office.post("editor", "/users", person("moi.e", "editor", "commune-a")).status == 403);
    CHECK(office.get("editor", "/users").status == 403);

    // He sees those who hold a role in his units, and takes over nobody whose role reaches further.
    for (const QJsonValue& user : Office::items(office.get("admin-b", "/users"))) {
        const QString unit = user[QLatin1String("roles")][0][QLatin1String("unit_id")].toString();
        CHECK(unit == text("commune-b"));
    }
    CHECK(office.send("admin-b", "PATCH", "/users/user-admin", {{text("password"), text("chiem-quyen-1")}}).status ==
          403);
    CHECK(office
              .send("admin-b", "PATCH", "/users/user-officer-b",
                    {{text("roles"), QJsonArray{QJsonObject{{text("role"), text("administrator")},
                                                            {text("unit_id"), text("district")}}}}})
              .status == 403);
    CHECK(office.send("admin", "PATCH", "/users/user-nobody", {{text("active"), false}}).status == 404);
}

TEST_CASE("A person made inactive is out at once, and nobody locks himself out")
{
    Office office;
    CHECK(office
              .send("admin", "PATCH", "/users/user-officer-a",
                    {{text("active"), false}, {text("full_name"), text("Ông Cũ")}})
              .status == 200);
    CHECK(office.get("officer-a", "/session").status == 401);
    CHECK(signIn(office, "officer-a", Office::password).status == 401);
    CHECK(office.send("admin", "PATCH", "/users/user-admin", {{text("active"), false}}).status == 409);
    CHECK(office.send("admin", "PATCH", "/users/user-admin", {{text("roles"), QJsonArray()}}).status == 409);
    const auto trail = office.audit();
    CHECK(trail.front().action == text("user.change"));
    CHECK_FALSE(trail.front().detail.contains(text("password")));
}

TEST_CASE("No answer tells a password or its hash")
{
    Office office;
    office.send("admin", "PATCH", "/users/user-editor", {{text("password"), text("rat-bi-mat-123")}});
    for (const char* path : {"/users", "/audit?limit=1000", "/session"}) {
        const QByteArray bytes = office.get("admin", path).bytes();
        CHECK_FALSE(bytes.contains("rat-bi-mat-123"));
        CHECK_FALSE(bytes.contains("argon2"));
    }
}
