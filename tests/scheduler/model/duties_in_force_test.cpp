#include "scheduler/model/duties_in_force.h"
#include "scheduler/model/period.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::model;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

Unit unit(const char* id)
{
    return {{text(id)}, {}, text(id), text(id), {}, QDate(2020, 1, 1), {}};
}

// The commune lies in the old district until 14 January 2027, in the new one from then on.
UnitTree merging()
{
    std::vector<UnitLink> links{{{text("old")}, QDate(2020, 1, 1), UnitId{text("city")}},
                                {{text("new")}, QDate(2020, 1, 1), UnitId{text("city")}},
                                {{text("commune")}, QDate(2020, 1, 1), UnitId{text("old")}},
                                {{text("commune")}, QDate(2027, 1, 15), UnitId{text("new")}}};
    return {{unit("city"), unit("old"), unit("new"), unit("commune")}, links};
}

Obligation duty(const char* unit, ObligationPeriod period)
{
    Obligation duty;
    duty.id = {text(unit)};
    duty.unit = {text(unit)};
    duty.period = period;
    duty.required = 2;
    duty.validFrom = QDate(2026, 1, 1);
    return duty;
}

std::vector<PeriodDates> periods(const Obligation& obligation)
{
    const QDate from(2026, 12, 10);
    const UnitTree tree = merging();
    std::vector<PeriodDates> owed;
    for (const Obligation& bound :
         dutiesInForce({text("commune")}, tree, {obligation}, from, tree.changesAfter(from))) {
        CHECK(bound.id == obligation.id);
        for (const PeriodDates& period : periodsOwed(bound, from, QDate(2027, 2, 15)))
            owed.push_back(period);
    }
    return owed;
}

} // namespace

TEST_CASE("The tree's changes part the days to come")
{
    const UnitTree tree = merging();
    const QDate from(2026, 12, 10);
    CHECK(tree.changesAfter(from) == std::vector{QDate(2027, 1, 15)});
    CHECK(tree.changesAfter(QDate(2027, 1, 15)).empty());
    const auto spans = [&](const char* ancestor) {
        return tree.spansWithin({text("commune")}, {text(ancestor)}, from, tree.changesAfter(from));
    };
    CHECK(spans("city") == std::vector{DaySpan{from, {}}});
    CHECK(spans("old") == std::vector{DaySpan{from, QDate(2027, 1, 14)}});
    CHECK(spans("new") == std::vector{DaySpan{QDate(2027, 1, 15), {}}});
    CHECK(spans("nobody's").empty());
}

TEST_CASE("A period is owed to whom the unit belongs on its last day")
{
    const PeriodDates december{QDate(2026, 12, 1), QDate(2026, 12, 31)};
    const PeriodDates january{QDate(2027, 1, 1), QDate(2027, 1, 31)};
    const PeriodDates february{QDate(2027, 2, 1), QDate(2027, 2, 28)};
    CHECK(periods(duty("city", ObligationPeriod::Month)) == std::vector{december, january, february});
    CHECK(periods(duty("old", ObligationPeriod::Month)) == std::vector{december});
    CHECK(periods(duty("new", ObligationPeriod::Month)) == std::vector{january, february});
    // Weeks: 11 to 17 January is the new district's.
    const auto old = periods(duty("old", ObligationPeriod::Week));
    REQUIRE(old.size() == 5);
    CHECK(old.back() == PeriodDates{QDate(2027, 1, 4), QDate(2027, 1, 10)});
    CHECK(periods(duty("new", ObligationPeriod::Week)).front() == PeriodDates{QDate(2027, 1, 11), QDate(2027, 1, 17)});
    CHECK(periods(duty("old", ObligationPeriod::Year)) ==
          std::vector{PeriodDates{QDate(2026, 1, 1), QDate(2026, 12, 31)}});
    CHECK(periods(duty("commune", ObligationPeriod::Month)).size() == 3);

    Obligation once = duty("old", ObligationPeriod::Once);
    once.due = QDate(2027, 1, 14);
    CHECK(periods(once) == std::vector{PeriodDates{QDate(2026, 1, 1), QDate(2027, 1, 14)}});
    once.due = QDate(2027, 1, 15);
    CHECK(periods(once).empty());
    // A duty that ends by itself before the change keeps its last, cut period.
    Obligation ending = duty("old", ObligationPeriod::Month);
    ending.validUntil = QDate(2027, 1, 10);
    CHECK(periods(ending) == std::vector{december, PeriodDates{QDate(2027, 1, 1), QDate(2027, 1, 10)}});
}
