#include "scheduler/planner/calendar_events.h"
#include "scheduler/planner/recurrence_rule.h"
#include "scheduler/planner/rule_calendar.h"
#include "scheduler/planner/rule_spelling.h"
#include "scheduler/planner/sessions.h"

#include <QDateTime>

#include <algorithm>

namespace loa::planner {

namespace {

// An offset between two zones that holds at every half month of these years holds for the rule.
constexpr int comparedMonths = 36;

using Told = tl::unexpected<Text>;
template <typename T>
using Read = tl::expected<T, Text>;

QString dayAndTime(const CalendarTime& time)
{
    return time.date.toString(QStringLiteral("dd/MM/yyyy")) +
           (time.time.isNull() ? QString() : time.time.toString(QStringLiteral(" HH:mm")));
}

std::optional<QTimeZone> namedZone(const QString& name)
{
    const QByteArray id = name.toUtf8();
    if (QTimeZone::isTimeZoneIdAvailable(id))
        return QTimeZone(id);
    const QByteArray iana = QTimeZone::windowsIdToDefaultIanaId(id);
    return iana.isEmpty() ? std::nullopt : std::optional(QTimeZone(iana));
}

// From one file to the rules of one station.
class RuleReading {
public:
    RuleReading(const CalendarFile& file, const StationId& station, const QTimeZone& zone)
        : m_file(file), m_station(station), m_zone(zone)
    {
    }

    [[nodiscard]] Read<model::SessionRule> rule(const CalendarEvent& event, std::span<const CalendarEvent*> overrides)
    {
        model::SessionRule rule;
        rule.station = m_station;
        if (auto named = nameRule(event, rule); !named)
            return Told(named.error());
        if (auto placed = placeRule(event, rule); !placed)
            return Told(placed.error());
        for (const CalendarEvent* override : overrides) {
            if (auto taken = takeOverride(*override, rule); !taken)
                return Told(taken.error());
        }
        restore(event, rule);
        rule = inOneSpelling(std::move(rule));
        if (rule.rrule.size() > longestRuleText) {
            return Told(Text{QStringLiteral("Quy tắc lặp dài quá %1 ký tự.").arg(longestRuleText),
                             QStringLiteral("The RRULE is longer than %1 characters.").arg(longestRuleText)});
        }
        if (const auto sound = checkRule(rule); !sound)
            return Told(sound.error().message);
        return rule;
    }

private:
    // How a time of the file stands on the station's wall clock.
    struct Placed {
        QDate theirDate; // as written
        WallTime wall;   // the station's
        WallTime shift;  // the station's less theirs
        UtcTime instant;
    };

    [[nodiscard]] Read<QTimeZone> zoneOf(const CalendarTime& time) const
    {
        if (time.isUtc)
            return QTimeZone::utc();
        if (time.tzid.isEmpty())
            return m_zone;
        if (auto zone = namedZone(time.tzid))
            return *zone;
        // "/softwarestudio.org/Tzfile/Asia/Ho_Chi_Minh": the end is the name.
        const QStringList parts = time.tzid.split(u'/', Qt::SkipEmptyParts);
        for (const int length : {3, 2}) {
            if (parts.size() <= length || !time.tzid.startsWith(u'/'))
                continue;
            if (auto zone = namedZone(parts.last(length).join(u'/')))
                return *zone;
        }
        if (const auto told = m_file.zones.constFind(time.tzid); told != m_file.zones.cend()) {
            if (auto zone = namedZone(told->location); zone && !told->location.isEmpty())
                return *zone;
            const auto& offsets = told->offsets;
            const bool one =
                !offsets.empty() && std::ranges::all_of(offsets, [&](int offset) { return offset == offsets.front(); });
            if (one && std::abs(offsets.front()) <= 14 * 3600)
                return QTimeZone(offsets.front());
        }
        return Told(
            Text{QStringLiteral("Không biết múi giờ \"%1\". Hãy đặt múi giờ có tên IANA, ví dụ Asia/Ho_Chi_Minh.")
                     .arg(time.tzid.left(80)),
                 QStringLiteral("The time zone \"%1\" is not known. Give it an IANA name such as Asia/Ho_Chi_Minh.")
                     .arg(time.tzid.left(80))});
    }

    [[nodiscard]] Read<Placed> place(const CalendarTime& time) const
    {
        if (time.time.isNull()) {
            return Told(Text{QStringLiteral("Sự kiện cả ngày không có giờ bắt đầu. Hãy đặt giờ cho sự kiện."),
                             QStringLiteral("An all-day event has no time. Give the event a start time.")});
        }
        const auto zone = zoneOf(time);
        if (!zone)
            return Told(zone.error());
        const WallTime theirs = wallTimeOf(time.date, time.time);
        const UtcTime instant = instantOf(time.date, time.time, *zone);
        if (*zone == m_zone)
            return Placed{time.date, theirs, WallTime(0), instant};
        const WallTime wall = wallOf(instant);
        return Placed{time.date, wall, wall - theirs, instant};
    }

    [[nodiscard]] WallTime wallOf(UtcTime instant) const
    {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
        return WallTime(seconds + m_zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC)));
    }

    [[nodiscard]] Read<void> nameRule(const CalendarEvent& event, model::SessionRule& rule) const
    {
        if (event.uid.isEmpty()) {
            return Told(Text{QStringLiteral("Sự kiện thiếu UID."), QStringLiteral("The event has no UID.")});
        }
        const QString stem = event.uid.chopped(std::min<qsizetype>(event.uid.size(), sizeof uidEnding - 1));
        const bool ours = event.uid.endsWith(QLatin1String(uidEnding)) && isValidId(stem) &&
                          event.own.value(QLatin1String(stationProperty)) == m_station.value;
        rule.id = SessionRuleId{ours ? stem : derivedId({u"ics", m_station.value, event.uid})};
        rule.title = event.summary;
        if (rule.title.isEmpty() || rule.title.size() > longestRuleTitle) {
            return Told(Text{
                QStringLiteral("Sự kiện cần có tên (SUMMARY) dài nhất %1 ký tự.").arg(longestRuleTitle),
                QStringLiteral("The event needs a title (SUMMARY) of at most %1 characters.").arg(longestRuleTitle)});
        }
        return {};
    }

    [[nodiscard]] Read<void> placeRule(const CalendarEvent& event, model::SessionRule& rule) const
    {
        if (!event.start) {
            return Told(Text{QStringLiteral("Sự kiện thiếu giờ bắt đầu (DTSTART)."),
                             QStringLiteral("The event has no start (DTSTART).")});
        }
        const auto start = place(*event.start);
        if (!start)
            return Told(start.error());
        rule.startDate = dateOf(start->wall);
        rule.startTime = timeOf(start->wall);
        rule.validFrom = rule.startDate;
        const auto length = lengthOf(event, start->instant);
        if (!length)
            return Told(length.error());
        rule.duration = *length;
        if (!event.rrule.isEmpty()) {
            auto turned = turnedRule(event, *start);
            if (!turned)
                return Told(turned.error());
            rule.rrule = *std::move(turned);
        }
        for (const CalendarTime& time : event.added) {
            const auto added = place(time);
            if (!added)
                return Told(added.error());
            rule.added.push_back({dateOf(added->wall), timeOf(added->wall)});
            rule.validFrom = std::min(rule.validFrom, dateOf(added->wall));
        }
        const qint64 days = start->theirDate.daysTo(rule.startDate);
        for (const CalendarTime& time : event.removed) {
            if (time.time.isNull()) {
                rule.removed.push_back({time.date.addDays(days), {}});
                continue;
            }
            const auto removed = place(time);
            if (!removed)
                return Told(removed.error());
            rule.removed.push_back({dateOf(removed->wall), timeOf(removed->wall)});
        }
        return {};
    }

    [[nodiscard]] Read<std::chrono::seconds> lengthOf(const CalendarEvent& event, UtcTime start) const
    {
        if (event.duration && event.end) {
            return Told(Text{QStringLiteral("Sự kiện có cả DTEND và DURATION."),
                             QStringLiteral("The event has both DTEND and DURATION.")});
        }
        std::optional<std::chrono::seconds> length = event.duration;
        if (event.end) {
            const auto end = place(*event.end);
            if (!end)
                return Told(end.error());
            length = std::chrono::duration_cast<std::chrono::seconds>(end->instant - start);
        }
        if (!length) {
            return Told(Text{QStringLiteral("Sự kiện không có giờ kết thúc (DTEND) hay thời lượng (DURATION)."),
                             QStringLiteral("The event has neither an end (DTEND) nor a DURATION.")});
        }
        if (*length <= std::chrono::seconds(0) || *length > std::chrono::hours(24)) {
            return Told(Text{QStringLiteral("Thời lượng buổi phát phải từ 1 giây đến 24 giờ."),
                             QStringLiteral("A session lasts from one second to 24 hours.")});
        }
        return *length;
    }

    // Whether the other zone's clock stays as far from the station's as at the start.
    [[nodiscard]] bool keepsShift(const CalendarTime& from, WallTime shift) const
    {
        const auto zone = zoneOf(from);
        for (int month = 0; zone && month <= comparedMonths; ++month) {
            for (const int days : {0, 15}) {
                const QDateTime at(from.date.addMonths(month).addDays(days), QTime(12, 0), Qt::UTC);
                if (m_zone.offsetFromUtc(at) - zone->offsetFromUtc(at) != shift.count())
                    return false;
            }
        }
        return zone.has_value();
    }

    // The RRULE as it reads on the station's wall clock.
    [[nodiscard]] Read<QString> turnedRule(const CalendarEvent& event, const Placed& start) const
    {
        auto recurrence = recurrenceFromText(event.rrule);
        if (!recurrence)
            return Told(recurrence.error().message);
        const bool sameClock = event.start->tzid.isEmpty() && !event.start->isUtc;
        const auto zone = zoneOf(*event.start);
        if (sameClock || !zone || *zone == m_zone)
            return toText(*recurrence);
        const int days = static_cast<int>(start.theirDate.daysTo(dateOf(start.wall)));
        const bool shifted = start.shift != WallTime(0) || days != 0;
        const bool byTime = !recurrence->hours.empty() || !recurrence->minutes.empty() ||
                            !recurrence->seconds.empty() || recurrence->frequency < Frequency::Daily;
        const bool byDate = !recurrence->monthDays.empty() || !recurrence->yearDays.empty() ||
                            !recurrence->weekNumbers.empty() || !recurrence->months.empty() ||
                            !recurrence->positions.empty() || recurrence->frequency > Frequency::Weekly;
        if (!keepsShift(*event.start, start.shift) || (shifted && byTime) || (days != 0 && byDate)) {
            return Told(
                Text{QStringLiteral("Khung giờ lặp theo múi giờ khác với đài, không đổi sang giờ của đài được. Hãy đặt "
                                    "sự kiện theo múi giờ %1.")
                         .arg(QString::fromLatin1(m_zone.id())),
                     QStringLiteral(
                         "The event recurs in another time zone and cannot be turned to the station's. Put it into %1.")
                         .arg(QString::fromLatin1(m_zone.id()))});
        }
        const auto turnDay = [days](int weekday) { return (weekday - 1 + days + 14) % 7 + 1; };
        for (OrdinalWeekday& day : recurrence->weekdays)
            day.weekday = turnDay(day.weekday);
        if (days != 0 && recurrence->frequency == Frequency::Weekly)
            recurrence->weekStart = turnDay(recurrence->weekStart);
        if (recurrence->until && !recurrence->until->isUtc) {
            RecurrenceEnd& until = *recurrence->until;
            const WallTime wall = wallTimeOf(until.date, until.time.value_or(QTime(0, 0))) + start.shift;
            until.date = until.time ? dateOf(wall) : until.date.addDays(days);
            if (until.time)
                until.time = timeOf(wall);
        }
        return toText(*recurrence);
    }

    [[nodiscard]] Read<void> takeOverride(const CalendarEvent& event, model::SessionRule& rule) const
    {
        const QString day = dayAndTime(*event.recurrenceId);
        if (event.recurrenceId->time.isNull()) {
            if (event.cancelled)
                rule.removed.push_back({event.recurrenceId->date, {}});
            else
                return Told(Text{
                    QStringLiteral("Sửa đổi của ngày %1 không nói buổi nào. Hãy tách thành khung giờ riêng.").arg(day),
                    QStringLiteral("The change of %1 does not say which start. Make it an event of its own.")
                        .arg(day)});
            return {};
        }
        const auto meant = place(*event.recurrenceId);
        if (!meant)
            return Told(meant.error());
        const model::LocalStart before{dateOf(meant->wall), timeOf(meant->wall)};
        if (event.cancelled) {
            rule.removed.push_back(before);
            return {};
        }
        if (!event.start)
            return Told(Text{QStringLiteral("Sửa đổi của buổi %1 thiếu DTSTART.").arg(day),
                             QStringLiteral("The change of %1 has no DTSTART.").arg(day)});
        const auto moved = place(*event.start);
        if (!moved)
            return Told(moved.error());
        const auto length = lengthOf(event, moved->instant);
        if (!length)
            return Told(length.error());
        if (*length != rule.duration || event.summary != rule.title) {
            return Told(Text{
                QStringLiteral("Buổi %1 có tên hoặc thời lượng khác với khung giờ. Hãy tách thành khung giờ riêng.")
                    .arg(day),
                QStringLiteral(
                    "The session of %1 has another title or length than its rule. Make it an event of its own.")
                    .arg(day)});
        }
        const model::LocalStart after{dateOf(moved->wall), timeOf(moved->wall)};
        if (after == before)
            return {};
        rule.removed.push_back(before);
        rule.added.push_back(after);
        std::erase(rule.removed, after);
        rule.validFrom = std::min(rule.validFrom, after.date);
        return {};
    }

    // What the X-LOA- properties add, as far as the others bear it out.
    void restore(const CalendarEvent& event, model::SessionRule& rule) const
    {
        const auto ownDate = [&](const char* name) {
            return QDate::fromString(event.own.value(QLatin1String(name)), Qt::ISODate);
        };
        const QDate validUntil = ownDate(validUntilProperty);
        if (validUntil.isValid())
            rule.validUntil = validUntil;
        restoreUntil(event.own.value(QLatin1String(untilProperty)), rule);
        const WallTime written = wallTimeOf(rule.startDate, rule.startTime);
        const QDate validFrom = ownDate(validFromProperty);
        model::SessionRule before = rule;
        if (validFrom.isValid())
            before.validFrom = validFrom;
        const auto start = model::localStartFromString(event.own.value(QLatin1String(startProperty)));
        if (start && start->time.isValid()) {
            before.startDate = start->date;
            before.startTime = start->time;
        }
        if (spelledStart(before, m_zone) == written)
            rule = before;
        else if (validFrom.isValid())
            rule.validFrom = std::min(validFrom, rule.startDate);
        // An event that was moved beyond the day on which it ended ends no more.
        if (rule.validUntil && *rule.validUntil < rule.validFrom)
            rule.validUntil.reset();
    }

    void restoreUntil(const QString& was, model::SessionRule& rule) const
    {
        auto recurrence = recurrenceFromText(rule.rrule);
        if (was.isEmpty() || rule.rrule.isEmpty() || !recurrence)
            return;
        const bool ofValidity = was == QLatin1String(untilValidity);
        if (!recurrence->until || !recurrence->until->isUtc || !recurrence->until->time) {
            // Somebody took the end away.
            if (ofValidity && !recurrence->until)
                rule.validUntil.reset();
            return;
        }
        const UtcTime instant = instantOf(recurrence->until->date, *recurrence->until->time, QTimeZone::utc());
        const WallTime wall = wallOf(instant);
        const bool wholeDay = timeOf(wall) == QTime(23, 59, 59);
        if (ofValidity) {
            if (wholeDay && rule.validUntil == dateOf(wall))
                recurrence->until.reset();
            else
                rule.validUntil.reset();
        } else if (was == QLatin1String(untilDate) && wholeDay) {
            recurrence->until = RecurrenceEnd{dateOf(wall), std::nullopt, false};
        } else if (was == QLatin1String(untilLocal)) {
            recurrence->until = RecurrenceEnd{dateOf(wall), timeOf(wall), false};
        }
        rule.rrule = toText(*recurrence);
    }

    const CalendarFile& m_file;
    const StationId& m_station;
    const QTimeZone& m_zone;
};

} // namespace

Result<CalendarRules> rulesFromCalendar(QByteArrayView bytes, const StationId& station, const QTimeZone& zone)
{
    auto file = readCalendarFile(bytes);
    if (!file)
        return passOn(file);
    CalendarRules read;
    read.problems = std::move(file->problems);
    QHash<QString, std::vector<const CalendarEvent*>> overrides;
    QHash<QString, int> masters; // line of each
    const auto remark = [&](const CalendarEvent& event, const Text& message) {
        read.problems.push_back({event.line, nameOf(event), message});
    };
    for (const CalendarEvent& event : file->events) {
        if (event.recurrenceId) {
            overrides[event.uid].push_back(&event);
            continue;
        }
        if (!event.uid.isEmpty() && masters.contains(event.uid))
            remark(event, {QStringLiteral("UID này đã có ở dòng %1.").arg(masters.value(event.uid)),
                           QStringLiteral("Line %1 has this UID already.").arg(masters.value(event.uid))});
        masters.insert(event.uid, event.line);
    }
    for (const CalendarEvent& event : file->events) {
        if (event.recurrenceId && !masters.contains(event.uid))
            remark(event, {QStringLiteral("Sự kiện sửa một buổi của khung giờ không có trong tệp này."),
                           QStringLiteral("The event changes a start of a rule that is not in this file.")});
    }
    if (!read.problems.empty())
        return read;
    RuleReading reading(*file, station, zone);
    for (const CalendarEvent& event : file->events) {
        if (event.recurrenceId || event.cancelled)
            continue;
        std::vector<const CalendarEvent*>& changes = overrides[event.uid];
        auto rule = reading.rule(event, changes);
        if (rule)
            read.rules.push_back(*std::move(rule));
        else
            remark(event, rule.error());
    }
    if (!read.problems.empty())
        read.rules.clear();
    return read;
}

} // namespace loa::planner
