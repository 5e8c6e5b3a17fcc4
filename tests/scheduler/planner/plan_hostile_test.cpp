// Questions that nobody sane asks: an answer within bounds, never a hang. Each case ends in a fraction of a second;
// what bounds it is the planner's own count of work, not a clock.
#include "scheduler/planner/conflicts.h"
#include "scheduler/planner/why_not.h"
#include "tests/scheduler/planner/planted_month.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

ItemId numbered(int number)
{
    return {QStringLiteral("item-%1").arg(number, 5, 10, QLatin1Char('0'))};
}

PlanInput manyItems(int items, FrameCount session)
{
    PlanInput input = december(session);
    for (int number = 0; number < items; ++number) {
        PlannableItem one = item("x", minutes(1 + number % 9));
        one.id = numbered(number);
        input.items.push_back(one);
    }
    return input;
}

// Every session within its frames, no item twice in one.
void requireHardRules(const PlanInput& input, const Plan& made)
{
    QHash<SessionId, FrameCount> lengths;
    for (const model::Session& session : input.sessions)
        lengths.insert(session.id, session.frames);
    QHash<SessionId, FrameCount> ends;
    QSet<std::pair<SessionId, ItemId>> seen;
    for (const Placement& placement : made.placements) {
        REQUIRE(placement.offset >= ends.value(placement.session));
        ends.insert(placement.session, placement.offset + placement.frames);
        REQUIRE(ends.value(placement.session) <= lengths.value(placement.session));
        REQUIRE_FALSE(seen.contains({placement.session, placement.item}));
        seen.insert({placement.session, placement.item});
    }
}

model::HandEdit keep(const model::Session& session, const ItemId& item, int number)
{
    model::HandEdit edit;
    edit.id = {QStringLiteral("edit-%1").arg(number)};
    edit.session = session.id;
    edit.item = item;
    edit.madeAt = at(day(1, 11), 8) + std::chrono::seconds(number);
    return edit;
}

} // namespace

TEST_CASE("Hostile: ten thousand items, each with rules", "[planner]")
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
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK(made.shortfalls.empty());
}

TEST_CASE("Hostile: why not, and edits by hand, beside ten thousand items", "[planner]")
{
    PlanInput input = manyItems(10'000, minutes(30));
    for (int number = 0; number < 10'000; ++number) {
        model::PlayRules& rules = input.items[static_cast<std::size_t>(number)].rules;
        rules.leastGap = std::chrono::hours(number % 100);
        if (number > 0)
            rules.notBeside = {numbered(number - 1)};
    }
    input.obligations = {duty(5)};
    const Plan made = plan(input);
    requireHardRules(input, made);

    std::vector<ItemId> all;
    for (const PlannableItem& one : input.items)
        all.push_back(one.id);
    const auto told = whyNot(input, made, all, day(1), day(31));
    REQUIRE(told.size() == all.size());
    std::size_t plays = 0;
    for (const WhyNot& one : told) {
        std::size_t sessions = one.plays.size();
        plays += one.plays.size();
        for (const WhyNotReason& reason : one.reasons)
            sessions += reason.sessions.size();
        if (sessions != input.sessions.size())
            FAIL("an item is told of " << sessions << " sessions");
    }
    CHECK(plays == made.placements.size());

    // Every session gets thirty items by hand, each of a minute to nine: what does not fit is told, the rest is kept.
    input.existing = made.placements;
    std::vector<model::HandEdit> edits;
    for (int number = 0; number < 930; ++number)
        edits.push_back(keep(input.sessions[static_cast<std::size_t>(number % 31)], numbered(number * 10), number));
    const auto conflicts = checkEdits(input, edits);
    CHECK_FALSE(conflicts.empty());
    CHECK(conflicts.size() < edits.size());
    for (const EditConflict& conflict : conflicts)
        CHECK_FALSE(conflict.reason.en.isEmpty());
    input.edits = edits;
    const Plan kept = plan(input);
    requireHardRules(input, kept);
    std::size_t there = 0;
    for (const model::HandEdit& edit : edits)
        there += std::ranges::any_of(kept.placements, [&](const Placement& placement) {
            return placement.session == edit.session && placement.item == edit.item;
        });
    CHECK(there == edits.size() - conflicts.size());
}

TEST_CASE("Hostile: one series of thousands, and pairs in rings and chains", "[planner]")
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
    const Plan made = plan(input);
    requireHardRules(input, made);
    for (const Placement& placement : made.placements) {
        const int number = placement.item.value.mid(5).toInt();
        CHECK_FALSE((number >= 1'000 && number < 2'000));
    }
}

TEST_CASE("Hostile: everybody's neighbour is everybody", "[planner]")
{
    PlanInput input = manyItems(300, minutes(30));
    for (PlannableItem& one : input.items) {
        for (int other = 0; other < 300; ++other)
            one.rules.notBeside.push_back(numbered(other));
    }
    input.obligations = {duty(20)};
    const Plan made = plan(input);
    CHECK(made.placements.size() == input.sessions.size()); // one each
    CHECK(made.shortfalls.empty());
}

TEST_CASE("Hostile: two thousand pins for one month, most of them one over another", "[planner]")
{
    PlanInput input = manyItems(200, minutes(10));
    for (int number = 0; number < 2'000; ++number)
        input.edits.push_back(
            keep(input.sessions[static_cast<std::size_t>(number % 31)], numbered(number % 200), number));
    input.obligations = {duty(5)};
    const Plan made = plan(input);
    requireHardRules(input, made);
    const auto conflicts = conflictsOf(input);
    CHECK_FALSE(conflicts.empty());
    for (const EditConflict& conflict : conflicts)
        CHECK_FALSE(conflict.reason.vi.isEmpty());
}

TEST_CASE("Hostile: a hundred duties that contradict each other", "[planner]")
{
    PlanInput input = manyItems(40, minutes(4));
    for (int number = 0; number < 100; ++number) {
        model::Obligation one = duty(1 + number % 60, static_cast<model::ObligationPeriod>(number % 4),
                                     QStringLiteral("duty-%1").arg(number).toLatin1().constData());
        one.measure = static_cast<model::ObligationMeasure>(number % 3);
        input.obligations.push_back(one);
    }
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK_FALSE(made.shortfalls.empty());
    std::set<QString> forecast;
    for (const Forecast& one : made.forecasts)
        forecast.insert(one.obligation.value);
    CHECK(forecast.size() == 100);
}

TEST_CASE("Hostile: a full month with three hundred duties, and one item too many on each day", "[planner]")
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
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK_FALSE(made.shortfalls.empty());
}

TEST_CASE("Hostile: sessions without length, items of a century, and numbers at the edge of their type", "[planner]")
{
    PlanInput input = december(FrameCount{0});
    input.items = {item("edge", {std::numeric_limits<std::int64_t>::max()}), item("none", {0}),
                   item("less", {std::numeric_limits<std::int64_t>::min()}), item("one", {1})};
    input.obligations = {duty(std::numeric_limits<int>::max())};
    CHECK(plan(input).placements.empty());
    input.sessions[3].frames = {std::numeric_limits<std::int64_t>::max()};
    input.sessions[4].frames = {-1};
    const Plan made = plan(input);
    CHECK(made.placements.size() >= 1);
    CHECK(made.shortfalls.size() == 1);
    CHECK_FALSE(whyNot(input, made, {text("edge")}, day(1), day(31)).reasons.empty());
}

TEST_CASE("Hostile: a hundred duties of many minutes and airings at a station that fails often", "[planner]")
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
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK(made.shortfalls.size() == 1);
}
