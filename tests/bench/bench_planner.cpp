// How long planning takes: one station's month, every commune of the country, a replan without news, full sessions, and
// a month of a whole simulated district.
#include "scheduler/planner/layout.h"
#include "scheduler/planner/plan.h"
#include "scheduler/planner/sessions.h"
#include "tests/scheduler/planner/oracle.h"
#include "tests/scheduler/planner/oracle_instances.h"
#include "tests/scheduler/planner/planted_month.h"
#include "tests/simulation/district.h"

#include <QLoggingCategory>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <ctime>
#include <string>

using namespace loa;
using namespace loa::planner;

namespace {

constexpr int sessionsADay = 2;

model::Obligation duty(const char* id, model::ObligationPeriod period, int required, std::vector<QString> groups)
{
    model::Obligation duty;
    duty.id = {QString::fromLatin1(id)};
    duty.titleVi = duty.titleEn = duty.id.value;
    duty.required = required;
    duty.period = period;
    duty.topicGroups = std::move(groups);
    duty.evidence = model::ObligationEvidence::Airings;
    duty.validFrom = QDate(2026, 1, 1);
    return duty;
}

// December 2026 with two sessions a day, so many items of one to four minutes, and six duties.
PlanInput month(int items, std::chrono::minutes length)
{
    PlanInput input;
    input.station = {QStringLiteral("station")};
    input.from = QDate(2026, 12, 1);
    input.until = QDate(2026, 12, 31);
    const SessionRuleId rule{QStringLiteral("rule")};
    for (QDate day = input.from; day <= input.until; day = day.addDays(1)) {
        for (int session = 0; session < sessionsADay; ++session) {
            const UtcTime at(std::chrono::hours(24 * QDate(1970, 1, 1).daysTo(day) - 1 + 11 * session));
            input.sessions.push_back(
                {sessionIdFor(input.station, rule, at), rule, input.station, {}, day, at, toFrames(length)});
        }
    }
    static const char* const groups[] = {"cchc-a", "cchc-b", "cchc-c", "cchc-d", "cchc-dd", "cchc-e", "other"};
    for (int i = 0; i < items; ++i) {
        PlannableItem item;
        item.id = {QStringLiteral("item-%1").arg(i, 5, 10, QLatin1Char('0'))};
        item.version = 1;
        item.sha256 = sha256(item.id.value.toLatin1());
        item.frames = toFrames(std::chrono::seconds(60 + i * 37 % 180));
        item.title = item.id.value;
        item.topicGroups = {QString::fromLatin1(groups[i % 7])};
        item.validFrom = input.from.addDays(i % 5 == 0 ? i % 28 : -10);
        if (i % 3 == 0)
            item.validUntil = item.validFrom.addDays(20);
        input.items.push_back(item);
    }
    using model::ObligationPeriod;
    std::vector<QString> reform;
    for (int group = 0; group < 6; ++group)
        reform.push_back(QString::fromLatin1(groups[group]));
    input.obligations = {duty("month", ObligationPeriod::Month, 2, reform),
                         duty("week", ObligationPeriod::Week, 1, {reform[5]}),
                         duty("directives", ObligationPeriod::Month, 1, {reform[0]}),
                         duty("results", ObligationPeriod::Month, 1, {reform[1]}),
                         duty("quarter", ObligationPeriod::Quarter, 2, {reform[2]}),
                         duty("year", ObligationPeriod::Year, 4, {reform[4]})};
    return input;
}

// As the scheduler plans: items that many stations share are read once.
void stationMonths(benchmark::State& state, int items, std::chrono::minutes length, int stations)
{
    PlanInput input = month(items, length);
    const ItemPool pool(std::move(input.items));
    std::size_t placements = 0;
    double full = 0.0;
    for (auto _ : state) {
        for (int station = 0; station < stations; ++station) {
            const Plan made = plan(input, pool);
            placements = made.placements.size();
            benchmark::DoNotOptimize(placements);
        }
    }
    const Plan made = plan(input, pool);
    for (const Placement& placement : made.placements)
        full += static_cast<double>(placement.frames.value);
    for (const model::Session& session : input.sessions)
        state.counters["share_full"] += static_cast<double>(session.frames.value);
    state.counters["share_full"] = full / state.counters["share_full"];
    state.counters["placements"] = static_cast<double>(placements);
    state.counters["station_months_per_s"] =
        benchmark::Counter(static_cast<double>(state.iterations() * stations), benchmark::Counter::kIsRate);
}

void oneStationMonth(benchmark::State& state)
{
    stationMonths(state, static_cast<int>(state.range(0)), std::chrono::minutes(15), 1);
}
void hundredStationMonths(benchmark::State& state)
{
    stationMonths(state, 20, std::chrono::minutes(15), 100);
}
// Many items for little time: sessions are as full as they can be.
void fullSessions(benchmark::State& state)
{
    stationMonths(state, 200, std::chrono::minutes(20), 1);
}

// Tune, bulletin, reform column, music and closing; two parts have a least.
model::SessionTemplate morningTemplate()
{
    using model::PartKind;
    using std::chrono::minutes;
    const auto part = [](const char* id, PartKind kind) {
        return model::TemplatePart{QString::fromLatin1(id), kind, {}, {}};
    };
    model::SessionTemplate made;
    made.id = {QStringLiteral("template")};
    made.parts = {part("signature", PartKind::Signature), part("bulletin", PartKind::Bulletin),
                  part("column", PartKind::ReformColumn), part("music", PartKind::Music),
                  part("closing", PartKind::Closing)};
    made.parts[0].tune = made.parts[4].tune = ItemId{QStringLiteral("tune")};
    made.parts[1].least = minutes(2);
    made.parts[1].most = minutes(8);
    made.parts[2].least = minutes(3);
    for (const char* group : {"cchc-a", "cchc-b", "cchc-c", "cchc-d", "cchc-dd", "cchc-e"})
        made.parts[2].accepts.push_back(QString::fromLatin1(group));
    return made;
}

std::optional<TuneRecording> tuneOfTenSeconds(const ItemId& item, QDate)
{
    return TuneRecording{1, sha256(item.value.toLatin1()), toFrames(std::chrono::seconds(10))};
}

void oneStationMonthOfTemplates(benchmark::State& state)
{
    PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    const model::SessionTemplate made = morningTemplate();
    for (model::Session& session : input.sessions)
        session = layOut(made, session, tuneOfTenSeconds).value();
    const ItemPool pool(std::move(input.items));
    for (auto _ : state) {
        const Plan planned = plan(input, pool);
        benchmark::DoNotOptimize(planned.placements.size());
    }
}

// Two duties that lack an item each: what would help is searched and told.
void oneStationMonthFallingShort(benchmark::State& state)
{
    PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    input.obligations.push_back(duty("short", model::ObligationPeriod::Month, 90, {QStringLiteral("cchc-a")}));
    input.obligations.push_back(duty("none", model::ObligationPeriod::Month, 1, {QStringLiteral("nothing")}));
    const ItemPool pool(std::move(input.items));
    for (auto _ : state) {
        const Plan planned = plan(input, pool);
        benchmark::DoNotOptimize(planned.shortfalls.size());
    }
}

// A month full of what must sound but for a few percent (the second argument), each item on one of some days (the
// first) before and after its own.
void oneStationMonthFullOfDuties(benchmark::State& state)
{
    constexpr unsigned seeds = 8;
    std::vector<PlanInput> months;
    for (unsigned seed = 1; seed <= seeds; ++seed)
        months.push_back(
            planner::test::plantedMonth(seed, static_cast<int>(state.range(0)), static_cast<int>(state.range(1))));
    std::size_t next = 0;
    std::size_t missed = 0;
    for (auto _ : state) {
        const Plan made = plan(months[next++ % seeds]);
        missed += made.shortfalls.size();
    }
    state.counters["duties_missed"] = static_cast<double>(missed);
}

// A single station that reads its items by itself.
void oneStationMonthWithItems(benchmark::State& state)
{
    const PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    for (auto _ : state) {
        const Plan made = plan(input);
        benchmark::DoNotOptimize(made.placements.size());
    }
}

void replanWithoutNews(benchmark::State& state)
{
    PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    const ItemPool pool(std::move(input.items));
    input.existing = plan(input, pool).placements;
    for (auto _ : state) {
        const Plan made = plan(input, pool);
        benchmark::DoNotOptimize(made.placements.size());
    }
}

// As stations are: one that has failed in no airing yet counts as failing in 2 of 100.
void oneStationMonthWithReserve(benchmark::State& state)
{
    PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    input.failureRate = static_cast<double>(state.range(1)) / 100.0;
    const ItemPool pool(std::move(input.items));
    for (auto _ : state) {
        const Plan made = plan(input, pool);
        benchmark::DoNotOptimize(made.placements.size());
    }
}

// … with something urgent to take in, in sessions that are full.
void replanForPriority(benchmark::State& state)
{
    PlanInput input = month(static_cast<int>(state.range(0)), std::chrono::minutes(15));
    input.failureRate = static_cast<double>(state.range(1)) / 100.0;
    input.existing = plan(input).placements;
    for (int item = 0; item < state.range(0); item += 50) {
        PlannableItem urgent = input.items[static_cast<std::size_t>(item)];
        urgent.id.value += QStringLiteral("-urgent");
        urgent.priority = Priority::Priority;
        input.items.push_back(std::move(urgent));
    }
    const ItemPool pool(std::move(input.items));
    for (auto _ : state) {
        const Plan made = plan(input, pool);
        benchmark::DoNotOptimize(made.placements.size());
    }
}

// Of this process: what runs besides counts for nothing.
double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double mostMemoryMB()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024.0 / 1e6;
}

// Each with sessions of its own, 62 of them; 500 items and six duties for all.
std::vector<PlanInput> country(int stations)
{
    std::vector<PlanInput> inputs;
    inputs.reserve(static_cast<std::size_t>(stations));
    const PlanInput sample = month(0, std::chrono::minutes(15));
    for (int number = 0; number < stations; ++number) {
        PlanInput input = sample;
        input.station = {QStringLiteral("station-%1").arg(number)};
        for (model::Session& session : input.sessions) {
            session.station = input.station;
            session.startsAt += std::chrono::minutes(number % 60);
            session.id = sessionIdFor(input.station, session.rule, session.startsAt);
        }
        inputs.push_back(std::move(input));
    }
    return inputs;
}

// A month of every commune of the country on one core; all plans are kept.
void countryMonth(benchmark::State& state)
{
    const std::vector<PlanInput> inputs = country(static_cast<int>(state.range(0)));
    std::vector<PlannableItem> items = month(500, std::chrono::minutes(15)).items;
    std::size_t placements = 0;
    for (auto _ : state) {
        const ItemPool pool(items);
        std::vector<Plan> plans;
        plans.reserve(inputs.size());
        for (const PlanInput& input : inputs)
            plans.push_back(plan(input, pool));
        placements = 0;
        for (const Plan& made : plans)
            placements += made.placements.size();
        benchmark::DoNotOptimize(placements);
        state.PauseTiming();
        plans.clear();
        state.ResumeTiming();
    }
    state.counters["placements"] = static_cast<double>(placements);
    state.counters["s_a_station"] =
        benchmark::Counter(static_cast<double>(inputs.size()) * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["most_memory_mb"] = mostMemoryMB();
}

// Ten times the stations: how many times the work.
void growth(benchmark::State& state)
{
    const std::vector<PlanInput> inputs = country(10'000);
    const ItemPool pool(month(500, std::chrono::minutes(15)).items);
    const auto timeFor = [&](std::size_t stations) {
        const double begin = cpuSeconds();
        for (std::size_t station = 0; station < stations; ++station)
            benchmark::DoNotOptimize(plan(inputs[station], pool).placements.size());
        return cpuSeconds() - begin;
    };
    double ratio = 0.0;
    for (auto _ : state) {
        const double few = timeFor(1'000);
        ratio = timeFor(10'000) / few;
    }
    state.counters["ratio_10000_to_1000_stations"] = ratio;
}

// The planner and the constraint solver on the same small questions, one after the other. Where every duty can be held
// both answer the same; where not, the planner alone also seeks the smallest changes that would help.
void besideOracle(benchmark::State& state)
{
    constexpr unsigned questions = 2'000;
    std::vector<PlanInput> whole;
    std::vector<PlanInput> lacking;
    for (unsigned seed = 1; seed <= questions; ++seed) {
        PlanInput input = planner::test::instance(seed);
        (plan(input).shortfalls.empty() ? whole : lacking).push_back(std::move(input));
    }
    struct Times {
        double ours = 0.0;
        double oracles = 0.0;
    };
    const auto addTimes = [](Times& times, const std::vector<PlanInput>& inputs) {
        const auto timeOf = [&](auto&& answer) {
            const double begin = cpuSeconds();
            for (const PlanInput& input : inputs)
                benchmark::DoNotOptimize(answer(input));
            return cpuSeconds() - begin;
        };
        times.ours += timeOf([](const PlanInput& input) { return plan(input).placements.size(); });
        times.oracles += timeOf(
            [](const PlanInput& input) { return planner::test::askOracle(planner::test::Question(input)).held; });
    };
    Times held;
    Times fallingShort;
    for (auto _ : state) {
        addTimes(held, whole);
        addTimes(fallingShort, lacking);
    }
    const auto put = [&](const std::string& which, const Times& times, std::size_t asked) {
        const double all = static_cast<double>(asked) * static_cast<double>(state.iterations());
        state.counters["us_a_question" + which] = times.ours / all * 1e6;
        state.counters["oracle_us_a_question" + which] = times.oracles / all * 1e6;
        state.counters["ratio_vs_oracle" + which] = times.ours / times.oracles;
    };
    put("_all_held", held, whole.size());
    put("_short_with_remedies", fallingShort, lacking.size());
}

void expandMonth(benchmark::State& state)
{
    model::SessionRule rule;
    rule.id = {QStringLiteral("rule")};
    rule.station = {QStringLiteral("station")};
    rule.rrule = QStringLiteral("FREQ=DAILY;BYHOUR=6,17");
    rule.startDate = rule.validFrom = QDate(2026, 1, 1);
    rule.startTime = QTime(6, 0);
    rule.duration = std::chrono::minutes(15);
    HoursPolicy policy;
    policy.id = {QStringLiteral("policy")};
    policy.validFrom = QDate(2021, 1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(300), std::chrono::minutes(1260)}};
    const QTimeZone zone("Asia/Ho_Chi_Minh");
    for (auto _ : state) {
        const auto expansion = expandSessions({&rule, 1}, {&policy, 1}, zone, QDate(2026, 12, 1), QDate(2026, 12, 31));
        benchmark::DoNotOptimize(expansion->sessions.size());
    }
}

// The same with a template and two special days.
void expandMonthOfTemplates(benchmark::State& state)
{
    model::SessionTemplate made = morningTemplate();
    model::SessionRule rule;
    rule.id = {QStringLiteral("rule")};
    rule.station = {QStringLiteral("station")};
    rule.rrule = QStringLiteral("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=6,17");
    rule.startDate = rule.validFrom = QDate(2026, 1, 1);
    rule.startTime = QTime(6, 0);
    rule.duration = std::chrono::minutes(15);
    rule.made = made.id;
    HoursPolicy policy;
    policy.id = {QStringLiteral("policy")};
    policy.validFrom = QDate(2021, 1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(300), std::chrono::minutes(1260)}};
    SpecialDays special{rule.station, {}};
    for (const int day : {20, 25}) {
        model::SpecialDayInForce each;
        each.day.date = QDate(2026, 12, day);
        each.day.name = QStringLiteral("day");
        special.days.push_back(each);
    }
    const QTimeZone zone("Asia/Ho_Chi_Minh");
    for (auto _ : state) {
        auto expansion = expandSessions({&rule, 1}, {&policy, 1}, zone, QDate(2026, 12, 1), QDate(2026, 12, 31),
                                        {&made, 1}, special);
        for (model::Session& session : expansion->sessions)
            session = layOut(made, session, tuneOfTenSeconds).value();
        benchmark::DoNotOptimize(expansion->sessions.size());
    }
}

// Three communes, scheduler and agents, 31 days (promise: under 10 s of CPU).
void simulatedMonth(benchmark::State& state)
{
    QLoggingCategory::setFilterRules(QStringLiteral("*=false")); // the agents' log would be most of the output
    for (auto _ : state) {
        simulation::District district({.seed = 1});
        district.runUntil(simulation::District::instant(simulation::District::lastDay().addDays(1), 12));
    }
}

// First, so that the memory is its own.
BENCHMARK(countryMonth)->Arg(3'321)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(growth)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(oneStationMonth)->Arg(6)->Arg(20)->Arg(100)->Arg(500)->Unit(benchmark::kMicrosecond);
BENCHMARK(oneStationMonthWithItems)->Arg(20)->Arg(500)->Unit(benchmark::kMicrosecond);
BENCHMARK(oneStationMonthOfTemplates)->Arg(100)->Unit(benchmark::kMicrosecond);
BENCHMARK(oneStationMonthFallingShort)->Arg(100)->Arg(500)->Unit(benchmark::kMicrosecond);
BENCHMARK(oneStationMonthFullOfDuties)
    ->Args({1, 5})
    ->Args({3, 5})
    ->Args({3, 3})
    ->Args({3, 1})
    ->Args({2, 0})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(hundredStationMonths)->Unit(benchmark::kMillisecond);
BENCHMARK(fullSessions)->Unit(benchmark::kMicrosecond);
BENCHMARK(replanWithoutNews)->Arg(20)->Arg(500)->Unit(benchmark::kMicrosecond);
BENCHMARK(oneStationMonthWithReserve)->Args({100, 2})->Args({500, 2})->Args({500, 20})->Unit(benchmark::kMicrosecond);
BENCHMARK(replanForPriority)->Args({100, 2})->Args({500, 20})->Unit(benchmark::kMicrosecond);
BENCHMARK(besideOracle)->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(expandMonth)->Unit(benchmark::kMicrosecond);
BENCHMARK(expandMonthOfTemplates)->Unit(benchmark::kMicrosecond);
BENCHMARK(simulatedMonth)->Unit(benchmark::kSecond)->Iterations(1);

} // namespace
