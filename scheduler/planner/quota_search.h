// Exact search for an arrangement that holds as many demands as can be held, for when adding to what stands does not.
// Depth first, the tightest demand first, sessions that differ in nothing tried once; bounded in work, so the same
// input always ends at the same place. Internal to the planner.
#pragma once

#include "scheduler/planner/quota.h"

#include <utility>
#include <vector>

namespace loa::planner {

struct Arrangement {
    std::vector<std::pair<int, int>> places; // item, session
    int held = 0;                            // of the demands given
    bool exact = true;                       // no arrangement holds more; false: the bound was met first
};

// Checks of an item against a session that one search, and one call, may take.
inline constexpr std::int64_t maxWorkASearch = 1'000'000;
inline constexpr std::int64_t maxWorkACall = 5'000'000;

// Open sessions are taken as empty, whatever stands in them.
[[nodiscard]] Arrangement arrange(const Board& board, const std::vector<Demand>& demands);

} // namespace loa::planner
