// Questions that nobody sane asks, for the tests of bounds and for the benchmark of what they cost.
#pragma once

#include "tests/scheduler/planner/planted_month.h"

#include <limits>

namespace loa::planner::test {

inline ItemId numbered(int number)
{
    return {QStringLiteral("item-%1").arg(number, 5, 10, QLatin1Char('0'))};
}

inline PlanInput manyItems(int items, FrameCount session)
{
    PlanInput input = december(session);
    for (int number = 0; number < items; ++number) {
        PlannableItem one = item("x", minutes(1 + number % 9));
        one.id = numbered(number);
        input.items.push_back(one);
    }
    return input;
}

inline model::HandEdit keep(const model::Session& session, const ItemId& item, int number)
{
    model::HandEdit edit;
    edit.id = {QStringLiteral("edit-%1").arg(number)};
    edit.session = session.id;
    edit.item = item;
    edit.madeAt = at(day(1, 11), 8) + std::chrono::seconds(number);
    return edit;
}

// Each with a gap, two limits and an hour.
inline PlanInput tenThousandItemsWithRules()
{
    PlanInput input = manyItems(10'000, minutes(60));
    for (int number = 0; number < 10'000; ++number) {
        model::PlayRules& rules = input.items[static_cast<std::size_t>(number)].rules;
        rules.leastGap = std::chrono::hours(number % 1000);
        rules.mostPlaysADay = 1;
        rules.mostPlays = {{2, model::ObligationPeriod::Month}};
        rules.notBefore = QTime(number % 24, 0);
    }
    input.obligations = {duty(2)};
    return input;
}

// Each keeps away from the one before it.
inline PlanInput tenThousandNeighbours()
{
    PlanInput input = manyItems(10'000, minutes(30));
    for (int number = 0; number < 10'000; ++number) {
        model::PlayRules& rules = input.items[static_cast<std::size_t>(number)].rules;
        rules.leastGap = std::chrono::hours(number % 100);
        if (number > 0)
            rules.notBeside = {numbered(number - 1)};
    }
    input.obligations = {duty(5)};
    return input;
}

// A series of a thousand, a ring of pairs and a chain of them.
inline PlanInput seriesRingsAndChains()
{
    PlanInput input = manyItems(3'000, minutes(30));
    for (int number = 0; number < 3'000; ++number) {
        model::PlayRules& rules = input.items[static_cast<std::size_t>(number)].rules;
        if (number < 1'000)
            rules.series = {QStringLiteral("series"), 1'000 - number};
        else if (number < 2'000)
            rules.pairWith = numbered(1'000 + (number + 1) % 1'000); // a ring: none can ever sound
        else if (number < 2'999)
            rules.pairWith = numbered(number + 1); // a chain of a thousand
    }
    input.obligations = {duty(3)};
    return input;
}

// Three hundred items, none of which may stand beside any.
inline PlanInput everybodysNeighbours()
{
    PlanInput input = manyItems(300, minutes(30));
    for (PlannableItem& one : input.items) {
        for (int other = 0; other < 300; ++other)
            one.rules.notBeside.push_back(numbered(other));
    }
    input.obligations = {duty(20)};
    return input;
}

// Sixty-four for each session of ten minutes.
inline PlanInput overlappingPins()
{
    PlanInput input = manyItems(200, minutes(10));
    for (int number = 0; number < 2'000; ++number)
        input.edits.push_back(
            keep(input.sessions[static_cast<std::size_t>(number % 31)], numbered(number % 200), number));
    input.obligations = {duty(5)};
    return input;
}

// Of every measure and period, for more than there is room.
inline PlanInput contradictoryDuties()
{
    PlanInput input = manyItems(40, minutes(4));
    for (int number = 0; number < 100; ++number) {
        model::Obligation one = duty(1 + number % 60, static_cast<model::ObligationPeriod>(number % 4),
                                     QStringLiteral("duty-%1").arg(number).toLatin1().constData());
        one.measure = static_cast<model::ObligationMeasure>(number % 3);
        input.obligations.push_back(one);
    }
    return input;
}

// Three hundred duties, sessions full to the frame, and one item too many on each day.
inline PlanInput fullMonthOfTooMuch()
{
    PlanInput input = plantedMonth(1, 3, 0);
    for (int d = 1; d <= 31; ++d) {
        const QByteArray name = "too-many-" + QByteArray::number(d);
        PlannableItem one = item(name.constData(), minutes(1));
        one.validFrom = day(d);
        one.validUntil = day(d);
        input.items.push_back(one);
    }
    const auto items = static_cast<int>(input.items.size());
    for (int number = 0; number < 300; ++number) {
        model::Obligation one = duty(1 + number % items, model::ObligationPeriod::Once);
        one.id = {QStringLiteral("more-%1").arg(number)};
        one.validFrom = day(1 + number % 20);
        one.due = day(11 + number % 20);
        input.obligations.push_back(one);
    }
    return input;
}

// And items of a century, without length, and of less.
inline PlanInput sessionsWithoutLength()
{
    PlanInput input = december(FrameCount{0});
    input.items = {item("edge", {std::numeric_limits<std::int64_t>::max()}), item("none", {0}),
                   item("less", {std::numeric_limits<std::int64_t>::min()}), item("one", {1})};
    input.obligations = {duty(std::numeric_limits<int>::max())};
    return input;
}

// A hundred duties of all measures, one of nearly all items, where three airings of ten fail.
inline PlanInput dutiesAtAFailingStation()
{
    PlanInput input = manyItems(500, minutes(20));
    input.existing = plan(input).placements;
    for (int number = 0; number < 100; ++number) {
        model::Obligation one = duty(1 + number * 7 % 55);
        one.id = {QStringLiteral("duty-%1").arg(number)};
        one.measure = static_cast<model::ObligationMeasure>(number % 3);
        input.obligations.push_back(one);
    }
    input.obligations.push_back(duty(450, model::ObligationPeriod::Month, "nearly all"));
    for (int number = 0; number < 500; number += 5)
        input.items[static_cast<std::size_t>(number)].priority = Priority::Priority;
    input.failureRate = 0.3;
    return input;
}

} // namespace loa::planner::test
