#include "playout/engine/witnessed_trust.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

struct Witness {
    // The scheduler's clock is `ahead`; its answer was on the way for `there` and `back`.
    void answer(Duration ahead, Duration there, Duration back)
    {
        const auto sent = clock.monotonic();
        clock.advance(there);
        const UtcTime told = clock.now() + ahead;
        clock.advance(back);
        trust.hear(told, sent, clock.monotonic());
    }
    ManualClock clock{UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 12 / 1))};
    ManualClockTrust kernel{ClockState::Untrusted};
    WitnessedClockTrust trust{kernel, clock};
};

} // namespace

TEST_CASE("Promise 9: a clock that nobody teaches is believed when the scheduler agrees, as far as the way allows",
          "[promise-9]")
{
    Witness witness;
    CHECK(witness.trust.state() == ClockState::Untrusted);
    witness.answer(0s, 40ms, 20ms);
    CHECK(witness.trust.state() == ClockState::Assumed);
    REQUIRE(witness.trust.sighting());
    CHECK(witness.trust.sighting()->least == -20ms);
    CHECK(witness.trust.sighting()->most == 40ms);
    // An answer that took three seconds proves nothing to two.
    witness.answer(0s, 1500ms, 1500ms);
    CHECK(witness.trust.state() == ClockState::Assumed);
    witness.answer(0s, 500ms, 2500ms);
    CHECK(witness.trust.state() == ClockState::Untrusted);
    witness.answer(1900ms, 10ms, 10ms);
    CHECK(witness.trust.state() == ClockState::Assumed);
    witness.answer(2100ms, 10ms, 10ms);
    CHECK(witness.trust.state() == ClockState::Untrusted);
    witness.answer(-2100ms, 10ms, 10ms);
    CHECK(witness.trust.state() == ClockState::Untrusted);
}

TEST_CASE("Promise 9: what the scheduler said is forgotten after a while, and with a step of the clock", "[promise-9]")
{
    Witness witness;
    witness.answer(0s, 10ms, 10ms);
    witness.clock.advance(14min);
    CHECK(witness.trust.state() == ClockState::Assumed);
    witness.clock.advance(2min);
    CHECK(witness.trust.state() == ClockState::Untrusted);
    witness.answer(0s, 10ms, 10ms);
    REQUIRE(witness.trust.state() == ClockState::Assumed);
    witness.clock.step(witness.clock.now() + 30s);
    CHECK(witness.trust.state() == ClockState::Untrusted);
}

TEST_CASE(
    "Promise 9: two witnesses who contradict each other are both not believed, one slow answer is no contradiction",
    "[promise-9]")
{
    Witness witness;
    witness.kernel.set(ClockState::Synchronised);
    CHECK(witness.trust.state() == ClockState::Synchronised);
    witness.answer(5s, 10ms, 10ms); // not fine, and no contradiction
    CHECK(witness.trust.state() == ClockState::Synchronised);
    const Duration off = GENERATE(Duration(31s), Duration(-31s), Duration(24h));
    witness.answer(off, 10ms, 10ms);
    witness.answer(off, 10ms, 10ms);
    CHECK(witness.trust.state() == ClockState::Synchronised);
    witness.answer(off, 10ms, 10ms);
    CHECK(witness.trust.isContradicted());
    CHECK(witness.trust.state() == ClockState::Untrusted);
    witness.answer(0s, 10ms, 10ms);
    CHECK(witness.trust.state() == ClockState::Synchronised);
    for (int slow = 0; slow < 5; ++slow) // it may have been signed at any moment of a minute
        witness.answer(-1s, 1s, 59s);
    CHECK(witness.trust.state() == ClockState::Synchronised);
}

} // namespace loa::playout
