// In which order the items of a session's part sound. Internal to the planner; a pure function.
#pragma once

#include "scheduler/planner/board.h"

#include <vector>

namespace loa::planner {

// The items of an open session in the order in which they sound: what stood
// there keeps its order, what is new follows; PRIORITY before NORMAL; of two
// new ones that could follow, the one of another content group. `fresh` is room to work in.
void runningOrder(const Board& board, int session, int part, std::vector<int>& order, std::vector<int>& fresh);

} // namespace loa::planner
