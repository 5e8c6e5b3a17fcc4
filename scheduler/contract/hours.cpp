#include "scheduler/contract/hours.h"

#include "scheduler/contract/json_reader.h"

#include <QDateTime>

#include <algorithm>

namespace loa {

namespace {

using namespace Qt::StringLiterals;

constexpr std::chrono::minutes wholeDay{1440};

// First instant of local minute `minute` of `date`; 1440 is the next day's midnight.
UtcTime instantOf(const QTimeZone& zone, QDate date, std::chrono::minutes minute)
{
    const auto days = minute / wholeDay;
    const QDate day = date.addDays(days);
    const int rest = static_cast<int>((minute - days * wholeDay).count());
    // Qt answers a skipped local time with an instant beside the gap, before or after it by version; the offset in
    // force just before decides it here, so that the rule in the header holds whatever Qt does.
    const QDateTime asUtc(day, QTime(rest / 60, rest % 60), Qt::UTC);
    const qint64 local = asUtc.toMSecsSinceEpoch();
    const auto offsetAt = [&zone](qint64 utc) {
        return static_cast<qint64>(zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(utc, Qt::UTC))) * 1000;
    };
    constexpr qint64 oneDay = 86'400'000;
    const qint64 before = offsetAt(local - oneDay);
    const qint64 after = offsetAt(local + oneDay);
    qint64 instant = 0;
    if (before == after || offsetAt(local - before) == before) {
        // No change near, or the time exists under the older offset: its first occurrence.
        instant = local - before;
    } else if (offsetAt(local - after) == after) {
        instant = local - after;
    } else {
        // In a gap: the transition itself, found by halving.
        qint64 low = local - std::max(before, after) - 1;
        qint64 high = local - std::min(before, after) + 1;
        while (high - low > 1) {
            const qint64 middle = low + (high - low) / 2;
            (offsetAt(middle) == before ? low : high) = middle;
        }
        instant = high;
    }
    return UtcTime(std::chrono::milliseconds(instant));
}

QDate localDateOf(const QTimeZone& zone, UtcTime instant)
{
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(instant).time_since_epoch().count();
    return QDateTime::fromMSecsSinceEpoch(milliseconds, zone).date();
}

const std::vector<HoursWindow>& windowsOn(const HoursPolicy& policy, QDate date)
{
    for (const HoursException& exception : policy.exceptions) {
        if (exception.date == date)
            return exception.windows;
    }
    return policy.week[static_cast<std::size_t>(date.dayOfWeek() - 1)];
}

QJsonArray windowsToJson(const std::vector<HoursWindow>& windows)
{
    QJsonArray array;
    for (const HoursWindow& window : windows) {
        array.append(QJsonObject{{u"from_minute"_s, static_cast<qint64>(window.from.count())},
                                 {u"until_minute"_s, static_cast<qint64>(window.until.count())}});
    }
    return array;
}

std::vector<HoursWindow> windowsFromJson(JsonReader& reader, QLatin1String key)
{
    std::vector<HoursWindow> windows;
    const QJsonArray array = reader.array(key, 48);
    for (qsizetype index = 0; index < array.size(); ++index) {
        JsonReader entry(array.at(index).toObject(), reader.pathOf(key) + u'/' + QString::number(index));
        HoursWindow window;
        window.from = std::chrono::minutes(entry.integer("from_minute"_L1, 0, 1439));
        window.until = std::chrono::minutes(entry.integer("until_minute"_L1, 1, 1440));
        if (auto read = entry.finish(); !read)
            reader.reject(read.error());
        else if (window.until <= window.from) {
            reader.reject(key, {u"Giờ kết thúc phải sau giờ bắt đầu; khung qua nửa đêm thì tách làm hai."_s,
                                u"A window must end after it starts; split one that crosses midnight in two."_s});
        }
        windows.push_back(window);
    }
    return windows;
}

constexpr std::array<const char*, 7> weekdayNames{"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};

} // namespace

const HoursPolicy* policyOn(std::span<const HoursPolicy> policies, QDate date)
{
    const HoursPolicy* best = nullptr;
    for (const HoursPolicy& policy : policies) {
        if (policy.validFrom > date || (policy.validUntil && *policy.validUntil < date))
            continue;
        if (!best || policy.validFrom > best->validFrom)
            best = &policy;
    }
    return best;
}

std::vector<UtcInterval> allowedOn(std::span<const HoursPolicy> policies, const QTimeZone& zone, QDate date)
{
    std::vector<UtcInterval> intervals;
    const HoursPolicy* policy = policyOn(policies, date);
    if (!policy)
        return intervals;
    for (const HoursWindow& window : windowsOn(*policy, date)) {
        const UtcInterval interval{instantOf(zone, date, window.from), instantOf(zone, date, window.until)};
        if (interval.from < interval.until) // empty when daylight saving skips it whole
            intervals.push_back(interval);
    }
    std::sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
    std::vector<UtcInterval> joined;
    for (const UtcInterval& interval : intervals) {
        if (!joined.empty() && interval.from <= joined.back().until)
            joined.back().until = std::max(joined.back().until, interval.until);
        else
            joined.push_back(interval);
    }
    return joined;
}

bool isAllowed(std::span<const HoursPolicy> policies, const QTimeZone& zone, UtcTime from, UtcTime until)
{
    if (from >= until || !zone.isValid())
        return false;
    // Every sound that is asked about is far shorter; a bound keeps a hostile interval from costing years of days.
    constexpr auto longest = std::chrono::hours(24 * 7);
    if (until - from > longest)
        return false;
    UtcTime covered = from;
    const QDate last = localDateOf(zone, until).addDays(1);
    for (QDate date = localDateOf(zone, from).addDays(-1); date <= last; date = date.addDays(1)) {
        for (const UtcInterval& interval : allowedOn(policies, zone, date)) {
            if (interval.from <= covered && covered < interval.until)
                covered = interval.until;
            if (covered >= until)
                return true;
        }
    }
    return false;
}

QJsonObject toJson(const HoursPolicy& policy)
{
    QJsonObject week;
    for (std::size_t day = 0; day < weekdayNames.size(); ++day)
        week.insert(QLatin1String(weekdayNames[day]), windowsToJson(policy.week[day]));
    QJsonArray exceptions;
    for (const HoursException& exception : policy.exceptions) {
        exceptions.append(QJsonObject{{u"date"_s, exception.date.toString(Qt::ISODate)},
                                      {u"windows"_s, windowsToJson(exception.windows)},
                                      {u"decision"_s, exception.decision}});
    }
    QJsonObject object{
        {u"id"_s, policy.id.value},
        {u"name"_s, policy.name},
        {u"decision"_s, policy.decision},
        {u"valid_from"_s, policy.validFrom.toString(Qt::ISODate)},
        {u"valid_until"_s, policy.validUntil ? QJsonValue(policy.validUntil->toString(Qt::ISODate)) : QJsonValue()},
        {u"week"_s, week},
        {u"exceptions"_s, exceptions},
        {u"sessions_per_day"_s, policy.sessionsPerDay},
        {u"session_seconds"_s, static_cast<qint64>(policy.sessionLength.count())}};
    // Left out where there is no limit: agents of before read such policies too.
    if (policy.ownLength.count() > 0)
        object.insert(u"own_seconds"_s, static_cast<qint64>(policy.ownLength.count()));
    return object;
}

Result<HoursPolicy> hoursPolicyFromJson(const QJsonObject& object)
{
    JsonReader reader(object);
    HoursPolicy policy;
    policy.id = reader.id<PolicyTag>("id"_L1);
    policy.name = reader.text("name"_L1, 400);
    policy.decision = reader.text("decision"_L1, 400);
    policy.validFrom = reader.date("valid_from"_L1);
    policy.validUntil = reader.optionalDate("valid_until"_L1);
    JsonReader week(reader.object("week"_L1), reader.pathOf("week"_L1));
    for (std::size_t day = 0; day < weekdayNames.size() && !reader.failed(); ++day)
        policy.week[day] = windowsFromJson(week, QLatin1String(weekdayNames[day]));
    if (auto read = week.finish(); !read)
        reader.reject(read.error());
    const QJsonArray exceptions = reader.array("exceptions"_L1, 1000);
    for (qsizetype index = 0; index < exceptions.size(); ++index) {
        JsonReader entry(exceptions.at(index).toObject(), u"/exceptions/"_s + QString::number(index));
        HoursException exception;
        exception.date = entry.date("date"_L1);
        exception.windows = windowsFromJson(entry, "windows"_L1);
        exception.decision = entry.text("decision"_L1, 400);
        if (auto read = entry.finish(); !read)
            reader.reject(read.error());
        policy.exceptions.push_back(std::move(exception));
    }
    policy.sessionsPerDay = static_cast<int>(reader.integer("sessions_per_day"_L1, 0, 1440));
    policy.sessionLength = std::chrono::seconds(reader.integer("session_seconds"_L1, 0, 86'400));
    if (reader.given("own_seconds"_L1))
        policy.ownLength = std::chrono::seconds(reader.integer("own_seconds"_L1, 0, 86'400));
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return policy;
}

} // namespace loa
