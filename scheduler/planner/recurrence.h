// RRULE by libical, in local wall time: the one page of Loa that includes libical. Internal to the planner. Pure, any
// thread.
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

// RFC 5545's grammar as far as Loa takes it: known parts, each once, FREQ first known, no HOURLY, MINUTELY, SECONDLY or
// RSCALE. Error: InvalidInput, Unsupported; `where` is the part.
[[nodiscard]] Result<void> checkRecurrence(const QString& rrule);

// Wall times at which `rule` begins a session on local days `from` to `until`, within its own validity, rising. `zone`
// serves an UNTIL given in UTC. Error: those of checkRecurrence(), LimitExceeded when the rule is too dense
// (sessions.h).
[[nodiscard]] Result<std::vector<WallTime>> startsOf(const model::SessionRule& rule, const QTimeZone& zone, QDate from,
                                                     QDate until);

} // namespace loa::planner
