#include "scheduler/planner/recurrence.h"

#include "scheduler/planner/recurrence_rule.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/planner/short_recurrence.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

namespace loa::planner {

namespace {

constexpr std::int64_t secondsPerDay = 86'400;

struct IteratorDeleter {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

icaltimetype toIcal(WallTime wall)
{
    const QDate date = dateOf(wall);
    std::int64_t rest = wall.count() % secondsPerDay;
    if (rest < 0)
        rest += secondsPerDay;
    icaltimetype time = icaltime_null_time();
    time.year = date.year();
    time.month = date.month();
    time.day = date.day();
    time.hour = static_cast<int>(rest / 3600);
    time.minute = static_cast<int>(rest / 60 % 60);
    time.second = static_cast<int>(rest % 60);
    return time;
}

// The last wall time that UNTIL still allows.
std::optional<WallTime> endOf(const RecurrenceRule& rule, const QTimeZone& zone)
{
    if (!rule.until)
        return std::nullopt;
    const RecurrenceEnd& until = *rule.until;
    const WallTime stated = wallTimeOf(until.date, until.time.value_or(QTime(23, 59, 59)));
    if (!until.isUtc)
        return stated;
    return stated + WallTime(zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(stated.count(), Qt::UTC)));
}

tl::unexpected<Error> tooDense(const QString& rrule)
{
    return fail(
        ErrorCategory::LimitExceeded,
        {QStringLiteral(
             "Quy tắc lặp sinh ra quá nhiều buổi phát. Hãy đặt ngày bắt đầu gần hơn hoặc bớt giờ trong ngày."),
         QStringLiteral("The recurrence rule makes too many sessions. Start it later or name fewer hours a day.")},
        rrule);
}

bool hasTooManyTimes(const RecurrenceRule& rule)
{
    const auto sizeOf = [](const std::vector<int>& list) { return std::max<std::size_t>(1, list.size()); };
    return rule.frequency >= Frequency::Daily &&
           sizeOf(rule.hours) * sizeOf(rule.minutes) * sizeOf(rule.seconds) > maxStartsPerDay;
}

// Seconds after midnight at which every day of the rule has a start.
std::vector<WallTime> timesOf(const RecurrenceRule& rule, WallTime begin)
{
    const auto or_ = [](const std::vector<int>& list, std::int64_t value) {
        return list.empty() ? std::vector<int>{static_cast<int>(value)} : list;
    };
    const std::int64_t ofDay = (begin - wallTimeOf(dateOf(begin), QTime(0, 0))).count();
    std::vector<WallTime> times;
    for (const int hour : or_(rule.hours, ofDay / 3600)) {
        for (const int minute : or_(rule.minutes, ofDay / 60 % 60)) {
            for (const int second : or_(rule.seconds, ofDay % 60))
                times.emplace_back(hour * 3600 + minute * 60 + second);
        }
    }
    return times;
}

// One number for all days of one period of the rule, among which BYSETPOS counts.
qint64 periodOf(const RecurrenceRule& rule, QDate date)
{
    const QDate weekBegins = date.addDays(-((date.dayOfWeek() - rule.weekStart + 7) % 7));
    switch (rule.frequency) {
    case Frequency::Weekly:
        return weekBegins.toJulianDay();
    case Frequency::Monthly:
        return date.year() * 12 + date.month();
    case Frequency::Yearly:
        // A numbered week belongs to the year that holds its fourth day.
        return rule.weekNumbers.empty() ? date.year() : weekBegins.addDays(3).year();
    default:
        return date.toJulianDay();
    }
}

// Of a rule by days or longer, without its times of day. libical would look at each of these on its way to the next
// start, so it is asked for days alone.
class DayWalk {
public:
    // BYSETPOS is left to libical where it counts days.
    DayWalk(RecurrenceRule rule, WallTime begin, bool countsDays)
    {
        rule.hours.clear();
        rule.minutes.clear();
        rule.seconds.clear();
        rule.count.reset();
        rule.until.reset();
        if (!countsDays)
            rule.positions.clear();
        const icalrecurrencetype recurrence = icalrecurrencetype_from_string(toText(rule).toLatin1().constData());
        if (recurrence.freq != ICAL_NO_RECURRENCE)
            m_iterator.reset(icalrecur_iterator_new(recurrence, toIcal(wallTimeOf(dateOf(begin), QTime(0, 0)))));
    }
    [[nodiscard]] bool isGood() const { return m_iterator != nullptr; }
    void enterAt(QDate date) { icalrecur_iterator_set_start(m_iterator.get(), toIcal(wallTimeOf(date, QTime(0, 0)))); }
    // Invalid at the end.
    [[nodiscard]] QDate next()
    {
        const icaltimetype time = icalrecur_iterator_next(m_iterator.get());
        return icaltime_is_null_time(time) ? QDate() : QDate(time.year, time.month, time.day);
    }

private:
    std::unique_ptr<icalrecur_iterator, IteratorDeleter> m_iterator;
};

// Whether any day of the span could be one of the rule's, whatever its interval: libical would look for one until the
// year 2582.
bool mayHold(const RecurrenceRule& rule, QDate first, QDate last)
{
    if (rule.frequency > Frequency::Weekly)
        return true;
    for (QDate date = first; date <= last; date = date.addDays(1)) {
        if (dayHolds(rule, date))
            return true;
    }
    return false;
}

// Starts of a rule by days or longer, on `first` to `last`, none before `begin` nor after `end`.
Result<std::vector<WallTime>> longStartsOf(const RecurrenceRule& rule, WallTime begin, std::optional<WallTime> end,
                                           QDate first, QDate last)
{
    std::vector<WallTime> starts;
    if (!mayHold(rule, first, last))
        return starts;
    const std::vector<WallTime> times = timesOf(rule, begin);
    const bool choosesTimes = !rule.positions.empty() && times.size() > 1;
    // libical gives a week that begins in the old year in the wrong order, and a day of it twice.
    const bool isWhole = choosesTimes || !rule.weekNumbers.empty();
    DayWalk walk(rule, begin, !choosesTimes);
    if (!walk.isGood()) {
        const QString text = toText(rule);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Quy tắc lặp không dùng được từ ngày giờ bắt đầu này: \"%1\".").arg(text),
                     QStringLiteral("The recurrence rule cannot be used from this start: \"%1\".").arg(text)},
                    text);
    }
    // A counted rule has to be walked from its start; so has a period in which positions are counted. Any other may be
    // entered where the span begins.
    if (!rule.count && !choosesTimes && first > dateOf(begin))
        walk.enterAt(first);

    int taken = 0;
    int looked = 0;
    // False when there are no more.
    const auto take = [&](const std::vector<WallTime>& candidates) {
        for (const WallTime wall : candidates) {
            if (wall < begin)
                continue;
            if ((rule.count && taken == *rule.count) || (end && wall > *end) || dateOf(wall) > last)
                return false;
            ++taken;
            if (dateOf(wall) >= first)
                starts.push_back(wall);
        }
        return true;
    };
    QDate date = walk.next();
    while (date.isValid()) {
        std::vector<WallTime> candidates;
        const qint64 period = periodOf(rule, date);
        do {
            for (const WallTime time : times)
                candidates.push_back(wallTimeOf(date, QTime(0, 0)) + time);
            date = walk.next();
        } while (isWhole && date.isValid() && periodOf(rule, date) == period);
        std::ranges::sort(candidates);
        candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
        looked += static_cast<int>(candidates.size());
        if (looked > maxOccurrences)
            return tooDense(toText(rule));
        if (!take(choosesTimes ? atPositions(candidates, rule.positions) : candidates))
            return starts;
    }
    return starts;
}

// DAILY and WEEKLY without BYSETPOS name their days by themselves: no calendar library is asked.
bool namesItsDays(const RecurrenceRule& rule)
{
    return (rule.frequency == Frequency::Daily || rule.frequency == Frequency::Weekly) && rule.positions.empty();
}

Result<std::vector<WallTime>> plainStartsOf(const RecurrenceRule& rule, WallTime begin, std::optional<WallTime> end,
                                            QDate first, QDate last)
{
    const QDate start = dateOf(begin);
    RecurrenceRule days = rule;
    if (rule.frequency == Frequency::Weekly && rule.weekdays.empty())
        days.weekdays = {{0, start.dayOfWeek()}};
    const qint64 daysAPeriod = rule.frequency == Frequency::Weekly ? 7 : 1;
    const qint64 origin = rule.frequency == Frequency::Weekly
                              ? start.toJulianDay() - (start.dayOfWeek() - rule.weekStart + daysAPeriod) % daysAPeriod
                              : start.toJulianDay();
    const std::vector<WallTime> times = timesOf(rule, begin);
    std::vector<WallTime> starts;
    int taken = 0;
    // A counted rule has to be walked from its start.
    for (QDate date = rule.count ? start : std::max(first, start); date <= last; date = date.addDays(1)) {
        if ((date.toJulianDay() - origin) / daysAPeriod % rule.interval != 0 || !dayHolds(days, date))
            continue;
        const WallTime midnight = wallTimeOf(date, QTime(0, 0));
        for (const WallTime time : times) {
            const WallTime wall = midnight + time;
            if (wall < begin)
                continue;
            if ((rule.count && taken == *rule.count) || (end && wall > *end))
                return starts;
            if (++taken > maxOccurrences)
                return tooDense(toText(rule));
            if (date >= first)
                starts.push_back(wall);
        }
    }
    return starts;
}

Result<void> checkListed(const std::vector<model::LocalStart>& starts, bool wholeDays, const char* name)
{
    if (starts.size() > maxListedStarts) {
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Nhiều nhất %1 ngày được thêm hoặc bớt.").arg(maxListedStarts),
                     QStringLiteral("At most %1 starts can be added or taken off.").arg(maxListedStarts)},
                    QLatin1String(name));
    }
    for (const model::LocalStart& start : starts) {
        const bool timed = start.time.isValid() || (wholeDays && start.time.isNull());
        if (!start.date.isValid() || !timed || start.date.year() < 1970 || start.date.year() > 2200) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Ngày giờ thêm hoặc bớt không hợp lệ."),
                         QStringLiteral("A start that is added or taken off is not valid.")},
                        QLatin1String(name));
        }
    }
    return {};
}

Result<void> checkLists(const model::SessionRule& rule)
{
    if (auto added = checkListed(rule.added, false, "rdates"); !added)
        return added;
    return checkListed(rule.removed, true, "exdates");
}

bool isRemoved(const model::SessionRule& rule, WallTime wall)
{
    return std::ranges::any_of(rule.removed, [&](const model::LocalStart& removed) {
        return removed.time.isNull() ? removed.date == dateOf(wall) : wallTimeOf(removed.date, removed.time) == wall;
    });
}

Result<std::vector<WallTime>> recurringStartsOf(const model::SessionRule& rule, const QTimeZone& zone, QDate first,
                                                QDate last)
{
    const WallTime begin = wallTimeOf(rule.startDate, rule.startTime);
    if (rule.rrule.isEmpty()) {
        const bool within = first <= rule.startDate && rule.startDate <= last;
        return within ? std::vector{begin} : std::vector<WallTime>{};
    }
    const auto recurrence = recurrenceFromText(rule.rrule);
    if (!recurrence)
        return passOn(recurrence);
    if (hasTooManyTimes(*recurrence))
        return tooDense(rule.rrule);
    if (std::max(first, rule.startDate) > last)
        return std::vector<WallTime>{};
    const auto walk = recurrence->frequency < Frequency::Daily ? shortStartsOf
                      : namesItsDays(*recurrence)              ? plainStartsOf
                                                               : longStartsOf;
    return walk(*recurrence, begin, endOf(*recurrence, zone), std::max(first, rule.startDate), last);
}

} // namespace

WallTime wallTimeOf(QDate date, QTime time)
{
    static const qint64 epoch = QDate(1970, 1, 1).toJulianDay();
    return WallTime((date.toJulianDay() - epoch) * secondsPerDay + time.msecsSinceStartOfDay() / 1000);
}

QDate dateOf(WallTime wall)
{
    static const qint64 epoch = QDate(1970, 1, 1).toJulianDay();
    const std::int64_t days = wall.count() >= 0 ? wall.count() / secondsPerDay : (wall.count() + 1) / secondsPerDay - 1;
    return QDate::fromJulianDay(epoch + days);
}

Result<void> checkRecurrence(const model::SessionRule& rule)
{
    if (!rule.rrule.isEmpty()) {
        const auto recurrence = recurrenceFromText(rule.rrule);
        if (!recurrence)
            return passOn(recurrence);
        if (hasTooManyTimes(*recurrence))
            return tooDense(rule.rrule);
    }
    return checkLists(rule);
}

Result<std::vector<WallTime>> startsOf(const model::SessionRule& rule, const QTimeZone& zone, QDate from, QDate until)
{
    if (auto checked = checkLists(rule); !checked)
        return passOn(checked);
    const QDate first = std::max(from, rule.validFrom);
    const QDate last = rule.validUntil ? std::min(until, *rule.validUntil) : until;
    auto starts = recurringStartsOf(rule, zone, first, last);
    if (!starts)
        return starts;
    for (const model::LocalStart& added : rule.added) {
        if (first <= added.date && added.date <= last)
            starts->push_back(wallTimeOf(added.date, added.time));
    }
    std::erase_if(*starts, [&](WallTime wall) { return isRemoved(rule, wall); });
    std::ranges::sort(*starts);
    starts->erase(std::unique(starts->begin(), starts->end()), starts->end());
    return starts;
}

} // namespace loa::planner
