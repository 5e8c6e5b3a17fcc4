#include "scheduler/contract/time.h"

#include <array>

namespace loa {

namespace {

void putDigits(QChar* at, unsigned value, int digits)
{
    for (int index = digits - 1; index >= 0; --index) {
        at[index] = QChar(u'0' + static_cast<char16_t>(value % 10));
        value /= 10;
    }
}

// -1 when a character is not an ASCII digit.
int readDigits(QStringView text, qsizetype at, int digits)
{
    int value = 0;
    for (int index = 0; index < digits; ++index) {
        const char16_t digit = text[at + index].unicode();
        if (digit < u'0' || digit > u'9')
            return -1;
        value = value * 10 + (digit - u'0');
    }
    return value;
}

tl::unexpected<Error> notAnInstant(QStringView text)
{
    const QString shown = text.left(40).toString();
    return fail(
        ErrorCategory::InvalidInput,
        {QStringLiteral("\"%1\" không phải thời điểm hợp lệ; cần dạng 2026-12-01T22:00:00.000000Z.").arg(shown),
         QStringLiteral("\"%1\" is not an instant; it must read like 2026-12-01T22:00:00.000000Z.").arg(shown)});
}

} // namespace

QString toString(UtcTime instant)
{
    using namespace std::chrono;
    const auto day = floor<days>(instant);
    const year_month_day date(day);
    const hh_mm_ss time(instant - day);
    QString text = QStringLiteral("0000-00-00T00:00:00.000000Z");
    QChar* data = text.data();
    putDigits(data, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    putDigits(data + 5, static_cast<unsigned>(date.month()), 2);
    putDigits(data + 8, static_cast<unsigned>(date.day()), 2);
    putDigits(data + 11, static_cast<unsigned>(time.hours().count()), 2);
    putDigits(data + 14, static_cast<unsigned>(time.minutes().count()), 2);
    putDigits(data + 17, static_cast<unsigned>(time.seconds().count()), 2);
    putDigits(data + 20, static_cast<unsigned>(time.subseconds().count()), 6);
    return text;
}

Result<UtcTime> utcTimeFromString(QStringView text)
{
    using namespace std::chrono;
    static constexpr std::array<std::pair<qsizetype, char16_t>, 7> marks{
        {{4, u'-'}, {7, u'-'}, {10, u'T'}, {13, u':'}, {16, u':'}, {19, u'.'}, {26, u'Z'}}};
    if (text.size() != 27)
        return notAnInstant(text);
    for (const auto& [at, mark] : marks) {
        if (text[at] != QChar(mark))
            return notAnInstant(text);
    }
    const int yearNumber = readDigits(text, 0, 4);
    const int monthNumber = readDigits(text, 5, 2);
    const int dayNumber = readDigits(text, 8, 2);
    const int hourNumber = readDigits(text, 11, 2);
    const int minuteNumber = readDigits(text, 14, 2);
    const int secondNumber = readDigits(text, 17, 2);
    const int microseconds6 = readDigits(text, 20, 6);
    if (yearNumber < 1970 || monthNumber < 1 || dayNumber < 1 || hourNumber < 0 || hourNumber > 23 ||
        minuteNumber < 0 || minuteNumber > 59 || secondNumber < 0 || secondNumber > 59 || microseconds6 < 0)
        return notAnInstant(text);
    const year_month_day date{year(yearNumber), month(static_cast<unsigned>(monthNumber)),
                              day(static_cast<unsigned>(dayNumber))};
    if (!date.ok())
        return notAnInstant(text);
    return UtcTime(sys_days(date)) + hours(hourNumber) + minutes(minuteNumber) + seconds(secondNumber) +
           microseconds(microseconds6);
}

} // namespace loa
