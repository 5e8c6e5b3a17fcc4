// Which duties bind a unit in which period, in the tree as it will be. Pure, any thread. Source: a period is answered
// for by the unit as it stands on the period's last day, as the reports count it (fleet/compliance_loading).
#pragma once

#include "scheduler/model/obligation.h"
#include "scheduler/model/unit_tree.h"

#include <vector>

namespace loa::model {

// Of `all`, what binds `unit` in periods that end on `from` or later: an obligation that binds it for a time alone
// begins and ends with the periods that it binds, and stands twice when the unit comes back to it. `changes`:
// UnitTree::changesAfter(from).
[[nodiscard]] std::vector<Obligation> dutiesInForce(const UnitId& unit, const UnitTree& tree,
                                                    const std::vector<Obligation>& all, QDate from,
                                                    const std::vector<QDate>& changes);

} // namespace loa::model
