// Session rules (khung giờ) as an iCalendar file (.ics, RFC 5545), for other calendar programs and back. Pure, any
// thread.
//
// One VEVENT a rule: its UID from the rule's id, DTSTART and its lists in the station's zone, a VTIMEZONE beside. So
// that other programs show the sessions that Loa makes, DTSTART is the first start that the rule names (within validity
// where COUNT does not forbid), and a last day of validity stands as UNTIL. What that spelling hides stands in X-LOA-
// properties and is believed only while the standard ones agree with it: whoever moves an event elsewhere is obeyed.
#pragma once

#include "media/error.h"
#include "scheduler/contract/time.h"
#include "scheduler/model/session.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QTimeZone>

#include <span>
#include <vector>

namespace loa::planner {

inline constexpr qsizetype mostCalendarBytes = 1024 * 1024;
inline constexpr std::size_t mostCalendarEvents = 500;
inline constexpr qsizetype longestRuleTitle = 200;
inline constexpr qsizetype longestRuleText = 500; // of an RRULE

// `writtenAt` is DTSTAMP. Error: InvalidInput and the like when a rule cannot be read; `where` is its title.
[[nodiscard]] Result<QByteArray> ruleCalendar(std::span<const model::SessionRule> rules, const QTimeZone& zone,
                                              UtcTime writtenAt);

// What stands against an event.
struct CalendarProblem {
    int line = 0;  // of the file, from 1: where the event begins, or the property that is wrong
    QString event; // SUMMARY, or UID where there is none
    Text message;  // what to do
    bool operator==(const CalendarProblem&) const = default;
};

// With any problem there are no rules: a file is taken whole or not at all.
struct CalendarRules {
    std::vector<model::SessionRule> rules; // in the file's order
    std::vector<CalendarProblem> problems;
};

// Reads what ruleCalendar() writes, and what other programs do: times with TZID (IANA, Windows' names, a VTIMEZONE of
// one offset), in UTC or floating (then the station's); DTEND for DURATION; lists of values; one occurrence moved or
// cancelled (RECURRENCE-ID) becomes a start added and one taken off. An event that is cancelled is no rule. VTODO,
// VJOURNAL, VFREEBUSY and VALARM are passed over. Rules of another zone are turned to the station's wall clock when
// every occurrence keeps its instant, and refused else. A rule keeps its id when the file was written for this station;
// else its id is derived from station and UID, so that reading a file again finds the same rules. Error: InvalidInput
// (no calendar; line in `where`), LimitExceeded.
[[nodiscard]] Result<CalendarRules> rulesFromCalendar(QByteArrayView bytes, const StationId& station,
                                                      const QTimeZone& zone);

// The same sessions by the same words, however the RRULE is spelled and the lists are ordered.
[[nodiscard]] bool sameRule(const model::SessionRule& a, const model::SessionRule& b);

struct RuleChange {
    model::SessionRule before;
    model::SessionRule after;
};

struct RuleChanges {
    std::vector<model::SessionRule> added;
    std::vector<RuleChange> changed;
    std::vector<model::SessionRule> removed;
};

// What it takes to make `wanted` of `present`, by id.
[[nodiscard]] RuleChanges ruleChanges(std::span<const model::SessionRule> present,
                                      std::span<const model::SessionRule> wanted);

} // namespace loa::planner
