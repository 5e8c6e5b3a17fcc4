#include "scheduler/commands/log.h"

#include <catch2/catch.hpp>

using namespace loa::commands;
using namespace std::chrono_literals;

TEST_CASE("A line that repeats is shown a few times, then counted", "[log]")
{
    RepeatFilter filter;
    const QString line = QStringLiteral("fleet event=refused");
    for (int i = 0; i < RepeatFilter::shownPerWindow; ++i)
        CHECK(filter.judge(line, 1s).show);
    for (int i = 0; i < 40; ++i)
        CHECK_FALSE(filter.judge(line, 2s).show);
    CHECK(filter.judge(QStringLiteral("fleet event=other"), 2s).show);

    const auto later = filter.judge(line, 1s + RepeatFilter::window);
    CHECK(later.show);
    CHECK(later.suppressed == 40);
    const auto next = filter.judge(line, 2s + RepeatFilter::window);
    CHECK(next.show);
    CHECK(next.suppressed == 0);
}

TEST_CASE("The filter's memory is bounded", "[log]")
{
    RepeatFilter filter;
    for (int i = 0; i < RepeatFilter::shownPerWindow + 1; ++i)
        static_cast<void>(filter.judge(QStringLiteral("first"), 1s));
    CHECK_FALSE(filter.judge(QStringLiteral("first"), 1s).show);
    for (qsizetype i = 0; i < RepeatFilter::remembered; ++i)
        CHECK(filter.judge(QStringLiteral("line %1").arg(i), 1s).show);
    CHECK(filter.judge(QStringLiteral("first"), 1s).show);
}
