// The question of a month as the beam search sees it: which items count for what in which sessions, and how much room
// there is. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

#include <utility>
#include <vector>

namespace loa::planner {

// What an item may count for: a demand, in the sessions [first, last] of the order.
struct Use {
    std::size_t demand = 0;
    int first = 0;
    int last = 0;
};

struct Candidate {
    int item = 0;
    std::int64_t frames = 0;
    std::vector<Use> uses;
    int last = -1; // session of the order
};

// A demand, or several at once: those of one duty that share no day, as its weeks. Then an item counts in one of them.
struct Wanted {
    int index = 0;                    // on the board; of several the first one's
    std::vector<std::size_t> members; // of several
    int missing = 0;
    int first = 0; // sessions of the order
    int last = -1;
    std::vector<std::pair<int, std::size_t>> candidates; // (last session in which it counts, candidate), rising
};

struct BeamQuestion {
    std::vector<int> order; // open sessions, as they sound
    std::vector<std::int64_t>
        roomBefore;             // frames free, of all sessions of the order before this one; one more than sessions
    std::vector<Wanted> wanted; // demands, then families
    std::vector<Candidate> candidates;

    // Of sessions [first, last] of the order; 0: there are none.
    [[nodiscard]] std::int64_t roomWithin(int first, int last) const
    {
        return first > last
                   ? 0
                   : roomBefore[static_cast<std::size_t>(last) + 1] - roomBefore[static_cast<std::size_t>(first)];
    }
};

// Of those demands that want distinct items and are not held yet.
[[nodiscard]] BeamQuestion beamQuestion(const Board& board, const std::vector<int>& demands);

} // namespace loa::planner
