#include "playout/agent/holdover_trust.h"
#include "playout/cache/memory_disk.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace std::chrono_literals;

TEST_CASE("Promise 9: a clock that lost its teacher holds over, one that was set or never taught does not",
          "[agent][promise-9][promise-6]")
{
    ManualClock clock{UtcTime(std::chrono::seconds(1'796'000'000))};
    ManualClockTrust kernel(ClockState::Untrusted);
    const HoldoverClockTrust trust(kernel, clock, std::chrono::days(40));
    CHECK(trust.state() == ClockState::Untrusted);
    kernel.set(ClockState::Synchronised);
    CHECK(trust.state() == ClockState::Synchronised);
    kernel.set(ClockState::Untrusted);
    CHECK(trust.state() == ClockState::Assumed);
    SECTION("35 days alone")
    {
        for (int i = 0; i < 35; ++i) {
            clock.advance(std::chrono::days(1));
            CHECK(trust.state() == ClockState::Assumed);
        }
        clock.advance(std::chrono::days(6));
        CHECK(trust.state() == ClockState::Untrusted);
    }
    SECTION("set by thirty seconds, and set back: distrusted until the kernel vouches again")
    {
        clock.advance(1h);
        clock.step(clock.now() + 30s);
        CHECK(trust.state() == ClockState::Untrusted);
        clock.step(clock.now() - 30s);
        CHECK(trust.state() == ClockState::Untrusted);
        kernel.set(ClockState::Synchronised);
        CHECK(trust.state() == ClockState::Synchronised);
    }
}

TEST_CASE("Promise 6: a restart while the network is gone keeps the trust, a reboot does not",
          "[agent][promise-6][promise-9]")
{
    ManualClock clock{UtcTime(std::chrono::seconds(1'796'000'000))};
    ManualClockTrust kernel(ClockState::Synchronised);
    MemoryDisk disk;
    const QString boot = QStringLiteral("boot-1");
    {
        const HoldoverClockTrust trust(kernel, clock, std::chrono::days(40));
        CHECK(trust.state() == ClockState::Synchronised);
        REQUIRE(keepAnchor(disk, boot, trust));
    }
    kernel.set(ClockState::Untrusted);
    clock.advance(std::chrono::days(3));
    HoldoverClockTrust restarted(kernel, clock, std::chrono::days(40));
    restoreAnchor(disk, QStringLiteral("boot-2"), restarted);
    CHECK(restarted.state() == ClockState::Untrusted);
    restoreAnchor(disk, boot, restarted);
    CHECK(restarted.state() == ClockState::Assumed);
    clock.step(clock.now() + std::chrono::minutes(10));
    CHECK(restarted.state() == ClockState::Untrusted);
    CHECK(currentBootId().size() == 36);
}
