// What is asked of the figures of planner and playout, beside what was measured. Besides its own counters a run has
// "cpu_s", its CPU time an iteration.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>

namespace loa::bench {

// Prints runs as ever, and keeps their counters.
class GoalReporter final : public benchmark::ConsoleReporter {
public:
    void ReportRuns(const std::vector<Run>& runs) override;

    // The table of goals, of those whose benchmark was run. True: all are held, and no run has failed.
    [[nodiscard]] bool tellGoals() const;

private:
    std::map<std::string, std::map<std::string, double>> m_counters; // by run, by name
    bool m_hasFailed = false;
};

} // namespace loa::bench
