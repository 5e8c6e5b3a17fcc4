#include "scheduler/planner/plan.h"

#include "scheduler/planner/filling.h"
#include "scheduler/planner/pins.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"
#include "scheduler/planner/reasons.h"
#include "scheduler/planner/reruns.h"

namespace loa::planner {

namespace {

// Rearranges only when that holds more than adding to what stands. False: a
// bound was met, so more might be possible.
bool rearrange(Board& board)
{
    const int held = board.heldDemands();
    if (held == board.demandCount())
        return true;
    const Arrangement best = arrange(board);
    if (best.held <= held)
        return best.exact;
    board.clearOpen();
    for (const PlacedItem& place : best.places)
        board.place(place.item, place.session, place.part);
    board.keepExisting();
    meetDemands(board);
    return best.exact || board.heldDemands() == board.demandCount();
}

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
    // Until nothing moves: then the same input with this plan as `existing` moves
    // nothing either. It ends, since every step gives an item its first play, or
    // adds a play, or evens out the numbers of plays, and none undoes what stands
    // before it in this list.
    constexpr int mostRounds = 1000; // a bound for what is hostile; it takes two or three
    board.leaveLeast(true);
    bool moved = true;
    for (int round = 0; moved && round < mostRounds; ++round) {
        moved = meetDemands(board);
        moved = admitNewcomers(board, Newcomers::Urgent) || moved;
        moved = addReserve(board) || moved;
        moved = fillSessions(board) || moved;
        moved = admitNewcomers(board, Newcomers::Normal) || moved;
        moved = refreshReruns(board) || moved;
        moved = addReruns(board) || moved;
    }
    Plan made;
    made.station = input.station;
    made.placements = placementsOf(board);
    made.shortfalls = shortfallsOf(board, remedies);
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
