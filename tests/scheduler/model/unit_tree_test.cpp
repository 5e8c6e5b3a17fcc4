#include "scheduler/model/unit_tree.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::model;

namespace {

UnitId unitId(const char* id)
{
    return {QString::fromLatin1(id)};
}

Unit unit(const char* id)
{
    return {unitId(id), {}, QString::fromLatin1(id), QString::fromLatin1(id), {}, QDate(2020, 1, 1), {}};
}

const QDate reform(2025, 7, 1);

// Two communes of a district are merged into a new one directly under the city.
UnitTree reformed()
{
    const QDate begin(2020, 1, 1);
    return UnitTree({unit("city"), unit("district"), unit("old-1"), unit("old-2"), unit("new")},
                    {{unitId("city"), begin, {}},
                     {unitId("district"), begin, unitId("city")},
                     {unitId("old-1"), begin, unitId("district")},
                     {unitId("old-2"), begin, unitId("district")},
                     {unitId("new"), reform, unitId("city")},
                     {unitId("old-1"), reform, unitId("new")},
                     {unitId("old-2"), reform, unitId("new")}});
}

} // namespace

TEST_CASE("A merged unit reports to the old district before the day and to the new commune from it")
{
    const UnitTree tree = reformed();
    using Path = std::vector<UnitId>;
    CHECK(tree.pathOn(unitId("old-1"), reform.addDays(-1)) ==
          Path{unitId("old-1"), unitId("district"), unitId("city")});
    CHECK(tree.pathOn(unitId("old-1"), reform) == Path{unitId("old-1"), unitId("new"), unitId("city")});
    CHECK(tree.withDescendantsOn(unitId("new"), reform) == Path{unitId("old-1"), unitId("old-2"), unitId("new")});
    CHECK(tree.withDescendantsOn(unitId("new"), reform.addDays(-1)) == Path{unitId("new")});
    CHECK(tree.isWithin(unitId("old-2"), unitId("district"), QDate(2024, 12, 31)));
    CHECK_FALSE(tree.isWithin(unitId("old-2"), unitId("district"), QDate(2026, 1, 1)));
    CHECK(tree.isWithin(unitId("old-2"), unitId("city"), QDate(2019, 1, 1))); // before its first link
    CHECK(tree.pathOn(unitId("unknown"), reform).empty());
}

TEST_CASE("A circle is found on the day on which it would close")
{
    const UnitTree tree = reformed();
    CHECK(tree.circleWith({unitId("city"), reform, unitId("old-1")}) == reform);
    CHECK(tree.circleWith({unitId("city"), QDate(2020, 1, 1), unitId("old-1")}).has_value());
    // Only later: today the district holds old-1, tomorrow it would not, so no circle.
    CHECK_FALSE(tree.circleWith({unitId("district"), reform, unitId("new")}));
    CHECK_FALSE(tree.circleWith({unitId("district"), reform.addDays(1), unitId("old-1")}));
    CHECK(tree.circleWith({unitId("district"), reform.addDays(-1), unitId("old-1")}) == reform.addDays(-1));
    CHECK_FALSE(tree.circleWith({unitId("city"), reform, {}}));
}

TEST_CASE("Links that are added only when no circle is found never make a walk that returns", "[property]")
{
    std::mt19937 random(20261201);
    for (int round = 0; round < 200; ++round) {
        std::vector<Unit> units;
        for (int i = 0; i < 6; ++i)
            units.push_back(unit(std::string(1, static_cast<char>('a' + i)).c_str()));
        std::vector<UnitLink> links;
        const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
        for (int attempt = 0; attempt < 25; ++attempt) {
            const UnitLink link{units[static_cast<std::size_t>(pick(6))].id, QDate(2026, 1, 1).addDays(pick(5)),
                                units[static_cast<std::size_t>(pick(6))].id};
            if (link.parent == link.unit || UnitTree(units, links).circleWith(link))
                continue;
            std::erase_if(links, [&](const UnitLink& old) { return old.unit == link.unit && old.from == link.from; });
            links.push_back(link);
        }
        const UnitTree tree(units, links);
        for (int offset = -1; offset < 6; ++offset) {
            const QDate date = QDate(2026, 1, 1).addDays(offset);
            for (const Unit& some : units) {
                const std::vector<UnitId> path = tree.pathOn(some.id, date);
                // The walk ends by itself: at a unit without a parent.
                CHECK_FALSE(tree.parentOn(path.back(), date).has_value());
            }
        }
    }
}
