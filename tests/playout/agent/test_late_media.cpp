// Files that are not there, or not whole, when their session is handed to the player.
#include "tests/playout/agent/agent_world.h"

#include <catch2/catch.hpp>
#include <set>

namespace loa::playout::test {

namespace {

// A session of items of a minute each, whose files come one by one.
struct LateWorld : World {
    explicit LateWorld(const std::vector<TestItem>& items)
    {
        settings.longestPause = 1s; // a file is asked for as soon as it can be had
        addSession(bundle, 1, begin, items);
    }
    void comes(int item, Duration intoSession)
    {
        runUntil(begin + intoSession);
        offer({item});
    }
    // When all is over, the files of these had not come in time, and the others were played at their instant.
    void endsWithout(const std::set<int>& missing)
    {
        runUntil(begin + 10min);
        for (int item = 1; item <= static_cast<int>(bundle.sessions.front().airings.size()); ++item) {
            INFO("item " << item);
            const LogEntry entry = airing(1, item);
            if (missing.contains(item)) {
                CHECK(entry.reason == u"media-missing"_s);
            } else {
                CHECK(entry.outcome == Outcome::Complete);
                CHECK(entry.firstFrameAt == begin + (item - 1) * 1min);
            }
        }
    }

    Bundle bundle = blank(1);
    const UtcTime begin = clock.now() + 5min;
};

} // namespace

TEST_CASE("Promise 7: a file that comes after its session was handed over plays, if it comes before its own start",
          "[agent][promise-7]")
{
    LateWorld world({{1}, {2}, {3}, {4}});
    world.publish(world.bundle);
    SECTION("beside others that sound")
    {
        world.offer({1, 2});
        world.boot();
        world.comes(4, 30s);
        world.comes(3, 70s);
        world.endsWithout({});
    }
    SECTION("too late: the others are not held up")
    {
        world.offer({1, 2});
        world.boot();
        world.comes(3, 119s);
        world.comes(4, 130s);
        world.endsWithout({3});
    }
    SECTION("when all that was there is over")
    {
        world.offer({1});
        world.boot();
        world.comes(4, 150s);
        world.endsWithout({2, 3});
    }
    SECTION("when nothing was there at all")
    {
        world.boot();
        world.comes(3, 100s);
        world.endsWithout({1, 2, 4});
    }
    SECTION("never")
    {
        world.boot();
        world.endsWithout({1, 2, 3, 4});
    }
    SECTION("and in its time a newer bundle says the same")
    {
        world.offer({1, 2});
        world.boot();
        world.runUntil(world.begin - 1s);
        world.bundle.version = 2;
        world.publish(world.bundle);
        world.comes(3, 90s);
        world.offer({4});
        world.endsWithout({});
    }
    CHECK(world.players[0]->state() == PlayerState::Idle);
}

TEST_CASE("Promise 1: a file found altered is fetched again, and plays when it is whole in time", "[agent][promise-1]")
{
    LateWorld world({{1}, {2}, {3}});
    world.publish(world.bundle);
    world.offer({1, 2, 3});
    world.boot();
    world.runFor(1min);
    for (const int item : {2, 3})
        REQUIRE(world.disk.replace(u"media/"_s + toString(sha256(audioOf(item))), "rubbish"));
    world.scheduler.media.erase(sha256(audioOf(3)));
    world.runUntil(world.begin + 10min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    CHECK(world.airing(1, 3).reason == u"media-altered"_s);
    CHECK(world.events(u"media-refused"_s) == 2);
}

TEST_CASE("Promise 7: music fills the time of an item whose file has not come", "[agent][promise-7]")
{
    LateWorld world({{1}, {2}, {3}});
    const UtcTime begin = world.begin;
    World::addSession(world.bundle, 2, begin + day, {{8, 20}, {9, 300}});
    for (BundleMedia& media : world.bundle.media)
        media.mayFade = media.item == ItemId{u"item-9"_s};
    world.publish(world.bundle);
    const auto standIn = [&](int instead, const char* item) -> std::optional<LogEntry> {
        const auto all = world.airings();
        const auto found =
            all.find({standbyAiringIdFor(World::airingId(1, instead), {QString::fromLatin1(item)}).value, u"loa"_s});
        return found == all.end() ? std::nullopt : std::optional(found->second);
    };
    const auto check = [&](int missing) {
        world.endsWithout({missing});
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
        world.offer({2, 3, 8, 9});
        world.boot();
        check(1);
    }
    SECTION("one in the middle, which is waited for")
    {
        world.offer({1, 3, 8, 9});
        world.boot();
        check(2);
    }
    SECTION("the last")
    {
        world.offer({1, 2, 8, 9});
        world.boot();
        check(3);
    }
    SECTION("the configured item goes before, and its time is filled up")
    {
        world.settings.stations.front().silenceStandby = {u"item-8"_s};
        world.offer({1, 3, 8, 9});
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
        world.offer({1, 3, 8, 9});
        world.boot();
        world.runUntil(begin + 30s);
        world.offer({2});
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK_FALSE(standIn(2, "item-9"));
    }
    SECTION("after a step of the clock before the session as well, once")
    {
        world.offer({2, 3, 8, 9});
        world.boot();
        world.runUntil(begin - 3s);
        world.clock.step(begin - 10min);
        world.agent->step();
        check(1);
    }
    SECTION("configured to be told alone")
    {
        world.settings.stations.front().standsIn = false;
        world.offer({1, 3, 8, 9});
        world.boot();
        world.runUntil(begin + 10min);
        CHECK_FALSE(standIn(2, "item-9"));
        CHECK(world.airing(1, 2).reason == u"media-missing"_s);
    }
}

TEST_CASE("Media that arrive in the last seconds still play; a session learnt of late plays what is left", "[agent]")
{
    World world;
    world.boot();
    const UtcTime begin = world.clock.now() + 20s;
    Bundle bundle = world.blank(1);
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    world.runFor(5s);
    world.offer({1, 2});
    world.runUntil(begin + 5min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);

    const UtcTime second = world.clock.now() + 5min;
    Bundle late = world.blank(2);
    World::addSession(late, 2, second, {{1}, {2}});
    world.scheduler.online = false;
    world.runUntil(second + 30s);
    world.scheduler.online = true;
    world.publish(late);
    world.runUntil(second + 10min);
    CHECK(world.airing(2, 1).reason == u"bundle-late"_s);
    CHECK(world.airing(2, 2).outcome == Outcome::Complete);
}

} // namespace loa::playout::test
