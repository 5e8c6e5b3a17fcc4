// What a replan changed, as a value: for the page that shows it before anything is published, and for whoever asks why.
// Pure, any thread.
#pragma once

#include "scheduler/planner/absence.h"
#include "scheduler/planner/plan.h"

#include <span>
#include <vector>

namespace loa::planner {

struct AddedPlay {
    Placement placement;
    Text reason; // why it is new: what made it so, and what it is there for
    bool operator==(const AddedPlay&) const = default;
};

struct RemovedPlay {
    Placement placement;
    Text reason; // why it is gone
    bool operator==(const RemovedPlay&) const = default;
};

// The item plays in another session instead, or elsewhere in the same one.
struct MovedPlay {
    Placement before;
    Placement after;
    Text reason; // why it could not stay, and what it is there for now
    bool operator==(const MovedPlay&) const = default;
};

struct PlanDifference {
    std::vector<AddedPlay> added;     // in the order of Plan::placements
    std::vector<MovedPlay> moved;     // by where they were
    std::vector<RemovedPlay> removed; // in the order of Plan::placements
    bool operator==(const PlanDifference&) const = default;

    [[nodiscard]] bool isEmpty() const { return added.empty() && moved.empty() && removed.empty(); }
};

// From `before` to `after`, both of one station. An item that lost one play and gained another is one that moved, the
// nearest two in time taken together. What differs in words alone is no difference; a new recording is removed and
// added. `input` is the question of `after`: it tells why (withdrawn, no longer valid, session gone or refused, edited
// by hand, a new recording, gave way to which item, a session that is new). `gone`: sessions of `before` that the
// question does not name any more; of those that neither it nor `gone` tells of nothing is known, so they are passed
// over, and so are those before input.frozenUntil.
[[nodiscard]] PlanDifference difference(const Plan& before, const Plan& after, const PlanInput& input,
                                        std::span<const model::Session> gone = {},
                                        std::span<const Absence> absences = {});

} // namespace loa::planner
