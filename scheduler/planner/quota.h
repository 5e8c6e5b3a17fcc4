// How to meet what is owed on the board. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Adds what is missing where there is room, moving nothing: each item in the
// earliest session that takes it. True when it placed any.
bool meetDemands(Board& board);

// The earliest session within the demand's period that takes the item; -1:
// none.
using Takes = bool (Board::*)(int, int) const;
[[nodiscard]] int earliestFor(const Board& board, const Demand& demand, int item, Takes takes);

} // namespace loa::planner
