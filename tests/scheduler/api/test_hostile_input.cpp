#include "tests/scheduler/api/office.h"

#include <random>

using namespace loa;
using namespace loa::test;

namespace {

api::Response postItem(Office& office, const QByteArray& body, const QByteArray& type = "application/json")
{
    return office.raw("POST", "/api/v1/items", office.credentials("editor") + "Content-Type: " + type + "\r\n", body);
}

QByteArray withTitle(const QByteArray& json)
{
    return R"({"title":)" + json + R"(,"unit_id":"district","scope_unit_id":"district","valid_from":"2026-11-01"})";
}

} // namespace

TEST_CASE("JSON that is none is refused with the place")
{
    Office office;
    for (const QByteArray& body :
         {QByteArray("{"), QByteArray("[]"), QByteArray("5"), QByteArray("null"), QByteArray("{\"a\":}"),
          QByteArray("\xff\xfe"), QByteArray("{\"title\":\"\xc3\x28\"}"), QByteArray("{}{}"), QByteArray("{'a':1}"),
          QByteArray(), QByteArray(1, '\0')})
        CHECK(postItem(office, body).status == 400);
    CHECK(postItem(office, withTitle("\"Tin\"")).status == 201);
    CHECK(postItem(office, withTitle("\"Tin\""), "application/json; charset=utf-8").status == 201);
}

TEST_CASE("A form of another site cannot pass for JSON")
{
    Office office;
    for (const char* type :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"})
        CHECK(postItem(office, withTitle("\"Tin\""), type).status == 415);
}

TEST_CASE("Deep nesting, huge numbers and wrong types are refused by name")
{
    Office office;
    CHECK(postItem(office, QByteArray(100'000, '[')).status == 400);
    CHECK(postItem(office, withTitle(QByteArray(50'000, '[') + QByteArray(50'000, ']'))).status == 400);
    CHECK(postItem(office, QByteArray("{\"a\":").repeated(1000) + "1" + QByteArray("}").repeated(1000)).status == 400);
    CHECK(postItem(office, withTitle("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"")).status == 201); // text is text
    for (const char* wrong :
         {"1e999", "-1", "123456789012345678901234567890", "true", "null", "[]", "{}", "\"\"", "\"   \""})
        CHECK(postItem(office, withTitle(wrong)).status == 400);
    const auto rule = [&](const char* seconds) {
        const QByteArray body =
            QByteArray(R"({"title":"x","rrule":"FREQ=DAILY","start_date":"2026-11-01","start_time":"05:00",)") +
            R"("valid_from":"2026-11-01","duration_seconds":)" + seconds + '}';
        return office
            .raw("POST", "/api/v1/stations/station-a/session-rules",
                 office.credentials("officer-a") + "Content-Type: application/json\r\n", body)
            .status;
    };
    CHECK(rule("60") == 201);
    for (const char* wrong : {"1e300", "-60", "0", "86401", "9223372036854775808", "60.5", "\"60\"", "1e-3", "NaN"})
        CHECK(rule(wrong) == 400);
}

TEST_CASE("Text with NUL, control characters or half characters is refused")
{
    Office office;
    for (const char* title : {R"("a\u0000b")", R"("a\u001bb")", R"("a\u007fb")", R"("\ud800")", R"("\udc00x")"})
        CHECK(postItem(office, withTitle(title)).status == 400);
    CHECK(postItem(office, withTitle(R"("Tiếng Việt 😀 \ud83d\ude00")")).status == 201);
    CHECK(office.get("editor", "/items?q=%27%22%3B--%25_%5C").status == 200);
    CHECK(office.get("editor", "/items?q=" + QByteArray(300, 'a')).status == 400);
}

TEST_CASE("Unknown paths and methods are told apart")
{
    Office office;
    CHECK(office.get("editor", "/nothing").status == 404);
    CHECK(office.get("editor", "/items/").status == 404);
    CHECK(office.get("editor", "/items//submit").status == 405);
    CHECK(office.raw("GET", "/api/v2/items").status == 404);
    CHECK(office.raw("GET", "/api").status == 404);
    const api::Response wrong = office.raw("DELETE", "/api/v1/items", office.credentials("editor"));
    CHECK(wrong.status == 405);
    CHECK(wrong.header("Allow") == "GET, POST");
    CHECK(office.raw("BREW", "/api/v1/items").status == 405);
    CHECK(office.raw("HEAD", "/api/v1/items", office.credentials("editor")).status == 200);
    CHECK(office.raw("TRACE", "/api/v1/session", office.credentials("editor")).status == 405);
}

TEST_CASE("A database that fails is the scheduler's fault, and says nothing of its insides")
{
    Office office;
    must(office.database->execute(QStringLiteral("DROP TABLE audit")));
    const api::Response response = postItem(office, withTitle("\"Tin\""));
    CHECK(response.status == 507);
    CHECK_FALSE(response.bytes().toLower().contains("audit"));
    CHECK_FALSE(response.bytes().toLower().contains("insert"));
    CHECK(Office::items(office.get("editor", "/items")).isEmpty()); // undone as a whole
}

TEST_CASE("Random bodies never do more than be refused")
{
    Office office;
    std::mt19937 random(7);
    const QByteArray good = withTitle("\"Tin\"");
    const auto any = [&](qsizetype most) { return static_cast<qsizetype>(random() % static_cast<std::size_t>(most)); };
    for (int round = 0; round < 500; ++round) {
        QByteArray body = good;
        for (int change = 0; change < 3; ++change)
            body[any(body.size())] = static_cast<char>(any(256));
        const int status = postItem(office, body).status;
        CHECK((status == 201 || status == 400));
    }
}
