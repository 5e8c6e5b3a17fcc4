// Why an item is not among those that a plan may place: for the words of "why not?" and of conflicts alone, since the
// planner itself sees only what may sound. Values and pure functions, any thread.
#pragma once

#include "scheduler/planner/plan.h"

#include <vector>

namespace loa::planner {

enum class AbsenceCause {
    NotSubmitted,   // a draft, or its recording could not be taken
    AwaitsApproval, // submitted
    Rejected,       // detail: the approver's words
    Withdrawn,      // detail: why
    NewRecording,   // of an item that has older ones: nobody has approved it
    OutOfScope,     // detail: the unit whose stations may play it
    Twin,           // its recording is that of an item approved before; detail: that one's title
    TuneForbidden,  // of a template's tune: its play rules keep it away from the station
    TuneNotValid,   // of a template's tune: it sounds on the days of validFrom to validUntil alone
};

struct Absence {
    ItemId item;
    AbsenceCause cause = AbsenceCause::NotSubmitted;
    QString detail = {};
    QDate validFrom = {}; // of TuneNotValid
    std::optional<QDate> validUntil = {};
};

[[nodiscard]] Text absenceText(const Absence& absence);
[[nodiscard]] std::vector<Remedy> remediesFor(const Absence& absence);

} // namespace loa::planner
