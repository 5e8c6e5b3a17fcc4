// The words of a plan: why each placement is where it is, and what a shortfall
// lacks. Reasons are read off the finished plan, not off the steps that made
// it, so the same plan always has the same words. Internal to the planner.
#pragma once

#include "scheduler/planner/quota.h"
#include "scheduler/planner/remedies.h"

#include <vector>

namespace loa::planner {

// The placements of the board, each with its reason: closed sessions as they
// stood, open ones in order without a gap between items of a segment.
[[nodiscard]] std::vector<Placement> placementsOf(const Board& board);

// In both, `exact`: what is not held cannot be.
// Demands that the plan decides and does not meet, with what would help.
[[nodiscard]] std::vector<Shortfall> shortfallsOf(const Board& board, const std::vector<RemedySet>& remedies,
                                                  bool exact);

// All demands, by period, then obligation.
[[nodiscard]] std::vector<Forecast> forecastsOf(const Board& board, const std::vector<RemedySet>& remedies, bool exact);

// In the measure of the demand: items, airings or full minutes.
[[nodiscard]] int inMeasure(const Demand& demand, std::int64_t value);

// Why it is not held, and what would help; where it is not `proven`, that there may be a way yet.
[[nodiscard]] Text reasonOf(const RemedySet& set, bool proven);

} // namespace loa::planner
