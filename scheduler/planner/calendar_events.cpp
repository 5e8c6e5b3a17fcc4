#include "scheduler/planner/calendar_events.h"

#include "scheduler/planner/sessions.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

namespace loa::planner {

namespace {

constexpr qsizetype longestUnfoldedLine = 64 * 1024;
constexpr std::size_t mostProblems = 100;

struct ComponentDeleter {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

struct CalendarLine {
    int number = 0; // of its first part
    QByteArray text;
    QByteArray name; // upper case, without parameters
};

tl::unexpected<Error> brokenCalendar(int line, const Text& message)
{
    return fail(ErrorCategory::InvalidInput, message, QStringLiteral("line %1").arg(line));
}

// Content lines with their folds undone (3.1).
Result<std::vector<CalendarLine>> linesOf(QByteArrayView bytes)
{
    std::vector<CalendarLine> lines;
    if (bytes.startsWith("\xEF\xBB\xBF"))
        bytes = bytes.sliced(3);
    if (std::ranges::find(bytes, '\0') != bytes.end() || !QUtf8StringView(bytes).isValidUtf8()) {
        return brokenCalendar(1,
                              {QStringLiteral("Tệp không phải văn bản UTF-8. Hãy xuất lại dưới dạng iCalendar (.ics)."),
                               QStringLiteral("The file is no UTF-8 text. Export it again as iCalendar (.ics).")});
    }
    int number = 0;
    for (const QByteArray& raw : bytes.toByteArray().split('\n')) {
        ++number;
        const QByteArray part = raw.endsWith('\r') ? raw.chopped(1) : raw;
        const bool continues = part.startsWith(' ') || part.startsWith('\t');
        if (continues && !lines.empty())
            lines.back().text += part.mid(1);
        else if (!part.isEmpty())
            lines.push_back({number, part, {}});
        if (!lines.empty() && lines.back().text.size() > longestUnfoldedLine) {
            return fail(ErrorCategory::LimitExceeded,
                        {QStringLiteral("Tệp .ics có dòng quá dài."), QStringLiteral("The .ics has a line too long.")},
                        QStringLiteral("line %1").arg(lines.back().number));
        }
    }
    for (CalendarLine& line : lines) {
        const auto end = std::ranges::find_if(line.text, [](char c) { return c == ';' || c == ':'; });
        line.name = line.text.left(end - line.text.begin()).trimmed().toUpper();
    }
    return lines;
}

// Behind the first colon that no quotes hold.
QByteArray rawValue(const QByteArray& line)
{
    bool quoted = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ':' && !quoted)
            return line.mid(i + 1).trimmed();
    }
    return {};
}

// The line's properties (libical makes one of each value of a list); none when it cannot read one of them.
class PropertyLine {
public:
    explicit PropertyLine(const QByteArray& line)
    {
        m_event.reset(icalparser_parse_string(("BEGIN:VEVENT\r\n" + line + "\r\nEND:VEVENT\r\n").constData()));
        if (!m_event || icalcomponent_count_errors(m_event.get()) > 0)
            return;
        for (icalproperty* one = icalcomponent_get_first_property(m_event.get(), ICAL_ANY_PROPERTY); one != nullptr;
             one = icalcomponent_get_next_property(m_event.get(), ICAL_ANY_PROPERTY))
            m_properties.push_back(one);
    }

    [[nodiscard]] const std::vector<icalproperty*>& properties() const { return m_properties; }

    [[nodiscard]] QString text() const
    {
        const icalvalue* value = m_properties.empty() ? nullptr : icalproperty_get_value(m_properties.front());
        if (value == nullptr)
            return {};
        const icalvalue_kind kind = icalvalue_isa(value);
        return QString::fromUtf8(kind == ICAL_X_VALUE ? icalvalue_get_x(value) : icalvalue_get_text(value));
    }

    // Absent when a value is no time, such as a PERIOD.
    [[nodiscard]] std::optional<std::vector<CalendarTime>> times() const
    {
        std::vector<CalendarTime> times;
        for (icalproperty* property : m_properties) {
            const icalvalue* value = icalproperty_get_value(property);
            const icalvalue_kind kind = value == nullptr ? ICAL_NO_VALUE : icalvalue_isa(value);
            if (kind != ICAL_DATE_VALUE && kind != ICAL_DATETIME_VALUE)
                return std::nullopt;
            const icaltimetype read =
                kind == ICAL_DATE_VALUE ? icalvalue_get_date(value) : icalvalue_get_datetime(value);
            CalendarTime time;
            time.date = QDate(read.year, read.month, read.day);
            if (icaltime_is_date(read) == 0)
                time.time = QTime(read.hour, read.minute, std::min(read.second, 59));
            time.isUtc = icaltime_is_utc(read) != 0;
            const char* tzid = icalproperty_get_parameter_as_string(property, "TZID");
            if (tzid != nullptr && !time.isUtc)
                time.tzid = QString::fromUtf8(tzid).remove(u'"').trimmed();
            if (!time.date.isValid() || (icaltime_is_date(read) == 0 && !time.time.isValid()))
                return std::nullopt;
            times.push_back(time);
        }
        return times.empty() ? std::nullopt : std::optional(times);
    }

private:
    std::unique_ptr<icalcomponent, ComponentDeleter> m_event;
    std::vector<icalproperty*> m_properties; // m_event's
};

// Takes the lines of a calendar one by one.
class CalendarReader {
public:
    [[nodiscard]] Result<void> take(const CalendarLine& line)
    {
        if (line.name == "BEGIN")
            return begin(line);
        if (line.name == "END")
            return end(line);
        if (m_open.empty())
            return notACalendar(line.number);
        if (m_open.back() == "VEVENT" && m_open.size() == 2)
            takeOfEvent(line);
        else if (m_open.size() >= 2 && m_open[1] == "VTIMEZONE")
            takeOfZone(line);
        return {};
    }

    [[nodiscard]] Result<CalendarFile> finish(int lastLine) &&
    {
        if (!m_began)
            return notACalendar(1);
        if (!m_open.empty())
            return brokenCalendar(
                lastLine,
                {QStringLiteral("Tệp .ics bị cắt: thiếu END:%1.").arg(QString::fromUtf8(m_open.back().left(40))),
                 QStringLiteral("The .ics is cut short: END:%1 is missing.")
                     .arg(QString::fromUtf8(m_open.back().left(40)))});
        return std::move(m_file);
    }

private:
    static tl::unexpected<Error> notACalendar(int line)
    {
        return brokenCalendar(line, {QStringLiteral("Đây không phải tệp iCalendar (.ics): thiếu BEGIN:VCALENDAR."),
                                     QStringLiteral("This is no iCalendar file (.ics): BEGIN:VCALENDAR is missing.")});
    }

    Result<void> begin(const CalendarLine& line)
    {
        const QByteArray kind = rawValue(line.text).toUpper();
        if ((m_open.empty()) != (kind == "VCALENDAR"))
            return notACalendar(line.number);
        if (m_open.size() >= 8)
            return brokenCalendar(line.number, {QStringLiteral("Tệp .ics lồng nhau quá sâu."),
                                                QStringLiteral("The .ics nests too deep.")});
        m_began = true;
        m_open.push_back(kind);
        if (kind == "VEVENT" && m_open.size() == 2) {
            if (m_file.events.size() == mostCalendarEvents) {
                return fail(ErrorCategory::LimitExceeded,
                            {QStringLiteral("Tệp .ics có hơn %1 sự kiện.").arg(mostCalendarEvents),
                             QStringLiteral("The .ics has more than %1 events.").arg(mostCalendarEvents)},
                            QStringLiteral("line %1").arg(line.number));
            }
            m_file.events.emplace_back();
            m_file.events.back().line = line.number;
            m_seen.clear();
            m_lists = 0;
        }
        if (kind == "VTIMEZONE") {
            m_tzid.clear();
            m_zone = {};
        }
        return {};
    }

    Result<void> end(const CalendarLine& line)
    {
        const QByteArray kind = rawValue(line.text).toUpper();
        if (m_open.empty() || m_open.back() != kind)
            return brokenCalendar(
                line.number, {QStringLiteral("END:%1 không khớp với BEGIN nào.").arg(QString::fromUtf8(kind.left(40))),
                              QStringLiteral("END:%1 closes nothing.").arg(QString::fromUtf8(kind.left(40)))});
        m_open.pop_back();
        if (kind == "VTIMEZONE")
            m_file.zones.insert(m_tzid, m_zone);
        return {};
    }

    void remark(const CalendarLine& line, const Text& message)
    {
        // The name is known only when the event has been read whole.
        if (m_file.problems.size() < mostProblems)
            m_file.problems.push_back({line.number, QString::number(m_file.events.size() - 1), message});
    }

    void unreadable(const CalendarLine& line)
    {
        const QString start = QString::fromUtf8(line.text).left(80);
        remark(line, {QStringLiteral("Không đọc được dòng \"%1\".").arg(start),
                      QStringLiteral("The line \"%1\" cannot be read.").arg(start)});
    }

    void takeTime(const CalendarLine& line, std::optional<CalendarTime>& target)
    {
        const auto times = PropertyLine(line.text).times();
        if (times && times->size() == 1)
            target = times->front();
        else
            unreadable(line);
    }

    void takeList(const CalendarLine& line, std::vector<CalendarTime>& target)
    {
        if (++m_lists > 2 * maxListedStarts) {
            if (m_lists == 2 * maxListedStarts + 1)
                remark(line, {QStringLiteral("Sự kiện có quá nhiều RDATE và EXDATE."),
                              QStringLiteral("The event has too many RDATE and EXDATE.")});
            return;
        }
        const auto times = PropertyLine(line.text).times();
        if (times)
            target.insert(target.end(), times->begin(), times->end());
        else
            unreadable(line);
    }

    void takeDuration(const CalendarLine& line, CalendarEvent& event)
    {
        const PropertyLine read(line.text);
        if (read.properties().size() != 1) {
            unreadable(line);
            return;
        }
        const icaldurationtype length = icalproperty_get_duration(read.properties().front());
        if (icaldurationtype_is_bad_duration(length) != 0)
            unreadable(line);
        const auto seconds = std::chrono::weeks(length.weeks) + std::chrono::days(length.days) +
                             std::chrono::hours(length.hours) + std::chrono::minutes(length.minutes) +
                             std::chrono::seconds(length.seconds);
        event.duration = length.is_neg != 0 ? -seconds : seconds;
    }

    void takeOfEvent(const CalendarLine& line)
    {
        CalendarEvent& event = m_file.events.back();
        const QByteArray& name = line.name;
        if (name == "RDATE")
            return takeList(line, event.added);
        if (name == "EXDATE")
            return takeList(line, event.removed);
        static const QList<QByteArray> single{"UID",   "SUMMARY",  "DTSTART",       "DTEND",
                                              "RRULE", "DURATION", "RECURRENCE-ID", "STATUS"};
        const bool own = name.startsWith("X-LOA-");
        if (name == "EXRULE") {
            remark(line, {QStringLiteral("Không hỗ trợ EXRULE. Hãy bỏ từng ngày bằng EXDATE."),
                          QStringLiteral("EXRULE is not taken. Take days off one by one, with EXDATE.")});
            return;
        }
        if (!own && !single.contains(name))
            return;
        if (m_seen.contains(name)) {
            remark(line, {QStringLiteral("%1 chỉ được ghi một lần cho một sự kiện.").arg(QString::fromUtf8(name)),
                          QStringLiteral("%1 stands once in an event.").arg(QString::fromUtf8(name))});
            return;
        }
        m_seen.append(name);
        if (m_seen.size() > 64)
            return;
        if (name == "RRULE")
            event.rrule = QString::fromUtf8(rawValue(line.text));
        else if (name == "DTSTART")
            takeTime(line, event.start);
        else if (name == "DTEND")
            takeTime(line, event.end);
        else if (name == "RECURRENCE-ID") {
            takeTime(line, event.recurrenceId);
            if (line.text.toUpper().contains("THISANDFUTURE"))
                remark(
                    line,
                    {QStringLiteral("Không hỗ trợ sửa \"từ buổi này về sau\". Hãy tách thành khung giờ riêng."),
                     QStringLiteral("A change of \"this and all later\" is not taken. Make it an event of its own.")});
        } else if (name == "DURATION")
            takeDuration(line, event);
        else if (name == "STATUS")
            event.cancelled = rawValue(line.text).toUpper() == "CANCELLED";
        else {
            const QString text = PropertyLine(line.text).text().trimmed();
            if (name == "UID")
                event.uid = text;
            else if (name == "SUMMARY")
                event.summary = text;
            else
                event.own.insert(QString::fromLatin1(name), text);
        }
    }

    void takeOfZone(const CalendarLine& line)
    {
        if (line.name == "TZID")
            m_tzid = QString::fromUtf8(rawValue(line.text));
        else if (line.name == "X-LIC-LOCATION")
            m_zone.location = QString::fromUtf8(rawValue(line.text));
        else if (line.name == "TZOFFSETTO" && m_zone.offsets.size() < 1000) {
            const PropertyLine read(line.text);
            if (read.properties().size() == 1)
                m_zone.offsets.push_back(icalproperty_get_tzoffsetto(read.properties().front()));
        }
    }

    CalendarFile m_file;
    QList<QByteArray> m_open; // components, outermost first
    QList<QByteArray> m_seen; // properties of the open event
    std::size_t m_lists = 0;  // RDATE and EXDATE lines of it
    QString m_tzid;           // of the open VTIMEZONE
    CalendarZone m_zone;
    bool m_began = false;
};

} // namespace

QString nameOf(const CalendarEvent& event)
{
    return event.summary.isEmpty() ? event.uid : event.summary;
}

Result<CalendarFile> readCalendarFile(QByteArrayView bytes)
{
    if (bytes.size() > mostCalendarBytes) {
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp .ics lớn hơn 1 MB."), QStringLiteral("The .ics is larger than 1 MB.")});
    }
    const auto lines = linesOf(bytes);
    if (!lines)
        return passOn(lines);
    CalendarReader reader;
    for (const CalendarLine& line : *lines) {
        if (const auto taken = reader.take(line); !taken)
            return passOn(taken);
    }
    auto file = std::move(reader).finish(lines->empty() ? 1 : lines->back().number);
    if (!file)
        return file;
    for (CalendarProblem& problem : file->problems)
        problem.event = nameOf(file->events[problem.event.toUInt()]);
    return file;
}

} // namespace loa::planner
