// Which hours policy binds a unit on which day: of the tree as it is that day the nearest unit that has one in force,
// and of its policies the one that began last. Pure, any thread. Source: the commune answers for its loudspeakers
// within what the district and the city lay down (domain.md, "Law and rules"); a paper of its own replaces theirs.
#pragma once

#include "scheduler/contract/hours.h"
#include "scheduler/model/unit_tree.h"

#include <QHash>

#include <vector>

namespace loa::model {

// What binds `unit` on the days [from, until], as policies of which no two are in force on one day, by first day, so
// that policyOn() finds the right one. A policy that another interrupts stands twice. The first begins, and the last
// ends, as its paper says: the answer changes with what is in force, not with the days asked about. Days on which no
// policy is in force stay without.
[[nodiscard]] std::vector<HoursPolicy> hoursInForce(const UnitId& unit, const UnitTree& tree,
                                                    const QHash<UnitId, std::vector<HoursPolicy>>& byUnit, QDate from,
                                                    QDate until);

} // namespace loa::model
