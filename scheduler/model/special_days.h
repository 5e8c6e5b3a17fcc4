// Days on which the usual session rules do not hold (ngày đặc biệt): Tết, a public holiday, a mourning, an election. A
// unit's calendar names them; on such a day its sessions stand in place of those of all rules, or there is silence.
// Plain values and pure functions, any thread. A day replaces rules, never hours: what it asks for is judged by the
// hours policy like any other session.
#pragma once

#include "scheduler/model/session.h"
#include "scheduler/model/unit_tree.h"

#include <QHash>
#include <QJsonArray>

namespace loa::model {

enum class SpecialDayKind {
    Silent,   // no session at all
    Sessions, // these instead
    AsUsual,  // the session rules hold after all: a unit takes back what one above it laid down
};
[[nodiscard]] QString toString(SpecialDayKind kind); // "silent", "sessions", "as_usual"
[[nodiscard]] Result<SpecialDayKind> specialDayKindFromString(QStringView text);

struct SpecialSession {
    QString title;
    QTime startTime; // local, in the station's zone
    std::chrono::seconds duration{0};
    std::optional<TemplateId> made = {}; // what it is made of; none: items from end to end
    bool operator==(const SpecialSession&) const = default;
};

struct SpecialDay {
    QDate date;
    QString name;
    SpecialDayKind kind = SpecialDayKind::Silent;
    std::vector<SpecialSession> sessions = {}; // of kind Sessions alone
    bool operator==(const SpecialDay&) const = default;
};

struct SpecialCalendar {
    SpecialCalendarId id;
    UnitId unit;
    QString name;
    QString decision; // the paper that it rests on; may be empty
    std::vector<SpecialDay> days;
    std::int64_t revision = 1; // rises with every change, for If-Match
    bool operator==(const SpecialCalendar&) const = default;
};

inline constexpr std::size_t mostSpecialDays = 400;
inline constexpr std::size_t mostSpecialSessions = 24; // a day

// A day that replaces the rules of a station, and where that is written.
struct SpecialDayInForce {
    SpecialCalendarId calendar;
    QString calendarName;
    SpecialDay day;
    bool operator==(const SpecialDayInForce&) const = default;
};

// Which days replace the rules of a unit's stations, by date: of the tree as it is that day the nearest unit that names
// the day binds; of its calendars the one made last. Days that go on as usual are left out.
[[nodiscard]] std::vector<SpecialDayInForce>
specialDaysInForce(const UnitId& unit, const UnitTree& tree, const QHash<UnitId, std::vector<SpecialCalendar>>& byUnit,
                   QDate from, QDate until);

// The day's sessions as rules of one start each. Their ids are derived from calendar, day and time, so that planning
// again names the same sessions.
[[nodiscard]] std::vector<SessionRule> sessionRulesOf(const SpecialDayInForce& day, const StationId& station);

// A name, days named once, sessions where they belong, with times and lengths of a second to 24 hours. Error:
// InvalidInput with the place ("/days/3/sessions/0/start_time").
[[nodiscard]] Result<void> checkCalendar(const SpecialCalendar& calendar);

// The days as API and store write them.
[[nodiscard]] QJsonArray daysToJson(const std::vector<SpecialDay>& days);
// Error: InvalidInput with the place; unknown members are refused.
[[nodiscard]] Result<std::vector<SpecialDay>> specialDaysFromJson(const QJsonArray& array);

} // namespace loa::model
