// Months that are known to be possible, too large for the oracle.
#include "tests/scheduler/planner/planted_month.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

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
    for (unsigned seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        requireAllHeld(plantedMonth(seed));
    }
}

// More than the exact search can look through: each item may go to some days before and after its own.
TEST_CASE("Promise 5: a month of sessions that are 95 % full of what must sound is found", "[promise-5][planted]")
{
    for (const int window : {1, 2, 3}) {
        for (unsigned seed = 1; seed <= 8; ++seed) {
            INFO("seed " << seed << ", up to " << window << " days before and after");
            requireAllHeld(plantedMonth(seed, window, 5));
        }
    }
}
