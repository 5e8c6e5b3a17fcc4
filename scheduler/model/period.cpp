#include "scheduler/model/period.h"

#include <QStringBuilder>

#include <algorithm>

namespace loa::model {

namespace {

// Day and month of `due` in `year`; 29 February becomes 28 where there is none.
QDate dueIn(const QDate& due, int year)
{
    const QDate first(year, due.month(), 1);
    return {year, due.month(), std::min(due.day(), first.daysInMonth())};
}

// QDate's own formats take ten times as long, and the planner names many periods.
QString dayOf(QDate date)
{
    int year = 0;
    int month = 0;
    int day = 0;
    date.getDate(&year, &month, &day);
    if (year < 0 || year > 9999)
        return QString::asprintf("%02d/%02d/%04d", day, month, year);
    QString text = QStringLiteral("00/00/0000");
    const auto put = [&](qsizetype last, int value) {
        for (; value > 0; value /= 10)
            text[last--] = QChar(u'0' + value % 10);
    };
    put(1, day);
    put(4, month);
    put(9, year);
    return text;
}

Text span(QDate first, QDate last)
{
    const QString from = dayOf(first);
    const QString until = dayOf(last);
    return {u"từ " % from % u" đến " % until, from % u" to " % until};
}

PeriodDates cut(const Obligation& obligation, PeriodDates period)
{
    period.first = std::max(period.first, obligation.validFrom);
    if (obligation.validUntil)
        period.last = std::min(period.last, *obligation.validUntil);
    return period;
}

} // namespace

PeriodDates periodAround(const Obligation& obligation, QDate date)
{
    switch (obligation.period) {
    case ObligationPeriod::Week: {
        const QDate monday = date.addDays(1 - date.dayOfWeek());
        return {monday, monday.addDays(6)};
    }
    case ObligationPeriod::Month:
        return {QDate(date.year(), date.month(), 1), QDate(date.year(), date.month(), date.daysInMonth())};
    case ObligationPeriod::Quarter: {
        const QDate first(date.year(), (date.month() - 1) / 3 * 3 + 1, 1);
        return {first, first.addMonths(3).addDays(-1)};
    }
    case ObligationPeriod::Year:
        return {QDate(date.year(), 1, 1),
                obligation.due ? dueIn(*obligation.due, date.year()) : QDate(date.year(), 12, 31)};
    case ObligationPeriod::Once:
        break;
    }
    const QDate last = obligation.due ? *obligation.due : obligation.validUntil.value_or(obligation.validFrom);
    return {obligation.validFrom, last};
}

std::vector<PeriodDates> periodsOwed(const Obligation& obligation, QDate from, QDate until)
{
    std::vector<PeriodDates> owed;
    const auto add = [&](const PeriodDates& whole) {
        const PeriodDates period = cut(obligation, whole);
        if (period.first <= period.last && period.first <= until && period.last >= from)
            owed.push_back(period);
    };
    if (obligation.period == ObligationPeriod::Once) {
        add(periodAround(obligation, from));
        return owed;
    }
    // A calendar period starts the day after the last one ends, but a year with a due date ends early.
    QDate day = std::max(from, obligation.validFrom);
    const QDate end = obligation.validUntil ? std::min(until, *obligation.validUntil) : until;
    while (day <= end) {
        const PeriodDates whole = periodAround(obligation, day);
        add(whole);
        day = obligation.period == ObligationPeriod::Year ? QDate(day.year() + 1, 1, 1) : whole.last.addDays(1);
    }
    return owed;
}

Text periodName(const Obligation& obligation, const PeriodDates& period)
{
    const PeriodDates whole = periodAround(obligation, period.last);
    if (whole != period) // the duty begins or ends within it
        return span(period.first, period.last);
    const QString year = QString::number(period.first.year());
    switch (obligation.period) {
    case ObligationPeriod::Month: {
        static constexpr const char* months[] = {"January", "February", "March",     "April",   "May",      "June",
                                                 "July",    "August",   "September", "October", "November", "December"};
        return {u"tháng " % QString::number(period.first.month()) % u'/' % year,
                QLatin1String(months[period.first.month() - 1]) % u' ' % year};
    }
    case ObligationPeriod::Quarter: {
        static constexpr const char* numerals[] = {"I", "II", "III", "IV"};
        const QLatin1String numeral(numerals[(period.first.month() - 1) / 3]);
        return {u"quý " % numeral % u'/' % year, u"quarter " % numeral % u" of " % year};
    }
    case ObligationPeriod::Year:
        return {u"năm " % year, u"the year " % year};
    case ObligationPeriod::Week: {
        const Text days = span(period.first, period.last);
        return {u"tuần " % days.vi, u"the week " % days.en};
    }
    case ObligationPeriod::Once:
        break;
    }
    return span(period.first, period.last);
}

} // namespace loa::model
