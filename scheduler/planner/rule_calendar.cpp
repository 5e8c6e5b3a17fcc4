#include "scheduler/planner/rule_calendar.h"

#include "scheduler/planner/calendar_lines.h"
#include "scheduler/planner/recurrence_rule.h"
#include "scheduler/planner/rule_spelling.h"
#include "scheduler/planner/sessions.h"

#include <QDateTime>

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

// Whole years after the file is written for which clock changes are listed.
constexpr int zoneYearsAhead = 5;

QByteArray wallText(WallTime wall)
{
    return QDateTime(dateOf(wall), timeOf(wall), Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss")).toLatin1();
}

QByteArray offsetText(int seconds)
{
    const int size = std::abs(seconds);
    QByteArray text = QByteArray(seconds < 0 ? "-" : "+") + QByteArray::number(size / 3600).rightJustified(2, '0') +
                      QByteArray::number(size / 60 % 60).rightJustified(2, '0');
    if (size % 60 != 0)
        text += QByteArray::number(size % 60).rightJustified(2, '0');
    return text;
}

void addObservance(QByteArray& file, const char* kind, const QByteArray& start, int before, int after,
                   const QString& name)
{
    addCalendarLine(file, QByteArray("BEGIN:") + kind);
    addCalendarLine(file, "DTSTART:" + start);
    addCalendarLine(file, "TZOFFSETFROM:" + offsetText(before));
    addCalendarLine(file, "TZOFFSETTO:" + offsetText(after));
    addCalendarLine(file, "TZNAME:" + calendarText(name));
    addCalendarLine(file, QByteArray("END:") + kind);
}

// From the year before `first` on.
void addZone(QByteArray& file, const QTimeZone& zone, QDate first, UtcTime writtenAt)
{
    const QDateTime begin(QDate(first.year() - 1, 1, 1), QTime(0, 0), Qt::UTC);
    const QDateTime end(QDate(localDateOf(writtenAt, zone).year() + zoneYearsAhead, 12, 31), QTime(0, 0), Qt::UTC);
    addCalendarLine(file, "BEGIN:VTIMEZONE");
    addCalendarLine(file, "TZID:" + zone.id());
    addCalendarLine(file, "X-LIC-LOCATION:" + zone.id());
    int offset = zone.offsetFromUtc(begin);
    const bool summer = zone.isDaylightTime(begin);
    addObservance(file, summer ? "DAYLIGHT" : "STANDARD",
                  begin.toString(QStringLiteral("yyyyMMdd'T'HHmmss")).toLatin1(), offset, offset,
                  zone.abbreviation(begin));
    for (const QTimeZone::OffsetData& change : zone.transitions(begin.addSecs(1), end)) {
        const QDateTime wall = change.atUtc.addSecs(offset); // on the clock before the change
        addObservance(file, change.daylightTimeOffset != 0 ? "DAYLIGHT" : "STANDARD",
                      wall.toString(QStringLiteral("yyyyMMdd'T'HHmmss")).toLatin1(), offset, change.offsetFromUtc,
                      change.abbreviation);
        offset = change.offsetFromUtc;
    }
    addCalendarLine(file, "END:VTIMEZONE");
}

// RFC 5545 wants UNTIL in UTC where DTSTART has a zone. Gives what it was before.
const char* turnUntil(RecurrenceRule& recurrence, const model::SessionRule& rule, const QTimeZone& zone)
{
    const auto inUtc = [&](QDate date, QTime time) {
        const auto seconds =
            std::chrono::floor<std::chrono::seconds>(instantOf(date, time, zone).time_since_epoch()).count();
        const QDateTime utc = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
        return RecurrenceEnd{utc.date(), utc.time(), true};
    };
    const QTime lastSecond(23, 59, 59);
    if (!recurrence.until) {
        if (recurrence.count || !rule.validUntil)
            return nullptr;
        recurrence.until = inUtc(*rule.validUntil, lastSecond);
        return untilValidity;
    }
    const RecurrenceEnd until = *recurrence.until;
    if (until.isUtc)
        return nullptr;
    recurrence.until = inUtc(until.date, until.time.value_or(lastSecond));
    return until.time ? untilLocal : untilDate;
}

// Programs that do not know a date in EXDATE beside a DTSTART with time are told its starts one by one.
std::vector<WallTime> startsTakenOff(const model::SessionRule& rule, const QTimeZone& zone)
{
    std::vector<WallTime> off;
    for (const model::LocalStart& removed : rule.removed) {
        if (!removed.time.isNull()) {
            off.push_back(wallTimeOf(removed.date, removed.time));
            continue;
        }
        model::SessionRule whole = rule;
        whole.removed.clear();
        const auto starts = startsOf(whole, zone, removed.date, removed.date);
        if (starts)
            off.insert(off.end(), starts->begin(), starts->end());
    }
    std::ranges::sort(off);
    off.erase(std::unique(off.begin(), off.end()), off.end());
    return off;
}

Result<void> addRule(QByteArray& file, const model::SessionRule& rule, const QTimeZone& zone, UtcTime writtenAt)
{
    if (const auto sound = checkRule(rule); !sound)
        return fail(sound.error().category, sound.error().message, rule.title);
    const QByteArray inZone = ";TZID=" + zone.id() + ':';
    const WallTime own = wallTimeOf(rule.startDate, rule.startTime);
    const WallTime start = spelledStart(rule, zone);
    addCalendarLine(file, "BEGIN:VEVENT");
    addCalendarLine(file, "UID:" + rule.id.value.toUtf8() + uidEnding);
    addCalendarLine(file, "DTSTAMP:" + calendarInstant(writtenAt));
    addCalendarLine(file, "DTSTART" + inZone + wallText(start));
    addCalendarLine(file, "DURATION:PT" + QByteArray::number(qint64(rule.duration.count())) + 'S');
    const char* until = nullptr;
    if (!rule.rrule.isEmpty()) {
        auto recurrence = recurrenceFromText(rule.rrule);
        if (!recurrence)
            return fail(recurrence.error().category, recurrence.error().message, rule.title);
        until = turnUntil(*recurrence, rule, zone);
        addCalendarLine(file, "RRULE:" + toText(*recurrence).toLatin1());
    }
    for (const model::LocalStart& added : rule.added)
        addCalendarLine(file, "RDATE" + inZone + wallText(wallTimeOf(added.date, added.time)));
    for (const WallTime off : startsTakenOff(rule, zone))
        addCalendarLine(file, "EXDATE" + inZone + wallText(off));
    for (const model::LocalStart& removed : rule.removed) {
        if (removed.time.isNull())
            addCalendarLine(file, "EXDATE;VALUE=DATE:" + removed.date.toString(QStringLiteral("yyyyMMdd")).toLatin1());
    }
    addCalendarLine(file, "SUMMARY:" + calendarText(rule.title));
    addCalendarLine(file, "TRANSP:TRANSPARENT");
    const auto addOwn = [&](const char* name, const QString& value) {
        addCalendarLine(file, QByteArray(name) + ':' + calendarText(value));
    };
    addOwn(stationProperty, rule.station.value);
    addOwn(validFromProperty, rule.validFrom.toString(Qt::ISODate));
    if (rule.validUntil)
        addOwn(validUntilProperty, rule.validUntil->toString(Qt::ISODate));
    if (until != nullptr)
        addOwn(untilProperty, QString::fromLatin1(until));
    if (start != own)
        addOwn(startProperty, toString(model::LocalStart{rule.startDate, rule.startTime}));
    addCalendarLine(file, "END:VEVENT");
    return {};
}

} // namespace

QTime timeOf(WallTime wall)
{
    const auto ofDay = wall - wallTimeOf(dateOf(wall), QTime(0, 0));
    return QTime::fromMSecsSinceStartOfDay(static_cast<int>(ofDay.count()) * 1000);
}

WallTime spelledStart(const model::SessionRule& rule, const QTimeZone& zone)
{
    const WallTime own = wallTimeOf(rule.startDate, rule.startTime);
    const auto recurrence = recurrenceFromText(rule.rrule);
    if (rule.rrule.isEmpty() || !recurrence)
        return own;
    model::SessionRule bare = rule;
    bare.added.clear();
    bare.removed.clear();
    bare.validUntil.reset();
    if (recurrence->count)
        bare.validFrom = rule.startDate;
    const QDate first = std::max(bare.validFrom, rule.startDate);
    // Dense rules are found by the first; the last would be too much of them.
    for (const int days : {2, 62, 800, 3660}) {
        const auto starts = startsOf(bare, zone, first, first.addDays(days));
        if (!starts)
            return own;
        if (!starts->empty())
            return starts->front();
    }
    return own;
}

model::SessionRule inOneSpelling(model::SessionRule rule)
{
    if (const auto recurrence = recurrenceFromText(rule.rrule); recurrence && !rule.rrule.isEmpty())
        rule.rrule = toText(*recurrence);
    const auto inOrder = [](std::vector<model::LocalStart>& starts) {
        std::ranges::sort(starts, [](const model::LocalStart& a, const model::LocalStart& b) {
            return std::tie(a.date, a.time) < std::tie(b.date, b.time);
        });
        starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    };
    inOrder(rule.added);
    // Of a day that is taken off whole, its starts need no word.
    const std::vector<model::LocalStart> all = rule.removed;
    std::erase_if(rule.removed, [&](const model::LocalStart& start) {
        return !start.time.isNull() && std::ranges::find(all, model::LocalStart{start.date, {}}) != all.end();
    });
    inOrder(rule.removed);
    return rule;
}

Result<QByteArray> ruleCalendar(std::span<const model::SessionRule> rules, const QTimeZone& zone, UtcTime writtenAt)
{
    QByteArray file;
    addCalendarHead(file);
    QDate first = localDateOf(writtenAt, zone);
    for (const model::SessionRule& rule : rules)
        first = rule.startDate.isValid() ? std::min(first, rule.startDate) : first;
    addZone(file, zone, first, writtenAt);
    for (const model::SessionRule& rule : rules) {
        if (auto added = addRule(file, rule, zone, writtenAt); !added)
            return passOn(added);
    }
    addCalendarLine(file, "END:VCALENDAR");
    return file;
}

bool sameRule(const model::SessionRule& a, const model::SessionRule& b)
{
    return inOneSpelling(a) == inOneSpelling(b);
}

RuleChanges ruleChanges(std::span<const model::SessionRule> present, std::span<const model::SessionRule> wanted)
{
    RuleChanges changes;
    const auto find = [](std::span<const model::SessionRule> rules, const SessionRuleId& id) {
        const auto found = std::ranges::find(rules, id, &model::SessionRule::id);
        return found == rules.end() ? nullptr : &*found;
    };
    for (const model::SessionRule& rule : wanted) {
        const model::SessionRule* before = find(present, rule.id);
        if (before == nullptr) {
            changes.added.push_back(rule);
            continue;
        }
        // A calendar knows nothing of templates.
        model::SessionRule after = rule;
        after.made = before->made;
        if (!sameRule(*before, after))
            changes.changed.push_back({*before, std::move(after)});
    }
    std::ranges::copy_if(present, std::back_inserter(changes.removed),
                         [&](const model::SessionRule& rule) { return find(wanted, rule.id) == nullptr; });
    return changes;
}

} // namespace loa::planner
