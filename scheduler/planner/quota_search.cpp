#include "scheduler/planner/quota_search.h"

#include "scheduler/planner/chance.h"
#include "scheduler/planner/ways_to_fill.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace loa::planner {

namespace {

enum class Found { Yes, No, WorkSpent };

constexpr std::int64_t leastWasteLooked = 20; // a twentieth of the room
constexpr std::size_t mostWays = 12;          // to fill a session
constexpr std::int64_t looksAStep = 8;

struct Goal {
    enum class Kind { Met, Impossible, Open } kind = Kind::Met;
    std::vector<PlacedItem> candidates;
    std::int64_t slack = 0;
    Day due = endlessDay; // of the first candidate that goes

    // What decides most is decided first. Of what decides alike the earliest: it is settled before the next day is
    // begun, so that a day that cannot be is found out there.
    [[nodiscard]] auto order() const { return std::tuple(slack, candidates.size(), due); }
};

class Search {
public:
    Search(Board& board, std::vector<int> active, const std::vector<std::pair<int, int>>& pins, std::int64_t work,
           std::vector<int> sure = {})
        : m_board(board), m_active(std::move(active)), m_sure(std::move(sure)), m_pins(pins), m_work(work)
    {
        for (int item = 0; item < board.itemCount() && !m_ruled; ++item)
            m_ruled = board.rulesOf(item) != nullptr;
        m_ruled = m_ruled || !pins.empty() || !m_sure.empty() || !board.input().edits.empty();
        classify();
    }

    Found run()
    {
        const bool found = descend();
        return found ? Found::Yes : (m_work <= 0 ? Found::WorkSpent : Found::No);
    }
    [[nodiscard]] std::vector<PlacedItem> places() const { return m_places; }
    [[nodiscard]] std::int64_t workLeft() const { return m_work; }

private:
    // Sessions of one class have the same parts, lie in the same periods and see
    // the same items valid.
    void classify()
    {
        std::vector<Day> edges;
        for (const int index : m_active) {
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

    bool isBanned(int item, int session) const { return m_banned.contains({item, session}); }

    // Sessions alike are tried once: those of one class, with one part that takes anything, the same
    // free room, and none of the items in question. What stands in them is equal
    // in room, so swapping the rest of both changes nothing.
    bool alike(std::set<std::tuple<int, std::int64_t, std::int64_t>>& kinds, int session) const
    {
        const BoardSession& where = m_board.session(session);
        if (m_ruled || where.parts > 1 || !m_board.part(session, 0).any || !where.items.empty() ||
            m_bannedSessions.contains(session))
            return false;
        return !kinds.emplace(m_dayClass[static_cast<std::size_t>(session)], where.mostFree, where.capacity).second;
    }

    // Each part in which the item may be put in the session, the leaders that it
    // is paired with put there too.
    void addOptions(std::vector<PlacedItem>& into, int item, int session)
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

    // Places it with its leaders; returns how many were placed, 0: it cannot be.
    int put(const PlacedItem& choice)
    {
        const ItemRules* rules = m_board.rulesOf(choice.item);
        int placed = 0;
        if (rules && rules->paired && !m_board.session(choice.session).contains(rules->pairWith)) {
            const PlacedItem leader{rules->pairWith, choice.session, choice.part};
            const bool may = m_board.validAt(leader.item, leader.session) && !isBanned(leader.item, leader.session) &&
                             !m_board.isAway(leader.item, leader.session) &&
                             !m_board.hindrance(leader.item, leader.session, Board::PairRule::PassOver, false) &&
                             m_board.fitsPart(leader.item, leader.session, leader.part);
            placed = may ? put(leader) : 0;
            if (placed == 0)
                return 0;
        }
        const auto hindered = m_board.hindrance(choice.item, choice.session, Board::PairRule::Judge, false);
        if (hindered || !m_board.fitsPart(choice.item, choice.session, choice.part)) {
            takeBack(placed);
            return 0;
        }
        m_board.place(choice.item, choice.session, choice.part);
        m_places.push_back(choice);
        return placed + 1;
    }

    void takeBack(int count)
    {
        for (; count > 0; --count) {
            m_board.remove(m_places.back().item, m_places.back().session);
            m_places.pop_back();
        }
    }

    Goal pinGoal(int session, int item)
    {
        Goal goal;
        if (m_board.session(session).contains(item))
            return goal;
        addOptions(goal.candidates, item, session);
        goal.kind = goal.candidates.empty() ? Goal::Kind::Impossible : Goal::Kind::Open;
        return goal;
    }

    Goal seriesGoal(const PlacedItem& placed)
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

    Goal demandGoal(int index)
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
            } else if (waste <= room / leastWasteLooked && !m_ruled) {
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

    // Where one item may be placed: `count` candidates, from `from` on.
    struct Choices {
        std::size_t count = 0;
        Day due = endlessDay;
        std::size_t from = 0;
        auto operator<=>(const Choices&) const = default;
    };

    // Where next to nothing of the room may stay empty, each session has to be filled up to `waste`. The one with the
    // fewest ways is decided if those are fewer than what the goal offers.
    void fillTightest(Goal& goal, std::vector<int> items, std::pair<int, int> sessions, std::int64_t waste)
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

    // Frames of the shortest `missing` of the items.
    std::int64_t shortest(const std::vector<PlacedItem>& candidates, const std::vector<Choices>& ofItems,
                          std::int64_t missing)
    {
        m_lengths.clear();
        for (const Choices& choices : ofItems)
            m_lengths.push_back(m_board.item(candidates[choices.from].item).frames);
        const auto end = m_lengths.begin() + static_cast<std::ptrdiff_t>(missing);
        std::ranges::nth_element(m_lengths, end - 1);
        return std::accumulate(m_lengths.begin(), end, std::int64_t{0});
    }

    // Of the items that may be placed all but `slack` must be, so that of any `slack` + 1 of them one is in every
    // answer: those with the fewest candidates.
    static void keepFewest(Goal& goal, std::vector<Choices>& ofItems)
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

    // Those of sessions [begin, end) on days on which the item is valid.
    [[nodiscard]] std::pair<int, int> sessionsOf(int item, int begin, int end) const
    {
        const auto [first, last] = m_board.sessionsWithin(m_board.item(item).firstDay, m_board.item(item).lastDay);
        return {std::max(first, begin), std::min(last, end)};
    }

    // One more play of any of its items, until it is sure.
    Goal sureGoal(int index)
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
            for (int session = first; session < last && m_work > 0 && m_board.item(item).plannable && !sounded;
                 ++session) {
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

    static std::int64_t costOf(const ChanceParts& parts, const Demand& demand)
    {
        constexpr std::int64_t cellsAStep = 100;
        const std::int64_t plays = std::ssize(parts.items) + std::ssize(parts.weights);
        const std::int64_t most = demand.measure == model::ObligationMeasure::DistinctItems
                                      ? demand.required
                                      : std::max<std::int64_t>(parts.missing, 1);
        return 1 + plays * std::min<std::int64_t>(most, 3600) / cellsAStep;
    }

    // What the sessions could still give to a demand: the shortest first, or the
    // whole of the room.
    std::int64_t mostBySessions(const Demand& demand, std::vector<std::vector<std::int64_t>>& lengths, int begin) const
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

    // False at once when a goal is out of reach; the tightest goal otherwise, or
    // none.
    bool choose(std::optional<Goal>& tightest)
    {
        const auto take = [&](Goal&& goal) {
            const bool possible = goal.kind != Goal::Kind::Impossible;
            if (goal.kind == Goal::Kind::Open && (!tightest || goal.order() < tightest->order()))
                tightest = std::move(goal);
            return possible && m_work > 0;
        };
        for (const auto& [session, item] : m_pins) {
            if (!take(pinGoal(session, item)))
                return false;
        }
        for (const PlacedItem& placed : m_places) {
            if (!take(seriesGoal(placed)))
                return false;
        }
        return std::ranges::all_of(m_active, [&](int index) { return take(demandGoal(index)); }) &&
               std::ranges::all_of(m_sure, [&](int index) { return take(sureGoal(index)); });
    }

    void sortCandidates(std::vector<PlacedItem>& candidates) const
    {
        std::uint64_t active = 0;
        for (const int index : m_active) {
            if (index < 64 && !m_board.demand(index).isHeld())
                active |= std::uint64_t{1} << index;
        }
        std::ranges::stable_sort(candidates, {}, [&](const PlacedItem& choice) {
            return std::make_tuple(m_board.existingRank(choice.item, choice.session) < 0,
                                   -std::popcount(m_board.matchMask(choice.item) & active),
                                   m_board.item(choice.item).lastDay, -m_board.item(choice.item).frames, choice.item,
                                   choice.session);
        });
    }

    // Whichever way all goals are met, one of the tightest goal's candidates is
    // in it: each in turn, without those tried before it.
    bool descend()
    {
        std::optional<Goal> goal;
        if (!choose(goal))
            return false;
        if (!goal)
            return true;
        sortCandidates(goal->candidates);
        bool found = false;
        std::vector<std::pair<int, int>> banned;
        for (std::size_t i = 0; i < goal->candidates.size() && !found && m_work > 0; ++i) {
            const PlacedItem& choice = goal->candidates[i];
            const int placed = put(choice);
            if (placed > 0) {
                found = descend();
                if (!found)
                    takeBack(placed);
            }
            // Parts of one session follow each other; the item is out of the session
            // once all were tried.
            const bool lastPart = i + 1 == goal->candidates.size() || goal->candidates[i + 1].item != choice.item ||
                                  goal->candidates[i + 1].session != choice.session;
            if (!found && lastPart && m_banned.emplace(choice.item, choice.session).second) {
                banned.emplace_back(choice.item, choice.session);
                m_bannedSessions.insert(choice.session);
            }
        }
        for (const auto& ban : banned) {
            m_banned.erase(ban);
            m_bannedSessions.erase(m_bannedSessions.find(ban.second));
        }
        return found;
    }

    Board& m_board;
    std::vector<int> m_active; // demands to hold
    std::vector<int> m_sure;   // those to make sure as well
    const std::vector<std::pair<int, int>>& m_pins;
    std::int64_t m_work;
    bool m_ruled = false;
    std::vector<int> m_dayClass;
    std::set<std::pair<int, int>> m_banned; // item, session
    std::multiset<int> m_bannedSessions;
    std::vector<PlacedItem> m_places;
    std::vector<std::int64_t> m_lengths;
    std::vector<bool> m_seen;          // of demandGoal(): sessions
    std::vector<PlacedItem> m_options; // of fillTightest()
};

} // namespace

std::vector<PlacedItem> placesOf(const Board& board)
{
    std::vector<PlacedItem> places;
    for (int session = 0; session < board.sessionCount(); ++session) {
        for (const BoardPlace& place : board.session(session).items)
            places.push_back({place.item, session, place.part});
    }
    return places;
}

void putInstead(Board& board, const std::vector<PlacedItem>& places)
{
    board.clearOpen();
    for (const PlacedItem& place : places)
        board.place(place.item, place.session, place.part);
}

std::optional<bool> canHold(const Board& board, const std::vector<int>& demands, std::int64_t& work,
                            std::vector<PlacedItem>* places)
{
    return canHold(Board(board), demands, work, places);
}

std::optional<bool> canHold(Board&& empty, const std::vector<int>& demands, std::int64_t& work,
                            std::vector<PlacedItem>* places)
{
    empty.clearOpen();
    Search search(empty, demands, empty.pins(), work);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    if (found == Found::WorkSpent)
        return std::nullopt;
    if (found == Found::Yes && places)
        *places = search.places();
    return found == Found::Yes;
}

bool addUntilHeld(Board& board, const std::vector<int>& demands, std::int64_t& work)
{
    Search search(board, demands, board.pins(), work);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    return found == Found::Yes;
}

std::optional<std::vector<PlacedItem>> arrangeSure(const Board& board, const std::vector<int>& held,
                                                   const std::vector<int>& sure, std::int64_t& work)
{
    Board empty = board;
    empty.clearOpen();
    Search search(empty, held, empty.pins(), work, sure);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    if (found != Found::Yes)
        return std::nullopt;
    return search.places();
}

std::optional<std::vector<PlacedItem>> arrangePins(const Board& board, const std::vector<std::pair<int, int>>& pins)
{
    Board empty = board;
    empty.clearOpen();
    Search search(empty, {}, pins, maxWorkASearch);
    if (search.run() != Found::Yes)
        return std::nullopt;
    return search.places();
}

} // namespace loa::planner
