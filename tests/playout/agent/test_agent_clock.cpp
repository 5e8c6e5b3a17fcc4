// A clock that steps, that the scheduler contradicts, or that nobody teaches.
#include "playout/agent/holdover_trust.h"
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

TEST_CASE("Promise 9: a step of the clock is noticed, written down, and moves nothing that plays",
          "[agent][promise-9][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    World::addSession(bundle, 2, begin + 2min + 10s, {{4, 30}, {5, 30}});
    World::addSession(bundle, 3, begin + 20min, {{3}});
    world.publish(bundle);
    world.offer({1, 2, 3, 4, 5});
    world.boot();
    SECTION("30 s forward, into a session: its first item was jumped over")
    {
        world.runUntil(begin + 1min + 50s); // session 2 is handed over
        const UtcTime truth = world.clock.now();
        world.clock.step(truth + 30s);
        world.agent->step(); // before the simulated player is told, whose time is the time of day
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 1);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).outcome == Outcome::Missed);
        CHECK(world.airing(2, 4).reason == u"clock-stepped"_s);
        CHECK(world.airing(2, 5).outcome == Outcome::Complete);
        CHECK(world.airing(2, 5).firstFrameAt == begin + 2min + 40s);
    }
    SECTION("30 s back: nothing is played twice, and what comes, comes at its instant")
    {
        world.runUntil(begin + 1min + 15s);
        world.clock.step(world.clock.now() - 30s);
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 1);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).firstFrameAt == begin + 2min + 10s);
    }
    SECTION("to 1970 and back: no trust, no start, and then all as planned")
    {
        world.runUntil(begin + 2min + 5s);
        const UtcTime truth = world.clock.now();
        world.clock.step(UtcTime(5s));
        world.runFor(1min);
        CHECK(world.events(u"clock-untrusted"_s) == 1);
        world.clock.step(truth + 1min);
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 2);
        CHECK(world.airing(2, 4).outcome == Outcome::Missed);
        CHECK(world.airing(2, 4).reason == u"clock-untrusted"_s);
    }
    world.runUntil(begin + 30min);
    CHECK(world.airing(3, 3).outcome == Outcome::Complete);
    CHECK(world.airings().size() == 5);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 9: a clock that the scheduler contradicts starts nothing, whoever else vouches for it",
          "[commands][promise-9]")
{
    Commanded world;
    WitnessedClockTrust witnessed(world.trust, world.clock);
    HoldoverClockTrust held(witnessed, world.clock, 40 * 24h);
    world.agentTrust = &held;
    world.witness = &witnessed;
    world.boot();
    world.runFor(1min);
    CHECK(world.agent->health().clock == ClockState::Synchronised);
    world.scheduler.clockOffset = 31s;
    const int before = world.scheduler.sheetRequests;
    while (world.scheduler.sheetRequests < before + 2)
        world.runFor(1s);
    CHECK(world.agent->health().clock == ClockState::Synchronised);
    world.runUntil(world.startsAt + 10s);
    CHECK(world.agent->health().clock == ClockState::Untrusted);
    CHECK(world.agent->health().isClockContradicted);
    CHECK(world.events(u"clock-contradicted"_s) == 1);
    CHECK(world.events(u"clock-untrusted"_s) == 1);
    CHECK(world.airings().empty());

    // One answer that agrees ends it; what begins after that is played.
    world.scheduler.clockOffset = 0s;
    world.runUntil(world.startsAt + 10min);
    CHECK(world.agent->health().clock == ClockState::Synchronised);
    CHECK_FALSE(world.agent->health().isClockContradicted);
    CHECK(world.airing(1, 1).reason == u"clock-untrusted"_s);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
    CHECK(world.events(u"clock-trusted"_s) == 2);
}

TEST_CASE("Promise 9: a clock that nobody teaches plays while the scheduler's time agrees", "[commands][promise-9]")
{
    Commanded world;
    world.trust.set(ClockState::Untrusted);
    WitnessedClockTrust witnessed(world.trust, world.clock);
    world.agentTrust = &witnessed;
    world.witness = &witnessed;
    SECTION("It agrees: assumed")
    {
        world.boot();
        world.runUntil(world.startsAt + 4min);
        CHECK(world.agent->health().clock == ClockState::Assumed);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.airing(1, 1).clock == ClockState::Assumed);
    }
    SECTION("It is three seconds off: silence")
    {
        world.scheduler.clockOffset = 3s;
        world.boot();
        world.runUntil(world.startsAt + 4min);
        CHECK(world.agent->health().clock == ClockState::Untrusted);
        CHECK(world.airings().empty());
        CHECK(world.events(u"clock-contradicted"_s) == 0);
    }
    SECTION("Its answers are to another's questions: silence")
    {
        world.scheduler.answerOtherChallenge = "nonce-of-another";
        world.boot();
        world.runUntil(world.startsAt + 4min);
        CHECK(world.agent->health().clock == ClockState::Untrusted);
        CHECK(world.airings().empty());
    }
}

} // namespace loa::playout::test
