// Files that are not there, or not whole, when their session is handed to the player.
#include "tests/playout/agent/agent_world.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

void offer(World& world, std::initializer_list<int> items)
{
    for (const int item : items)
        world.scheduler.media[sha256(audioOf(item))] = audioOf(item);
}

} // namespace

TEST_CASE("Promise 7: a file that comes after its session was handed over plays, if it comes before its own start",
          "[agent][promise-7]")
{
    World world;
    world.settings.longestPause = 1s; // a file is asked for as soon as it can be had
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 5min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {3}, {4}});
    world.publish(bundle);
    const auto check = [&](const std::vector<int>& complete) {
        world.runUntil(begin + 10min);
        for (const int item : {1, 2, 3, 4}) {
            INFO("item " << item);
            const LogEntry entry = world.airing(1, item);
            if (std::find(complete.begin(), complete.end(), item) != complete.end()) {
                CHECK(entry.outcome == Outcome::Complete);
                CHECK(entry.firstFrameAt == begin + (item - 1) * 1min);
            } else {
                CHECK(entry.reason == u"media-missing"_s);
            }
        }
        CHECK(world.players[0]->state() == PlayerState::Idle);
    };
    SECTION("beside others that sound")
    {
        offer(world, {1, 2});
        world.boot();
        world.runUntil(begin + 30s);
        offer(world, {4});
        world.runUntil(begin + 70s);
        offer(world, {3});
        check({1, 2, 3, 4});
    }
    SECTION("too late: the others are not held up")
    {
        offer(world, {1, 2});
        world.boot();
        world.runUntil(begin + 119s);
        offer(world, {3});
        world.runUntil(begin + 130s);
        offer(world, {4});
        check({1, 2, 4});
    }
    SECTION("when all that was there is over")
    {
        offer(world, {1});
        world.boot();
        world.runUntil(begin + 150s);
        offer(world, {4});
        check({1, 4});
    }
    SECTION("when nothing was there at all")
    {
        world.boot();
        world.runUntil(begin + 100s);
        offer(world, {3});
        check({3});
    }
    SECTION("never")
    {
        world.boot();
        check({});
    }
    SECTION("and in its time a newer bundle says the same")
    {
        offer(world, {1, 2});
        world.boot();
        world.runUntil(begin - 1s);
        bundle.version = 2;
        world.publish(bundle);
        world.runUntil(begin + 90s);
        offer(world, {3});
        offer(world, {4});
        check({1, 2, 3, 4});
    }
}

TEST_CASE("Promise 1: a file found altered is fetched again, and plays when it is whole in time", "[agent][promise-1]")
{
    World world;
    world.settings.longestPause = 1s; // a file is asked for as soon as it can be had
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 5min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {3}});
    world.publish(bundle);
    offer(world, {1, 2, 3});
    world.boot();
    world.runFor(1min);
    for (const int item : {2, 3})
        REQUIRE(world.disk.replace(u"media/"_s + toString(sha256(audioOf(item))), "rubbish"));
    world.scheduler.media.erase(sha256(audioOf(3)));
    world.runUntil(begin + 10min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    CHECK(world.airing(1, 3).reason == u"media-altered"_s);
    CHECK(world.events(u"media-refused"_s) == 2);
}
