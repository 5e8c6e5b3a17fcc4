// Reruns (phát lại): what fills a session that rotation leaves empty or short,
// and gives way again when there is something fresher. Internal to the planner;
// same rule of standing still as filling.h. Limits count what is heard before
// the session, so that one opened at short notice is not silent because the
// rest of the week is planned already.
#pragma once

#include "scheduler/planner/quota.h"

#include <vector>

namespace loa::planner {

// Sessions with fewer items than fewestItemsASession take items that have room
// for a rerun (mostPlaysADay, mostPlaysAWeekWithReruns): each session one
// before any takes a second.
bool addReruns(Board& board);

// A rerun that no demand needs gives way to an item that is due and has been
// heard less.
bool refreshReruns(Board& board);

} // namespace loa::planner
