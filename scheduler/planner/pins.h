// Hand edits on the board: which Keeps the hard rules let be. Internal to the
// planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Keeps of the input by madeAt, then id; those of closed sessions left out.
[[nodiscard]] std::vector<const model::HandEdit*> keepsOf(const Board& board);

// Pins each Keep that can be beside those before it, and places the pins on the
// board, which is empty, with what the rules ask beside them.
void pinKeeps(Board& board);

} // namespace loa::planner
