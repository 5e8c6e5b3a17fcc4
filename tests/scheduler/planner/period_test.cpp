#include "tests/scheduler/planner/sample_plan.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner::test;
using model::ObligationPeriod;
using model::periodAround;
using model::PeriodDates;
using model::periodsOwed;

TEST_CASE("Periods are those of the calendar", "[period]")
{
    CHECK(periodAround(duty(1, ObligationPeriod::Week), day(6)) == PeriodDates{day(30, 11), day(6)});
    CHECK(periodAround(duty(1, ObligationPeriod::Week), day(7)) == PeriodDates{day(7), day(13)});
    CHECK(periodAround(duty(1), QDate(2028, 2, 9)) == PeriodDates{QDate(2028, 2, 1), QDate(2028, 2, 29)});
    CHECK(periodAround(duty(1, ObligationPeriod::Quarter), day(31, 5)) == PeriodDates{day(1, 4), day(30, 6)});
    CHECK(periodAround(duty(1, ObligationPeriod::Year), day(31, 5)) == PeriodDates{day(1, 1), day(31)});
    auto dated = duty(1, ObligationPeriod::Year);
    dated.due = QDate(2024, 2, 29);
    CHECK(periodAround(dated, day(31, 5)) == PeriodDates{day(1, 1), day(28, 2)});
    auto once = duty(1, ObligationPeriod::Once);
    once.due = day(20, 2);
    CHECK(periodAround(once, day(31, 5)) == PeriodDates{day(1, 1), day(20, 2)});
}

TEST_CASE("A duty is owed while it is in force", "[period]")
{
    auto monthly = duty(2);
    monthly.validFrom = day(16, 11);
    monthly.validUntil = QDate(2027, 1, 10);
    const auto owed = periodsOwed(monthly, day(1, 10), QDate(2027, 6, 30));
    CHECK(owed == std::vector<PeriodDates>{
                      {day(16, 11), day(30, 11)}, {day(1), day(31)}, {QDate(2027, 1, 1), QDate(2027, 1, 10)}});
    CHECK(periodsOwed(monthly, day(1, 1), day(31, 10)).empty());
    // A period begun before the span, or ending after it, is owed whole.
    CHECK(periodsOwed(duty(1, ObligationPeriod::Week), day(2), day(8)).size() == 2);
    auto yearly = duty(12, ObligationPeriod::Year);
    yearly.due = day(30, 9);
    CHECK(periodsOwed(yearly, day(1, 10), day(31)).empty());
    CHECK(periodsOwed(yearly, day(1, 10), QDate(2027, 1, 1)) ==
          std::vector<PeriodDates>{{QDate(2027, 1, 1), QDate(2027, 9, 30)}});
}

TEST_CASE("Periods have names for people", "[period]")
{
    CHECK(periodName(duty(1), {day(1), day(31)}) == Text{text("tháng 12/2026"), text("December 2026")});
    CHECK(periodName(duty(1, ObligationPeriod::Quarter), {day(1, 10), day(31)}).vi == text("quý IV/2026"));
    CHECK(periodName(duty(1, ObligationPeriod::Week), {day(7), day(13)}).en ==
          text("the week 07/12/2026 to 13/12/2026"));
    CHECK(periodName(duty(1), {day(16), day(31)}).en == text("16/12/2026 to 31/12/2026"));
}
