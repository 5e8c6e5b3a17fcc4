// "Why not?": for an item and a span of days, what keeps it out of each session it is not in. Pure, any thread.
#pragma once

#include "scheduler/planner/absence.h"
#include "scheduler/planner/obstacle.h"
#include "scheduler/planner/plan.h"

#include <span>
#include <vector>

namespace loa::planner {

struct WhyNotReason {
    Obstacle obstacle = Obstacle::NotItsTurn;
    Text text;
    std::vector<SessionId> sessions; // by start; empty where it holds for all
    bool operator==(const WhyNotReason&) const = default;
};

struct WhyNot {
    std::vector<SessionId> plays;      // of those asked about: it is in these
    std::vector<WhyNotReason> reasons; // the one of most sessions first
    std::vector<Remedy> remedies;      // each alone opens some session; of what plays already: how to choose one more
    bool operator==(const WhyNot&) const = default;
};

// Sessions of [from, until], as `answer`, the plan of `input`, stands; and of those that do not take place the
// refusals, each once a rule and cause. `absences`: of items that the question does not have.
[[nodiscard]] WhyNot whyNot(const PlanInput& input, const Plan& answer, const ItemId& item, QDate from, QDate until,
                            std::span<const Absence> absences = {});

// The same for each of `items`, the plan read once.
[[nodiscard]] std::vector<WhyNot> whyNot(const PlanInput& input, const Plan& answer, std::span<const ItemId> items,
                                         QDate from, QDate until, std::span<const Absence> absences = {});

} // namespace loa::planner
