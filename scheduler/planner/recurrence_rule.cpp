#include "scheduler/planner/recurrence_rule.h"

#include <QSet>
#include <QStringList>

#include <algorithm>
#include <array>

namespace loa::planner {

namespace {

constexpr std::array<const char*, 7> frequencyWords{"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                                    "WEEKLY",   "MONTHLY",  "YEARLY"};
constexpr std::array<const char*, 7> weekdayWords{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
constexpr qsizetype longestPart = 2000;
constexpr int mostCount = 1'000'000'000;

Text badPart(const QString& part)
{
    return {QStringLiteral("Quy tắc lặp có phần không hiểu được: \"%1\". Ví dụ đúng: FREQ=WEEKLY;BYDAY=MO,WE,FR.")
                .arg(part),
            QStringLiteral(
                "The recurrence rule has a part that cannot be read: \"%1\". A good one: FREQ=WEEKLY;BYDAY=MO,WE,FR.")
                .arg(part)};
}

Text misplacedPart(const QString& key, Frequency frequency)
{
    const QString word = QLatin1String(frequencyWords[static_cast<std::size_t>(frequency)]);
    return {QStringLiteral("%1 không dùng được với FREQ=%2 (RFC 5545).").arg(key, word),
            QStringLiteral("%1 cannot stand beside FREQ=%2 (RFC 5545).").arg(key, word)};
}

// Digits alone, behind a sign where one is allowed; so neither "+ 1" nor "१".
std::optional<int> numberFrom(QStringView word, bool isSigned, int least, int most)
{
    QStringView digits = word;
    if (isSigned && (digits.startsWith(u'-') || digits.startsWith(u'+')))
        digits = digits.mid(1);
    const bool plain = !digits.isEmpty() && digits.size() <= 10 &&
                       std::ranges::all_of(digits, [](QChar c) { return c >= u'0' && c <= u'9'; });
    if (!plain)
        return std::nullopt;
    const qint64 value = digits.toLongLong() * (word.startsWith(u'-') ? -1 : 1);
    if (value < least || value > most || (isSigned && value == 0))
        return std::nullopt;
    return static_cast<int>(value);
}

std::optional<std::vector<int>> numbersFrom(const QString& value, bool isSigned, int least, int most)
{
    std::vector<int> numbers;
    for (const QString& word : value.split(u',')) {
        const auto number = numberFrom(word, isSigned, least, most);
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
    }
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

std::optional<int> weekdayFrom(QStringView word)
{
    const auto found =
        std::ranges::find_if(weekdayWords, [&](const char* name) { return word == QLatin1String(name); });
    if (found == weekdayWords.end())
        return std::nullopt;
    return static_cast<int>(found - weekdayWords.begin()) + 1;
}

std::optional<std::vector<OrdinalWeekday>> weekdaysFrom(const QString& value)
{
    std::vector<OrdinalWeekday> days;
    for (const QString& word : value.split(u',')) {
        const auto weekday = weekdayFrom(QStringView(word).right(2));
        const QStringView ordinal = QStringView(word).chopped(std::min<qsizetype>(2, word.size()));
        const auto number = ordinal.isEmpty() ? std::optional(0) : numberFrom(ordinal, true, -53, 53);
        if (!weekday || !number)
            return std::nullopt;
        const OrdinalWeekday day{*number, *weekday};
        if (std::ranges::find(days, day) == days.end())
            days.push_back(day);
    }
    std::ranges::sort(days, [](const OrdinalWeekday& a, const OrdinalWeekday& b) {
        return std::pair(a.ordinal, a.weekday) < std::pair(b.ordinal, b.weekday);
    });
    return days;
}

std::optional<RecurrenceEnd> endFrom(const QString& value)
{
    RecurrenceEnd end;
    end.date = QDate::fromString(value.left(8), QStringLiteral("yyyyMMdd"));
    if (!end.date.isValid())
        return std::nullopt;
    if (value.size() == 8)
        return end;
    end.isUtc = value.endsWith(u'Z');
    end.time = QTime::fromString(value.mid(8, 7), QStringLiteral("'T'HHmmss"));
    if (!end.time->isValid() || value.size() != (end.isUtc ? 16 : 15))
        return std::nullopt;
    return end;
}

template <typename T>
bool keep(std::optional<T> read, T& target)
{
    if (!read)
        return false;
    target = *std::move(read);
    return true;
}

bool readPart(RecurrenceRule& rule, const QString& key, const QString& value)
{
    const auto is = [&](const char* name) { return key == QLatin1String(name); };
    if (is("FREQ")) {
        const auto word =
            std::ranges::find_if(frequencyWords, [&](const char* name) { return value == QLatin1String(name); });
        if (word == frequencyWords.end())
            return false;
        rule.frequency = static_cast<Frequency>(word - frequencyWords.begin());
        return true;
    }
    if (is("INTERVAL"))
        return keep(numberFrom(value, false, 1, 1'000'000), rule.interval);
    if (is("COUNT")) {
        rule.count = numberFrom(value, false, 1, mostCount);
        return rule.count.has_value();
    }
    if (is("UNTIL")) {
        rule.until = endFrom(value);
        return rule.until.has_value();
    }
    if (is("BYSECOND")) {
        // A leap second is the last one of its minute here.
        auto read = numbersFrom(value, false, 0, 60);
        if (read && read->back() == 60) {
            read->back() = 59;
            read->erase(std::unique(read->begin(), read->end()), read->end());
        }
        return keep(std::move(read), rule.seconds);
    }
    if (is("BYMINUTE"))
        return keep(numbersFrom(value, false, 0, 59), rule.minutes);
    if (is("BYHOUR"))
        return keep(numbersFrom(value, false, 0, 23), rule.hours);
    if (is("BYDAY"))
        return keep(weekdaysFrom(value), rule.weekdays);
    if (is("BYMONTHDAY"))
        return keep(numbersFrom(value, true, -31, 31), rule.monthDays);
    if (is("BYYEARDAY"))
        return keep(numbersFrom(value, true, -366, 366), rule.yearDays);
    if (is("BYWEEKNO"))
        return keep(numbersFrom(value, true, -53, 53), rule.weekNumbers);
    if (is("BYMONTH"))
        return keep(numbersFrom(value, false, 1, 12), rule.months);
    if (is("BYSETPOS"))
        return keep(numbersFrom(value, true, -366, 366), rule.positions);
    if (is("WKST"))
        return keep(weekdayFrom(value), rule.weekStart);
    return false;
}

// RFC 5545's table of parts beside frequencies, and the notes below it.
std::optional<QString> misplaced(const RecurrenceRule& rule)
{
    const Frequency frequency = rule.frequency;
    const bool byDays =
        frequency == Frequency::Daily || frequency == Frequency::Weekly || frequency == Frequency::Monthly;
    if (!rule.weekNumbers.empty() && frequency != Frequency::Yearly)
        return QStringLiteral("BYWEEKNO");
    if (!rule.yearDays.empty() && byDays)
        return QStringLiteral("BYYEARDAY");
    if (!rule.monthDays.empty() && frequency == Frequency::Weekly)
        return QStringLiteral("BYMONTHDAY");
    const bool counted = std::ranges::any_of(rule.weekdays, [](const OrdinalWeekday& day) { return day.ordinal != 0; });
    const bool countable =
        frequency == Frequency::Monthly || (frequency == Frequency::Yearly && rule.weekNumbers.empty());
    if (counted && !countable)
        return QStringLiteral("BYDAY (1MO, -1FR, …)");
    const bool alone = rule.seconds.empty() && rule.minutes.empty() && rule.hours.empty() && rule.monthDays.empty() &&
                       rule.yearDays.empty() && rule.weekNumbers.empty() && rule.months.empty() &&
                       rule.weekdays.empty();
    if (!rule.positions.empty() && alone)
        return QStringLiteral("BYSETPOS");
    return std::nullopt;
}

void append(QStringList& parts, const char* key, const std::vector<int>& numbers)
{
    if (numbers.empty())
        return;
    QStringList words;
    for (const int number : numbers)
        words.append(QString::number(number));
    parts.append(QLatin1String(key) + u'=' + words.join(u','));
}

} // namespace

Result<RecurrenceRule> recurrenceFromText(const QString& rrule)
{
    RecurrenceRule rule;
    QSet<QString> seen;
    for (const QString& part : rrule.toUpper().split(u';')) {
        const qsizetype equals = part.indexOf(u'=');
        const QString key = part.left(equals);
        if (equals < 1 || seen.contains(key) || part.size() > longestPart)
            return fail(ErrorCategory::InvalidInput, badPart(part.left(longestPart)), part.left(longestPart));
        seen.insert(key);
        if (key == QLatin1String("RSCALE") || key == QLatin1String("SKIP")) {
            return fail(
                ErrorCategory::Unsupported,
                {QStringLiteral("Chỉ hỗ trợ dương lịch."), QStringLiteral("Only the Gregorian calendar is taken.")},
                part);
        }
        if (!readPart(rule, key, part.mid(equals + 1)))
            return fail(ErrorCategory::InvalidInput, badPart(part), part);
    }
    const bool isLong = rule.frequency >= Frequency::Daily;
    if (!seen.contains(QStringLiteral("FREQ")) || (rule.count && rule.until) || (isLong && rule.interval > 10'000))
        return fail(ErrorCategory::InvalidInput, badPart(rrule.left(longestPart)), rrule.left(longestPart));
    if (const auto key = misplaced(rule))
        return fail(ErrorCategory::InvalidInput, misplacedPart(*key, rule.frequency), *key);
    return rule;
}

QString toText(const RecurrenceRule& rule)
{
    QStringList parts{QStringLiteral("FREQ=") +
                      QLatin1String(frequencyWords[static_cast<std::size_t>(rule.frequency)])};
    if (rule.interval != 1)
        append(parts, "INTERVAL", {rule.interval});
    if (rule.count)
        append(parts, "COUNT", {*rule.count});
    if (rule.until) {
        QString end = rule.until->date.toString(QStringLiteral("yyyyMMdd"));
        if (rule.until->time)
            end += rule.until->time->toString(QStringLiteral("'T'HHmmss"));
        parts.append(QStringLiteral("UNTIL=") + end + (rule.until->isUtc ? QStringLiteral("Z") : QString()));
    }
    append(parts, "BYMONTH", rule.months);
    append(parts, "BYWEEKNO", rule.weekNumbers);
    append(parts, "BYYEARDAY", rule.yearDays);
    append(parts, "BYMONTHDAY", rule.monthDays);
    QStringList days;
    for (const OrdinalWeekday& day : rule.weekdays) {
        const QString ordinal = day.ordinal == 0 ? QString() : QString::number(day.ordinal);
        days.append(ordinal + QLatin1String(weekdayWords[static_cast<std::size_t>(day.weekday - 1)]));
    }
    if (!days.isEmpty())
        parts.append(QStringLiteral("BYDAY=") + days.join(u','));
    append(parts, "BYHOUR", rule.hours);
    append(parts, "BYMINUTE", rule.minutes);
    append(parts, "BYSECOND", rule.seconds);
    append(parts, "BYSETPOS", rule.positions);
    if (rule.weekStart != 1)
        parts.append(QStringLiteral("WKST=") +
                     QLatin1String(weekdayWords[static_cast<std::size_t>(rule.weekStart - 1)]));
    return parts.join(u';');
}

} // namespace loa::planner
