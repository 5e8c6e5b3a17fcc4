// Questions that nobody sane asks: an answer within bounds, never a hang. Each case ends in a fraction of a second;
// what bounds it is the planner's own count of work, not a clock (what they cost: ./loa bench planner).
#include "scheduler/planner/conflicts.h"
#include "scheduler/planner/why_not.h"
#include "tests/scheduler/planner/hostile_questions.h"

#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

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

} // namespace

TEST_CASE("Hostile: ten thousand items, each with rules", "[planner]")
{
    const PlanInput input = tenThousandItemsWithRules();
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK(made.shortfalls.empty());
}

TEST_CASE("Hostile: why not, and edits by hand, beside ten thousand items", "[planner]")
{
    PlanInput input = tenThousandNeighbours();
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
    const PlanInput input = seriesRingsAndChains();
    const Plan made = plan(input);
    requireHardRules(input, made);
    for (const Placement& placement : made.placements) {
        const int number = placement.item.value.mid(5).toInt();
        CHECK_FALSE((number >= 1'000 && number < 2'000));
    }
}

TEST_CASE("Hostile: everybody's neighbour is everybody", "[planner]")
{
    const PlanInput input = everybodysNeighbours();
    const Plan made = plan(input);
    CHECK(made.placements.size() == input.sessions.size()); // one each
    CHECK(made.shortfalls.empty());
}

TEST_CASE("Hostile: two thousand pins for one month, most of them one over another", "[planner]")
{
    const PlanInput input = overlappingPins();
    const Plan made = plan(input);
    requireHardRules(input, made);
    const auto conflicts = conflictsOf(input);
    CHECK_FALSE(conflicts.empty());
    for (const EditConflict& conflict : conflicts)
        CHECK_FALSE(conflict.reason.vi.isEmpty());
}

TEST_CASE("Hostile: a hundred duties that contradict each other", "[planner]")
{
    const PlanInput input = contradictoryDuties();
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
    const PlanInput input = fullMonthOfTooMuch();
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK_FALSE(made.shortfalls.empty());
}

TEST_CASE("Hostile: sessions without length, items of a century, and numbers at the edge of their type", "[planner]")
{
    PlanInput input = sessionsWithoutLength();
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
    const PlanInput input = dutiesAtAFailingStation();
    const Plan made = plan(input);
    requireHardRules(input, made);
    CHECK(made.shortfalls.size() == 1);
}
