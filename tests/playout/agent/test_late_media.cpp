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

TEST_CASE("Promise 7: music fills the time of an item whose file has not come", "[agent][promise-7]")
{
    World world;
    world.settings.longestPause = 1s;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 5min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {3}});
    World::addSession(bundle, 2, begin + day, {{8, 20}, {9, 300}});
    for (BundleMedia& media : bundle.media)
        media.mayFade = media.item == ItemId{u"item-9"_s};
    world.publish(bundle);
    const auto standIn = [&](int instead, const char* item) -> std::optional<LogEntry> {
        const auto all = world.airings();
        const auto found =
            all.find({standbyAiringIdFor(World::airingId(1, instead), {QString::fromLatin1(item)}).value, u"loa"_s});
        return found == all.end() ? std::nullopt : std::optional(found->second);
    };
    const auto check = [&](int missing) {
        world.runUntil(begin + 10min);
        for (const int item : {1, 2, 3}) {
            INFO("item " << item);
            if (item == missing)
                CHECK(world.airing(1, item).reason == u"media-missing"_s);
            else
                CHECK(world.airing(1, item).outcome == Outcome::Complete);
        }
        const auto music = standIn(missing, "item-9");
        REQUIRE(music);
        CHECK(music->outcome == Outcome::Complete);
        CHECK(music->reason == u"silence-standby"_s);
        CHECK(music->detail.contains(u"whose file was missing"));
        CHECK(music->plannedStart == begin + (missing - 1) * 1min);
        CHECK(music->frames == FrameCount{60 * sampleRate});
        CHECK(world.events(u"silence-standby"_s) == 1);
        CHECK(world.journal->standing().open == 0);
    };
    SECTION("the first")
    {
        offer(world, {2, 3, 8, 9});
        world.boot();
        check(1);
    }
    SECTION("one in the middle, which is waited for")
    {
        offer(world, {1, 3, 8, 9});
        world.boot();
        check(2);
    }
    SECTION("the last")
    {
        offer(world, {1, 2, 8, 9});
        world.boot();
        check(3);
    }
    SECTION("the configured item goes before, and its time is filled up")
    {
        world.settings.stations.front().silenceStandby = {u"item-8"_s};
        offer(world, {1, 3, 8, 9});
        world.boot();
        world.runUntil(begin + 10min);
        REQUIRE(standIn(2, "item-8"));
        CHECK(standIn(2, "item-8")->plannedStart == begin + 1min);
        REQUIRE(standIn(2, "item-9"));
        CHECK(standIn(2, "item-9")->plannedStart == begin + 80s);
        CHECK(standIn(2, "item-9")->frames == FrameCount{40 * sampleRate});
        CHECK(world.airing(1, 3).firstFrameAt == begin + 2min);
    }
    SECTION("where it comes in time, it plays itself")
    {
        offer(world, {1, 3, 8, 9});
        world.boot();
        world.runUntil(begin + 30s);
        offer(world, {2});
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK_FALSE(standIn(2, "item-9"));
    }
    SECTION("after a step of the clock before the session as well, once")
    {
        offer(world, {2, 3, 8, 9});
        world.boot();
        world.runUntil(begin - 3s);
        world.clock.step(begin - 10min);
        world.agent->step();
        check(1);
    }
    SECTION("configured to be told alone")
    {
        world.settings.stations.front().standsIn = false;
        offer(world, {1, 3, 8, 9});
        world.boot();
        world.runUntil(begin + 10min);
        CHECK_FALSE(standIn(2, "item-9"));
        CHECK(world.airing(1, 2).reason == u"media-missing"_s);
    }
}
