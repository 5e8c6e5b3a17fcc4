// An agent whose power goes, or that is stopped, and that comes back in the middle of what it plays.
#include "tests/playout/agent/agent_world.h"

#include <catch2/catch.hpp>
#include <random>

namespace loa::playout::test {

TEST_CASE(
    "Promise 4: power cuts at random instants of 12 sessions: one entry for each airing, claiming no more than sounded",
    "[agent][promise-4][promise-3]")
{
    for (unsigned seed = 1; seed <= 24; ++seed) { // over 200 cuts
        CAPTURE(seed);
        std::mt19937 random(seed);
        World world;
        Bundle bundle = world.blank(1);
        const UtcTime begin = world.clock.now() + 10min;
        for (int i = 0; i < 12; ++i)
            World::addSession(bundle, i, begin + i * 30min, {{1, 60}, {2, 45}, {3, 30}});
        world.publish(bundle);
        world.offer({1, 2, 3});
        world.boot();
        std::vector<std::pair<UtcTime, UtcTime>> dark;
        for (int i = 0; i < 12; ++i) {
            const UtcTime cut =
                begin + i * 30min + Duration(1'000'000LL * static_cast<std::int64_t>(random() % 150) - 10'000'000);
            world.runUntil(cut);
            if (random() % 4 == 0)
                continue;
            const UtcTime actual = world.clock.now(); // a long darkness may have swallowed the planned one
            world.cutPower();
            const unsigned longest = random() % 5 == 0 ? 4000 : 60;
            const Duration off(1'000'000LL * static_cast<std::int64_t>(random() % longest));
            world.clock.advance(off);
            world.boot();
            dark.emplace_back(actual, actual + off);
        }
        world.runUntil(begin + 12 * 30min + 1h);
        const auto parts = world.parts();
        CHECK(parts.size() == 36);
        CHECK(world.journal->standing().open == 0);
        for (const auto& [key, entries] : parts) {
            const LogEntry& entry = entries.front();
            const UtcTime start = entry.plannedStart;
            const UtcTime end = start + toDuration(entry.plannedFrames);
            CAPTURE(entry.airing.value.toStdString(), entry.reason.toStdString(),
                    loa::toString(entry.plannedStart).toStdString(), loa::toString(entry.recordedAt).toStdString());
            // Lit: from the end of each darkness in the item to the next one; back at the very instant plays all of it.
            Duration lit(0);
            UtcTime from = start;
            int hits = 0;
            for (const auto& [off, on] : dark) {
                if (off >= end || on <= start)
                    continue;
                ++hits;
                lit += std::max(Duration(0), off - from);
                from = std::max(from, on);
            }
            lit += std::max(Duration(0), end - from);
            if (hits == 0) {
                CHECK(entry.outcome == Outcome::Complete);
                CHECK(entries.size() == 1);
                continue;
            }
            FrameCount claimed;
            for (const LogEntry& part : entries) {
                claimed += part.frames;
                CHECK(part.outcome != Outcome::Complete);
            }
            CHECK(entries.size() <= static_cast<std::size_t>(hits) + 1);
            CHECK(claimed <= toFrames(lit) + FrameCount{sampleRate / 10});
            // What is not claimed: up to a checkpoint and a second at each cut, and a rest too short to be joined.
            CHECK(claimed >= toFrames(lit) - FrameCount{hits * 4 * sampleRate} - shortestJoin);
        }
        CHECK(world.scheduler.forks == 0);
        CHECK(world.scheduler.entries.size() == world.log().size());
    }
}

TEST_CASE("Promise 3: an agent that comes back in mid-item joins it at the live frame, in an entry of its own",
          "[agent][promise-3][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    world.offer({1, 2});
    world.boot();
    const auto darkFrom = [&](UtcTime from, Duration length) {
        world.runUntil(from);
        world.cutPower();
        world.clock.advance(length);
        world.boot();
    };
    // Of the first item, once all is over.
    const auto entriesInTheEnd = [&] {
        world.runUntil(begin + 5min);
        return world.parts().at({World::airingId(1, 1).value, u"loa"_s});
    };
    SECTION("which it had begun")
    {
        darkFrom(begin + 20s, 10s);
        SECTION("and goes on to its end")
        {
            const auto entries = entriesInTheEnd();
            REQUIRE(entries.size() == 2);
            CHECK(entries[0].reason == u"interrupted"_s);
            CHECK(entries[0].frames <= FrameCount{20 * sampleRate});
            CHECK(entries[1].outcome == Outcome::Partial);
            CHECK(entries[1].reason == u"late-start"_s);
            CHECK(entries[1].firstFrameAt == begin + 30s);
            CHECK(entries[1].frames == FrameCount{30 * sampleRate});
        }
        SECTION("unless it is cut again: three parts, none counted twice")
        {
            darkFrom(begin + 40s, 5s);
            const auto entries = entriesInTheEnd();
            REQUIRE(entries.size() == 3);
            CHECK(entries[1].reason == u"interrupted"_s);
            CHECK(entries[1].frames <= FrameCount{10 * sampleRate});
            CHECK(entries[2].frames == FrameCount{15 * sampleRate});
        }
    }
    SECTION("which began in the dark: one entry, for what was joined")
    {
        darkFrom(begin - 5min, 5min + 45s);
        const auto entries = entriesInTheEnd();
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].outcome == Outcome::Partial);
        CHECK(entries[0].reason == u"late-start"_s);
        CHECK(entries[0].frames == FrameCount{15 * sampleRate});
    }
    SECTION("but not for its last seconds")
    {
        darkFrom(begin - 5min, 5min + 56s);
        world.runUntil(begin + 5min);
        CHECK(world.airing(1, 1).outcome == Outcome::Missed);
        CHECK(world.airing(1, 1).reason == u"agent-not-running"_s);
    }
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 8: a stop costs what it cuts alone, when the agent is back in time", "[agent][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {4, 10}});
    World::addSession(bundle, 2, begin + 2min + 20s, {{3}}); // handed over while the first sounds
    world.publish(bundle);
    world.offer({1, 2, 3, 4});
    world.boot();
    world.runUntil(begin - 20s);
    REQUIRE(world.agent->health().stations.front().player == PlayerState::Waiting);
    world.agent->stop();
    SECTION("in time")
    {
        world.boot();
        world.runUntil(begin + 1min + 50s);
        world.agent->stop(); // the second item sounds, and the second session is with the player
        world.boot();
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.airing(1, 2).reason == u"stopped"_s);
        CHECK(world.airing(1, 2).outcome == Outcome::Partial);
    }
    SECTION("not in time")
    {
        world.cutPower();
        world.clock.advance(85s);
        world.boot();
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 1).outcome == Outcome::Missed);
        CHECK(world.airing(1, 1).reason == u"agent-not-running"_s);
        CHECK(world.airing(1, 2).outcome == Outcome::Partial);
    }
    CHECK(world.airing(1, 4).outcome == Outcome::Complete);
    CHECK(world.airing(2, 3).outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

} // namespace loa::playout::test
