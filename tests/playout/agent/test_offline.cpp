// Weeks without the network, with and without a clock that can be trusted; and a scheduler that answers wrongly.
#include "playout/agent/holdover_trust.h"
#include "tests/playout/agent/agent_world.h"
#include "tests/playout/agent/test_board.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

// Two sessions a day, three items each, for `days` days from tomorrow.
Bundle fullBundle(const World& world, std::int64_t version, int days)
{
    Bundle bundle = world.blank(version);
    const UtcTime morning = std::chrono::floor<std::chrono::days>(world.clock.now()) + 22h; // 5:00 tomorrow
    for (int i = 0; i < days; ++i) {
        World::addSession(bundle, 2 * i, morning + i * day, {{3 * i, 60}, {3 * i + 1, 30}, {3 * i + 2, 20}});
        World::addSession(bundle, 2 * i + 1, morning + i * day + 12h, {{3 * i, 60}, {3 * i + 1, 30}});
    }
    return bundle;
}

// A world whose agent asks a clock that nobody teaches when the network is gone.
struct DarkWorld : World {
    TestBoard board{clock};
    std::unique_ptr<HoldoverClockTrust> held;
    int boots = 0;

    // The machine starts, from its own disk and battery clock.
    void powerUp()
    {
        if (agent)
            cutPower();
        held = std::make_unique<HoldoverClockTrust>(trust, clock, 40 * day, 7 * day);
        agentTrust = held.get();
        restoreAnchor(disk, u"boot-%1"_s.arg(++boots), board, *held);
        boot();
    }
    // What was kept last is up to ten minutes old by then.
    void powerDown(Duration dark)
    {
        REQUIRE(keepAnchor(disk, u"boot-%1"_s.arg(boots), board, clock, *held));
        runFor(10min);
        cutPower();
        clock.advance(dark);
    }
    void goOffline()
    {
        scheduler.online = false;
        trust.set(ClockState::Untrusted);
    }
};

} // namespace

TEST_CASE("Promise 6: offline for 35 days, every session plays without a frame of error; then the log goes out once",
          "[agent][promise-6][promise-4][promise-8]")
{
    World world;
    world.settings.checkpoint = 30s;
    world.publish(fullBundle(world, 1, 35));
    world.offerAll(0, 105);
    world.boot();
    world.runFor(5min);
    REQUIRE(world.cache->missing(world.clock.now()).empty());
    world.scheduler.online = false;
    world.runFor(20 * day);
    world.boot(); // a power cut half way, with no network
    world.runFor(15 * day + 12h);
    const auto airings = world.airings();
    CHECK(airings.size() == 35 * 5);
    for (const auto& [key, entry] : airings) {
        CHECK(entry.outcome == Outcome::Complete);
        CHECK(entry.frames == entry.plannedFrames);
        CHECK(entry.gaps == 0);
        REQUIRE(entry.firstFrameAt);
        CHECK(toFrames(*entry.firstFrameAt - entry.plannedStart) == FrameCount{}); // on the last day as on the first
    }

    world.scheduler.online = true;
    world.runFor(1h);
    CHECK(world.journal->standing().acknowledged == world.journal->standing().lastSequence);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

TEST_CASE("Promise 6: 35 days offline with power cuts: a battery clock carries over, and every entry says held",
          "[agent][promise-6][promise-9]")
{
    DarkWorld world;
    world.settings.checkpoint = 30s;
    world.publish(fullBundle(world, 1, 35));
    world.offerAll(0, 105);
    world.powerUp();
    world.runFor(5min);
    world.goOffline();
    // Six power cuts in the small hours; the third lasts over the session at 10:00 of that day.
    for (int cut = 1; cut <= 6; ++cut) {
        const Duration dark = cut == 3 ? 12h : 3h;
        world.powerDown(dark);
        world.powerUp();
        world.runFor(5 * day - dark - 10min);
    }
    world.runFor(5 * day + 12h);
    CHECK(world.agent->health().clock == ClockState::Held);
    const auto airings = world.airings();
    CHECK(airings.size() == 35 * 5);
    int missed = 0;
    for (const auto& [key, entry] : airings) {
        CHECK(entry.clock == ClockState::Held); // the first cut came before the first session
        if (entry.outcome == Outcome::Complete)
            continue;
        ++missed;
        CHECK(entry.outcome == Outcome::Missed);
        CHECK(entry.reason == u"agent-not-running"_s);
    }
    CHECK(missed == 2);

    // Somebody vouches for it again.
    world.trust.set(ClockState::Synchronised);
    world.scheduler.online = true;
    world.runFor(1h);
    CHECK(world.agent->health().clock == ClockState::Synchronised);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

TEST_CASE("Promise 9: a board without a battery clock wakes in 1970, waits and says why, until the time is known",
          "[agent][promise-9]")
{
    DarkWorld world;
    world.publish(fullBundle(world, 1, 3));
    world.offerAll(0, 9);
    world.powerUp();
    world.runFor(5min);
    world.goOffline();
    world.powerDown(1h);
    const UtcTime truly = world.clock.now();
    world.board.works = false;
    world.clock.step(UtcTime(20s));
    world.powerUp();
    world.runFor(day);
    CHECK(world.airings().empty());
    CHECK(world.agent->health().clock == ClockState::Untrusted);
    const auto log = world.log();
    CHECK(std::any_of(log.begin(), log.end(), [](const LogEntry& entry) {
        return entry.reason == u"clock-untrusted"_s && entry.detail.contains(u"the board has no clock"_s);
    }));
    world.clock.step(truly + day);
    world.trust.set(ClockState::Synchronised);
    world.scheduler.online = true;
    world.runFor(day);
    const auto airings = world.airings();
    CHECK(std::count_if(airings.begin(), airings.end(), [](const auto& one) {
              return one.second.outcome == Outcome::Complete;
          }) == 5); // of the second day
}

TEST_CASE("Promise 4: lost answers and liars at the other end", "[agent][promise-4]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    world.offer({1, 2});
    world.scheduler.loseAnswers = true;
    world.boot();
    world.runUntil(begin + 10min);
    CHECK(world.journal->standing().acknowledged == 0);
    CHECK(world.scheduler.duplicates > 0);
    world.scheduler.loseAnswers = false;
    world.scheduler.lieAboutAcknowledged = 1000;
    world.runFor(30min);
    CHECK(world.journal->standing().acknowledged == 0);
    CHECK(world.events(u"acknowledgement-refused"_s) == 1);
    world.scheduler.lieAboutAcknowledged = 0;
    world.runFor(30min);
    CHECK(world.journal->standing().acknowledged == world.journal->standing().lastSequence);
    // A scheduler that was restored from an older backup gets again what it lost.
    world.scheduler.entries.erase(std::next(world.scheduler.entries.begin(), 3), world.scheduler.entries.end());
    REQUIRE(world.journal->event({}, u"test"_s, {}, {world.clock.now(), ClockState::Synchronised}));
    world.runFor(30min);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

} // namespace loa::playout::test
