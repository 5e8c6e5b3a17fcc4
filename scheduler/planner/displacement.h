// Search beside the exact one, for months so full that the exact one spends its bound: what is missing takes the place
// of what stands in its way, which then looks for another place itself. Finds what is there without proving what is
// not. Nothing is left to chance: the same board gives the same answer. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Steps that one call may take; a step is a session looked at for an item.
inline constexpr std::int64_t maxWorkADisplacement = 6'000'000;

// Changes the open sessions of the board until it holds these demands, or as many as were held at once on the way. What
// is pinned, and what others lean on, stays. True: all of them are held.
bool displaceUntilHeld(Board& board, const std::vector<int>& demands, std::int64_t work = maxWorkADisplacement);

} // namespace loa::planner
