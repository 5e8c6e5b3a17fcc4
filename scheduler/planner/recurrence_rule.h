// RFC 5545, 3.3.10: the text of an RRULE as values, read strictly. Internal to the planner. Values and pure functions,
// any thread.
#pragma once

#include "media/error.h"

#include <QDate>
#include <QString>
#include <QTime>

#include <optional>
#include <vector>

namespace loa::planner {

enum class Frequency { Secondly, Minutely, Hourly, Daily, Weekly, Monthly, Yearly };

// "-1FR", "MO": weekday 1 is Monday; ordinal 0 means every one.
struct OrdinalWeekday {
    int ordinal = 0;
    int weekday = 1;
    bool operator==(const OrdinalWeekday&) const = default;
};

struct RecurrenceEnd {
    QDate date;
    std::optional<QTime> time; // absent: the whole day still counts
    bool isUtc = false;
    bool operator==(const RecurrenceEnd&) const = default;
};

struct RecurrenceRule {
    Frequency frequency = Frequency::Daily;
    int interval = 1;
    std::optional<int> count;
    std::optional<RecurrenceEnd> until; // never beside count
    std::vector<int> seconds;           // 0 … 59: a leap second counts as the 59th
    std::vector<int> minutes;
    std::vector<int> hours;
    std::vector<int> monthDays;   // -31 … 31, not 0; so below
    std::vector<int> yearDays;    // -366 … 366
    std::vector<int> weekNumbers; // -53 … 53
    std::vector<int> months;
    std::vector<int> positions; // BYSETPOS, -366 … 366
    std::vector<OrdinalWeekday> weekdays;
    int weekStart = 1;
    bool operator==(const RecurrenceRule&) const = default;
};

// Names and words in any case. Every part at most once, FREQ among them, values within RFC 5545's ranges, and no part
// that RFC 5545 does not allow beside this FREQ; lists rising and without doubles. Error: InvalidInput, or Unsupported
// (RSCALE, SKIP); `where` is the part.
[[nodiscard]] Result<RecurrenceRule> recurrenceFromText(const QString& rrule);

// The same rule, as recurrenceFromText() reads it: parts in RFC 5545's usual order.
[[nodiscard]] QString toText(const RecurrenceRule& rule);

} // namespace loa::planner
