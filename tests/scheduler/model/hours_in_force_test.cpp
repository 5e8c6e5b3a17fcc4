#include "scheduler/model/hours_in_force.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::model;

namespace {

using ByUnit = QHash<UnitId, std::vector<HoursPolicy>>;

UnitId named(const QString& id)
{
    return {id};
}

Unit unitNamed(const QString& id)
{
    return {named(id), {}, id, id, {}, QDate(2020, 1, 1), {}};
}

HoursPolicy policyNamed(const QString& id, QDate from, std::optional<QDate> until = {})
{
    HoursPolicy policy;
    policy.id = {id};
    policy.name = id;
    policy.validFrom = from;
    policy.validUntil = until;
    return policy;
}

QDate december(int day)
{
    return {2026, 12, day};
}

const QString city = QStringLiteral("city");
const QString district = QStringLiteral("district");
const QString commune = QStringLiteral("commune");

UnitTree plainTree()
{
    const QDate begin(2020, 1, 1);
    return UnitTree(
        {unitNamed(city), unitNamed(district), unitNamed(commune)},
        {{named(city), begin, {}}, {named(district), begin, named(city)}, {named(commune), begin, named(district)}});
}

} // namespace

TEST_CASE("Promise 2: the nearest unit's hours bind, of those the latest, and above it only where it has none",
          "[promise-2]")
{
    ByUnit byUnit;
    byUnit[named(city)] = {policyNamed(QStringLiteral("of the city"), QDate(2026, 12, 5))};
    byUnit[named(commune)] = {policyNamed(QStringLiteral("old"), QDate(2021, 1, 1), december(20)),
                              policyNamed(QStringLiteral("festival"), december(10), december(12))};
    const auto bound = hoursInForce(named(commune), plainTree(), byUnit, december(1), december(31));
    REQUIRE(bound.size() == 4);
    CHECK(bound[0] == policyNamed(QStringLiteral("old"), QDate(2021, 1, 1), december(9)));
    CHECK(bound[1] == policyNamed(QStringLiteral("festival"), december(10), december(12)));
    CHECK(bound[2] == policyNamed(QStringLiteral("old"), december(13), december(20)));
    CHECK(bound[3] == policyNamed(QStringLiteral("of the city"), december(21)));
    // The same on the next day: what is asked about does not change the answer.
    CHECK(hoursInForce(named(commune), plainTree(), byUnit, december(2), december(31)) == bound);
    CHECK(hoursInForce(named(district), plainTree(), byUnit, december(1), december(4)).empty());
}

TEST_CASE("A unit that moves takes the hours of where it is on the day", "[promise-2]")
{
    const QDate begin(2020, 1, 1);
    const QString other = QStringLiteral("other");
    const UnitTree tree({unitNamed(city), unitNamed(district), unitNamed(other), unitNamed(commune)},
                        {{named(city), begin, {}},
                         {named(district), begin, named(city)},
                         {named(other), begin, named(city)},
                         {named(commune), begin, named(district)},
                         {named(commune), december(15), named(other)}});
    ByUnit byUnit;
    byUnit[named(district)] = {policyNamed(QStringLiteral("before"), begin)};
    byUnit[named(other)] = {policyNamed(QStringLiteral("after"), QDate(2019, 1, 1))};
    const auto bound = hoursInForce(named(commune), tree, byUnit, december(1), december(31));
    REQUIRE(bound.size() == 2);
    CHECK(bound[0] == policyNamed(QStringLiteral("before"), begin, december(14)));
    CHECK(bound[1] == policyNamed(QStringLiteral("after"), december(15)));
}

TEST_CASE("What binds is found again by policyOn(), on every day, whatever the tree and the papers", "[property]")
{
    std::mt19937 engine(7);
    const auto upTo = [&](int most) { return static_cast<int>(engine() % static_cast<unsigned>(most + 1)); };
    const std::vector<QString> names{city, district, QStringLiteral("other"), commune};
    for (int round = 0; round < 2'000; ++round) {
        std::vector<Unit> units;
        std::vector<UnitLink> links;
        for (std::size_t at = 0; at < names.size(); ++at) {
            units.push_back(unitNamed(names[at]));
            links.push_back({named(names[at]), QDate(2020, 1, 1),
                             at == 0 ? std::optional<UnitId>()
                                     : named(names[static_cast<std::size_t>(upTo(static_cast<int>(at) - 1))])});
        }
        for (int moves = upTo(2); moves > 0; --moves)
            links.push_back({named(commune), december(1 + upTo(30)), named(names[static_cast<std::size_t>(upTo(2))])});
        const UnitTree tree(units, links);
        ByUnit byUnit;
        for (int number = upTo(6); number > 0; --number) {
            const QDate first = december(1).addDays(upTo(40) - 10);
            std::optional<QDate> last;
            if (upTo(1) == 0)
                last = first.addDays(upTo(15));
            byUnit[named(names[static_cast<std::size_t>(upTo(3))])].push_back(
                policyNamed(QStringLiteral("policy-%1").arg(number), first, last));
        }
        const auto bound = hoursInForce(named(commune), tree, byUnit, december(1), december(31));
        for (QDate day = december(1); day <= december(31); day = day.addDays(1)) {
            // The definition, in other words: walk up; at each level take the latest that is in force.
            QString expected;
            std::optional<UnitId> level = named(commune);
            for (; level && expected.isEmpty(); level = tree.parentOn(*level, day)) {
                std::pair<QDate, QString> latest;
                for (const HoursPolicy& policy : byUnit.value(*level)) {
                    const bool begun = policy.validFrom <= day;
                    const bool over = policy.validUntil && *policy.validUntil < day;
                    if (begun && !over)
                        latest = std::max(latest, {policy.validFrom, policy.id.value});
                }
                expected = latest.second;
            }
            const HoursPolicy* found = policyOn(bound, day);
            INFO("round " << round << ", " << day.toString(Qt::ISODate).toStdString());
            REQUIRE((found ? found->id.value : QString()) == expected);
        }
    }
}
