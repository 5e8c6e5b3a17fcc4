#include "scheduler/planner/reserve.h"

#include "scheduler/planner/chance.h"
#include "scheduler/planner/giving_way.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr double leastGain = 1e-9;
constexpr std::size_t mostTried = 64; // items
constexpr int mostAdded = 200;        // plays at once for one demand

bool isDistinct(const Demand& demand)
{
    return demand.measure == model::ObligationMeasure::DistinctItems;
}

// Items of which one more play would make the demand surer.
bool mayHelp(const Board& board, const Demand& demand, int item)
{
    const ItemFacts& what = board.item(item);
    return what.plannable && what.firstDay <= demand.last && what.lastDay >= demand.first &&
           !(isDistinct(demand) && board.soundedWithin(item, demand.first, demand.last));
}

// The chance with one more play of an item. Of distinct items those that play as often are alike.
class MoreChances {
public:
    MoreChances(const Board& board, int index) : m_board(board), m_index(index), m_demand(board.demand(index)) {}

    [[nodiscard]] double with(int item)
    {
        if (m_demand.measure == model::ObligationMeasure::Minutes)
            return chanceOf(m_board, m_index, {.more = item});
        const auto plays = static_cast<std::size_t>(
            isDistinct(m_demand) ? m_board.countWithin(item, m_demand.first, m_demand.last) : 0);
        if (plays >= m_byPlays.size())
            m_byPlays.resize(plays + 1, -1.0);
        if (m_byPlays[plays] < 0.0)
            m_byPlays[plays] = chanceOf(m_board, m_index, {.more = item});
        return m_byPlays[plays];
    }

private:
    const Board& m_board;
    int m_index;
    const Demand& m_demand;
    std::vector<double> m_byPlays; // below 0: not known
};

// An item of which the demand gains most in chance by one more play, and where there is room for it.
std::pair<int, int> bestReserve(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    MoreChances chances(board, index);
    std::pair best(noItem, -1);
    double bestChance = chanceOf(board, index);
    for (const int item : board.matching(index)) {
        if (!mayHelp(board, demand, item))
            continue;
        const double chance = chances.with(item);
        if (chance <= bestChance + leastGain)
            continue;
        int session = earliestFor(board, demand, item, &Board::welcome);
        if (session < 0)
            session = earliestFor(board, demand, item, &Board::fits);
        if (session < 0)
            continue;
        best = {item, session};
        bestChance = chance;
        // One play is like another where airings or minutes are counted.
        if (!isDistinct(demand))
            break;
    }
    return best;
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

// Whether the demand could be sure enough if its items had all open sessions of its period to themselves. What it says
// no to cannot be; the rest may.
bool mayBeSure(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    const double failure = board.failureRate();
    ChanceParts most = chancePartsOf(board, index, {.closedAlone = true});
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    std::int64_t shortest = 0;
    ChanceParts itemwise = most;
    for (const int item : board.matching(index)) {
        if (!mayHelp(board, demand, item))
            continue;
        const std::int64_t frames = board.item(item).frames;
        shortest = shortest == 0 ? frames : std::min(shortest, frames);
        if (isDistinct(demand)) {
            const auto days = board.sessionsWithin(board.item(item).firstDay, board.item(item).lastDay);
            itemwise.items.push_back({std::max(std::min(days.second, end) - std::max(days.first, begin), 0), false});
        }
    }
    std::int64_t plays = 0; // or seconds
    for (int session = begin; session < end; ++session) {
        const BoardSession& where = board.session(session);
        if (where.open && shortest > 0)
            plays += demand.measure == model::ObligationMeasure::Minutes ? where.capacity / sampleRate
                                                                         : where.capacity / shortest;
    }
    if (demand.measure == model::ObligationMeasure::Minutes) {
        most.missing -= plays; // at best none of them fails
        return most.chance(demand, failure) >= sureEnough;
    }
    constexpr std::int64_t plenty = 500;
    for (std::int64_t play = 0; play < std::min(plays, plenty); ++play) {
        most.items.push_back({1, false});
        most.weights.push_back(1);
    }
    return (plays > plenty || most.chance(demand, failure) >= sureEnough) &&
           (!isDistinct(demand) || itemwise.chance(demand, failure) >= sureEnough);
}

// One more play in place of others, of the item of which the demand gains most, in the earliest session in which that
// can be; one in which it has rested before others.
bool placeReserve(Board& board, int index, GivesWay who)
{
    const Demand& demand = board.demand(index);
    const double now = chanceOf(board, index);
    MoreChances chances(board, index);
    std::vector<std::pair<double, int>> items; // by gain
    for (const int item : board.matching(index)) {
        const double gain = mayHelp(board, demand, item) ? chances.with(item) - now : 0.0;
        if (gain > leastGain)
            items.emplace_back(-gain, item);
    }
    std::ranges::stable_sort(items, {}, &std::pair<double, int>::first);
    items.resize(std::min(items.size(), mostTried));
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    std::vector<std::int64_t> room;
    for (int session = begin; session < end; ++session)
        room.push_back(roomByGivingWay(board, 0, session, who));
    for (const auto& [gain, item] : items) {
        for (const bool rested : {true, false}) {
            for (int session = begin; session < end; ++session) {
                if (board.item(item).frames <= room[static_cast<std::size_t>(session - begin)] &&
                    board.hasRested(item, board.session(session).day) == rested && mayTryIn(board, item, session) &&
                    placeInsteadOfOthers(board, item, session, who))
                    return true;
            }
        }
    }
    return false;
}

bool addReserveFor(Board& board, int index)
{
    int added = 0;
    const auto isWanting = [&] { return added < mostAdded && !isSure(board, index); };
    for (; isWanting(); ++added) {
        const auto [item, session] = bestReserve(board, index);
        if (item == noItem)
            break;
        board.place(item, session);
    }
    if (!isWanting())
        return added > 0;
    // The least of a template's part goes before plays do.
    const bool leaving = board.leaveLeast(false);
    while (isWanting() && placeReserve(board, index, GivesWay::ToReserve))
        ++added;
    if (isWanting() && mayBeSure(board, index)) {
        while (isWanting() && placeReserve(board, index, GivesWay::ToReserveAllPlays))
            ++added;
    }
    board.leaveLeast(leaving);
    return added > 0;
}

} // namespace

bool addReserve(Board& board)
{
    bool placed = false;
    for (int index = 0; index < board.demandCount(); ++index) {
        if (isDistinct(board.demand(index)))
            placed = addSecondPlays(board, board.demand(index), board.matching(index)) || placed;
        if (board.failureRate() > 0.0 && board.demand(index).isHeld())
            placed = addReserveFor(board, index) || placed;
    }
    return placed;
}

void secure(Board& board)
{
    addReserve(board);
    if (board.failureRate() <= 0.0)
        return;
    std::int64_t work = maxWorkForReserve;
    for (int wanted = 0; wanted < board.demandCount() && work > 0; ++wanted) {
        if (!board.demand(wanted).isHeld() || isSure(board, wanted) || !mayBeSure(board, wanted))
            continue;
        std::vector<int> held;
        std::vector<int> sure{wanted};
        for (int index = 0; index < board.demandCount(); ++index) {
            if (!board.demand(index).isHeld())
                continue;
            held.push_back(index);
            if (index != wanted && isSure(board, index))
                sure.push_back(index);
        }
        const auto arrangement = arrangeSure(board, held, sure, work);
        if (!arrangement)
            continue;
        const std::vector<PlacedItem> before = placesOf(board);
        putInstead(board, *arrangement);
        for (const PlacedItem& place : before) {
            if (board.fits(place.item, place.session))
                board.place(place.item, place.session, board.partAsBefore(place.item, place.session));
        }
        board.keepExisting();
        addReserve(board);
    }
}

bool demandsNeed(const Board& board, int item, int session, Hopeless hopeless)
{
    const Day day = board.session(session).day;
    const double failure = board.failureRate();
    for (int index = 0; index < board.demandCount(); ++index) {
        const Demand& demand = board.demand(index);
        if (!demand.holds(day) || !board.matches(index, item))
            continue;
        if (isDistinct(demand) && board.soundedWithin(item, demand.first, demand.last))
            continue;
        const bool repeats = isDistinct(demand) && board.countWithin(item, demand.first, demand.last) > 1;
        if (repeats && (failure <= 0.0 || !demand.isHeld()))
            continue;
        const std::int64_t loss = repeats                                               ? 0
                                  : demand.measure == model::ObligationMeasure::Minutes ? board.item(item).frames
                                                                                        : 1;
        if (demand.counted - loss < demand.required)
            return true;
        if (failure <= 0.0 || isAmplySure(demand, loss, failure))
            continue;
        const double with = chanceOf(board, index);
        const double without = chanceOf(board, index, {.less = item, .lessFrom = session});
        if (without < std::min(with, sureEnough) &&
            (with >= sureEnough || hopeless == Hopeless::Count || mayBeSure(board, index)))
            return true;
    }
    return false;
}

} // namespace loa::planner
