// The main test of the house: a whole district lives through December 2026, and through what can happen to it. Nothing
// here is a stand-in but time, the network, the disk and the loudspeakers.
#include "tests/simulation/house_rules.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <ctime>

using namespace loa;
using namespace loa::simulation;
using namespace std::chrono_literals;

namespace {

// Half a day for the last logs to come in.
const UtcTime monthOver = District::instant(District::lastDay().addDays(1), 12);

class CpuTime {
public:
    explicit CpuTime(const char* what) : m_what(what) {}
    ~CpuTime()
    {
        std::printf("%s: %.2f s of CPU\n", m_what, static_cast<double>(std::clock() - m_start) / CLOCKS_PER_SEC);
    }

private:
    const char* m_what;
    std::clock_t m_start = std::clock();
};

void checkHouseRules(District& district)
{
    checkLogsArrivedWhole(district);
    checkNothingIsMissing(district);
    checkLogSaysWhatSounded(district);
    checkQuota(district);
}

} // namespace

TEST_CASE("Promise 5: a month in seconds: every commune keeps its quota with nobody at the desk",
          "[promise-5][promise-3][promise-4]")
{
    const CpuTime cpu("A month of three communes");
    District district({.seed = 1, .faults = {}});
    district.runUntil(monthOver);
    checkHouseRules(district);
    for (const auto& site : district.sites()) {
        for (const SignedLogEntry& line : district.office().log(site->agent())) {
            if (line.entry.kind == EntryKind::Airing)
                CHECK(line.entry.outcome == Outcome::Complete);
        }
    }
}
