// Whether what a person wants can be done, asked while they drag: conflicts of hand edits with the hard rules and with
// each other, and what would resolve each. Pure, any thread.
#pragma once

#include "scheduler/planner/absence.h"
#include "scheduler/planner/obstacle.h"
#include "scheduler/planner/plan.h"

#include <span>
#include <vector>

namespace loa::planner {

struct EditConflict {
    model::HandEdit edit;
    Obstacle obstacle = Obstacle::NoRoom;
    bool hard = true; // false: it is kept, at the price told
    Text reason;
    std::vector<Remedy> resolutions; // each alone is enough
    bool operator==(const EditConflict&) const = default;
};

// Of each Keep that the hard rules do not let be: judged in the order in which they were made (madeAt, then id), each
// beside those before it and the closed sessions; what the planner placed by itself gives way, so it is no conflict.
// An Away of a closed session conflicts too, and, softly, each Keep of an item that is kept or has its play in another
// session of that day, unless the item's own rule allows as many. In the order of judgement.
[[nodiscard]] std::vector<EditConflict> conflictsOf(const PlanInput& input);

// Of `proposed` alone, beside input.edits: nothing is changed. An edit of `proposed` takes the place of one of
// input.edits for the same session and item.
// `absences`: of items that the question does not have.
[[nodiscard]] std::vector<EditConflict> checkEdits(const PlanInput& input, std::span<const model::HandEdit> proposed,
                                                   std::span<const Absence> absences = {});

} // namespace loa::planner
