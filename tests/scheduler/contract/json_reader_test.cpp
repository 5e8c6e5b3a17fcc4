#include "scheduler/contract/hash.h"
#include "scheduler/contract/json_reader.h"

#include <QJsonDocument>

#include <catch2/catch.hpp>

using namespace loa;
using namespace Qt::StringLiterals;

namespace {

JsonReader readerOf(const char* json)
{
    return JsonReader(QJsonDocument::fromJson(json).object(), u"/top"_s);
}

} // namespace

TEST_CASE("members are read in their types and ranges", "[json_reader]")
{
    auto reader = readerOf(R"({"name":"Yên Bình","count":12,"day":"2026-12-01","none":null})");
    CHECK(reader.text("name"_L1) == u"Yên Bình");
    CHECK(reader.integer("count"_L1, 0, 12) == 12);
    CHECK(reader.date("day"_L1) == QDate(2026, 12, 1));
    CHECK(reader.optionalDate("none"_L1) == std::nullopt);
    CHECK(reader.optionalDate("absent"_L1) == std::nullopt);
    CHECK(reader.finish());
}

TEST_CASE("a misspelt member is an error with its path, never a default", "[json_reader]")
{
    auto reader = readerOf(R"({"name":"a","naem":"b"})");
    CHECK(reader.text("name"_L1) == u"a");
    const auto finished = reader.finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().where == u"/top/naem");
}

TEST_CASE("the first error stays, whatever is asked after it", "[json_reader]")
{
    auto reader = readerOf(R"({"count":1.5,"name":7})");
    CHECK(reader.integer("count"_L1, 0, 10) == 0);
    CHECK(reader.text("name"_L1).isEmpty());
    CHECK(reader.finish().error().where == u"/top/count");
}

TEST_CASE("wrong types, ranges, lengths and words are refused by name", "[json_reader]")
{
    const auto whereOf = [](const char* json, auto read) {
        auto reader = readerOf(json);
        read(reader);
        const auto finished = reader.finish();
        return finished ? QString() : finished.error().where;
    };
    const auto integer = [](JsonReader& r) { (void)r.integer("v"_L1, 0, 10); };
    for (const char* json :
         {R"({})", R"({"v":11})", R"({"v":-1})", R"({"v":"5"})", R"({"v":0.5})", R"({"v":1e300})", R"({"v":null})"})
        CHECK(whereOf(json, integer) == u"/top/v");
    CHECK(whereOf(R"({"v":"abc"})", [](JsonReader& r) { (void)r.text("v"_L1, 2); }) == u"/top/v");
    CHECK(whereOf(R"({"v":"2026-02-30"})", [](JsonReader& r) { (void)r.date("v"_L1); }) == u"/top/v");
    CHECK(whereOf(R"({"v":"A b"})", [](JsonReader& r) { (void)r.id<ItemTag>("v"_L1); }) == u"/top/v");
    CHECK(whereOf(R"({"v":[1,2,3]})", [](JsonReader& r) { (void)r.array("v"_L1, 2); }) == u"/top/v");
    CHECK(whereOf(R"({"v":"zz"})", [](JsonReader& r) { (void)r.parsed<Sha256>("v"_L1, sha256FromString); }) ==
          u"/top/v");
}
