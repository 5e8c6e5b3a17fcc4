#include "scheduler/model/hours_in_force.h"

#include <algorithm>

namespace loa::model {

namespace {

bool isInForce(const HoursPolicy& policy, QDate day)
{
    return policy.validFrom <= day && (!policy.validUntil || day <= *policy.validUntil);
}

// Of two that began on one day the later name: names sort by age.
const HoursPolicy* latestOf(const std::vector<HoursPolicy>& policies, QDate day)
{
    const HoursPolicy* latest = nullptr;
    for (const HoursPolicy& policy : policies) {
        if (isInForce(policy, day) &&
            (!latest || std::pair(latest->validFrom, latest->id) < std::pair(policy.validFrom, policy.id)))
            latest = &policy;
    }
    return latest;
}

} // namespace

std::vector<HoursPolicy> hoursInForce(const UnitId& unit, const UnitTree& tree,
                                      const QHash<UnitId, std::vector<HoursPolicy>>& byUnit, QDate from, QDate until)
{
    struct Run {
        const HoursPolicy* policy;
        QDate first;
        QDate last;
    };
    std::vector<Run> runs;
    for (QDate day = from; day <= until; day = day.addDays(1)) {
        const HoursPolicy* binding = nullptr;
        for (const UnitId& level : tree.pathOn(unit, day)) {
            const auto own = byUnit.constFind(level);
            binding = own == byUnit.cend() ? nullptr : latestOf(*own, day);
            if (binding)
                break;
        }
        if (!binding)
            continue;
        if (!runs.empty() && runs.back().policy == binding && runs.back().last.addDays(1) == day)
            runs.back().last = day;
        else
            runs.push_back({binding, day, day});
    }
    std::vector<HoursPolicy> inForce;
    for (const Run& run : runs) {
        HoursPolicy policy = *run.policy;
        if (run.first != from)
            policy.validFrom = run.first;
        if (run.last != until)
            policy.validUntil = run.last;
        inForce.push_back(std::move(policy));
    }
    return inForce;
}

} // namespace loa::model
