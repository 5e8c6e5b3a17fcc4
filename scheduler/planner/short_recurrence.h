// Recurrence by hours, minutes and seconds (RFC 5545, 3.3.10), day by day, so that days which the rule passes over cost
// nothing: libical walks every second between two starts, centuries of them when there is none, and its 3.0.16 loses
// the interval's step where BYHOUR passes hours over. Internal to the planner. Pure, any thread.
#pragma once

#include "scheduler/planner/recurrence.h"
#include "scheduler/planner/recurrence_rule.h"

namespace loa::planner {

// Starts of `rule`, whose frequency is Hourly or shorter, on local days `first` to `last`, rising, none before `begin`
// (DTSTART) nor after `end`. Counted rules are walked from `begin`. Error: LimitExceeded by the bounds of sessions.h.
[[nodiscard]] Result<std::vector<WallTime>> shortStartsOf(const RecurrenceRule& rule, WallTime begin,
                                                          std::optional<WallTime> end, QDate first, QDate last);

// What BYMONTH, BYMONTHDAY, BYYEARDAY and BYDAY without ordinals say of a day when they narrow (RFC 5545's table).
[[nodiscard]] bool dayHolds(const RecurrenceRule& rule, QDate date);

// BYSETPOS of the starts of one period.
[[nodiscard]] std::vector<WallTime> atPositions(const std::vector<WallTime>& starts, const std::vector<int>& positions);

} // namespace loa::planner
