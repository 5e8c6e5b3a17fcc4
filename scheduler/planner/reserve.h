// Plays beyond what is owed, so that airings that fail do not lose the quota. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Gives the items that a demand hangs on a second play within its period where there is room, so that one lost session
// does not lose the quota. Then further plays, where each helps most, until the demand is held with `sureEnough` at the
// station's rate of failure or nothing more can be added: where there is room; else in place of repeats that no demand
// needs; and where it may be had in no other way, in place of any play that no demand needs. True when it placed any.
bool addReserve(Board& board);

// The same, and rearranges where that makes one more of the demands sure, beside all that are held and all that are
// sure. Exact up to a bound of work. For the beginning: what comes after takes nothing away that this gave.
void secure(Board& board);

// Of demands that no plan makes sure enough, the plays beyond what is owed count too, or not.
enum class Hopeless { Count, PassOver };

// Whether taking this play away would break a demand that holds, or make less sure one that is not more than sure
// enough without it.
[[nodiscard]] bool demandsNeed(const Board& board, int item, int session, Hopeless hopeless = Hopeless::Count);

} // namespace loa::planner
