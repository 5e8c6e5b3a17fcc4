#include "scheduler/planner/schedule_calendar.h"

#include "scheduler/planner/calendar_lines.h"

namespace loa::planner {

QByteArray scheduleCalendar(const QString& name, std::span<const CalendarSession> sessions, UtcTime writtenAt)
{
    QByteArray file;
    addCalendarHead(file);
    addCalendarLine(file, "X-WR-CALNAME:" + calendarText(name));
    for (const CalendarSession& one : sessions) {
        const model::Session& session = one.session;
        addCalendarLine(file, "BEGIN:VEVENT");
        addCalendarLine(file, "UID:" + session.id.value.toUtf8() + "@loa");
        addCalendarLine(file, "DTSTAMP:" + calendarInstant(writtenAt));
        addCalendarLine(file, "DTSTART:" + calendarInstant(session.startsAt));
        addCalendarLine(file, "DTEND:" + calendarInstant(session.startsAt + toDuration(session.frames)));
        addCalendarLine(file, "SUMMARY:" + calendarText(session.title));
        if (!one.items.isEmpty())
            addCalendarLine(file, "DESCRIPTION:" + calendarText(one.items.join(u'\n')));
        addCalendarLine(file, "TRANSP:TRANSPARENT");
        addCalendarLine(file, "END:VEVENT");
    }
    addCalendarLine(file, "END:VCALENDAR");
    return file;
}

} // namespace loa::planner
