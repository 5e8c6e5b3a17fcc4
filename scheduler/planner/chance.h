// How likely what is owed will have sounded, each planned play failing by itself with the station's rate of failure.
// Internal to the planner; pure.
#pragma once

#include "scheduler/planner/board.h"

#include <span>
#include <vector>

namespace loa::planner {

// An item with the plays that are expected of it in a period.
struct ExpectedPlays {
    int planned = 0;      // that may fail
    bool sounded = false; // it has sounded already
};

// That at least `required` of the items sound.
[[nodiscard]] double distinctChance(std::span<const ExpectedPlays> items, std::int64_t required, double failure);

// That plays of these weights, each whole or not at all, bring at least `missing` together.
[[nodiscard]] double sumChance(std::span<const std::int64_t> weights, std::int64_t missing, double failure);

// Of what else than the board's plays a chance is made.
struct ChanceChange {
    int more = noItem; // an item with one play more than it has
    int less = noItem; // one without its play in that session
    int lessFrom = -1;
    bool closedAlone = false; // without the plays of open sessions
};

// That the demand is held at the end. Of plays of minutes, whole seconds count.
[[nodiscard]] double chanceOf(const Board& board, int demand, const ChanceChange& change = {});

// What the demand's chance is made of: plays that count, for more to be added. Of distinct items the items, else the
// plays' weights.
struct ChanceParts {
    std::vector<ExpectedPlays> items;
    std::vector<std::int64_t> weights; // 1 a play, or seconds
    std::int64_t missing = 0;          // what the weights have to bring

    [[nodiscard]] double chance(const Demand& demand, double failure) const;
};
[[nodiscard]] ChanceParts chancePartsOf(const Board& board, int demand, const ChanceChange& change = {});

// Known at a glance: the demand stays sure enough without plays of `loss` (in its measure). False: it may yet. By
// Bernstein's inequality.
[[nodiscard]] bool isAmplySure(const Demand& demand, std::int64_t loss, double failure);

// Whether the demand is held with at least `sureEnough` as the board stands.
[[nodiscard]] bool isSure(const Board& board, int demand);

} // namespace loa::planner
