#include "scheduler/planner/recurrence.h"

#include "scheduler/planner/sessions.h"

#include <QSet>
#include <QStringList>

#include <libical/ical.h>

#include <algorithm>
#include <memory>

namespace loa::planner {

namespace {

constexpr std::int64_t secondsPerDay = 86'400;
// One session every quarter of an hour, all day.
constexpr int maxStartsPerDay = 96;

struct IteratorDeleter {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

Text badPart(const QString& part)
{
    return {QStringLiteral("Quy tắc lặp có phần không hiểu được: \"%1\". Ví dụ đúng: FREQ=WEEKLY;BYDAY=MO,WE,FR.")
                .arg(part),
            QStringLiteral(
                "The recurrence rule has a part that cannot be read: \"%1\". A good one: FREQ=WEEKLY;BYDAY=MO,WE,FR.")
                .arg(part)};
}

Result<void> checkPart(const QString& key, const QString& value, const QString& part)
{
    static const QSet<QString> lists{
        QStringLiteral("BYSECOND"), QStringLiteral("BYMINUTE"),   QStringLiteral("BYHOUR"),
        QStringLiteral("BYDAY"),    QStringLiteral("BYMONTHDAY"), QStringLiteral("BYYEARDAY"),
        QStringLiteral("BYWEEKNO"), QStringLiteral("BYMONTH"),    QStringLiteral("BYSETPOS"),
        QStringLiteral("WKST"),     QStringLiteral("UNTIL")};
    if (value.isEmpty())
        return fail(ErrorCategory::InvalidInput, badPart(part), part);
    if (key == QLatin1String("FREQ")) {
        static const QSet<QString> taken{QStringLiteral("DAILY"), QStringLiteral("WEEKLY"), QStringLiteral("MONTHLY"),
                                         QStringLiteral("YEARLY")};
        if (taken.contains(value))
            return {};
        if (value == QLatin1String("SECONDLY") || value == QLatin1String("MINUTELY") ||
            value == QLatin1String("HOURLY")) {
            return fail(
                ErrorCategory::Unsupported,
                {QStringLiteral("Buổi phát không lặp lại từng giờ, phút hay giây; hãy ghi các giờ trong ngày, ví dụ "
                                "FREQ=DAILY;BYHOUR=5,17."),
                 QStringLiteral(
                     "Sessions do not recur by the hour, minute or second; name the hours of the day, such as "
                     "FREQ=DAILY;BYHOUR=5,17.")},
                part);
        }
        return fail(ErrorCategory::InvalidInput, badPart(part), part);
    }
    if (key == QLatin1String("RSCALE") || key == QLatin1String("SKIP")) {
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Chỉ hỗ trợ dương lịch."), QStringLiteral("Only the Gregorian calendar is taken.")},
                    part);
    }
    if (key == QLatin1String("INTERVAL") || key == QLatin1String("COUNT")) {
        const int most = key == QLatin1String("INTERVAL") ? 10'000 : 1'000'000'000;
        bool number = false;
        const int given = value.toInt(&number);
        if (!number || given < 1 || given > most || value.startsWith(QLatin1Char('+')))
            return fail(ErrorCategory::InvalidInput, badPart(part), part);
        return {};
    }
    if (!lists.contains(key))
        return fail(ErrorCategory::InvalidInput, badPart(part), part);
    return {};
}

Result<icalrecurrencetype> parse(const QString& rrule)
{
    if (auto checked = checkRecurrence(rrule); !checked)
        return passOn(checked);
    const icalrecurrencetype parsed = icalrecurrencetype_from_string(rrule.toLatin1().constData());
    if (parsed.freq == ICAL_NO_RECURRENCE)
        return fail(ErrorCategory::InvalidInput, badPart(rrule), rrule);
    return parsed;
}

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

WallTime fromIcal(const icaltimetype& time)
{
    return wallTimeOf(QDate(time.year, time.month, time.day), QTime(time.hour, time.minute, std::min(time.second, 59)));
}

// The last wall time that UNTIL still allows.
icaltimetype localUntil(const icaltimetype& until, const QTimeZone& zone)
{
    if (icaltime_is_null_time(until))
        return until;
    if (until.is_date)
        return toIcal(wallTimeOf(QDate(until.year, until.month, until.day), QTime(23, 59, 59)));
    const WallTime stated = fromIcal(until);
    if (!icaltime_is_utc(until))
        return toIcal(stated);
    const int offset = zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(stated.count(), Qt::UTC));
    return toIcal(stated + WallTime(offset));
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

Result<void> checkRecurrence(const QString& rrule)
{
    QSet<QString> seen;
    for (const QString& part : rrule.split(QLatin1Char(';'))) {
        const qsizetype equals = part.indexOf(QLatin1Char('='));
        const QString key = part.left(equals);
        if (equals < 1 || seen.contains(key) || part.size() > 2000)
            return fail(ErrorCategory::InvalidInput, badPart(part), part);
        seen.insert(key);
        if (auto checked = checkPart(key, part.mid(equals + 1), part); !checked)
            return checked;
    }
    if (!seen.contains(QStringLiteral("FREQ")) ||
        (seen.contains(QStringLiteral("COUNT")) && seen.contains(QStringLiteral("UNTIL"))))
        return fail(ErrorCategory::InvalidInput, badPart(rrule), rrule);
    return {};
}

Result<std::vector<WallTime>> startsOf(const model::SessionRule& rule, const QTimeZone& zone, QDate from, QDate until)
{
    auto recurrence = parse(rule.rrule);
    if (!recurrence)
        return passOn(recurrence);
    recurrence->until = localUntil(recurrence->until, zone);

    std::vector<WallTime> starts;
    const QDate first = std::max({from, rule.validFrom, rule.startDate});
    const QDate last = rule.validUntil ? std::min(until, *rule.validUntil) : until;
    if (first > last)
        return starts;

    const WallTime begin = wallTimeOf(rule.startDate, rule.startTime);
    const std::unique_ptr<icalrecur_iterator, IteratorDeleter> iterator(
        icalrecur_iterator_new(*recurrence, toIcal(begin)));
    if (!iterator)
        return fail(ErrorCategory::InvalidInput, badPart(rule.rrule), rule.rrule);
    // A counted rule has to be walked from its start; any other may be entered where the span begins.
    if (recurrence->count == 0 && first > rule.startDate)
        icalrecur_iterator_set_start(iterator.get(), toIcal(wallTimeOf(first, QTime(0, 0))));

    QDate day;
    int startsThatDay = 0;
    for (int step = 0;; ++step) {
        if (step >= maxOccurrences)
            return tooDense(rule.rrule);
        const icaltimetype next = icalrecur_iterator_next(iterator.get());
        if (icaltime_is_null_time(next))
            return starts;
        const WallTime wall = fromIcal(next);
        const QDate date = dateOf(wall);
        if (date > last)
            return starts;
        startsThatDay = date == day ? startsThatDay + 1 : 1;
        day = date;
        if (startsThatDay > maxStartsPerDay)
            return tooDense(rule.rrule);
        if (date >= first && wall >= begin)
            starts.push_back(wall);
    }
}

} // namespace loa::planner
