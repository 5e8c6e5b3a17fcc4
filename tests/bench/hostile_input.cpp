// What the planner's hostile questions cost: each has an answer or an error within the goal's seconds (goals.cpp).
#include "scheduler/planner/conflicts.h"
#include "scheduler/planner/plan.h"
#include "scheduler/planner/recurrence.h"
#include "scheduler/planner/sessions.h"
#include "tests/scheduler/planner/hostile_questions.h"

#include <benchmark/benchmark.h>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

void hostile(benchmark::State& state, PlanInput (*question)())
{
    const PlanInput input = question();
    std::size_t placements = 0;
    std::size_t shortfalls = 0;
    for (auto _ : state) {
        const Plan made = plan(input);
        placements = made.placements.size();
        shortfalls = made.shortfalls.size();
    }
    state.counters["placements"] = static_cast<double>(placements);
    state.counters["shortfalls"] = static_cast<double>(shortfalls);
}

void hostileConflicts(benchmark::State& state, PlanInput (*question)())
{
    const PlanInput input = question();
    std::size_t conflicts = 0;
    for (auto _ : state)
        conflicts = conflictsOf(input).size();
    state.counters["conflicts"] = static_cast<double>(conflicts);
}

void hostileRule(benchmark::State& state, const char* rrule)
{
    model::SessionRule rule;
    rule.id = {QStringLiteral("rule")};
    rule.station = {QStringLiteral("station")};
    rule.rrule = QString::fromLatin1(rrule);
    rule.startDate = rule.validFrom = QDate(1970, 1, 1);
    rule.startTime = QTime(5, 0);
    rule.duration = std::chrono::minutes(15);
    HoursPolicy policy;
    policy.id = {QStringLiteral("policy")};
    policy.validFrom = QDate(1970, 1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::hours(0), std::chrono::hours(24)}};
    const QTimeZone zone("Asia/Ho_Chi_Minh");
    double sessions = 0;
    double refused = 0;
    for (auto _ : state) {
        const auto expansion = expandSessions({&rule, 1}, {&policy, 1}, zone, QDate(2026, 12, 1), QDate(2026, 12, 31));
        sessions = expansion ? static_cast<double>(expansion->sessions.size()) : -1;
        refused = expansion ? static_cast<double>(expansion->refusals.size()) : -1;
    }
    state.counters["sessions"] = sessions;
    state.counters["refused"] = refused;
}

BENCHMARK_CAPTURE(hostile, ten_thousand_items_with_rules, tenThousandItemsWithRules)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, ten_thousand_neighbours, tenThousandNeighbours)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, series_rings_and_chains, seriesRingsAndChains)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, everybodys_neighbours, everybodysNeighbours)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, overlapping_pins, overlappingPins)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostileConflicts, overlapping_pins, overlappingPins)
    ->Name("hostile/conflicts_of_overlapping_pins")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, contradictory_duties, contradictoryDuties)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, full_month_of_too_much, fullMonthOfTooMuch)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, sessions_without_length, sessionsWithoutLength)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostile, duties_at_a_failing_station, dutiesAtAFailingStation)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostileRule, daily, "FREQ=DAILY;COUNT=1000000000")
    ->Name("hostile/daily_a_billion_times")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostileRule, secondly, "FREQ=SECONDLY;COUNT=1000000000")
    ->Name("hostile/secondly_a_billion_times")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hostileRule, never, "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000000000")
    ->Name("hostile/secondly_on_days_that_never_come")
    ->Unit(benchmark::kMillisecond);

} // namespace
