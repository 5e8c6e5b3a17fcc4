// What a question to the planner asks, read a second time from the words of plan.h and the model, and answered by a
// constraint solver (Gecode). Shares no code with the planner. Small questions alone: every place is a variable.
#pragma once

#include "scheduler/planner/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace loa::planner::test {

// A play that no plan can change: it sounded, or stands in a session that is frozen.
struct FixedPlay {
    int item = 0;
    int session = -1; // -1: one that the question does not name
    QDate day;
    UtcTime start; // without a session: the end of the day
    std::int64_t frames = 0;
};

struct OwedPeriod {
    int obligation = 0;
    QDate first;
    QDate last;
    std::int64_t required = 0; // items, airings or frames
};

struct Question {
    explicit Question(const PlanInput& given);

    [[nodiscard]] bool isOpen(int session) const;
    [[nodiscard]] bool isValid(int item, int session) const; // by day and station
    [[nodiscard]] bool accepts(int item, int session, int part) const;
    [[nodiscard]] bool isBroken(int item) const; // paired with what cannot sound
    [[nodiscard]] bool isAway(int item, int session) const;
    [[nodiscard]] bool isEarly(int item, int session) const;
    [[nodiscard]] bool counts(int item, const OwedPeriod& owed) const;
    [[nodiscard]] std::optional<int> itemOf(const ItemId& id) const;
    [[nodiscard]] std::optional<int> sessionOf(const SessionId& id) const;
    // Episodes of which one has to sound before.
    [[nodiscard]] std::vector<int> below(int item) const;
    // Calendar days [first, last] in which PlayRules::mostPlays counts around `day`.
    [[nodiscard]] std::pair<QDate, QDate> limitPeriod(int item, QDate day) const;
    [[nodiscard]] int parts(int session) const;

    const PlanInput& input;
    std::vector<FixedPlay> fixed;
    std::vector<OwedPeriod> owed;
};

// item, session, part
struct OraclePlace {
    int item = 0;
    int session = 0;
    int part = 0;
};

struct OracleAnswer {
    bool isKnown = true;                     // false: the solver's bound was met
    int held = 0;                            // of Question::owed, the most that any plan holds
    std::vector<std::pair<int, int>> pinned; // session, item: hand edits that can be kept, taken in order
};
[[nodiscard]] OracleAnswer askOracle(const Question& question);

// How many periods these places hold, fixed plays counted.
[[nodiscard]] int heldBy(const Question& question, const std::vector<OraclePlace>& places);

// What is wrong with a plan, by the hard rules alone; empty: nothing.
[[nodiscard]] std::string brokenRule(const Question& question, const Plan& plan);
[[nodiscard]] std::vector<OraclePlace> openPlaces(const Question& question, const Plan& plan);

} // namespace loa::planner::test
