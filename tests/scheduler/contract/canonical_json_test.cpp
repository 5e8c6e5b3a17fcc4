#include "scheduler/contract/canonical_json.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <catch2/catch.hpp>

using namespace loa;

TEST_CASE("canonical JSON sorts keys by UTF-16 code unit and escapes as RFC 8785 shows", "[canonical_json]")
{
    // RFC 8785, 3.2.3: this order, a surrogate pair before U+FB33.
    const QJsonObject object =
        QJsonDocument::fromJson(
            "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew\",\"1\":\"One\","
            "\"\\ud83d\\ude00\":\"Emoji\",\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin\"}")
            .object();
    REQUIRE(object.size() == 7);
    const auto canonical = canonicalJson(object);
    REQUIRE(canonical);
    CHECK(*canonical ==
          QByteArray("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"Latin\","
                     "\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji\",\"\xef\xac\xb3\":\"Hebrew\"}"));
    CHECK(*canonicalJson({{QStringLiteral("a"), QString(QChar(0x1f)) + QStringLiteral("\"\\\n/")}}) ==
          QByteArray("{\"a\":\"\\u001f\\\"\\\\\\n/\"}"));
}

TEST_CASE("canonical JSON carries whole numbers exactly and refuses others", "[canonical_json]")
{
    const qint64 large = 9007199254740991;
    CHECK(*canonicalJson({{QStringLiteral("n"), large}}) == "{\"n\":9007199254740991}");
    CHECK(*canonicalJson({{QStringLiteral("n"), -1}}) == "{\"n\":-1}");
    const auto fraction = canonicalJson({{QStringLiteral("list"), QJsonArray{1, 0.5}}});
    REQUIRE_FALSE(fraction);
    CHECK(fraction.error().where == QStringLiteral("/list/1"));
    CHECK_FALSE(canonicalJson({{QStringLiteral("n"), 1e300}}));
}

TEST_CASE("only canonical bytes are read, so equal meaning is equal bytes", "[canonical_json]")
{
    CHECK(parseCanonicalJson(R"({"a":1,"b":[true,null,"x"]})"));
    for (const char* other : {R"({ "a":1})", R"({"b":1,"a":2})", R"({"a":1,"a":1})", R"({"a":1.0})", R"({"a":1e2})",
                              R"({"a":"\u0041"})", R"({"a":01})", R"([1])", R"({"a":1}x)", "", "{", "\xff\xfe"}) {
        INFO(other);
        CHECK_FALSE(parseCanonicalJson(QByteArrayView(other)));
    }
}
