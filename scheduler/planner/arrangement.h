// The arrangement that holds the most demands, where adding to what stands does not hold them all: by the exact search,
// and by displacing where that spends its bound. Bounded in work, so the same input always ends at the same place.
// Internal to the planner.
#pragma once

#include "scheduler/planner/quota_search.h"

namespace loa::planner {

struct Arrangement {
    std::vector<PlacedItem> places;
    int held = 0;      // demands
    bool exact = true; // no arrangement holds more; false: the bound was met first
};

// Steps that one call may take, beside those of displacing.
inline constexpr std::int64_t maxWorkACall = 5'000'000;

// An arrangement that holds more than the board does, when there is one. Open sessions are taken as empty; every pin of
// the board is in it.
[[nodiscard]] Arrangement arrange(const Board& board);

} // namespace loa::planner
