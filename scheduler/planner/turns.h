// Whose turn it is: items by how often and when they play, kept as sets of bits, so that the next one is found without
// looking at each. Internal to the planner; belongs to one Board, one thread.
#pragma once

#include "scheduler/planner/bits.h"
#include "scheduler/planner/item_tables.h"

#include <functional>
#include <optional>

namespace loa::planner {

class Board;

class Turns {
public:
    // For the items of the tables, none of which plays yet, and plays on days [first, last].
    void start(const ItemPool::Tables& tables, Day first, Day last);

    // After a change of the item's plays on that day: how many there are in all, on that day, in that week, and the
    // last day of all.
    void freshen(int item, Day day, std::size_t plays, int thatDay, int thatWeek, Day latest);

    // Days on which plays are known by day.
    [[nodiscard]] bool knows(Day day) const { return m_first <= day && day <= m_last; }
    // Items that play on that day, and those that have their plays of the week (mostPlaysAWeek); the day is known.
    [[nodiscard]] const BitWord* on(Day day) const;
    [[nodiscard]] const BitWord* hadWeek(Day day) const;
    // Levels by number of plays; the last one holds all that play more often, too.
    [[nodiscard]] std::size_t levels() const { return m_byPlays.size(); }
    [[nodiscard]] std::size_t leastPlays() const; // no item plays less
    // Of an item that plays: its last day.
    [[nodiscard]] Day latest(int item) const { return m_latest[static_cast<std::size_t>(item)]; }
    [[nodiscard]] const Bits& atLevel(std::size_t plays) const { return m_byPlays[plays]; }

private:
    std::size_t m_words = 0;
    int m_items = 0;
    Day m_first = 0;
    Day m_last = -1;
    Bits m_on;      // by day
    Bits m_hadWeek; // by week
    std::vector<Bits> m_byPlays;
    std::vector<unsigned char> m_level; // by item
    std::vector<Day> m_latest;          // by item
};

// Finds the first in turn: urgency, then fewest plays, then the content group heard least, of it the series heard
// least, longest rest, newest approval. Keeps room to work in, so make one for many questions.
class TurnFinder {
public:
    explicit TurnFinder(const Board& board) : m_board(board) {}

    enum class Rest {
        Any,
        Needed, // those alone that Board::hasRested() lets in
    };
    static constexpr std::size_t anyPlays = static_cast<std::size_t>(-1);

    // Of the items valid on the session's day and no longer than its room, with fewer plays than `below`, the first in
    // turn that `may` allows; noItem: none.
    [[nodiscard]] int first(int session, Rest rest, const std::function<bool(int)>& may, std::size_t below = anyPlays);

private:
    struct Group {
        std::int64_t heard = 0;            // plays of the whole group, and below them those of the series in it
        const GroupRange* range = nullptr; // items of one rank, main group and series follow each other
        int best = noItem;
        std::size_t plays = 0; // of the best, and so on
        Day lastPlayed = 0;
    };
    [[nodiscard]] bool gather(int session, Rest rest, int rank);
    [[nodiscard]] const BitWord* validOn(Day day);
    [[nodiscard]] bool gatherGroups(int rank, const Bits& items, std::int64_t heardMoreThan);
    [[nodiscard]] int firstAtLevel(int rank, std::size_t level, std::size_t below, int session,
                                   const std::function<bool(int)>& may);
    void findBest(Group& group, std::size_t level, int session, std::size_t below) const;
    [[nodiscard]] bool sooner(const Group& a, const Group& b) const;

    const Board& m_board;
    bool m_restUnknown = false;    // of candidates
    std::optional<Day> m_validDay; // of which m_valid is
    const BitWord* m_valid = nullptr;
    Bits m_candidates;
    std::vector<Group> m_groups; // heard alike
};

} // namespace loa::planner
