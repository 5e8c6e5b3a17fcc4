// From rules that repeat (khung giờ) to the sessions of a span of days (buổi phát). Pure, any thread.
//
// RRULE, RDATE and EXDATE are RFC 5545's, all of FREQ and BY…; recurrences are counted in local wall time from the
// rule's start date and time, and resolved to instants in the station's IANA zone. The start date itself is a session
// only when the rule names it, and then it is one of COUNT. RDATE adds starts, EXDATE takes them off (a date alone: all
// of that day); COUNT does not notice either.
// Daylight saving, as RFC 5545, 3.3.5: a start that a gap skips is read with the offset before the gap (02:30 becomes
// 03:30); one that occurs twice is taken at its first occurrence. This holds for FREQ=HOURLY and shorter too, which
// recur on the wall clock like all others: in the gap's hour two starts fall on one instant and are one session, in the
// doubled hour there is one, not two. A session lasts its duration in real seconds; it may run across midnight and
// belongs to the day on which it starts.
//
// Hard rules, from the policy of the day on which the session starts: every instant within the hours, no longer than a
// session may be (with what it relays, and without), no more sessions a day than allowed (the earlier ones stay), no
// two at once on one station (the earlier one stays; at one instant the longer, then the lower rule id). What breaks
// one is refused, with the reason, and counts for nothing else.
//
// Bounded: a rule has at most `maxStartsPerDay` starts a day, and costs at most `maxOccurrences` starts from its start
// date on (of FREQ=HOURLY and shorter also `maxSteps` hours, minutes or seconds looked at), so COUNT=1000000000 does
// not hang; beyond, it is refused as too dense. Calendars other than the Gregorian (RSCALE) are refused.
#pragma once

#include "media/error.h"
#include "scheduler/contract/hours.h"
#include "scheduler/model/session_template.h"
#include "scheduler/model/special_days.h"
#include "scheduler/planner/refusal_cause.h"

#include <QDate>
#include <QTimeZone>

#include <optional>
#include <span>
#include <vector>

namespace loa::planner {

// Steps that one rule may take: daily sessions for more than two centuries.
inline constexpr int maxOccurrences = 100'000;
inline constexpr std::int64_t maxSteps = 20'000'000;
// One session every quarter of an hour, all day.
inline constexpr int maxStartsPerDay = 96;
// RDATE and EXDATE of one rule, each.
inline constexpr std::size_t maxListedStarts = 1000;
// A session of the evening before may still run when the span begins, so the days before it are judged too.
inline constexpr int warmUpDays = 2;
// Longest span that one call expands, in days.
inline constexpr int maxExpandedDays = 800;

struct SessionRefusal {
    SessionRuleId rule;
    QString title;
    RefusalCause cause = RefusalCause::BadRule;
    QDate localDate;                 // invalid for BadRule
    std::optional<UtcTime> startsAt; // absent for BadRule
    Text reason;                     // what to change, for people
    bool operator==(const SessionRefusal&) const = default;
};

// A day on which a calendar stood in place of the session rules.
struct ReplacedDay {
    QDate date;
    QString name;
    QString calendar; // its name
    int dropped = 0;  // sessions that the rules would have asked for
    bool operator==(const ReplacedDay&) const = default;
};

struct Expansion {
    std::vector<model::Session> sessions;   // by startsAt
    std::vector<SessionRefusal> refusals;   // by start; BadRule first
    std::vector<ReplacedDay> replaced = {}; // by date
    bool operator==(const Expansion&) const = default;
};

// Days that a calendar lays down, and the station whose rules they replace.
struct SpecialDays {
    StationId station;
    std::vector<model::SpecialDayInForce> days; // by date
};

// Sessions that start on local days `from` to `until`, both inclusive, of rules of one station. Error: InvalidInput
// when the zone is not known or the span is reversed or too long. A rule that cannot be read costs only itself
// (BadRule). On `special` days no rule gives a session, and the days' own sessions, of `station`, are judged instead; a
// session of the day before that runs past midnight stands. Pass them from two days before `from` on. `templates`:
// those that the rules name; of one that is not there nothing is relayed.
[[nodiscard]] Result<Expansion> expandSessions(std::span<const model::SessionRule> rules,
                                               std::span<const HoursPolicy> policies, const QTimeZone& zone, QDate from,
                                               QDate until, std::span<const model::SessionTemplate> templates = {},
                                               const SpecialDays& special = {});

// What expandSessions() would refuse as BadRule: for whoever takes a rule from a person. Error: InvalidInput,
// Unsupported or LimitExceeded.
[[nodiscard]] Result<void> checkRule(const model::SessionRule& rule);

// The instant of a local wall time, by the rule for gaps and overlaps above.
[[nodiscard]] UtcTime instantOf(QDate date, QTime time, const QTimeZone& zone);

// The local day of an instant.
[[nodiscard]] QDate localDateOf(UtcTime instant, const QTimeZone& zone);

} // namespace loa::planner
