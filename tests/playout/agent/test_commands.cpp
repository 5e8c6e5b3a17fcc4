// Which commands an agent obeys, in which order, and what it answers.
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

TEST_CASE("Promise 10: a command is obeyed once, and no command of another key, station or of before",
          "[commands][promise-10]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(1min);
    REQUIRE(world.answerTo(alert).state == CommandState::Done);

    // The same again, by both ways and after a restart: the answer is repeated, nothing sounds.
    for (int round = 0; round < 3; ++round) {
        world.scheduler.answers.clear();
        world.scheduler.push(world.station, world.sealed(alert));
        world.runFor(1min);
        CHECK(world.answerTo(alert).state == CommandState::Done);
        if (round == 1) {
            world.boot();
            world.runFor(1s);
        }
    }
    CHECK(world.parts().size() == 1);

    world.scheduler.waiting.clear();
    world.scheduler.answers.clear();
    // An older sequence under a new name.
    Command older = alert;
    older.id = {u"command-other"_s};
    world.scheduler.push(world.station, world.sealed(older));
    world.runFor(10s);
    CHECK(world.answerTo(older).reason == u"replayed"_s);
    // Another station's, and a stranger's: no answer, but events.
    const int before = world.events(u"command-refused"_s);
    Command elsewhere = world.command(RefreshOrder{});
    elsewhere.station = {u"station-2"_s};
    world.scheduler.push(world.station, world.sealed(elsewhere));
    const Command forged = world.command(Commanded::play(9, 5, Priority::Emergency));
    world.scheduler.push(world.station, *sealCommand(forged, world.agentKey));
    world.runFor(10s);
    CHECK(world.events(u"command-refused"_s) == before + 2);
    CHECK(world.parts().size() == 1);
    // What is overdue, or dated too far ahead.
    Command late = world.command(RefreshOrder{});
    late.issuedAt = late.issuedAt - 1h;
    late.validUntil = late.issuedAt + 10min;
    world.sequence = 1;
    late.sequence = ++world.sequence;
    world.scheduler.push(world.station, world.sealed(late));
    world.runFor(5s);
    CHECK(world.answerTo(late).reason == u"expired"_s);
    Command early = world.command(RefreshOrder{});
    early.issuedAt = early.issuedAt + 1h;
    early.validUntil = early.issuedAt + 10min;
    world.scheduler.push(world.station, world.sealed(early));
    world.runFor(5s);
    CHECK(world.answerTo(early).reason == u"issued-later"_s);
}

TEST_CASE("Promise 4: commands that come out of order are done in order, each once", "[commands][promise-4]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    const Command first = world.command(Commanded::play(9, 5, Priority::Emergency));
    const Command second = world.command(Commanded::play(3, 5, Priority::Emergency));
    world.scheduler.waiting[world.station] = {world.sealed(first), world.sealed(second)};
    world.scheduler.push(world.station, world.sealed(second)); // the first was lost
    world.runFor(1min);
    CHECK(world.entryOf(first).outcome == Outcome::Complete);
    CHECK(world.entryOf(second).outcome == Outcome::Complete);
    CHECK(*world.entryOf(second).firstFrameAt >= *world.entryOf(first).lastFrameAt);
}

TEST_CASE("Promise 2: outside the hours nothing but an EMERGENCY is played by order", "[commands][promise-2]")
{
    Commanded world(15h); // 23:00 at the station
    world.boot();
    world.runFor(10s);
    const Command notice = world.push(Commanded::play(9, 5, Priority::Priority));
    const Command tone = world.push(ToneOrder{-20, seconds(3)});
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(1min);
    CHECK(world.answerTo(notice).state == CommandState::Refused);
    CHECK(world.answerTo(notice).reason == u"outside-hours"_s);
    CHECK(world.answerTo(tone).reason == u"outside-hours"_s);
    CHECK(world.answerTo(alert).state == CommandState::Done);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    CHECK(world.parts().size() == 1);
}

TEST_CASE("Promise 2: a notice that would have to wait past the hours does not sound", "[commands][promise-2]")
{
    Commanded world(12h + 58min); // 20:58
    world.boot();
    world.runFor(10s);
    const Command notice = world.push(Commanded::play(1, 60, Priority::Priority));
    const Command second = world.push(Commanded::play(2, 60, Priority::Priority));
    world.runFor(10s);
    CHECK(world.answerTo(notice).state == CommandState::Playing);
    CHECK(world.answerTo(second).reason == u"outside-hours"_s); // its turn ends at 21:00:12
    world.runFor(3min);
    CHECK(world.entryOf(notice).outcome == Outcome::Complete);
}

TEST_CASE("Promise 1: an order's audio is checked by its hash before it sounds", "[commands][promise-1]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    world.scheduler.media[sha256(audioOf(9))] = audioOf(8); // altered on its way, or by the server
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(11min);
    CHECK(world.answerTo(alert).state == CommandState::Refused);
    CHECK(world.answerTo(alert).reason == u"media-missing"_s);
    CHECK(world.events(u"media-refused"_s) > 0);
    CHECK_FALSE(world.airings().contains({airingOf(alert).value, u"loa"_s}));
}

TEST_CASE("Promise 9: without a trusted clock an EMERGENCY is played when a sheet proves that it is valid",
          "[commands][promise-9]")
{
    Commanded world;
    world.trust.set(ClockState::Untrusted);
    world.clock.step(UtcTime(std::chrono::sys_days(std::chrono::year{1970} / 1 / 1)));
    const UtcTime real = world.startsAt - 15min;
    world.scheduler.clockOffset = real - world.clock.now();
    world.boot();
    world.runFor(10s);
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    const Command notice = world.push(Commanded::play(9, 5, Priority::Priority));
    world.runFor(1min);
    CHECK(world.answerTo(alert).state == CommandState::Done);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    CHECK(world.entryOf(alert).clock == ClockState::Untrusted);
    CHECK(world.answerTo(notice).reason == u"clock-untrusted"_s);

    // A sheet that answers another question proves nothing: what it lists may be from last year.
    world.scheduler.answerOtherChallenge = "nonce-of-another";
    const Command replayed = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(20min);
    CHECK_FALSE(world.airings().contains({airingOf(replayed).value, u"loa"_s}));
    world.scheduler.answerOtherChallenge.clear();

    // Long overdue by the scheduler's time, which the clock of 1970 cannot know.
    world.runFor(2min);
    CHECK(world.answerTo(replayed).reason == u"expired"_s);
    // And nothing automatic began.
    for (const LogEntry& entry : world.log())
        CHECK((entry.kind == EntryKind::Event || entry.airing == airingOf(alert)));
}

TEST_CASE("Commands come by polling when the WebSocket is gone, and answers wait for the network", "[commands]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    const Command alert = world.command(Commanded::play(9, 5, Priority::Emergency));
    world.scheduler.waiting[world.station] = {world.sealed(alert)};
    world.runFor(70s);
    CHECK(world.answerTo(alert).state == CommandState::Done);

    const Command refresh = world.push(RefreshOrder{});
    world.scheduler.online = false;
    world.runFor(2min);
    const int asked = world.scheduler.bundleRequests;
    world.scheduler.online = true;
    world.runFor(11min);
    CHECK(world.answerTo(refresh).state == CommandState::Done);
    CHECK(world.scheduler.bundleRequests > asked);
}

TEST_CASE("A damaged book of commands is told of, and nothing issued before is believed", "[commands][promise-10]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    const Command alert = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(1min);
    REQUIRE(world.answerTo(alert).state == CommandState::Done);
    REQUIRE(world.disk.replace(u"commands/station-1.json"_s, "{\"sequence\":"));
    world.boot();
    world.runFor(1min);
    CHECK(world.events(u"commands-damaged"_s) == 1);
    CHECK(world.answerTo(alert).reason == u"replayed"_s); // it stood on the sheet still
    world.scheduler.waiting.clear();
    const Command next = world.push(Commanded::play(9, 5, Priority::Emergency));
    world.runFor(1min);
    CHECK(world.answerTo(next).state == CommandState::Done);
    CHECK(world.parts().size() == 2);
}

} // namespace loa::playout::test
