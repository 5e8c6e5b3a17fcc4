// What an exact search has yet to decide: goals, each with candidates of which one is in every answer that is left, and
// bounds that tell when there is none. Internal to the planner.
#pragma once

#include "scheduler/planner/chance.h"
#include "scheduler/planner/quota_search.h"

#include <set>
#include <tuple>

namespace loa::planner {

struct Goal {
    enum class Kind { Met, Impossible, Open } kind = Kind::Met;
    std::vector<PlacedItem> candidates;
    std::int64_t slack = 0;
    Day due = endlessDay; // of the first candidate that goes

    // What decides most is decided first. Of what decides alike the earliest: it is settled before the next day is
    // begun, so that a day that cannot be is found out there.
    [[nodiscard]] auto order() const { return std::tuple(slack, candidates.size(), due); }
};

class Goals {
public:
    // Of the board as it stands when a goal is asked for. `active`: demands that will be. `isRuled`: more than room and
    // days decides where an item may be. `work`: steps that may be taken.
    Goals(const Board& board, const std::vector<int>& active, bool isRuled, std::int64_t work);

    [[nodiscard]] Goal pin(int session, int item);
    // An episode below it comes before.
    [[nodiscard]] Goal series(const PlacedItem& placed);
    [[nodiscard]] Goal demand(int index);
    // One more play of any of its items, until it is sure.
    [[nodiscard]] Goal sure(int index);

    // It was tried, and is no candidate any more. False: it was none before.
    bool ban(int item, int session)
    {
        if (!m_banned.emplace(item, session).second)
            return false;
        m_bannedSessions.insert(session);
        return true;
    }
    void lift(int item, int session)
    {
        m_banned.erase({item, session});
        m_bannedSessions.erase(m_bannedSessions.find(session));
    }
    [[nodiscard]] bool isBanned(int item, int session) const { return m_banned.contains({item, session}); }
    [[nodiscard]] std::int64_t workLeft() const { return m_work; }

private:
    // Where one item may be placed: `count` candidates, from `from` on.
    struct Choices {
        std::size_t count = 0;
        Day due = endlessDay;
        std::size_t from = 0;
        auto operator<=>(const Choices&) const = default;
    };

    // Sessions of one class have the same parts, lie in the same periods and see
    // the same items valid.
    void classify(const std::vector<int>& active);
    // Sessions alike are tried once: those of one class, with one part that takes anything, the same
    // free room, and none of the items in question. What stands in them is equal
    // in room, so swapping the rest of both changes nothing.
    [[nodiscard]] bool alike(std::set<std::tuple<int, std::int64_t, std::int64_t>>& kinds, int session) const;
    // Each part in which the item may be put in the session, the leaders that it
    // is paired with put there too.
    void addOptions(std::vector<PlacedItem>& into, int item, int session);
    // Where next to nothing of the room may stay empty, each session has to be filled up to `waste`. The one with the
    // fewest ways is decided if those are fewer than what the goal offers.
    void fillTightest(Goal& goal, std::vector<int> items, std::pair<int, int> sessions, std::int64_t waste);
    // Frames of the shortest `missing` of the items.
    [[nodiscard]] std::int64_t shortest(const std::vector<PlacedItem>& candidates, const std::vector<Choices>& ofItems,
                                        std::int64_t missing);
    // Of the items that may be placed all but `slack` must be, so that of any `slack` + 1 of them one is in every
    // answer: those with the fewest candidates.
    static void keepFewest(Goal& goal, std::vector<Choices>& ofItems);
    // Those of sessions [begin, end) on days on which the item is valid.
    [[nodiscard]] std::pair<int, int> sessionsOf(int item, int begin, int end) const;
    // What the sessions could still give to a demand: the shortest first, or the
    // whole of the room.
    [[nodiscard]] std::int64_t mostBySessions(const Demand& demand, std::vector<std::vector<std::int64_t>>& lengths,
                                              int begin) const;

    const Board& m_board;
    bool m_isRuled;
    std::int64_t m_work;
    std::vector<int> m_dayClass;
    std::set<std::pair<int, int>> m_banned; // item, session
    std::multiset<int> m_bannedSessions;
    std::vector<std::int64_t> m_lengths;
    std::vector<bool> m_seen;          // of demand(): sessions
    std::vector<PlacedItem> m_options; // of fillTightest()
};

} // namespace loa::planner
