#include "scheduler/planner/short_recurrence.h"

#include "scheduler/planner/sessions.h"

#include <algorithm>

namespace loa::planner {

namespace {

bool holds(const std::vector<int>& list, int value)
{
    return list.empty() || std::ranges::binary_search(list, value);
}

// For lists that count from either end, 1 … `most`.
bool holdsEitherEnd(const std::vector<int>& list, int value, int most)
{
    return list.empty() || std::ranges::binary_search(list, value) ||
           std::ranges::binary_search(list, value - most - 1);
}

// Walks the hours, minutes or seconds of days from DTSTART on, in steps of INTERVAL.
class ShortWalk {
public:
    ShortWalk(const RecurrenceRule& rule, WallTime begin) : m_rule(rule), m_begin(begin.count())
    {
        m_unit = rule.frequency == Frequency::Hourly ? 3600 : rule.frequency == Frequency::Minutely ? 60 : 1;
        m_firstUnit = m_begin - floorRest(m_begin, m_unit);
        if (m_unit > 60)
            m_minutes = rule.minutes.empty() ? std::vector<int>{int(floorRest(m_begin, 3600) / 60)} : rule.minutes;
        if (m_unit > 1)
            m_seconds = rule.seconds.empty() ? std::vector<int>{int(floorRest(m_begin, 60))} : rule.seconds;
    }

    // False when the bound of steps or of starts a day was met.
    [[nodiscard]] bool day(QDate date, std::vector<WallTime>& starts)
    {
        if (!dayHolds(m_rule, date))
            return true;
        const std::int64_t midnight = wallTimeOf(date, QTime(0, 0)).count();
        const std::int64_t stride = m_unit * m_rule.interval;
        int startsThatDay = 0;
        for (std::int64_t unit = alignedFrom(midnight, stride); unit < midnight + 86'400;) {
            if (++m_steps > maxSteps)
                return false;
            const std::int64_t ofDay = unit - midnight;
            // An hour or a minute that does not hold is left at once, whatever the stride.
            if (!holds(m_rule.hours, int(ofDay / 3600))) {
                unit = alignedFrom(midnight + (ofDay / 3600 + 1) * 3600, stride);
                continue;
            }
            if (m_unit <= 60 && !holds(m_rule.minutes, int(ofDay / 60 % 60))) {
                unit = alignedFrom(midnight + (ofDay / 60 + 1) * 60, stride);
                continue;
            }
            if (m_unit > 1 || holds(m_rule.seconds, int(ofDay % 60))) {
                for (const WallTime start : atPositions(startsWithin(unit), m_rule.positions)) {
                    if (start.count() < m_begin)
                        continue;
                    if (++startsThatDay > maxStartsPerDay)
                        return false;
                    starts.push_back(start);
                }
            }
            unit += stride;
        }
        return true;
    }

private:
    static std::int64_t floorRest(std::int64_t value, std::int64_t divisor)
    {
        const std::int64_t rest = value % divisor;
        return rest < 0 ? rest + divisor : rest;
    }

    [[nodiscard]] std::int64_t alignedFrom(std::int64_t earliest, std::int64_t stride) const
    {
        if (earliest <= m_firstUnit)
            return m_firstUnit;
        return m_firstUnit + (earliest - m_firstUnit + stride - 1) / stride * stride;
    }

    [[nodiscard]] std::vector<WallTime> startsWithin(std::int64_t unit) const
    {
        if (m_unit == 1)
            return {WallTime(unit)};
        std::vector<WallTime> starts;
        if (m_unit == 60) {
            for (const int second : m_seconds)
                starts.emplace_back(unit + second);
            return starts;
        }
        for (const int minute : m_minutes) {
            for (const int second : m_seconds)
                starts.emplace_back(unit + minute * 60 + second);
        }
        return starts;
    }

    const RecurrenceRule& m_rule;
    std::int64_t m_begin;
    std::int64_t m_unit = 1;
    std::int64_t m_firstUnit = 0;
    std::vector<int> m_minutes; // of every hour, when the unit is an hour
    std::vector<int> m_seconds; // of every minute, when the unit is longer than a second
    std::int64_t m_steps = 0;
};

tl::unexpected<Error> tooManyShortStarts(const RecurrenceRule& rule)
{
    return fail(
        ErrorCategory::LimitExceeded,
        {QStringLiteral("Quy tắc lặp sinh ra quá nhiều buổi phát. Hãy đặt ngày bắt đầu gần hơn, khoảng lặp dài "
                        "hơn, hoặc ghi rõ giờ trong ngày."),
         QStringLiteral("The recurrence rule makes too many sessions. Start it later, give it a longer interval "
                        "or name the hours of the day.")},
        toText(rule));
}

} // namespace

bool dayHolds(const RecurrenceRule& rule, QDate date)
{
    const bool weekday = rule.weekdays.empty() || std::ranges::any_of(rule.weekdays, [&](const OrdinalWeekday& day) {
                             return day.weekday == date.dayOfWeek();
                         });
    return weekday && holds(rule.months, date.month()) &&
           holdsEitherEnd(rule.monthDays, date.day(), date.daysInMonth()) &&
           holdsEitherEnd(rule.yearDays, date.dayOfYear(), date.daysInYear());
}

std::vector<WallTime> atPositions(const std::vector<WallTime>& starts, const std::vector<int>& positions)
{
    if (positions.empty())
        return starts;
    std::vector<WallTime> chosen;
    const int size = static_cast<int>(starts.size());
    for (int index = 0; index < size; ++index) {
        if (holdsEitherEnd(positions, index + 1, size))
            chosen.push_back(starts[static_cast<std::size_t>(index)]);
    }
    return chosen;
}

Result<std::vector<WallTime>> shortStartsOf(const RecurrenceRule& rule, WallTime begin, std::optional<WallTime> end,
                                            QDate first, QDate last)
{
    ShortWalk walk(rule, begin);
    std::vector<WallTime> starts;
    std::vector<WallTime> ofDay;
    int counted = 0;
    for (QDate date = rule.count ? dateOf(begin) : std::max(first, dateOf(begin)); date <= last;
         date = date.addDays(1)) {
        ofDay.clear();
        if (!walk.day(date, ofDay))
            return tooManyShortStarts(rule);
        for (const WallTime start : ofDay) {
            if ((rule.count && counted == *rule.count) || (end && start > *end))
                return starts;
            if (++counted > maxOccurrences)
                return tooManyShortStarts(rule);
            if (date >= first)
                starts.push_back(start);
        }
        if (end && dateOf(*end) <= date)
            return starts;
    }
    return starts;
}

} // namespace loa::planner
