#include "scheduler/planner/quota.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

bool sharesGroup(const BoardItem& item, const std::vector<int>& groups)
{
    return std::ranges::any_of(item.groups,
                               [&](int group) { return std::ranges::find(groups, group) != groups.end(); });
}

Demand demandFor(const Board& board, int index, const PeriodDates& period)
{
    const PlanInput& input = board.input();
    const model::Obligation& obligation = input.obligations[static_cast<std::size_t>(index)];
    Demand demand{.obligation = index,
                  .period = period,
                  .first = period.first.toJulianDay(),
                  .last = period.last.toJulianDay(),
                  .required = obligation.required,
                  .known = period.last <= input.until,
                  .matching = {},
                  .sounded = 0};
    const std::vector<int> groups = board.groupsOf(obligation.topicGroups);
    for (int item = 0; item < static_cast<int>(board.items().size()); ++item) {
        if (!sharesGroup(board.item(item), groups))
            continue;
        demand.matching.push_back(item);
        if (board.soundedWithin(item, demand.first, demand.last))
            ++demand.sounded;
    }
    return demand;
}

// The earliest session within the demand's period that takes the item; -1: none.
int earliestFor(const Board& board, const Demand& demand, int item, bool (Board::*takes)(int, int) const)
{
    const auto sessions = board.sessions();
    const auto begin = std::ranges::lower_bound(sessions, demand.first, {}, &BoardSession::day);
    for (auto session = begin; session != sessions.end() && session->day <= demand.last; ++session) {
        const int index = static_cast<int>(session - sessions.begin());
        if ((board.*takes)(item, index))
            return index;
    }
    return -1;
}

// How much other unmet demands would gain, and which of the plan's content groups have had their turn.
struct Appeal {
    int urgency;
    int serves;
    int groupPlays;
    Day lastDay;
    UtcTime approvedAt;
};

Appeal appealOf(const Board& board, const std::vector<const Demand*>& unmet, const std::vector<int>& inGroup, int item)
{
    const BoardItem& what = board.item(item);
    int serves = 0;
    for (const Demand* demand : unmet) {
        if (std::ranges::binary_search(demand->matching, item) && !board.playsWithin(item, demand->first, demand->last))
            ++serves;
    }
    return {what.urgency, serves, inGroup[static_cast<std::size_t>(what.mainGroup)], what.lastDay,
            what.plannable->approvedAt};
}

bool preferred(const Board& board, const Appeal& a, int itemA, const Appeal& b, int itemB)
{
    return std::tie(b.urgency, b.serves, a.groupPlays, a.lastDay, b.approvedAt, board.item(itemA).id) <
           std::tie(a.urgency, a.serves, b.groupPlays, b.lastDay, a.approvedAt, board.item(itemB).id);
}

// Places one more item for the demand; false when nothing fits.
bool meetOne(Board& board, const std::vector<const Demand*>& unmet, const Demand& demand)
{
    std::vector<int> inGroup;
    for (int group = 0; group < board.groupCount(); ++group)
        inGroup.push_back(0);
    for (const int item : demand.matching) {
        if (board.playsWithin(item, demand.first, demand.last))
            ++inGroup[static_cast<std::size_t>(board.item(item).mainGroup)];
    }
    int best = -1;
    int bestSession = -1;
    Appeal bestAppeal{};
    for (const int item : demand.matching) {
        if (!board.item(item).plannable || board.playsWithin(item, demand.first, demand.last))
            continue;
        const Appeal appeal = appealOf(board, unmet, inGroup, item);
        if (best >= 0 && !preferred(board, appeal, item, bestAppeal, best))
            continue;
        const int session = earliestFor(board, demand, item, &Board::fits);
        if (session < 0)
            continue;
        best = item;
        bestSession = session;
        bestAppeal = appeal;
    }
    if (best < 0)
        return false;
    board.place(best, bestSession);
    return true;
}

} // namespace

std::vector<Demand> demandsOf(const Board& board)
{
    const PlanInput& input = board.input();
    std::vector<Demand> demands;
    for (std::size_t i = 0; i < input.obligations.size(); ++i) {
        const model::Obligation& obligation = input.obligations[i];
        if (obligation.evidence != model::ObligationEvidence::Airings || obligation.required <= 0)
            continue;
        for (const PeriodDates& period : model::periodsOwed(obligation, input.from, input.until))
            demands.push_back(demandFor(board, static_cast<int>(i), period));
    }
    std::ranges::stable_sort(demands, {}, [&](const Demand& demand) {
        return std::make_pair(demand.last, input.obligations[static_cast<std::size_t>(demand.obligation)].id);
    });
    return demands;
}

int countedFor(const Board& board, const Demand& demand)
{
    return static_cast<int>(std::ranges::count_if(
        demand.matching, [&](int item) { return board.playsWithin(item, demand.first, demand.last); }));
}

bool isHeld(const Board& board, const Demand& demand)
{
    return countedFor(board, demand) >= demand.required;
}

int heldDemands(const Board& board, const std::vector<Demand>& demands)
{
    return static_cast<int>(
        std::ranges::count_if(demands, [&](const Demand& demand) { return isHeld(board, demand); }));
}

bool meetDemands(Board& board, const std::vector<Demand>& demands)
{
    bool placed = false;
    for (const Demand& demand : demands) {
        while (!isHeld(board, demand)) {
            std::vector<const Demand*> unmet;
            for (const Demand& other : demands) {
                if (!isHeld(board, other))
                    unmet.push_back(&other);
            }
            if (!meetOne(board, unmet, demand))
                break;
            placed = true;
        }
    }
    return placed;
}

bool addReserve(Board& board, const std::vector<Demand>& demands)
{
    bool placed = false;
    for (const Demand& demand : demands) {
        int safe = 0;
        std::vector<std::pair<Day, int>> once; // by day of the only play
        for (const int item : demand.matching) {
            const int plays = board.countWithin(item, demand.first, demand.last);
            if (plays >= 2 || board.soundedWithin(item, demand.first, demand.last))
                ++safe;
            else if (plays == 1)
                once.emplace_back(
                    std::ranges::find_if(board.plays(item), [&](const Play& play) { return play.day >= demand.first; })
                        ->day,
                    item);
        }
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
    }
    return placed;
}

bool demandsNeed(const Board& board, const std::vector<Demand>& demands, int item, int session)
{
    const Day day = board.session(session).day;
    return std::ranges::any_of(demands, [&](const Demand& demand) {
        return demand.first <= day && day <= demand.last && std::ranges::binary_search(demand.matching, item) &&
               board.countWithin(item, demand.first, demand.last) == 1 && countedFor(board, demand) <= demand.required;
    });
}

} // namespace loa::planner
