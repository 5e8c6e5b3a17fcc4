// Months that are known to be possible, too large for the oracle.
#include "scheduler/planner/ways_to_fill.h"
#include "tests/scheduler/planner/planted_month.h"
#include "tests/support/rounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using loa::test::Dice;

namespace {

void requireWithinSessions(const PlanInput& input, const Plan& made)
{
    for (const model::Session& where : input.sessions) {
        FrameCount used;
        for (const Placement& placement : made.placements) {
            if (placement.session == where.id) {
                REQUIRE(placement.offset >= used);
                used = placement.offset + placement.frames;
            }
        }
        REQUIRE(used <= where.frames);
    }
}

void requireAllHeld(const PlanInput& month)
{
    const Plan made = plan(month);
    requireWithinSessions(month, made);
    INFO("short of " << made.shortfalls.size() << " of " << month.obligations.size());
    CHECK(made.shortfalls.empty());
    CHECK(made.exact);
}

} // namespace

TEST_CASE("Promise 5: a month whose every day is filled to the frame is found, each day as a question of its own",
          "[promise-5][planted]")
{
    for (unsigned seed = 1; seed <= loa::test::rounds(12); ++seed) {
        INFO("seed " << seed);
        requireAllHeld(plantedMonth(seed));
    }
}

// More than the exact search can look through: each item may go to some days before and after its own.
TEST_CASE("Promise 5: a month of sessions that are 95 % full of what must sound is found", "[promise-5][planted]")
{
    for (const int window : {1, 2, 3}) {
        for (unsigned seed = 1; seed <= loa::test::rounds(8); ++seed) {
            INFO("seed " << seed << ", up to " << window << " days before and after");
            requireAllHeld(plantedMonth(seed, window, 5));
        }
    }
}

// Each session is a little too short for what is meant for it, in a month too large to look through; no duty alone
// shows it.
TEST_CASE("What the bounded search could not prove is told as not proven, not as impossible", "[promise-5][planted]")
{
    for (unsigned seed = 1; seed <= 2; ++seed) {
        INFO("seed " << seed);
        PlanInput month = plantedMonth(seed, 0, -1);
        month.obligations.pop_back();
        const Plan made = plan(month);
        CHECK_FALSE(made.exact);
        REQUIRE_FALSE(made.shortfalls.empty());
        const Shortfall& lack = made.shortfalls.front();
        CHECK_FALSE(lack.proven);
        CHECK(lack.reason.en.startsWith(text("The search met its bound")));
        CHECK(lack.reason.vi.startsWith(text("Đã tìm hết giới hạn")));
        const auto forecast = std::ranges::find(made.forecasts, lack.obligation, &Forecast::obligation);
        REQUIRE(forecast != made.forecasts.end());
        CHECK(forecast->standing == Standing::AtRisk);
        CHECK(forecast->reason == lack.reason);
    }
    // What was looked through to the end is told as it is.
    PlanInput small = december({});
    small.sessions.push_back(session(day(3), 7, FrameCount{sampleRate * 300}));
    std::ranges::sort(small.sessions, {}, &model::Session::startsAt);
    small.items = {item("a", FrameCount{sampleRate * 200}, "cchc-a"),
                   item("b", FrameCount{sampleRate * 200}, "cchc-a")};
    small.obligations = {duty(2, model::ObligationPeriod::Month, "two")};
    const Plan made = plan(small);
    REQUIRE(made.shortfalls.size() == 1);
    CHECK(made.shortfalls.front().proven);
    CHECK_FALSE(made.shortfalls.front().reason.en.contains(text("bound")));
}

// Where nothing may stay empty each session has few ways to be filled.
TEST_CASE("Promise 5: a month of sessions full to the frame is found, each item within a day of its own",
          "[promise-5][planted]")
{
    for (unsigned seed = 1; seed <= loa::test::rounds(12); ++seed) {
        INFO("seed " << seed);
        requireAllHeld(plantedMonth(seed, 1, 0));
    }
}

// Neither what displaces nor what looks through everything finds these: every session needs a filling of its own that
// leaves the later ones what they need.
TEST_CASE("Promise 5: a month of sessions that are 97 % to wholly full of what may move by days is found",
          "[promise-5][planted]")
{
    struct Case {
        int window;
        int sparePercent;
        unsigned seeds;
    };
    for (const auto& [window, spare, seeds] : {Case{1, 3, 2}, Case{2, 3, 3}, Case{3, 3, 2}, Case{6, 3, 1},
                                               Case{1, 1, 1}, Case{2, 1, 1}, Case{2, 0, 2}, Case{3, 0, 2}}) {
        for (unsigned seed = 1; seed <= loa::test::rounds(seeds); ++seed) {
            INFO("seed " << seed << ", up to " << window << " days before and after, " << spare << " % spare");
            requireAllHeld(plantedMonth(seed, window, spare));
        }
    }
}

TEST_CASE("The ways to fill a room are those of trying every set", "[planner]")
{
    Dice dice(5);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> lengths;
        for (int number = dice.between(1, 9); number > 0; --number)
            lengths.push_back(dice.between(1, 30));
        std::ranges::sort(lengths, std::ranges::greater());
        const int room = dice.between(4, 90);
        const int waste = dice.between(0, 3);
        const WaysToFill found = waysToFill(lengths, room, waste, 1000);
        REQUIRE(found.areAll);
        std::set<std::vector<std::size_t>> ways(found.ways.begin(), found.ways.end());
        REQUIRE(ways.size() == found.ways.size());
        for (unsigned set = 0; set < 1U << lengths.size(); ++set) {
            std::int64_t left = room;
            std::vector<std::size_t> chosen;
            for (std::size_t index = 0; index < lengths.size(); ++index) {
                if ((set >> index & 1U) != 0) {
                    left -= lengths[index];
                    chosen.push_back(index);
                }
            }
            const bool contains = std::ranges::any_of(
                ways, [&](const std::vector<std::size_t>& way) { return std::ranges::includes(chosen, way); });
            if (left >= 0 && left <= waste)
                REQUIRE(contains);
            if (ways.contains(chosen))
                REQUIRE((left >= 0 && left <= waste));
        }
        const std::vector<std::size_t> some = oneOfEach(found.ways);
        for (const std::vector<std::size_t>& way : found.ways)
            REQUIRE(std::ranges::find_first_of(way, some) != way.end());
        if (found.ways.size() > 1)
            CHECK_FALSE(waysToFill(lengths, room, waste, found.ways.size() - 1).areAll);
    }
}
