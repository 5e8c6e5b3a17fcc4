// How to meet what is owed on the board. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Adds what is missing where there is room, moving nothing: each item in the
// earliest session that takes it. True when it placed any.
bool meetDemands(Board& board);

// Gives the items that a demand hangs on a second play within its period, so
// that one lost session does not lose the quota; and further plays, where each
// helps most, until the demand is held with `sureEnough` at the station's rate
// of failure or nothing more can be added.
bool addReserve(Board& board);

// Whether taking this play away would break a demand that holds, or make one
// unsure that is sure.
[[nodiscard]] bool demandsNeed(const Board& board, int item, int session);

} // namespace loa::planner
