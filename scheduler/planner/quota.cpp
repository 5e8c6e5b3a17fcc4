#include "scheduler/planner/quota.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace loa::planner {

int earliestFor(const Board& board, const Demand& demand, int item, Takes takes)
{
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    const std::int64_t frames = board.item(item).frames;
    for (int session = begin; session < end; ++session) {
        if (frames <= board.session(session).mostFree && (board.*takes)(item, session))
            return session;
    }
    return -1;
}

namespace {

// Places one more item for the demand; false when nothing fits. Preferred is
// what is urgent, serves other unmet demands too, has been planned least in
// this period, is of the content group heard least, ends soonest and was
// approved first.
bool meetOne(Board& board, int index, Takes takes)
{
    const Demand& demand = board.demand(index);
    const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
    const std::uint64_t unmet = board.unmetMask();
    std::vector<int> inGroup(static_cast<std::size_t>(board.groupCount()), 0);
    for (const int item : board.matching(index)) {
        if (board.playCount(item) > 0 && board.playsWithin(item, demand.first, demand.last))
            ++inGroup[static_cast<std::size_t>(board.item(item).mainGroup)];
    }
    const auto rankOf = [&](int item) {
        const ItemFacts& what = board.item(item);
        const int plays = board.playCount(item) > 0 ? board.countWithin(item, demand.first, demand.last) : 0;
        return std::make_tuple(-what.urgency, -std::popcount(board.matchMask(item) & unmet), distinct ? 0 : plays,
                               inGroup[static_cast<std::size_t>(what.mainGroup)], what.lastDay,
                               what.plannable->approvedAt, item);
    };
    int best = noItem;
    int bestSession = -1;
    decltype(rankOf(0)) bestRank;
    for (const int item : board.matching(index)) {
        const ItemFacts& what = board.item(item);
        if (!what.plannable || what.firstDay > demand.last || what.lastDay < demand.first ||
            (distinct && board.playCount(item) > 0 && board.playsWithin(item, demand.first, demand.last)))
            continue;
        const auto rank = rankOf(item);
        if (best != noItem && rank >= bestRank)
            continue;
        const int session = earliestFor(board, demand, item, takes);
        if (session < 0)
            continue;
        best = item;
        bestSession = session;
        bestRank = rank;
    }
    if (best == noItem)
        return false;
    board.place(best, bestSession);
    return true;
}

} // namespace

bool meetDemands(Board& board)
{
    bool placed = false;
    const bool leaving = board.leaveLeast(true);
    for (int index = 0; index < board.demandCount(); ++index) {
        const bool distinct = board.demand(index).measure == model::ObligationMeasure::DistinctItems;
        while (!board.demand(index).isHeld()) {
            bool more = (!distinct && meetOne(board, index, &Board::welcome)) || meetOne(board, index, &Board::fits);
            if (!more && board.keepsLeast()) {
                board.leaveLeast(false);
                more = meetOne(board, index, &Board::fits);
                board.leaveLeast(true);
            }
            if (!more)
                break;
            placed = true;
        }
    }
    board.leaveLeast(leaving);
    return placed;
}

} // namespace loa::planner
