// Holding more than adding to what stands does, with as little of it changed as can be. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Where a rearrangement holds more demands than the board does: one that holds the most, and gives up as few plays of
// the plan so far as it can: none, one or two where that is enough and found within a bound of work, else those that
// the search does not come upon again, which tries an item's existing place first. False: a bound of work was met, so
// that more demands might be possible.
bool rearrange(Board& board);

} // namespace loa::planner
