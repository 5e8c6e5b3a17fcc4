// Small questions, nasty ones among them, made from a seed; smaller ones made from one that fails; and how to read
// them.
#pragma once

#include "scheduler/planner/plan.h"

#include <functional>
#include <string>

namespace loa::planner::test {

[[nodiscard]] PlanInput instance(unsigned seed);

// The smallest question of which `fails` still holds, found by leaving out one thing after another.
[[nodiscard]] PlanInput shrunk(PlanInput input, const std::function<bool(const PlanInput&)>& fails);

[[nodiscard]] std::string described(const PlanInput& input);

} // namespace loa::planner::test
