// Room for one item made by taking out others. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

namespace loa::planner {

// Who gives way; never what a person wants there, what other items lean on, or what a demand needs (demandsNeed).
enum class GivesWay {
    ToNewcomer,        // a repeat of the newcomer's own urgency, or anything less urgent; to what is urgent also the
                       // reserve of demands that no plan makes sure enough
    ToReserve,         // repeats, whatever their urgency
    ToReserveAllPlays, // repeats first, then the only play of an item
};

// Whether everything but room lets the item in.
[[nodiscard]] bool mayTryIn(const Board& board, int item, int session);

// An upper bound of the room that the session would have for it.
[[nodiscard]] std::int64_t roomByGivingWay(const Board& board, int urgency, int session, GivesWay who);

// Makes room by taking out as few as it can, the most played first, and places the item; what can stay after all,
// stays. Leaves the board as it was when that is not enough.
bool placeInsteadOfOthers(Board& board, int item, int session, GivesWay who);

} // namespace loa::planner
