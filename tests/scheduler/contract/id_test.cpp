#include "scheduler/contract/id.h"

#include <catch2/catch.hpp>
#include <set>

using namespace loa;

TEST_CASE("new ids are valid, different, and sort by age", "[id]")
{
    const UtcTime early{std::chrono::hours(24 * 365 * 50)};
    std::set<QString> seen;
    for (int round = 0; round < 2000; ++round) {
        const QString id = newId(early);
        REQUIRE(isValidId(id));
        REQUIRE(id.size() == 26);
        REQUIRE(seen.insert(id).second);
    }
    CHECK(*seen.rbegin() < newId(early + std::chrono::milliseconds(1)));
}

TEST_CASE("derived ids depend on every part and on where parts end", "[id]")
{
    CHECK(derivedId({u"a", u"bc"}) == derivedId({u"a", u"bc"}));
    CHECK(derivedId({u"a", u"bc"}) != derivedId({u"ab", u"c"}));
    CHECK(derivedId({u"a", u"b"}) != derivedId({u"a", u"b", u""}));
    CHECK(isValidId(derivedId({u"đài", u"/../"})));
    const StationId station{QStringLiteral("s")};
    const SessionRuleId rule{QStringLiteral("r")};
    CHECK(sessionIdFor(station, rule, UtcTime{}) != sessionIdFor(station, rule, UtcTime{std::chrono::seconds(1)}));
}

TEST_CASE("ids with other characters are not valid", "[id]")
{
    for (const QString& text : {QString(), QStringLiteral("A"), QStringLiteral("a/b"), QStringLiteral(".."),
                                QStringLiteral("é"), QString(65, QLatin1Char('a'))})
        CHECK_FALSE(isValidId(text));
}
