// A disk that is full, fails or was damaged: what plays goes on, and the log is made good or says what it lacks.
#include "tests/playout/agent/agent_world.h"
#include "tests/support/full_disk.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

// Three sessions of two minutes, an hour between them.
struct FullWorld : World {
    FullWorld() : begin(clock.now() + 10min)
    {
        Bundle bundle = blank(1);
        for (int number = 1; number <= 3; ++number)
            addSession(bundle, number, begin + (number - 1) * 1h, {{1}, {2}});
        publish(bundle);
        offer({1, 2});
    }
    [[nodiscard]] LogEntry only(int session, int item) const
    {
        const auto found = parts().at({airingId(session, item).value, u"loa"_s});
        CHECK(found.size() == 1);
        return found.front();
    }
    const UtcTime begin;
};

} // namespace

TEST_CASE("Promise 7: a journal that cannot be written stops no sound, and is made good when it can",
          "[agent][promise-7][promise-4]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {3}});
    World::addSession(bundle, 2, begin + 20min, {{1}, {2}});
    world.publish(bundle);
    world.offer({1, 2, 3});
    auto full = std::unique_ptr<loa::test::FullDisk>();
    int asked = 0;
    SECTION("nothing set aside: what happened is kept in mind")
    {
        world.boot();
        world.runUntil(begin + 30s);
        full = std::make_unique<loa::test::FullDisk>(0);
        world.runUntil(begin + 30min);
        CHECK(world.airings().empty());
        full.reset();
        world.runFor(1min);
    }
    SECTION("the reserve carries it")
    {
        world.makeRoom = [&] {
            full.reset();
            return ++asked == 1;
        };
        world.boot();
        world.runUntil(begin + 30s);
        full = std::make_unique<loa::test::FullDisk>(0);
        world.runUntil(begin + 30min);
        CHECK(asked == 1);
    }
    CHECK(world.airings().size() == 5);
    for (const auto& [key, entry] : world.airings())
        CHECK(entry.outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 7: an agent that starts on a full disk plays, and closes what was open as soon as there is room",
          "[agent][promise-7][promise-4]")
{
    FullWorld world;
    world.boot();
    world.runUntil(world.begin + 30s);
    world.trust.set(ClockState::Untrusted);
    world.boot(); // the power was gone, and what it left open is closed by a clock that can be trusted
    {
        const loa::test::FullDisk full(0);
        world.trust.set(ClockState::Synchronised);
        world.runUntil(world.begin + 1h + 10min);
        CHECK(world.agent->health().unwritten > 0);
        CHECK(world.airings().empty());
    }
    world.runFor(1min);
    CHECK(world.agent->health().unwritten == 0);
    const LogEntry cut = world.only(1, 1);
    CHECK(cut.outcome == Outcome::Partial);
    CHECK(cut.reason == u"interrupted"_s);
    CHECK(cut.frames < FrameCount{31 * sampleRate});
    for (const auto& [session, item] : {std::pair(1, 2), std::pair(2, 1), std::pair(2, 2)})
        CHECK(world.only(session, item).outcome == Outcome::Complete);
    CHECK(world.events(u"recovered"_s) == 1);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 3: what sounded on a full disk and could not be written before the end is unknown, not missed",
          "[agent][promise-3][promise-7]")
{
    FullWorld world;
    world.boot();
    world.runUntil(world.begin - 1min);
    {
        const loa::test::FullDisk full(0);
        world.runUntil(world.begin + 10min);
        world.agent->stop();
        world.cutPower();
    }
    world.clock.advance(1h); // and the second session with it
    world.boot();
    world.runUntil(world.begin + 2h + 10min);
    for (const int item : {1, 2}) {
        CHECK(world.only(1, item).outcome == Outcome::Unknown);
        CHECK(world.only(1, item).reason == u"records-lost"_s);
        CHECK(world.only(1, item).frames == FrameCount{});
        CHECK(world.only(2, item).outcome == Outcome::Missed);
        CHECK(world.only(2, item).reason == u"agent-not-running"_s);
        CHECK(world.only(3, item).outcome == Outcome::Complete);
    }
}

TEST_CASE("Promise 7: a disk that fails at any write stops no sound and leaves nothing broken", "[agent][promise-7]")
{
    int failed = 0;
    for (int call = 0; call < 24; ++call) {
        CAPTURE(call);
        World world;
        Bundle bundle = world.blank(1);
        const UtcTime begin = world.clock.now() + 30min;
        World::addSession(bundle, 1, begin, {{1}, {2}});
        world.publish(bundle);
        world.offer({1, 2, 3});
        world.disk.failAt(call);
        world.boot();
        world.runFor(10min);
        Bundle next = world.blank(2);
        World::addSession(next, 1, begin, {{1}, {2}, {3}});
        world.publish(next);
        world.runFor(10min);
        failed += world.disk.calls() > call ? 1 : 0;
        world.boot(); // also after a power cut
        world.runUntil(begin + 10min);
        CHECK(world.cache->version(world.station) == 2);
        for (const int item : {1, 2, 3})
            CHECK(world.airing(1, item).outcome == Outcome::Complete);
    }
    CHECK(failed >= 15);
}

TEST_CASE("A full disk keeps what plays and says so; old media go when no bundle names them", "[agent][promise-7]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 30min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    world.offerAll(1, 20);
    world.boot();
    world.runFor(1min);
    world.disk.setCapacity(0);
    Bundle next = world.blank(2);
    World::addSession(next, 1, begin, {{1}, {2}});
    World::addSession(next, 2, begin + 1h, {{5}});
    world.publish(next);
    world.runUntil(begin + 10min);
    CHECK(world.events(u"disk-failed"_s) == 1);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    world.disk.setCapacity(1 << 30);
    world.runFor(1h);
    CHECK(world.airing(2, 5).outcome == Outcome::Complete);
    for (int version = 3; version < 6; ++version) {
        Bundle other = world.blank(version);
        World::addSession(other, version, world.clock.now() + 20min, {{10 + version}});
        world.publish(other);
        world.runFor(10min);
    }
    CHECK(world.cache->mediaBytes() == 2 * audioOf(14).size()); // of the last bundle and the one before
}

TEST_CASE("A damaged bundle on disk gives way to the one before, with a word in the log", "[agent]")
{
    World world;
    Bundle first = world.blank(1);
    const UtcTime begin = world.clock.now() + 30min;
    World::addSession(first, 1, begin, {{1}});
    world.publish(first);
    world.offer({1, 2});
    world.boot();
    world.runFor(1min);
    Bundle second = world.blank(2);
    World::addSession(second, 1, begin, {{1}, {2}});
    world.publish(second);
    world.runFor(1min);
    REQUIRE(world.disk.replace(u"bundles/station-1.bundle"_s, "rubbish"));
    world.scheduler.online = false;
    world.boot();
    CHECK(world.events(u"bundle-damaged"_s) == 1);
    CHECK(world.cache->version(world.station) == 1);
    world.scheduler.online = true;
    world.runUntil(begin + 10min);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
}

} // namespace loa::playout::test
