// Recurrence in local wall time: by days with libical, by hours and shorter with short_recurrence. Internal to the
// planner. Pure, any thread.
#pragma once

#include "media/error.h"
#include "scheduler/model/session.h"

#include <QDate>
#include <QTimeZone>

#include <chrono>
#include <vector>

namespace loa::planner {

// Seconds since 1970-01-01T00:00:00 on the wall clock of the station, whatever its zone.
using WallTime = std::chrono::duration<std::int64_t>;

[[nodiscard]] WallTime wallTimeOf(QDate date, QTime time);
[[nodiscard]] QDate dateOf(WallTime wall);

// Whether the rule's RRULE, RDATE and EXDATE can be read. Error: InvalidInput, Unsupported, LimitExceeded; `where` is
// the part.
[[nodiscard]] Result<void> checkRecurrence(const model::SessionRule& rule);

// Wall times at which `rule` begins a session on local days `from` to `until`, within its own validity, rising. `zone`
// serves an UNTIL given in UTC. Error: those of checkRecurrence(), LimitExceeded when the rule is too dense
// (sessions.h).
[[nodiscard]] Result<std::vector<WallTime>> startsOf(const model::SessionRule& rule, const QTimeZone& zone, QDate from,
                                                     QDate until);

} // namespace loa::planner
