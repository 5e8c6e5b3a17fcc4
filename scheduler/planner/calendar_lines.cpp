#include "scheduler/planner/calendar_lines.h"

#include <QDateTime>

namespace loa::planner {

namespace {

constexpr qsizetype longestCalendarLine = 75; // octets, without CRLF

} // namespace

void addCalendarLine(QByteArray& file, const QByteArray& line)
{
    qsizetype begin = 0;
    qsizetype room = longestCalendarLine;
    while (line.size() - begin > room) {
        qsizetype end = begin + room;
        // Bytes 10xxxxxx continue a character of UTF-8.
        while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;
        file += line.mid(begin, end - begin) + "\r\n ";
        begin = end;
        room = longestCalendarLine - 1; // the space in front counts
    }
    file += line.mid(begin) + "\r\n";
}

void addCalendarHead(QByteArray& file)
{
    addCalendarLine(file, "BEGIN:VCALENDAR");
    addCalendarLine(file, "VERSION:2.0");
    addCalendarLine(file, "PRODID:-//Loa//Loa scheduler//VI");
    addCalendarLine(file, "CALSCALE:GREGORIAN");
    addCalendarLine(file, "METHOD:PUBLISH");
}

QByteArray calendarText(const QString& text)
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
    return result.toUtf8();
}

QByteArray calendarInstant(UtcTime instant)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'")).toLatin1();
}

} // namespace loa::planner
