// Of the benchmarks that have goals: prints what was measured beside them, and ends with 1 when one is missed, a
// benchmark has failed or, but for --benchmark_filter, one was not run. With --measure_only it ends with 0 whatever was
// measured.
#include "tests/bench/goals.h"

#include <QCoreApplication>

#include <string_view>

int main(int argc, char** argv)
{
    bool isMeasuredOnly = false;
    int kept = 1;
    for (int index = 1; index < argc; ++index) {
        if (std::string_view(argv[index]) == "--measure_only")
            isMeasuredOnly = true;
        else
            argv[kept++] = argv[index];
    }
    argc = kept;
    QCoreApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    loa::bench::GoalReporter reporter;
    if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0)
        return 2; // none is called so, as it has said
    if (reporter.hasOnlyListed())
        return 0;
    const std::string filter = benchmark::GetBenchmarkFilter();
    const bool isWhole = filter.empty() || filter == "." || filter == "all";
    return reporter.tellGoals(LOA_BENCH_NAME, isWhole) || isMeasuredOnly ? 0 : 1;
}
