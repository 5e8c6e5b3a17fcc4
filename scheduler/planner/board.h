// The planner's working table: sessions with what stands in them, items with
// the days on which they play, and what is owed with how much of it is there.
// Indices instead of ids, days as Julian day numbers. Internal to the planner;
// one call of plan() owns it, one thread. References point into the PlanInput
// and the item tables, which outlive it.
#pragma once

#include "scheduler/planner/item_tables.h"
#include "scheduler/planner/obstacle.h"
#include "scheduler/planner/turns.h"

#include <algorithm>
#include <memory_resource>
#include <optional>

namespace loa::planner {

// An item on a day: it sounded whole, was planned and may have sounded, or is
// planned. Failed airings are no plays.
struct Play {
    Day day = 0;
    int session = -1; // -1: a session that is not on the board
    bool sounded = false;
    std::int64_t frames = 0;
};

struct BoardPart {
    int segment = 0; // index on the board
    std::int64_t most = 0;
    std::int64_t used = 0;
    bool any = true;
    std::vector<int> accepts;     // groups, rising
    std::uint64_t acceptMask = 0; // the same as bits, where there are no more than 64
    std::int64_t kept = 0;        // for its items, while filling leaves it to them

    [[nodiscard]] std::int64_t unfilled() const { return std::max<std::int64_t>(kept - used, 0); }
};

struct BoardSegment {
    std::int64_t frames = 0;
    std::int64_t used = 0;
    std::int64_t unfilled = 0; // kept for its parts and not used by them
};

struct BoardPlace {
    int item = 0;
    int part = 0; // of the session, from 0
};

struct BoardSession {
    const model::Session* session = nullptr;
    Day day = 0;
    std::int64_t capacity = 0; // of all segments
    std::int64_t used = 0;
    std::int64_t mostFree = 0; // in one part
    std::int64_t longest = 0;  // the most that one part could hold, were it empty
    int firstPart = 0;
    int parts = 1;
    bool open = false;                  // the planner may change it
    std::pmr::vector<BoardPlace> items; // of an open session, in the order of placing;
                                        // a closed one stands in `existing`

    [[nodiscard]] bool contains(int item) const;
    [[nodiscard]] int partOf(int item) const; // -1: it is not there
};

// What is owed in one period: see model::Obligation.
struct Demand {
    int obligation = 0; // index in PlanInput::obligations
    PeriodDates period;
    Day first = 0;
    Day last = 0;
    model::ObligationMeasure measure = model::ObligationMeasure::DistinctItems;
    std::int64_t required = 0; // items, airings or frames
    bool known = false;        // ends within [from, until]: the plan decides it
    std::int64_t sounded = 0;
    std::int64_t counted = 0; // sounded and planned
    // Of minutes, for chances at a glance: whole seconds of what is planned, and the longest play that ever counted.
    std::int64_t expectedSeconds = 0;
    std::int64_t longest = 0;

    [[nodiscard]] bool holds(Day day) const { return first <= day && day <= last; }
    [[nodiscard]] bool isHeld() const { return counted >= required; }
};

struct ExistingPlace {
    int item = noItem;
    const Placement* placement = nullptr;
};

class Board {
public:
    // What grows with each placement takes its memory from `memory`, which outlives the board; copies take theirs from
    // the default resource.
    Board(const PlanInput& input, const ItemPool::Tables& tables,
          std::pmr::memory_resource* memory = std::pmr::get_default_resource());

    [[nodiscard]] const PlanInput& input() const { return *m_input; }
    [[nodiscard]] const ItemPool::Tables& tables() const { return *m_tables; }
    [[nodiscard]] double failureRate() const { return std::clamp(m_input->failureRate, 0.0, 1.0); }
    [[nodiscard]] int itemCount() const { return static_cast<int>(m_items.size()); }
    [[nodiscard]] const ItemFacts& item(int index) const { return m_items[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const ItemRules* rulesOf(int index) const
    {
        const int rules = item(index).rules;
        return rules < 0 ? nullptr : &m_tables->rules[static_cast<std::size_t>(rules)];
    }
    [[nodiscard]] std::span<const BoardSession> sessions() const { return m_sessions; } // by start
    [[nodiscard]] int sessionCount() const { return static_cast<int>(m_sessions.size()); }
    [[nodiscard]] const BoardSession& session(int index) const { return m_sessions[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const BoardPart& part(int session, int part) const
    {
        return m_parts[static_cast<std::size_t>(this->session(session).firstPart) + static_cast<std::size_t>(part)];
    }
    [[nodiscard]] std::int64_t freeIn(int session, int part) const;
    [[nodiscard]] std::int64_t freeInSegment(int session, int part) const; // of which the part is one
    [[nodiscard]] std::int64_t roomIn(int session, int part) const;        // were the session empty
    // Sessions whose day is in [first, last], as a span of indices.
    [[nodiscard]] std::pair<int, int> sessionsWithin(Day first, Day last) const;
    [[nodiscard]] std::span<const Play> plays(int item) const { return m_plays[static_cast<std::size_t>(item)]; }
    [[nodiscard]] std::size_t playCount(int item) const { return m_plays[static_cast<std::size_t>(item)].size(); }
    [[nodiscard]] int groupPlays(int group) const { return m_groupPlays[static_cast<std::size_t>(group)]; }
    // Of one series of the group (-1: of its items that are of none).
    [[nodiscard]] int seriesPlays(int group, int series) const
    {
        return series < 0 ? groupPlays(group) - m_groupPlaysInSeries[static_cast<std::size_t>(group)]
                          : m_seriesPlays[static_cast<std::size_t>(series)];
    }
    [[nodiscard]] int groupCount() const { return static_cast<int>(m_groupPlays.size()); }
    [[nodiscard]] const Turns& turns() const { return m_turns; }
    [[nodiscard]] std::span<const ExistingPlace> existing(int session) const
    {
        return m_existing[static_cast<std::size_t>(session)];
    }
    [[nodiscard]] int existingRank(int item, int session) const; // -1: it did not stand there
    [[nodiscard]] int itemIndex(const ItemId& id) const;         // noItem: unknown
    [[nodiscard]] int sessionIndex(const SessionId& id) const;   // -1: unknown

    // ---- Demands
    [[nodiscard]] std::span<const Demand> demands() const { return m_demands; } // by end of period, then obligation
    [[nodiscard]] int demandCount() const { return static_cast<int>(m_demands.size()); }
    [[nodiscard]] const Demand& demand(int index) const { return m_demands[static_cast<std::size_t>(index)]; }
    [[nodiscard]] bool matches(int demand, int item) const
    {
        return has(m_matching[static_cast<std::size_t>(this->demand(demand).obligation)], item);
    }
    [[nodiscard]] const std::vector<int>& matching(int demand) const
    {
        return m_matchingItems[static_cast<std::size_t>(this->demand(demand).obligation)];
    }
    // Of the first 64 demands, as bits: those the item matches; those not held.
    [[nodiscard]] std::uint64_t matchMask(int item) const { return m_matchMask[static_cast<std::size_t>(item)]; }
    [[nodiscard]] std::uint64_t unmetMask() const;
    [[nodiscard]] int heldDemands() const;
    // What one more play of the item on that day would add to what the demand
    // counts.
    [[nodiscard]] std::int64_t gain(int demand, int item, Day day) const;
    [[nodiscard]] bool playsWithin(int item, Day first, Day last) const { return countWithin(item, first, last) > 0; }
    [[nodiscard]] int countWithin(int item, Day first, Day last) const;
    [[nodiscard]] bool soundedWithin(int item, Day first, Day last) const;

    // ---- Hard rules
    // The item may be there on that day at all: plannable, valid, not forbidden
    // here.
    [[nodiscard]] bool validAt(int item, int session) const
    {
        return item < static_cast<int>(m_tables->facts.size()) &&
               this->item(item).validOn(this->session(session).day) &&
               (m_barred.empty() || !m_barred[static_cast<std::size_t>(item)]);
    }
    [[nodiscard]] bool isBarred(int item) const
    {
        return !m_barred.empty() && m_barred[static_cast<std::size_t>(item)];
    }
    [[nodiscard]] bool accepts(int item, int session, int part) const;
    // The part in which it may be placed now; -1: hard rules do not let it.
    // `leaderToo`: as if the item that it is paired with stood there.
    [[nodiscard]] int partFor(int item, int session) const;
    // The same, but the part in which it stood before, when it still fits there.
    [[nodiscard]] int partAsBefore(int item, int session) const;
    [[nodiscard]] bool fits(int item, int session) const { return partFor(item, session) >= 0; }
    [[nodiscard]] bool fitsPart(int item, int session, int part) const;
    // The first rule beside room that keeps it out; what it is about is told
    // through `other` (item or session index).
    struct Hindrance {
        Obstacle obstacle;
        int other = -1;
    };
    enum class PairRule { Judge, PassOver };
    [[nodiscard]] std::optional<Hindrance> hindrance(int item, int session, PairRule pair = PairRule::Judge,
                                                     bool judgeSeries = true) const;
    // Episodes of which one has to be placed before; empty: nothing to wait for.
    [[nodiscard]] std::vector<int> episodesBelow(int item) const;
    [[nodiscard]] bool episodeBelowIsBefore(int item, int session) const;
    [[nodiscard]] bool isAway(int item, int session) const;
    // Good radio lets it sound again on that day (mostPlaysAWeek).
    [[nodiscard]] bool hasRested(int item, Day day) const;
    [[nodiscard]] bool welcome(int item, int session) const
    {
        return this->item(item).frames <= this->session(session).mostFree &&
               hasRested(item, this->session(session).day) && fits(item, session);
    }
    // Taking it away breaks no rule of what stays, and no person wants it there.
    [[nodiscard]] bool mayRemove(int item, int session) const;

    // Filling leaves to each part the least that its template asks for; the quota may take that too. Returns what held
    // before.
    bool leaveLeast(bool leave);
    [[nodiscard]] bool keepsLeast() const { return !m_keeping.empty(); } // some part has a least

    void place(int item, int session, int part); // fitsPart() holds
    void place(int item, int session) { place(item, session, partFor(item, session)); }
    void remove(int item, int session); // it is there, the session is open
    // Puts back what stood in open sessions and still fits, in order.
    void keepExisting();
    void clearOpen();

    void pin(int item, int session) { m_pins.emplace_back(session, item); }
    [[nodiscard]] bool isPinned(int item, int session) const;
    [[nodiscard]] const std::vector<std::pair<int, int>>& pins() const { return m_pins; } // session, item

private:
    void readItems();
    void readSessions();
    void readParts(BoardSession& session);
    void readAccepts(BoardPart& made, const BoardSession& session, std::size_t index) const;
    [[nodiscard]] std::int64_t keptFor(const BoardPart& part, std::int64_t least, Day day) const;
    void use(int session, int part, std::int64_t frames);
    void readExisting();
    void readPast();
    void readDemands();
    void readMatches();
    void readEdits();
    void addPlay(int item, Play play);
    void count(int item, const Play& play, int sign);
    void freshenTurn(int item, Day day);
    void countTurn(int item, int plays);
    void freshenFree(BoardSession& session);
    [[nodiscard]] int localTimeOf(int session) const;
    [[nodiscard]] int playsInPeriod(int item, const ItemRules& rules, Day day) const;

    const PlanInput* m_input;
    const ItemPool::Tables* m_tables;
    std::vector<ItemFacts> m_items; // the tables' first, then those from the past alone
    std::vector<BoardSession> m_sessions;
    std::vector<BoardPart> m_parts;
    std::vector<BoardSegment> m_segments;
    std::vector<int> m_keeping; // sessions in which something is kept for a part
    bool m_leaveLeast = false;
    std::pmr::vector<std::pmr::vector<Play>> m_plays;
    std::vector<int> m_groupPlays;
    std::vector<int> m_groupPlaysInSeries; // of which are of some series
    std::vector<int> m_seriesPlays;
    Turns m_turns;
    std::vector<std::vector<ExistingPlace>> m_existing; // by session, by offset
    std::vector<Demand> m_demands;
    std::vector<Bits> m_matching;                  // by obligation: items
    std::vector<std::vector<int>> m_matchingItems; // the same as lists
    std::vector<std::uint64_t> m_matchMask;        // by item
    std::vector<char> m_barred;                    // empty: none
    std::vector<int> m_localTimes;                 // of sessions; empty where no item has an hour
    std::vector<std::pair<int, int>> m_away;       // session, item; sorted
    std::vector<std::pair<int, int>> m_pins;
    QHash<ItemId, int> m_pastItems;
    QHash<SessionId, int> m_sessionIndex;
};

} // namespace loa::planner
