// Orders to stop: everything until an hour, one alert, or an item by its name.
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

StopOrder silenceUntil(UtcTime until)
{
    StopOrder stop;
    stop.until = until;
    return stop;
}

} // namespace

TEST_CASE("A stop silences what sounds and what is planned until its hour; a later order plays all the same",
          "[commands]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt + 10s);
    const Command stop = world.push(silenceUntil(world.startsAt + 90s));
    world.runUntil(world.startsAt + 20s);
    CHECK(world.answerTo(stop).state == CommandState::Done);
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runUntil(world.startsAt + 5min);
    CHECK(world.airing(1, 1).outcome == Outcome::Partial);
    CHECK(world.airing(1, 1).reason == u"stopped"_s);
    CHECK(world.airing(1, 1).frames < seconds(12));
    CHECK(world.airing(1, 2).outcome == Outcome::Missed);
    CHECK(world.airing(1, 2).reason == u"stopped"_s);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    const Command nothing = world.push(silenceUntil(world.clock.now() + 1min));
    world.runFor(5s);
    CHECK(world.answerTo(nothing).reason == u"nothing-to-stop"_s);
}

TEST_CASE("A stop of one alert gives the rest of its time back to the plan", "[commands]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt + 5s);
    const Command alert = world.push(Commanded::play(9, 600, Priority::Emergency));
    world.runUntil(world.startsAt + 20s);
    const Command stop = world.push(StopOrder{airingOf(alert), world.clock.now() + 1min});
    world.runUntil(world.startsAt + 5min);
    CHECK(world.answerTo(stop).reason.isEmpty());
    CHECK(world.entryOf(alert).outcome == Outcome::Partial);
    CHECK(world.entryOf(alert).reason == u"stopped"_s);
    CHECK(world.answerTo(alert).state == CommandState::Done);
    CHECK(world.answerTo(alert).reason == u"stopped"_s);
    CHECK(world.airing(1, 1).reason == u"pre-empted"_s);
    CHECK(world.airing(1, 1).frames > seconds(40)); // 6 s before and 39 s after
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
}

TEST_CASE("What was stopped by name before it began stays stopped, over a step of the clock and a restart",
          "[commands]")
{
    Commanded world;
    world.boot();
    const auto order = [&](int item) {
        world.push(StopOrder{World::airingId(1, item), world.clock.now() + 1h});
        world.runFor(2s);
    };
    SECTION("of a session that has not begun")
    {
        world.runUntil(world.startsAt - 20s);
        order(2);
        SECTION("a step")
        {
            world.clock.step(world.clock.now() - 1min);
            world.agent->step();
        }
        SECTION("a restart")
        {
            world.agent->stop();
            world.boot();
        }
    }
    SECTION("of one that sounds")
    {
        world.runUntil(world.startsAt + 20s);
        order(2);
        world.agent->stop();
        world.boot();
    }
    world.runUntil(world.startsAt + 5min);
    CHECK(world.airing(1, 2).outcome == Outcome::Missed);
    CHECK(world.airing(1, 2).reason == u"stopped"_s);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
}

} // namespace loa::playout::test
