#include "scheduler/planner/quota_goals.h"

#include "scheduler/planner/ways_to_fill.h"

#include <algorithm>
#include <numeric>

namespace loa::planner {

namespace {

constexpr std::int64_t leastWasteLooked = 20; // a twentieth of the room
constexpr std::size_t mostWays = 12;          // to fill a session
constexpr std::int64_t looksAStep = 8;

std::int64_t costOf(const ChanceParts& parts, const Demand& demand)
{
    constexpr std::int64_t cellsAStep = 100;
    const std::int64_t plays = std::ssize(parts.items) + std::ssize(parts.weights);
    const std::int64_t most = demand.measure == model::ObligationMeasure::DistinctItems
                                  ? demand.required
                                  : std::max<std::int64_t>(parts.missing, 1);
    return 1 + plays * std::min<std::int64_t>(most, 3600) / cellsAStep;
}

} // namespace

Goals::Goals(const Board& board, const std::vector<int>& active, bool isRuled, std::int64_t work)
    : m_board(board), m_isRuled(isRuled), m_work(work)
{
    classify(active);
}

void Goals::classify(const std::vector<int>& active)
{
    std::vector<Day> edges;
    for (const int index : active) {
        edges.push_back(m_board.demand(index).first);
        edges.push_back(m_board.demand(index).last + 1);
        for (const int item : m_board.matching(index)) {
            edges.push_back(m_board.item(item).firstDay);
            if (m_board.item(item).lastDay != endlessDay)
                edges.push_back(m_board.item(item).lastDay + 1);
        }
    }
    std::ranges::sort(edges);
    for (const BoardSession& session : m_board.sessions())
        m_dayClass.push_back(static_cast<int>(std::ranges::upper_bound(edges, session.day) - edges.begin()));
}

Goal Goals::pin(int session, int item)
{
    Goal goal;
    if (m_board.session(session).contains(item))
        return goal;
    addOptions(goal.candidates, item, session);
    goal.kind = goal.candidates.empty() ? Goal::Kind::Impossible : Goal::Kind::Open;
    return goal;
}

Goal Goals::series(const PlacedItem& placed)
{
    Goal goal;
    const ItemRules* rules = m_board.rulesOf(placed.item);
    if (!rules || rules->series.empty() || m_board.episodeBelowIsBefore(placed.item, placed.session))
        return goal;
    for (const int episode : m_board.episodesBelow(placed.item)) {
        for (int session = 0; session < m_board.sessionCount(); ++session) {
            if (m_board.session(session).session->startsAt < m_board.session(placed.session).session->startsAt)
                addOptions(goal.candidates, episode, session);
        }
    }
    goal.kind = goal.candidates.empty() ? Goal::Kind::Impossible : Goal::Kind::Open;
    return goal;
}

Goal Goals::demand(int index)
{
    Goal goal;
    const Demand& demand = m_board.demand(index);
    if (demand.isHeld())
        return goal;
    const std::int64_t missing = demand.required - demand.counted;
    const auto [begin, end] = m_board.sessionsWithin(demand.first, demand.last);
    const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
    std::int64_t possible = 0; // an upper bound
    std::vector<std::int64_t> most(static_cast<std::size_t>(end - begin), 0);
    std::vector<std::vector<std::int64_t>> lengths(static_cast<std::size_t>(distinct ? 0 : end - begin));
    std::vector<Choices> ofItems; // of distinct items
    std::int64_t room = 0;        // of sessions that may have any of them
    m_seen.assign(static_cast<std::size_t>(m_board.sessionCount()), false);
    for (const int item : m_board.matching(index)) {
        if (!m_board.item(item).plannable || (distinct && m_board.playsWithin(item, demand.first, demand.last)))
            continue;
        std::set<std::tuple<int, std::int64_t, std::int64_t>> kinds;
        const std::size_t before = goal.candidates.size();
        const auto [first, last] = sessionsOf(item, begin, end);
        for (int session = first; session < last && m_work > 0; ++session) {
            const std::size_t had = goal.candidates.size();
            addOptions(goal.candidates, item, session);
            if (goal.candidates.size() == had)
                continue;
            if (!distinct)
                lengths[static_cast<std::size_t>(session - begin)].push_back(m_board.item(item).frames);
            if (!distinct)
                continue;
            if (!m_seen[static_cast<std::size_t>(session)])
                room += m_board.session(session).capacity - m_board.session(session).used;
            m_seen[static_cast<std::size_t>(session)] = true;
            if (alike(kinds, session))
                goal.candidates.resize(had);
        }
        if (distinct && goal.candidates.size() > before)
            ofItems.push_back({goal.candidates.size() - before, m_board.item(item).lastDay, before});
    }
    possible = std::ssize(ofItems);
    if (!distinct)
        possible = mostBySessions(demand, lengths, begin);
    goal.slack = possible - missing;
    goal.kind = goal.slack < 0 || goal.candidates.empty() ? Goal::Kind::Impossible : Goal::Kind::Open;
    if (distinct && goal.kind == Goal::Kind::Open) {
        const std::int64_t waste = room - shortest(goal.candidates, ofItems, missing);
        if (waste < 0) {
            goal.kind = Goal::Kind::Impossible;
        } else if (waste <= room / leastWasteLooked && !m_isRuled) {
            std::vector<int> items;
            for (const Choices& choices : ofItems)
                items.push_back(goal.candidates[choices.from].item);
            keepFewest(goal, ofItems);
            fillTightest(goal, std::move(items), {begin, end}, waste);
        } else {
            keepFewest(goal, ofItems);
        }
    }
    return goal;
}

void Goals::fillTightest(Goal& goal, std::vector<int> items, std::pair<int, int> sessions, std::int64_t waste)
{
    std::ranges::stable_sort(items, std::ranges::greater(), [&](int item) { return m_board.item(item).frames; });
    for (int session = sessions.first; session < sessions.second && m_work > 0; ++session) {
        const BoardSession& where = m_board.session(session);
        const std::int64_t room = where.capacity - where.used;
        if (!where.open || where.parts > 1 || room <= waste)
            continue;
        m_options.clear();
        for (const int item : items) {
            if (m_board.item(item).validOn(where.day))
                addOptions(m_options, item, session);
        }
        if (m_options.empty()) // its room was not counted
            continue;
        m_lengths.clear();
        for (const PlacedItem& option : m_options)
            m_lengths.push_back(m_board.item(option.item).frames);
        const WaysToFill ways = waysToFill(m_lengths, room, waste, std::min(goal.candidates.size(), mostWays));
        m_work -= ways.looks / looksAStep;
        if (!ways.areAll)
            continue;
        if (ways.ways.empty()) {
            goal.kind = Goal::Kind::Impossible;
            return;
        }
        goal.candidates.clear();
        for (const std::size_t option : oneOfEach(ways.ways))
            goal.candidates.push_back(m_options[option]);
        goal.due = where.day;
    }
}

std::int64_t Goals::shortest(const std::vector<PlacedItem>& candidates, const std::vector<Choices>& ofItems,
                             std::int64_t missing)
{
    m_lengths.clear();
    for (const Choices& choices : ofItems)
        m_lengths.push_back(m_board.item(candidates[choices.from].item).frames);
    const auto end = m_lengths.begin() + static_cast<std::ptrdiff_t>(missing);
    std::ranges::nth_element(m_lengths, end - 1);
    return std::accumulate(m_lengths.begin(), end, std::int64_t{0});
}

void Goals::keepFewest(Goal& goal, std::vector<Choices>& ofItems)
{
    std::ranges::sort(ofItems);
    ofItems.resize(static_cast<std::size_t>(goal.slack) + 1);
    std::vector<PlacedItem> kept;
    for (const Choices& choices : ofItems) {
        const auto begin = goal.candidates.begin() + static_cast<std::ptrdiff_t>(choices.from);
        kept.insert(kept.end(), begin, begin + static_cast<std::ptrdiff_t>(choices.count));
        goal.due = std::min(goal.due, choices.due);
    }
    goal.candidates = std::move(kept);
}

Goal Goals::sure(int index)
{
    Goal goal;
    const Demand& demand = m_board.demand(index);
    const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
    const double failure = m_board.failureRate();
    ChanceParts now = chancePartsOf(m_board, index);
    m_work -= costOf(now, demand);
    if (demand.sounded >= demand.required || now.chance(demand, failure) >= sureEnough)
        return goal;
    const auto [begin, end] = m_board.sessionsWithin(demand.first, demand.last);
    std::vector<std::vector<std::int64_t>> lengths(static_cast<std::size_t>(end - begin));
    ChanceParts itemwise; // as if each had all places that it may have
    for (const int item : m_board.matching(index)) {
        const bool sounded = distinct && m_board.soundedWithin(item, demand.first, demand.last);
        const std::size_t before = goal.candidates.size();
        const auto [first, last] = sessionsOf(item, begin, end);
        for (int session = first; session < last && m_work > 0 && m_board.item(item).plannable && !sounded; ++session) {
            const std::size_t had = goal.candidates.size();
            addOptions(goal.candidates, item, session);
            if (goal.candidates.size() > had)
                lengths[static_cast<std::size_t>(session - begin)].push_back(m_board.item(item).frames);
        }
        const auto more = static_cast<int>(goal.candidates.size() - before);
        itemwise.items.push_back({m_board.countWithin(item, demand.first, demand.last) + more, sounded});
    }
    const std::int64_t possible = mostBySessions(demand, lengths, begin);
    if (demand.measure == model::ObligationMeasure::Minutes)
        now.missing -= possible / sampleRate + 1; // at best none of them fails
    for (std::int64_t play = 0; demand.measure != model::ObligationMeasure::Minutes && play < possible; ++play) {
        now.items.push_back({1, false});
        now.weights.push_back(1);
    }
    m_work -= costOf(now, demand) + costOf(itemwise, demand);
    const bool mayBe =
        now.chance(demand, failure) >= sureEnough && (!distinct || itemwise.chance(demand, failure) >= sureEnough);
    goal.slack = std::ssize(goal.candidates);
    goal.kind = !mayBe || goal.candidates.empty() ? Goal::Kind::Impossible : Goal::Kind::Open;
    return goal;
}

std::int64_t Goals::mostBySessions(const Demand& demand, std::vector<std::vector<std::int64_t>>& lengths,
                                   int begin) const
{
    std::int64_t possible = 0;
    for (std::size_t at = 0; at < lengths.size(); ++at) {
        const BoardSession& where = m_board.session(begin + static_cast<int>(at));
        std::int64_t room = where.capacity - where.used;
        std::ranges::sort(lengths[at]);
        if (demand.measure == model::ObligationMeasure::Minutes) {
            std::int64_t all = 0;
            for (const std::int64_t length : lengths[at])
                all += length;
            possible += std::min(all, room);
            continue;
        }
        for (const std::int64_t length : lengths[at]) {
            room -= length;
            if (room < 0)
                break;
            ++possible;
        }
    }
    return possible;
}

void Goals::addOptions(std::vector<PlacedItem>& into, int item, int session)
{
    --m_work;
    const BoardSession& where = m_board.session(session);
    if (!where.open || where.contains(item) || isBanned(item, session) || !m_board.validAt(item, session) ||
        m_board.isAway(item, session) || m_board.item(item).frames > where.mostFree)
        return;
    const ItemRules* rules = m_board.rulesOf(item);
    if (rules && rules->paired && rules->pairWith == noItem)
        return;
    const bool needsLeader = rules && rules->paired && !where.contains(rules->pairWith);
    if (m_board.hindrance(item, session, needsLeader ? Board::PairRule::PassOver : Board::PairRule::Judge, false))
        return;
    for (int part = 0; part < where.parts; ++part) {
        const bool withLeader = !rules || !rules->paired || needsLeader || where.partOf(rules->pairWith) == part;
        if (withLeader && m_board.fitsPart(item, session, part))
            into.push_back({item, session, part});
    }
}

bool Goals::alike(std::set<std::tuple<int, std::int64_t, std::int64_t>>& kinds, int session) const
{
    const BoardSession& where = m_board.session(session);
    if (m_isRuled || where.parts > 1 || !m_board.part(session, 0).any || !where.items.empty() ||
        m_bannedSessions.contains(session))
        return false;
    return !kinds.emplace(m_dayClass[static_cast<std::size_t>(session)], where.mostFree, where.capacity).second;
}

std::pair<int, int> Goals::sessionsOf(int item, int begin, int end) const
{
    const auto [first, last] = m_board.sessionsWithin(m_board.item(item).firstDay, m_board.item(item).lastDay);
    return {std::max(first, begin), std::min(last, end)};
}

} // namespace loa::planner
