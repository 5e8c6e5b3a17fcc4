// Who may do what, where. A role holds for its unit and all below it. Closed by default: what the table does not grant
// is refused, and no role includes another (an administrator does not approve). Pure functions, any thread.
#pragma once

#include "scheduler/model/item.h"
#include "scheduler/model/unit_tree.h"
#include "scheduler/model/user.h"

#include <QDate>
#include <QString>

#include <vector>

namespace loa::model {

enum class Action {
    Read, // units, stations, items, schedules, compliance
    ReadAudit,
    ManageUnits,
    ManageStations, // and their speaker clusters
    ManageUsers,
    ManageAgents,   // enrolment, revocation
    ManagePolicies, // quiet hours
    ManageSessionRules,
    ManageObligations,
    EditItems,    // make, change, upload, submit
    ApproveItems, // approve and reject
    WithdrawItems,
    Plan,            // ask for a new plan
    PlayNow,         // let stations play an approved item at once, stop what plays
    ControlStations, // volume, test tone
    SpeakLive,       // what is said live nobody can approve before: who may approve speaks
};

// `today` is the date whose tree counts.
[[nodiscard]] bool mayDo(const User& user, Action action, const UnitId& unit, const UnitTree& tree, QDate today);

// For an item: its maker needs the right over the item's unit and over its scope; who approves, over the scope (all
// stations where it will sound); who withdraws, over either; who reads, over either, or has a unit within the scope (it
// sounds there).
[[nodiscard]] bool mayDo(const User& user, Action action, const Item& item, const UnitTree& tree, QDate today);

// mayDo() as a result. Error: Forbidden, naming the role that is needed.
[[nodiscard]] Result<void> demand(const User& user, Action action, const UnitId& unit, const UnitTree& tree,
                                  QDate today);
[[nodiscard]] Result<void> demand(const User& user, Action action, const Item& item, const UnitTree& tree, QDate today);

// The units that a grant for `action` names, each standing for all below it.
[[nodiscard]] std::vector<UnitId> unitsFor(const User& user, Action action);

[[nodiscard]] std::vector<Role> rolesFor(Action action);

} // namespace loa::model
