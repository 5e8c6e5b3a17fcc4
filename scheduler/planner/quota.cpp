#include "scheduler/planner/quota.h"

#include "scheduler/planner/chance.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace loa::planner {

namespace {

using Takes = bool (Board::*)(int, int) const;

// The earliest session within the demand's period that takes the item; -1:
// none.
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

// An item of which the demand gains most in chance by one more play, and where.
std::pair<int, int> bestReserve(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    // One play is like another where airings or minutes are counted.
    const int mostTried = demand.measure == model::ObligationMeasure::DistinctItems ? 64 : 1;
    int tried = 0;
    int best = noItem;
    int bestSession = -1;
    double bestChance = chanceOf(board, index);
    for (const int item : board.matching(index)) {
        if (tried >= mostTried)
            break;
        if (!board.item(item).plannable || (demand.measure == model::ObligationMeasure::DistinctItems &&
                                            board.soundedWithin(item, demand.first, demand.last)))
            continue;
        int session = earliestFor(board, demand, item, &Board::welcome);
        if (session < 0)
            session = earliestFor(board, demand, item, &Board::fits);
        if (session < 0)
            continue;
        ++tried;
        const double chance = chanceOf(board, index, item);
        if (chance > bestChance + 1e-9) {
            best = item;
            bestSession = session;
            bestChance = chance;
        }
    }
    return {best, bestSession};
}

bool addSecondPlays(Board& board, const Demand& demand, const std::vector<int>& matching)
{
    bool placed = false;
    int safe = 0;
    std::vector<std::pair<Day, int>> once; // by day of the only play
    for (const int item : matching) {
        if (board.playCount(item) == 0)
            continue;
        const int plays = board.countWithin(item, demand.first, demand.last);
        if (plays >= 2 || board.soundedWithin(item, demand.first, demand.last))
            ++safe;
        else if (plays == 1)
            once.emplace_back(
                std::ranges::find_if(board.plays(item), [&](const Play& play) { return play.day >= demand.first; })
                    ->day,
                item);
    }
    if (safe >= demand.required)
        return false;
    std::ranges::sort(once);
    for (const auto& [day, item] : once) {
        if (safe >= demand.required)
            break;
        const int session = earliestFor(board, demand, item, &Board::welcome);
        if (session < 0)
            continue;
        board.place(item, session);
        placed = true;
        ++safe;
    }
    return placed;
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

bool addReserve(Board& board)
{
    bool placed = false;
    for (int index = 0; index < board.demandCount(); ++index) {
        if (board.demand(index).measure == model::ObligationMeasure::DistinctItems)
            placed = addSecondPlays(board, board.demand(index), board.matching(index)) || placed;
        if (board.input().failureRate <= 0.0 || !board.demand(index).isHeld())
            continue;
        constexpr int mostAdded = 200;
        for (int added = 0; added < mostAdded && chanceOf(board, index) < sureEnough; ++added) {
            const auto [item, session] = bestReserve(board, index);
            if (item == noItem)
                break;
            board.place(item, session);
            placed = true;
        }
    }
    return placed;
}

bool demandsNeed(const Board& board, int item, int session)
{
    const Day day = board.session(session).day;
    for (int index = 0; index < board.demandCount(); ++index) {
        const Demand& demand = board.demand(index);
        if (!demand.holds(day) || !board.matches(index, item))
            continue;
        const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
        if (distinct && board.countWithin(item, demand.first, demand.last) > 1 && board.input().failureRate <= 0.0)
            continue;
        const std::int64_t loss = distinct ? (board.countWithin(item, demand.first, demand.last) == 1 ? 1 : 0)
                                  : demand.measure == model::ObligationMeasure::Airings ? 1
                                                                                        : board.item(item).frames;
        if (demand.counted - loss < demand.required)
            return true;
        // With failures to expect, twice what is owed is a margin that one play
        // does not decide.
        if (board.input().failureRate > 0.0 && demand.counted < 2 * demand.required)
            return true;
    }
    return false;
}

} // namespace loa::planner
