#include "tests/bench/goals.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace loa::bench {

namespace {

struct Goal {
    const char* what;
    const char* run; // how its name begins; ending in '/': each that does, by the rest of its name
    const char* counter;
    bool isMost; // else the least
    double bound;
};

constexpr std::array goals{
    Goal{"a station-month of 20 items, s", "oneStationMonth/20", "cpu_s", true, 0.0002},
    Goal{"a station-month of 100 items, s", "oneStationMonth/100", "cpu_s", true, 0.0002},
    Goal{"a station-month of 500 items, s", "oneStationMonth/500", "cpu_s", true, 0.0002},
    Goal{"the country's month, s", "countryMonth", "cpu_s", true, 1.0},
    Goal{"the country's month, memory, MB", "countryMonth", "most_memory_mb", true, 400.0},
    Goal{"10,000 stations' work beside 1,000's", "growth", "ratio_10000_to_1000_stations", true, 11.0},
    Goal{"duties missed, possible full months: ", "oneStationMonthFullOfDuties/", "duties_missed", true, 0.0},
    Goal{"one commune's item: stations planned", "changeOfOneItem/scope:0", "stations_planned", true, 1.0},
    Goal{"one district's item: stations planned", "changeOfOneItem/scope:1", "stations_planned", true, 100.0},
    Goal{"s of CPU, hostile: ", "hostile/", "cpu_s", true, 2.0},
    Goal{"memory beside Liquidsoap's", "costOfOneStation/same_quality:0", "ratio_rss_vs_liquidsoap", true, 1.0 / 8},
    Goal{"CPU beside Liquidsoap's", "costOfOneStation/same_quality:0", "ratio_cpu_vs_liquidsoap", true, 1.0 / 3},
    Goal{"memory beside ffmpeg's", "costOfOneStation/same_quality:0", "ratio_rss_vs_ffmpeg", true, 1.0},
    Goal{"CPU beside ffmpeg's", "costOfOneStation/same_quality:0", "ratio_cpu_vs_ffmpeg", true, 1.0},
    // None: less than a page a day, which is what can be told.
    Goal{"memory's slope over a month, KiB a day", "aMonthOfSound", "slope_kib_a_day", true, 4.0},
    Goal{"start error at the receiver, p50, us", "startErrorOnABusyMachine", "loa_p50_us", true, 1000.0},
    Goal{"start error at the receiver, p99, us", "startErrorOnABusyMachine", "loa_p99_us", true, 5000.0},
    Goal{"stations a core, own programmes, encoded", "stations/count:100/same:0/stream:0", "stations_a_core", false,
         200.0},
    Goal{"stations a core, own programmes, passed", "stations/count:500/same:0/stream:2/proven:0", "stations_a_core",
         false, 2000.0},
    Goal{"the same with their proof", "stations/count:500/same:0/stream:2/proven:1", "stations_a_core", false, 2000.0},
    Goal{"stations a core, one programme", "stations/count:1000/same:1/stream:1/proven:0", "stations_a_core", false,
         10'000.0},
    Goal{"the same with their proof", "stations/count:1000/same:1/stream:1/proven:1", "stations_a_core", false,
         8'000.0},
};

} // namespace

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

bool GoalReporter::tellGoals() const
{
    bool isHeld = !m_hasFailed;
    std::printf("\n%-58s %14s %12s\n", "goal", "", "measured");
    for (const Goal& goal : goals) {
        const std::string_view begin = goal.run;
        for (auto run = m_counters.lower_bound(goal.run); run != m_counters.end() && run->first.starts_with(begin);
             ++run) {
            const std::string what =
                goal.what + (begin.ends_with('/') ? run->first.substr(begin.size()) : std::string());
            const auto counter = run->second.find(goal.counter);
            const bool isMeasured = counter != run->second.end();
            const bool holds =
                isMeasured && (goal.isMost ? counter->second <= goal.bound : counter->second >= goal.bound);
            isHeld &= holds;
            std::printf("%-58s %s %10.5g ", what.c_str(), goal.isMost ? "<= " : ">= ", goal.bound);
            if (isMeasured)
                std::printf("%12.5g  %s\n", counter->second, holds ? "held" : "MISSED");
            else
                std::printf("%12s  MISSED\n", "failed");
            if (!begin.ends_with('/'))
                break;
        }
    }
    return isHeld;
}

} // namespace loa::bench
