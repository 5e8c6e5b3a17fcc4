// The finished schedule as an iCalendar file (.ics, RFC 5545) that other calendars read. Pure, any thread. Instants are
// written in UTC, so that no VTIMEZONE is needed and no reader can take them for another zone's.
#pragma once

#include "scheduler/contract/time.h"
#include "scheduler/model/session.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <span>

namespace loa::planner {

struct CalendarSession {
    model::Session session;
    QStringList items; // one line each, in the order of sounding
};

// One VEVENT a session, its UID from the session's id, so that a calendar that reads the file again replaces what it
// has. `writtenAt` is DTSTAMP. Lines end in CRLF and are folded at 75 octets, never within a character; text is escaped
// (3.3.11) and control characters left out.
[[nodiscard]] QByteArray scheduleCalendar(const QString& name, std::span<const CalendarSession> sessions,
                                          UtcTime writtenAt);

} // namespace loa::planner
