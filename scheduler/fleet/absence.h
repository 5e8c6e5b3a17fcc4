// Why a station's plan may not place an item that somebody asks about. Storage thread.
#pragma once

#include "scheduler/model/organisation.h"
#include "scheduler/planner/absence.h"
#include "scheduler/store/store.h"

#include <span>

namespace loa::fleet {

// Of the items asked about those that are not in the question of the station, with the reason; what is unknown is left
// out. Of a tune that may sound the days on which it may.
[[nodiscard]] Result<std::vector<planner::Absence>> absencesOf(store::Store& store, const model::Station& station,
                                                               const planner::PlanInput& input,
                                                               std::span<const ItemId> asked);
// The same of the items of a plan that stood before.
[[nodiscard]] Result<std::vector<planner::Absence>> absencesFrom(store::Store& store, const model::Station& station,
                                                                 const planner::PlanInput& input,
                                                                 std::span<const planner::Placement> before);

} // namespace loa::fleet
