// What would let a person's edit be, named: which other edit to take back, which session to choose instead. Internal to
// the planner.
#pragma once

#include "scheduler/planner/obstacle_words.h"

#include <vector>

namespace loa::planner {

// The board holds what is pinned and what is closed, and nothing else; it is as it was afterwards. Each alone is
// enough.
[[nodiscard]] std::vector<Remedy> resolutionsFor(Board& pinned, int item, int session, const Judgement& judgement);

// The same of a session that does not take place: what refuses it, and another session for the item.
[[nodiscard]] std::vector<Remedy> resolutionsFor(const Board& pinned, int item, const RefusedSession& refused);

// A play of the item on the day of that session that stays whatever the planner does, in another session; -1: none.
[[nodiscard]] int otherPlayThatDay(const Board& pinned, int item, int session);

} // namespace loa::planner
