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

TEST_CASE("The kernel's word on its clock is taken as it is")
{
    timex query{};
    const int answer = adjtimex(&query);
    const bool synchronised = answer >= 0 && answer != TIME_ERROR && (query.status & STA_UNSYNC) == 0;
    const ClockState wide = KernelClockTrust(24h).state();
    CHECK((wide == ClockState::Synchronised) == synchronised);
    CHECK(KernelClockTrust(-1us).state() == ClockState::Untrusted); // no error is small enough
}

} // namespace loa::playout
