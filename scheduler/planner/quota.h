// What is owed: one Demand for each obligation and period that the plan touches, and how to meet them on the board.
// Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

#include <vector>

namespace loa::planner {

struct Demand {
    int obligation = 0; // index in PlanInput::obligations
    PeriodDates period;
    Day first = 0;
    Day last = 0;
    int required = 0;
    bool known = false;        // ends within [from, until]: the plan decides it
    std::vector<int> matching; // items that count for it
    int sounded = 0;           // of those, distinct, whole within the period
};

// By end of period, then obligation. Those of evidence Airings alone.
[[nodiscard]] std::vector<Demand> demandsOf(const Board& board);

// Distinct items with a play in the period, sounded or planned.
[[nodiscard]] int countedFor(const Board& board, const Demand& demand);
[[nodiscard]] bool isHeld(const Board& board, const Demand& demand);
[[nodiscard]] int heldDemands(const Board& board, const std::vector<Demand>& demands);

// Adds what is missing where there is room, moving nothing: each item in the earliest session that takes it. True when
// it placed any.
bool meetDemands(Board& board, const std::vector<Demand>& demands);

// Gives the items that a demand hangs on a second play within its period, so that one lost session does not lose the
// quota.
bool addReserve(Board& board, const std::vector<Demand>& demands);

// Whether taking this play away would break a demand that holds.
[[nodiscard]] bool demandsNeed(const Board& board, const std::vector<Demand>& demands, int item, int session);

} // namespace loa::planner
