#include "scheduler/planner/plan.h"

#include "scheduler/planner/board.h"
#include "scheduler/planner/filling.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"
#include "scheduler/planner/reasons.h"
#include "scheduler/planner/reruns.h"

namespace loa::planner {

namespace {

// Rearranges only when that holds more than adding to what stands.
void rearrange(Board& board, const std::vector<Demand>& demands)
{
    const int held = heldDemands(board, demands);
    if (held == static_cast<int>(demands.size()))
        return;
    const Arrangement best = arrange(board, demands);
    if (best.held <= held)
        return;
    board.clearOpen();
    for (const auto& [item, session] : best.places)
        board.place(item, session);
    board.keepExisting();
    meetDemands(board, demands);
}

} // namespace

Plan plan(const PlanInput& input)
{
    Board board(input);
    const std::vector<Demand> demands = demandsOf(board);
    board.keepExisting();
    meetDemands(board, demands);
    rearrange(board, demands);
    // Until nothing moves: then the same input with this plan as `existing` moves nothing either. It ends, since every
    // step gives an item its first play, or adds a play, or evens out the numbers of plays, and none undoes what stands
    // before it in this list.
    bool moved = true;
    while (moved) {
        moved = meetDemands(board, demands);
        moved = admitNewcomers(board, demands, Newcomers::Urgent) || moved;
        moved = addReserve(board, demands) || moved;
        moved = fillSessions(board) || moved;
        moved = admitNewcomers(board, demands, Newcomers::Normal) || moved;
        moved = refreshReruns(board, demands) || moved;
        moved = addReruns(board) || moved;
    }
    return {.station = input.station,
            .placements = placementsOf(board, demands),
            .shortfalls = shortfallsOf(board, demands),
            .forecasts = {},
            .exact = true};
}

struct ItemPool::Tables {
    std::vector<PlannableItem> items;
};

ItemPool::ItemPool(std::vector<PlannableItem> items) : m_tables(new Tables{std::move(items)}) {}
ItemPool::~ItemPool() = default;
ItemPool::ItemPool(ItemPool&&) noexcept = default;
ItemPool& ItemPool::operator=(ItemPool&&) noexcept = default;

const std::vector<PlannableItem>& ItemPool::items() const
{
    return m_tables->items;
}

Plan plan(const PlanInput& input, const ItemPool& pool)
{
    PlanInput own = input;
    own.items = pool.items();
    return plan(own);
}

} // namespace loa::planner
