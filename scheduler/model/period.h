// Calendar periods of obligations, in local dates of the station's zone. A quota's period and a report's window are
// separate settings; this page knows the quota's alone. Values and pure functions, any thread. Source: domain.md, "Law
// and rules", reports.
#pragma once

#include "media/error.h"
#include "scheduler/model/obligation.h"

#include <QDate>

#include <vector>

namespace loa::model {

// Both inclusive.
struct PeriodDates {
    QDate first;
    QDate last;
    bool operator==(const PeriodDates&) const = default;

    [[nodiscard]] bool holds(QDate date) const { return first <= date && date <= last; }
};

// The calendar period of `obligation` that holds `date`, whether or not the duty is in force then. Week: Monday to
// Sunday. Year: 1 January to `due`'s day and month, or to 31 December without one; for a date after that, the period
// just over. Once: validFrom to due (or validUntil), whatever the date.
[[nodiscard]] PeriodDates periodAround(const Obligation& obligation, QDate date);

// The periods in which the duty is in force and that share a day with [from, until], in order, each cut to validFrom …
// validUntil: what is owed is owed within the cut period.
[[nodiscard]] std::vector<PeriodDates> periodsOwed(const Obligation& obligation, QDate from, QDate until);

// For people: "tháng 12/2026" and "December 2026", "quý IV/2026" and "quarter IV of 2026", …; a cut period by its
// dates.
[[nodiscard]] Text periodName(const Obligation& obligation, const PeriodDates& period);

} // namespace loa::model
