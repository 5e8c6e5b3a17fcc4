// The planner's working table: sessions with what stands in them, items with the days on which they play. Indices
// instead of ids, days as Julian day numbers. Internal to the planner; one call of plan() owns it, one thread.
// References point into the PlanInput, which outlives it.
#pragma once

#include "scheduler/planner/plan.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loa::planner {

using Day = qint64; // Julian day number

struct BoardItem {
    ItemId id;
    const PlannableItem* plannable = nullptr; // null: only known from the past
    std::int64_t frames = 0;
    Day firstDay = 0;
    Day lastDay = 0;
    int urgency = 0; // 0 NORMAL, 1 PRIORITY, 2 EMERGENCY
    int mainGroup = 0;
    std::vector<int> groups;

    [[nodiscard]] bool validOn(Day day) const { return plannable && frames > 0 && firstDay <= day && day <= lastDay; }
};

// An item on a day: it sounded whole, was planned and may have sounded, or is planned. Failed airings are no plays.
struct Play {
    Day day = 0;
    int session = -1; // -1: a session that is not on the board
    bool sounded = false;
};

struct BoardSession {
    const model::Session* session = nullptr;
    Day day = 0;
    std::int64_t capacity = 0;
    std::int64_t used = 0;
    bool open = false;      // the planner may change it
    std::vector<int> items; // of an open session, in the order of placing; a closed one stands in PlanInput::existing

    [[nodiscard]] std::int64_t free() const { return capacity - used; }
    [[nodiscard]] bool contains(int item) const;
};

class Board {
public:
    explicit Board(const PlanInput& input);

    [[nodiscard]] const PlanInput& input() const { return *m_input; }
    [[nodiscard]] std::span<const BoardItem> items() const { return m_items; }
    [[nodiscard]] std::span<const BoardSession> sessions() const { return m_sessions; } // by start
    [[nodiscard]] std::span<const Play> plays(int item) const
    {
        return m_plays[static_cast<std::size_t>(item)];
    } // by day
    [[nodiscard]] int groupPlays(int group) const { return m_groupPlays[static_cast<std::size_t>(group)]; }
    [[nodiscard]] std::vector<int> groupsOf(std::span<const QString> names) const; // those that some item has
    [[nodiscard]] int groupCount() const { return static_cast<int>(m_groupNames.size()); }
    // Placements of closed sessions, in their order.
    [[nodiscard]] std::span<const Placement* const> closedPlacements(int session) const;
    // Where the item stood in the session in the plan so far; -1: it did not.
    [[nodiscard]] int existingRank(int item, int session) const;
    [[nodiscard]] int itemIndex(const ItemId& id) const; // -1: unknown

    [[nodiscard]] const BoardItem& item(int index) const { return m_items[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const BoardSession& session(int index) const { return m_sessions[static_cast<std::size_t>(index)]; }

    // Hard rules allow it: open, valid that day, room to the frame, not in it already.
    [[nodiscard]] bool fits(int item, int session) const;
    // The rules of repeats allow it too (mostPlaysAWeek).
    [[nodiscard]] bool welcome(int item, int session) const;
    [[nodiscard]] bool playsWithin(int item, Day first, Day last) const;
    [[nodiscard]] int countWithin(int item, Day first, Day last) const;
    [[nodiscard]] bool soundedWithin(int item, Day first, Day last) const;

    void place(int item, int session);  // fits() holds
    void remove(int item, int session); // it is there, the session is open
    // Puts back what stood in open sessions and still fits, in order.
    void keepExisting();
    void clearOpen();

private:
    int addItem(const ItemId& id, const std::vector<QString>& groups);
    int groupIndex(const QString& name);
    void addPlay(int item, Play play);
    void readItems();
    void readSessions();
    void readPast();

    const PlanInput* m_input;
    std::vector<BoardItem> m_items;
    std::vector<BoardSession> m_sessions;
    std::vector<std::vector<Play>> m_plays;
    std::vector<int> m_groupPlays;
    std::vector<QString> m_groupNames;
    std::vector<std::pair<ItemId, int>> m_itemIndex;       // sorted
    std::vector<std::vector<const Placement*>> m_existing; // by session, by offset
};

} // namespace loa::planner
