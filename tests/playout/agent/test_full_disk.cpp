// What an agent does on a full disk from one run to the next: the journal cannot be written at its start, or not any
// more before its end.
#include "tests/playout/agent/agent_world.h"
#include "tests/support/full_disk.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

// Three sessions of two minutes, an hour between them.
struct FullWorld : World {
    FullWorld() : begin(clock.now() + 10min)
    {
        Bundle bundle = blank(1);
        for (int number = 1; number <= 3; ++number)
            addSession(bundle, number, begin + (number - 1) * 1h, {{1}, {2}});
        publish(bundle);
        for (const int number : {1, 2})
            scheduler.media[sha256(audioOf(number))] = audioOf(number);
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
