// Search beside the exact one, for months so full that hardly anything may stay empty: the sessions are filled in the
// order in which they sound, and of all ways to have filled them so far those are kept that waste least and leave what
// is due soon the most room (a beam search). Knows lengths, parts, days and distinct items; what other rules forbid is
// left out of its answer. Finds what is there without proving what is not. The same board gives the same answer.
// Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

struct Beam {
    std::size_t width = 100;        // ways that are kept from one session to the next
    std::size_t followers = 16;     // of each that are weighed
    std::int64_t work = 60'000'000; // steps that one call may take
};
inline constexpr Beam narrowBeam;
inline constexpr Beam wideBeam{.width = 500};
inline constexpr Beam thoroughBeam{.width = 500, .followers = 64};

// Changes the open sessions of the board, the pins in their places, until it holds these demands, or as many of them as
// it can. True: all of them are held.
bool searchInOrder(Board& board, const std::vector<int>& demands, const Beam& beam = narrowBeam);

} // namespace loa::planner
