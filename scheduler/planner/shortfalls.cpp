#include "scheduler/planner/reasons.h"

#include <algorithm>

namespace loa::planner {

namespace {

void append(Text& text, const Text& more)
{
    if (!text.en.isEmpty()) {
        text.vi += u' ';
        text.en += u' ';
    }
    text.vi += more.vi;
    text.en += more.en;
}

} // namespace

int inMeasure(const Demand& demand, std::int64_t value)
{
    const bool minutes = demand.measure == model::ObligationMeasure::Minutes;
    return static_cast<int>(minutes ? value / (60 * sampleRate) : value);
}

Text reasonOf(const RemedySet& set, bool proven)
{
    Text reason;
    if (!proven)
        reason = {QStringLiteral("Đã tìm hết giới hạn mà chưa thấy cách xếp đủ; có thể vẫn còn cách."),
                  QStringLiteral("The search met its bound without a way to hold it; there may be one.")};
    for (const Remedy& remedy : set.remedies)
        append(reason, remedy.text);
    for (const Remedy& other : set.others)
        append(reason, {QStringLiteral("Hoặc: ") + other.text.vi, QStringLiteral("Or: ") + other.text.en});
    return reason;
}

std::vector<Shortfall> shortfallsOf(const Board& board, const std::vector<RemedySet>& remedies, bool exact)
{
    std::vector<Shortfall> shortfalls;
    for (const RemedySet& set : remedies) {
        const Demand& demand = board.demand(set.demand);
        if (demand.isHeld())
            continue; // by what was added beyond the quota
        shortfalls.push_back({.obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)].id,
                              .period = demand.period,
                              .required = inMeasure(demand, demand.required),
                              .completed = inMeasure(demand, demand.sounded),
                              .planned = inMeasure(demand, demand.counted) - inMeasure(demand, demand.sounded),
                              .reason = reasonOf(set, exact),
                              .proven = exact,
                              .remedies = set.remedies,
                              .smallest = set.smallest});
    }
    std::ranges::stable_sort(shortfalls, [](const Shortfall& a, const Shortfall& b) {
        return a.period.first != b.period.first ? a.period.first < b.period.first : a.obligation < b.obligation;
    });
    return shortfalls;
}

} // namespace loa::planner
