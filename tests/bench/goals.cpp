#include "tests/bench/goals.h"

#include <array>
#include <cstdio>

namespace loa::bench {

namespace {

enum class Part { Planner, Playout, Hub };

struct Goal {
    Part part;
    const char* what;
    const char* run; // how its name begins; ending in '/': each that does, by the rest of its name
    const char* counter;
    bool isMost; // else the least
    double bound;
};

constexpr std::array goals{
    Goal{Part::Planner, "a station-month of 20 items, s", "oneStationMonth/20", "cpu_s", true, 0.0002},
    Goal{Part::Planner, "a station-month of 100 items, s", "oneStationMonth/100", "cpu_s", true, 0.0002},
    Goal{Part::Planner, "a station-month of 500 items, s", "oneStationMonth/500", "cpu_s", true, 0.0002},
    Goal{Part::Planner, "the country's month, s", "countryMonth", "cpu_s", true, 1.0},
    Goal{Part::Planner, "the country's month, memory, MB", "countryMonth", "most_memory_mb", true, 400.0},
    Goal{Part::Planner, "10,000 stations' work beside 1,000's", "growth", "ratio_10000_to_1000_stations", true, 11.0},
    Goal{Part::Planner, "duties missed, possible full months: ", "oneStationMonthFullOfDuties/", "duties_missed", true,
         0.0},
    Goal{Part::Planner, "one commune's item: stations planned", "changeOfOneItem/scope:0", "stations_planned", true,
         1.0},
    Goal{Part::Planner, "one district's item: stations planned", "changeOfOneItem/scope:1", "stations_planned", true,
         100.0},
    Goal{Part::Planner, "s of CPU, hostile: ", "hostile/", "cpu_s", true, 2.0},
    Goal{Part::Playout, "memory beside Liquidsoap's", "costOfOneStation/same_quality:0", "ratio_rss_vs_liquidsoap",
         true, 1.0 / 8},
    Goal{Part::Playout, "CPU beside Liquidsoap's", "costOfOneStation/same_quality:0", "ratio_cpu_vs_liquidsoap", true,
         1.0 / 3},
    Goal{Part::Playout, "memory beside ffmpeg's", "costOfOneStation/same_quality:0", "ratio_rss_vs_ffmpeg", true, 1.0},
    Goal{Part::Playout, "CPU beside ffmpeg's", "costOfOneStation/same_quality:0", "ratio_cpu_vs_ffmpeg", true, 1.0},
    // None: less than a page a day, which is what can be told.
    Goal{Part::Playout, "memory's slope over a month, KiB a day", "aMonthOfSound", "slope_kib_a_day", true, 4.0},
    Goal{Part::Playout, "start error at the receiver, p50, us", "startErrorOnABusyMachine", "loa_p50_us", true, 1000.0},
    Goal{Part::Playout, "start error at the receiver, p99, us", "startErrorOnABusyMachine", "loa_p99_us", true, 5000.0},
    // As a hub sends best: with the least effort, 60 ms a packet of their own, 120 ms of what many hear.
    Goal{Part::Hub, "stations a core, own programmes, encoded", "stations/count:100/same:0/stream:6", "stations_a_core",
         false, 200.0},
    Goal{Part::Hub, "stations a core, own programmes, passed", "stations/count:500/same:0/stream:5/proven:0",
         "stations_a_core", false, 2000.0},
    Goal{Part::Hub, "the same with their proof", "stations/count:500/same:0/stream:5/proven:1", "stations_a_core",
         false, 2000.0},
    Goal{Part::Hub, "stations a core, one programme", "stations/count:1000/same:1/stream:4/proven:0", "stations_a_core",
         false, 10'000.0},
    Goal{Part::Hub, "the same with their proof", "stations/count:1000/same:1/stream:4/proven:1", "stations_a_core",
         false, 10'000.0},
    Goal{Part::Hub, "frames lost, ppm: ", "stations/", "frames_lost_ppm", true, 100.0},
    // Each station's p99, the middle one of them.
    Goal{Part::Hub, "start error p50, us: ", "stations/", "start_error_p50_us", true, 5000.0},
};

// The benchmarks of the hub are in two programs.
bool isOf(Part part, std::string_view program)
{
    switch (part) {
    case Part::Planner:
        return program == "bench_planner";
    case Part::Playout:
        return program == "bench_playout";
    case Part::Hub:
        return program == "bench_hub" || program == "bench_playout";
    }
    return false;
}

} // namespace

bool GoalReporter::ReportContext(const Context& context)
{
    m_hasBegun = true;
    return ConsoleReporter::ReportContext(context);
}

void GoalReporter::ReportRuns(const std::vector<Run>& runs)
{
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
        m_hasFailed |= run.error_occurred;
        auto& counters = m_counters[run.benchmark_name()];
        for (const auto& [name, counter] : run.counters)
            counters[name] = counter.value;
        if (run.iterations > 0)
            counters["cpu_s"] = run.cpu_accumulated_time / static_cast<double>(run.iterations);
    }
}

bool GoalReporter::tellGoals(std::string_view program, bool isWhole) const
{
    bool isHeld = !m_hasFailed;
    std::printf("\n%-76s %14s %12s\n", "goal", "", "measured");
    for (const Goal& goal : goals) {
        if (!isOf(goal.part, program))
            continue;
        const std::string_view begin = goal.run;
        const auto tell = [&](const std::string& which, const char* measured, const char* verdict) {
            std::printf("%-76s %s %10.5g %12s  %s\n", (goal.what + which).c_str(),
                        goal.isMost ? "<=" : ">=", goal.bound, measured, verdict);
        };
        bool isRun = false;
        for (auto run = m_counters.lower_bound(goal.run); run != m_counters.end() && run->first.starts_with(begin);
             ++run) {
            isRun = true;
            const std::string which = begin.ends_with('/') ? run->first.substr(begin.size()) : std::string();
            const auto counter = run->second.find(goal.counter);
            if (counter == run->second.end()) {
                isHeld = false;
                tell(which, "failed", "MISSED");
            } else {
                std::array<char, 32> measured{};
                std::snprintf(measured.data(), measured.size(), "%.5g", counter->second);
                const bool holds = goal.isMost ? counter->second <= goal.bound : counter->second >= goal.bound;
                isHeld &= holds;
                tell(which, measured.data(), holds ? "held" : "MISSED");
            }
            if (!begin.ends_with('/'))
                break;
        }
        if (isWhole && !isRun) {
            isHeld = false;
            tell({}, "not run", "MISSED");
        }
    }
    return isHeld;
}

} // namespace loa::bench
