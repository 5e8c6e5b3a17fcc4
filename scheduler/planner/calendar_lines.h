// How both iCalendar files (RFC 5545) that Loa writes are spelled: lines, text, instants. Internal to the planner.
// Pure, any thread.
#pragma once

#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QString>

namespace loa::planner {

// Ends the line with CRLF and folds it at 75 octets, never within a character (3.1).
void addCalendarLine(QByteArray& file, const QByteArray& line);

// BEGIN:VCALENDAR and what every file of Loa says of itself.
void addCalendarHead(QByteArray& file);

// A TEXT value (3.3.11), without control characters.
[[nodiscard]] QByteArray calendarText(const QString& text);

// "20261130T223000Z"; fractions of a second are cut off.
[[nodiscard]] QByteArray calendarInstant(UtcTime instant);

} // namespace loa::planner
