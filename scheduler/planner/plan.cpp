#include "scheduler/planner/plan.h"

#include "scheduler/planner/filling.h"
#include "scheduler/planner/pins.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/rearrangement.h"
#include "scheduler/planner/reasons.h"
#include "scheduler/planner/reruns.h"
#include "scheduler/planner/reserve.h"

namespace loa::planner {

namespace {

struct Step {
    bool (*take)(Board&); // whether something moved
    bool settles;         // taken twice with nothing in between it moves nothing the second time
};
constexpr Step steps[] = {
    {[](Board& board) { return meetDemands(board); }, false},
    {[](Board& board) { return addReserve(board); }, false},
    {[](Board& board) { return admitNewcomers(board, Newcomers::Urgent); }, false},
    {[](Board& board) { return fillSessions(board); }, true},
    {[](Board& board) { return admitNewcomers(board, Newcomers::Normal); }, false},
    {[](Board& board) { return refreshReruns(board); }, false},
    {[](Board& board) { return addReruns(board); }, false},
};

Plan planWith(const PlanInput& input, const ItemPool::Tables& tables)
{
    constexpr std::size_t roomForAMonth = 64 * 1024;
    std::pmr::monotonic_buffer_resource memory(roomForAMonth);
    Board board(input, tables, &memory);
    pinKeeps(board);
    board.keepExisting();
    meetDemands(board);
    const bool exact = rearrange(board);
    const std::vector<RemedySet> remedies = findRemedies(board);
    board.leaveLeast(true);
    secure(board);
    // Until nothing moves: then the same input with this plan as `existing` moves
    // nothing either. It ends, since every step makes a demand surer, or gives an
    // item its first play, or adds a play, or evens out the numbers of plays, and
    // none undoes what stands before it in this list.
    constexpr std::size_t mostSteps = 7'000; // a bound for what is hostile; it takes a dozen or two
    std::size_t still = 0;                   // steps since something moved
    for (std::size_t number = 0; number < mostSteps && still < std::size(steps); ++number) {
        const Step& step = steps[number % std::size(steps)];
        // What it did itself it has done to the end.
        if (still == std::size(steps) - 1 && step.settles)
            break;
        still = step.take(board) ? 0 : still + 1;
    }
    Plan made;
    made.station = input.station;
    made.placements = placementsOf(board);
    made.shortfalls = shortfallsOf(board, remedies, exact);
    made.forecasts = forecastsOf(board, remedies, exact);
    made.exact = exact;
    return made;
}

} // namespace

Plan plan(const PlanInput& input)
{
    return planWith(input, ItemPool::Tables(input.items));
}

Plan plan(const PlanInput& input, const ItemPool& pool)
{
    return planWith(input, pool.tables());
}

} // namespace loa::planner
