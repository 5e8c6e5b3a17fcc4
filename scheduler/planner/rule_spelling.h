// How a session rule is spelled in an .ics, shared by writer and reader. Internal to the planner. Pure, any thread.
#pragma once

#include "scheduler/planner/recurrence.h"

#include <QString>

namespace loa::planner {

inline constexpr char startProperty[] = "X-LOA-START";            // the rule's own start, where DTSTART is a later one
inline constexpr char validFromProperty[] = "X-LOA-VALID-FROM";   // "2026-12-01"
inline constexpr char validUntilProperty[] = "X-LOA-VALID-UNTIL"; // likewise
inline constexpr char stationProperty[] = "X-LOA-STATION";        // whose rule it is
inline constexpr char untilProperty[] = "X-LOA-UNTIL";            // what UNTIL was, before it became UTC:
inline constexpr char untilValidity[] = "VALIDITY";               // the last day of validity
inline constexpr char untilDate[] = "DATE";                       // a date
inline constexpr char untilLocal[] = "LOCAL";                     // a time of the station's wall clock
inline constexpr char uidEnding[] = "@loa";

// Where a calendar that takes DTSTART for the first occurrence must begin: the first start that RRULE names, of those
// within validity unless COUNT counts the earlier ones. The rule's own start where none is found within ten years.
[[nodiscard]] WallTime spelledStart(const model::SessionRule& rule, const QTimeZone& zone);

// The rule with its RRULE in one spelling, its lists rising and without doubles.
[[nodiscard]] model::SessionRule inOneSpelling(model::SessionRule rule);

[[nodiscard]] QTime timeOf(WallTime wall);

} // namespace loa::planner
