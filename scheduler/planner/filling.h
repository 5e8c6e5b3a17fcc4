// What sounds beside the quota: fair rotation of what is approved, and room for what is new. Internal to the planner.
// Each function changes nothing when called again on its own result: that is what keeps a replan without news still.
#pragma once

#include "scheduler/planner/quota.h"

#include <vector>

namespace loa::planner {

// Fills open sessions, early ones first, each up to its share. True when it placed anything.
bool fillSessions(Board& board);

// An item that has no play at all takes the first session with room, whatever the share; where there is none, it takes
// the place of repeats, or, when it is more urgent, of less urgent items that no demand needs.
bool admitNewcomers(Board& board, const std::vector<Demand>& demands);

} // namespace loa::planner
