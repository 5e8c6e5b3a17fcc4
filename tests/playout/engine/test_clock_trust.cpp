#include "playout/engine/clock_trust.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <sys/timex.h>

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("Promise 9: a time before the bundle was issued is not trusted, whatever the clock says", "[promise-9]")
{
    const Bundle bundle = sampleBundle();
    const ManualClockTrust synchronised(ClockState::Synchronised);
    CHECK(clockStateFor(synchronised, bundle.issuedAt, bundle) == ClockState::Synchronised);
    CHECK(clockStateFor(synchronised, bundle.issuedAt - 1us, bundle) == ClockState::Untrusted);
    CHECK(clockStateFor(AssumedClockTrust(), UtcTime(5s), bundle) == ClockState::Untrusted);
    CHECK(clockStateFor(AssumedClockTrust(), bundle.issuedAt, bundle) == ClockState::Assumed);
    ManualClockTrust changing(ClockState::Untrusted);
    CHECK(clockStateFor(changing, bundle.issuedAt, bundle) == ClockState::Untrusted);
    changing.set(ClockState::Synchronised);
    CHECK(clockStateFor(changing, bundle.issuedAt, bundle) == ClockState::Synchronised);
}

TEST_CASE("Promise 9: a clock is synchronised when the kernel says so, with an error within the bound", "[promise-9]")
{
    timex kernel{};
    int answer = TIME_OK;
    kernel.status = STA_PLL;
    kernel.maxerror = 1000;
    unsigned modes = 0;
    const KernelClockTrust trust(1ms, [&](timex& query) {
        modes |= query.modes;
        query = kernel;
        return answer;
    });
    CHECK(trust.state() == ClockState::Synchronised);
    SECTION("a leap second is none of its faults")
    {
        answer = GENERATE(TIME_INS, TIME_DEL, TIME_OOP, TIME_WAIT);
        CHECK(trust.state() == ClockState::Synchronised);
    }
    SECTION("nobody keeps it")
    {
        kernel.status |= STA_UNSYNC;
        CHECK(trust.state() == ClockState::Untrusted);
    }
    SECTION("the kernel names an error")
    {
        answer = TIME_ERROR;
        CHECK(trust.state() == ClockState::Untrusted);
    }
    SECTION("the kernel does not say")
    {
        answer = -1;
        CHECK(trust.state() == ClockState::Untrusted);
    }
    SECTION("it may be further off than the bound")
    {
        kernel.maxerror = 1001;
        CHECK(trust.state() == ClockState::Untrusted);
        kernel.maxerror = 999;
        CHECK(trust.state() == ClockState::Synchronised); // asked each time
    }
    CHECK(modes == 0); // it asks, and sets nothing
}

TEST_CASE("Without another to ask, the kernel is asked")
{
    CHECK(KernelClockTrust(-1us).state() == ClockState::Untrusted); // no error is small enough
}

} // namespace loa::playout
