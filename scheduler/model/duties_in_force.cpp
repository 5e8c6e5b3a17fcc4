#include "scheduler/model/duties_in_force.h"

#include "scheduler/model/period.h"

#include <algorithm>

namespace loa::model {

namespace {

QDate lastDay(const Obligation& obligation, QDate day)
{
    const QDate last = periodAround(obligation, day).last;
    return obligation.validUntil ? std::min(last, *obligation.validUntil) : last;
}

// Cut to the periods whose last day lies in the span; nothing: none does.
std::optional<Obligation> within(const Obligation& obligation, const DaySpan& span, QDate from)
{
    Obligation bound = obligation;
    if (obligation.period == ObligationPeriod::Once) {
        const QDate last = lastDay(obligation, span.first);
        const bool binds = last >= span.first && (!span.last || last <= *span.last);
        return binds ? std::optional(std::move(bound)) : std::nullopt;
    }
    if (span.first > from)
        bound.validFrom = std::max(bound.validFrom, periodAround(obligation, span.first).first);
    if (span.last) {
        const QDate last = lastDay(obligation, *span.last) <= *span.last
                               ? *span.last
                               : periodAround(obligation, *span.last).first.addDays(-1);
        bound.validUntil = bound.validUntil ? std::min(*bound.validUntil, last) : last;
        if (*bound.validUntil < from)
            return std::nullopt;
    }
    if (bound.validUntil && *bound.validUntil < bound.validFrom)
        return std::nullopt;
    return bound;
}

} // namespace

std::vector<Obligation> dutiesInForce(const UnitId& unit, const UnitTree& tree, const std::vector<Obligation>& all,
                                      QDate from, const std::vector<QDate>& changes)
{
    std::vector<Obligation> binding;
    for (const Obligation& obligation : all) {
        for (const DaySpan& span : tree.spansWithin(unit, obligation.unit, from, changes)) {
            if (auto bound = within(obligation, span, from))
                binding.push_back(*std::move(bound));
        }
    }
    return binding;
}

} // namespace loa::model
