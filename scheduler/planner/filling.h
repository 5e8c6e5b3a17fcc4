// What sounds beside the quota: fair rotation of what is approved, and room for
// what is new. Internal to the planner. Each function changes nothing when
// called again on its own result: that is what keeps a replan without news
// still.
#pragma once

#include "scheduler/planner/quota.h"

namespace loa::planner {

// Fills open sessions, early ones first, each up to its share. True when it
// placed anything.
bool fillSessions(Board& board);

// An item that has no play at all gets one, whatever the share. A NORMAL one
// takes the first session with room; where there is none, it takes the place of
// repeats. An urgent one takes the first session in which it can have room, if
// need be in place of less urgent items that no demand needs, and of the reserve
// of demands that no plan makes sure enough.
enum class Newcomers { Urgent, Normal };
bool admitNewcomers(Board& board, Newcomers which);

} // namespace loa::planner
