// The events of an iCalendar file as they are written, before anything is made of them: lines are joined here, values
// are read by libical. Internal to the planner. Pure, any thread.
#pragma once

#include "scheduler/planner/rule_calendar.h"

#include <QDate>
#include <QHash>
#include <QString>
#include <QTime>

#include <optional>

namespace loa::planner {

struct CalendarTime {
    QDate date;
    QTime time; // null: a DATE
    bool isUtc = false;
    QString tzid; // empty and not UTC: floating
    bool operator==(const CalendarTime&) const = default;
};

struct CalendarEvent {
    int line = 0; // of BEGIN:VEVENT
    QString uid;
    QString summary;
    std::optional<CalendarTime> start;
    std::optional<CalendarTime> end;
    std::optional<CalendarTime> recurrenceId;
    std::optional<std::chrono::seconds> duration;
    QString rrule; // as written
    std::vector<CalendarTime> added;
    std::vector<CalendarTime> removed;
    bool cancelled = false;
    QHash<QString, QString> own; // X-LOA-…
};

// What a VTIMEZONE says of a TZID that is no IANA name.
struct CalendarZone {
    QString location;         // X-LIC-LOCATION, may be empty
    std::vector<int> offsets; // each TZOFFSETTO, seconds east
};

struct CalendarFile {
    std::vector<CalendarEvent> events;
    QHash<QString, CalendarZone> zones; // by TZID
    std::vector<CalendarProblem> problems;
};

// Error: InvalidInput (not a calendar, broken nesting; line in `where`), LimitExceeded.
[[nodiscard]] Result<CalendarFile> readCalendarFile(QByteArrayView bytes);

// SUMMARY, or UID where there is none.
[[nodiscard]] QString nameOf(const CalendarEvent& event);

} // namespace loa::planner
