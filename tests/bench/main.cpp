// Of the benchmarks that have goals: prints what was measured beside them, and ends with 1 when one is missed or a
// benchmark has failed. With --measure_only it ends with 0 whatever was measured.
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
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.tellGoals() || isMeasuredOnly ? 0 : 1;
}
