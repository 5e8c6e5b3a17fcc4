// What is asked of the figures of planner, playout and hub, beside what was measured. Besides its own counters a run
// has "cpu_s", its CPU time an iteration.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <string_view>

namespace loa::bench {

// Prints runs as ever, and keeps their counters.
class GoalReporter final : public benchmark::ConsoleReporter {
public:
    bool ReportContext(const Context& context) override;
    void ReportRuns(const std::vector<Run>& runs) override;

    // Benchmarks were told by name (--benchmark_list_tests), none was begun.
    [[nodiscard]] bool hasOnlyListed() const { return !m_hasBegun; }

    // The table of the goals of `program` ("bench_planner"), of those whose benchmark was run; where it was to run
    // whole, the others too, as missed. True: all are held, and no run has failed.
    [[nodiscard]] bool tellGoals(std::string_view program, bool isWhole) const;

private:
    std::map<std::string, std::map<std::string, double>> m_counters; // by run, by name
    bool m_hasBegun = false;
    bool m_hasFailed = false;
};

} // namespace loa::bench
