// Where and why an item is kept out of a session, judged and told. Internal to
// the planner.
#pragma once

#include "scheduler/planner/board.h"
#include "scheduler/planner/refusal_cause.h"

#include <vector>

namespace loa::planner {

struct Judgement {
    Obstacle obstacle = Obstacle::NotItsTurn;
    int other = -1; // item or session, as the obstacle has it
};

// What keeps the item out of the session as the board stands; nothing: it could
// be placed now.
[[nodiscard]] std::optional<Judgement> judge(const Board& board, int item, int session);
// The same of an item by name: a tune of templates is told from what is not approved.
[[nodiscard]] std::optional<Judgement> judge(const Board& board, const ItemId& item, int session);

[[nodiscard]] Text obstacleText(const Board& board, int item, int session, const Judgement& judgement);

// Empty of one that may not sound.
[[nodiscard]] QString titleOf(const Board& board, int item);
// "dd/MM/yyyy hh:mm" of the session, in the station's zone.
[[nodiscard]] QString sessionTime(const Board& board, int session);

// What would take the obstacle away; each alone is enough for it.
[[nodiscard]] std::vector<Remedy> remediesFor(const Board& board, int item, int session, const Judgement& judgement);

// The same of a session that does not take place: what refuses it, and what would let it be.
[[nodiscard]] std::vector<Remedy> remediesFor(const RefusedSession& refused);

// What to change for a session that is refused so, without its day and without a full stop.
[[nodiscard]] Text changeThatAllows(RefusalCause cause);

} // namespace loa::planner
