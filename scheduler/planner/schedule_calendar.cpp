#include "scheduler/planner/schedule_calendar.h"

#include <QDateTime>

namespace loa::planner {

namespace {

constexpr qsizetype longestLine = 75; // octets, without CRLF

QByteArray calendarTime(UtcTime instant)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'")).toLatin1();
}

QString escaped(const QString& text)
{
    QString result;
    for (const QChar c : text) {
        if (c == u'\n')
            result += QStringLiteral("\\n");
        else if (c.unicode() < 0x20 || c.unicode() == 0x7f)
            continue;
        else if (c == u'\\' || c == u';' || c == u',')
            result += QString(u'\\') + c;
        else
            result += c;
    }
    return result;
}

void addLine(QByteArray& file, const QByteArray& line)
{
    qsizetype begin = 0;
    qsizetype room = longestLine;
    while (line.size() - begin > room) {
        qsizetype end = begin + room;
        // Bytes 10xxxxxx continue a character of UTF-8.
        while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;
        file += line.mid(begin, end - begin) + "\r\n ";
        begin = end;
        room = longestLine - 1; // the space in front counts
    }
    file += line.mid(begin) + "\r\n";
}

} // namespace

QByteArray scheduleCalendar(const QString& name, std::span<const CalendarSession> sessions, UtcTime writtenAt)
{
    QByteArray file;
    addLine(file, "BEGIN:VCALENDAR");
    addLine(file, "VERSION:2.0");
    addLine(file, "PRODID:-//Loa//Loa scheduler//VI");
    addLine(file, "CALSCALE:GREGORIAN");
    addLine(file, "METHOD:PUBLISH");
    addLine(file, "X-WR-CALNAME:" + escaped(name).toUtf8());
    for (const CalendarSession& one : sessions) {
        const model::Session& session = one.session;
        addLine(file, "BEGIN:VEVENT");
        addLine(file, "UID:" + session.id.value.toUtf8() + "@loa");
        addLine(file, "DTSTAMP:" + calendarTime(writtenAt));
        addLine(file, "DTSTART:" + calendarTime(session.startsAt));
        addLine(file, "DTEND:" + calendarTime(session.startsAt + toDuration(session.frames)));
        addLine(file, "SUMMARY:" + escaped(session.title).toUtf8());
        if (!one.items.isEmpty())
            addLine(file, "DESCRIPTION:" + escaped(one.items.join(u'\n')).toUtf8());
        addLine(file, "TRANSP:TRANSPARENT");
        addLine(file, "END:VEVENT");
    }
    addLine(file, "END:VCALENDAR");
    return file;
}

} // namespace loa::planner
