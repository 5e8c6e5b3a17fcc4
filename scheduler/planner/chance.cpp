#include "scheduler/planner/chance.h"

#include <algorithm>
#include <cmath>

namespace loa::planner {

namespace {

// Plays one by one, each of its own weight.
double exactSumChance(std::span<const std::int64_t> weights, std::int64_t missing, double failure)
{
    std::vector<double> at(static_cast<std::size_t>(missing) + 1, 0.0);
    at[0] = 1.0;
    for (const std::int64_t given : weights) {
        const auto weight = static_cast<std::size_t>(std::min(given, missing));
        double reached = 0.0;
        for (std::size_t k = at.size() - 1 - weight; k + 1 < at.size(); ++k)
            reached += at[k];
        at.back() += reached * (1.0 - failure);
        for (std::size_t k = at.size() - 1; k-- > 0;)
            at[k] = at[k] * failure + (k >= weight ? at[k - weight] * (1.0 - failure) : 0.0);
    }
    return at.back();
}

// Beyond this an exact sum costs more than it tells: the law of large numbers holds there.
constexpr std::int64_t mostCells = 100'000;

double normalChance(double distance, double variance)
{
    return variance > 0.0 ? 0.5 * std::erfc(-distance / std::sqrt(2.0 * variance)) : (distance >= 0.0 ? 1.0 : 0.0);
}

double distinctChanceOfMany(std::span<const ExpectedPlays> items, std::int64_t missing, double failure)
{
    double expectation = 0.0;
    double variance = 0.0;
    for (const ExpectedPlays& item : items) {
        if (item.sounded || item.planned == 0)
            continue;
        const double fails = std::pow(failure, item.planned);
        expectation += 1.0 - fails;
        variance += fails * (1.0 - fails);
    }
    return normalChance(expectation - static_cast<double>(missing) + 0.5, variance);
}

} // namespace

double distinctChance(std::span<const ExpectedPlays> items, std::int64_t required, double failure)
{
    std::int64_t missing = required;
    for (const ExpectedPlays& item : items)
        missing -= item.sounded ? 1 : 0;
    if (missing <= 0)
        return 1.0;
    if (missing > std::ssize(items))
        return 0.0;
    if (missing * std::ssize(items) > mostCells)
        return distinctChanceOfMany(items, missing, failure);
    // at[k]: k of the items so far have sounded; the last of them: `missing` or
    // more.
    std::vector<double> at(static_cast<std::size_t>(missing) + 1, 0.0);
    at[0] = 1.0;
    for (const ExpectedPlays& item : items) {
        if (item.sounded || item.planned == 0)
            continue;
        const double success = 1.0 - std::pow(failure, item.planned);
        at.back() += at[at.size() - 2] * success;
        for (std::size_t k = at.size() - 2; k > 0; --k)
            at[k] = at[k] * (1.0 - success) + at[k - 1] * success;
        at[0] *= 1.0 - success;
    }
    return at.back();
}

double sumChance(std::span<const std::int64_t> weights, std::int64_t missing, double failure)
{
    if (missing <= 0)
        return 1.0;
    constexpr std::int64_t mostSteps = 3600; // an hour of sound
    if (missing <= mostSteps)
        return exactSumChance(weights, missing, failure);
    double expectation = 0.0;
    double variance = 0.0;
    for (const std::int64_t weight : weights) {
        expectation += static_cast<double>(weight) * (1.0 - failure);
        variance += static_cast<double>(weight) * static_cast<double>(weight) * failure * (1.0 - failure);
    }
    return normalChance(expectation - static_cast<double>(missing), variance);
}

double ChanceParts::chance(const Demand& demand, double failure) const
{
    return demand.measure == model::ObligationMeasure::DistinctItems ? distinctChance(items, demand.required, failure)
                                                                     : sumChance(weights, missing, failure);
}

ChanceParts chancePartsOf(const Board& board, int index, const ChanceChange& change)
{
    const Demand& demand = board.demand(index);
    const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
    const bool minutes = demand.measure == model::ObligationMeasure::Minutes;
    ChanceParts parts;
    for (const int item : board.matching(index)) {
        if (board.playCount(item) == 0 && item != change.more)
            continue;
        ExpectedPlays expected;
        for (const Play& play : board.plays(item)) {
            if (!demand.holds(play.day) || (item == change.less && play.session == change.lessFrom && !play.sounded) ||
                (change.closedAlone && play.session >= 0 && board.session(play.session).open))
                continue;
            expected.sounded = expected.sounded || play.sounded;
            expected.planned += play.sounded ? 0 : 1;
            if (!play.sounded && !distinct)
                parts.weights.push_back(minutes ? play.frames / sampleRate : 1);
        }
        if (item == change.more) {
            ++expected.planned;
            parts.weights.push_back(minutes ? board.item(item).frames / sampleRate : 1);
        }
        parts.items.push_back(expected);
    }
    parts.missing = demand.required - demand.sounded;
    if (minutes)
        parts.missing = (parts.missing + sampleRate - 1) / sampleRate;
    return parts;
}

double chanceOf(const Board& board, int index, const ChanceChange& change)
{
    const Demand& demand = board.demand(index);
    if (demand.sounded >= demand.required)
        return 1.0;
    const double failure = board.failureRate();
    if (failure <= 0.0)
        return demand.isHeld() ? 1.0 : 0.0;
    return chancePartsOf(board, index, change).chance(demand, failure);
}

bool isAmplySure(const Demand& demand, std::int64_t loss, double failure)
{
    if (demand.sounded >= demand.required)
        return true;
    double longest = 1.0;
    auto weight = static_cast<double>(demand.counted - demand.sounded - loss);
    auto missing = static_cast<double>(demand.required - demand.sounded);
    if (demand.measure == model::ObligationMeasure::Minutes) {
        // Whole seconds of each play count, and the last one begun is missing whole.
        constexpr double rate = sampleRate;
        longest = static_cast<double>(demand.longest) / rate;
        weight = static_cast<double>(demand.expectedSeconds) - static_cast<double>(loss) / rate - 1.0;
        missing = missing / rate + 1.0;
    }
    const double distance = (1.0 - failure) * weight - missing;
    const double variance = failure * (1.0 - failure) * longest * weight;
    static const double needed = -std::log(1.0 - sureEnough);
    return distance > 0.0 && distance * distance / 2.0 >= needed * (variance + longest * distance / 3.0);
}

bool isSure(const Board& board, int index)
{
    const double failure = board.failureRate();
    return (failure > 0.0 && isAmplySure(board.demand(index), 0, failure)) || chanceOf(board, index) >= sureEnough;
}

} // namespace loa::planner
