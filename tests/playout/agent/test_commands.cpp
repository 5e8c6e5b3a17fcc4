#include "playout/agent/command_desk.h"
#include "playout/agent/holdover_trust.h"
#include "scheduler/contract/speech.h"
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

StopOrder silenceUntil(UtcTime until)
{
    StopOrder stop;
    stop.until = until;
    return stop;
}

} // namespace

TEST_CASE("An alert between sessions sounds within two seconds, is logged and answered at each step", "[commands]")
{
    Commanded world;
    world.boot();
    world.runFor(1min);
    const UtcTime ordered = world.clock.now();
    const Command alert = world.push(Commanded::play(9, 30, Priority::Emergency));
    world.runFor(5s);
    CHECK(world.answerTo(alert).state == CommandState::Playing);
    world.runFor(1min);
    const LogEntry entry = world.entryOf(alert);
    CHECK(entry.outcome == Outcome::Complete);
    CHECK(entry.frames == seconds(30));
    CHECK(entry.session == sessionOf(alert.id));
    REQUIRE(entry.firstFrameAt);
    CHECK(*entry.firstFrameAt - ordered <= 2s);
    CHECK(world.answerTo(alert).state == CommandState::Done);
    CHECK(world.answerTo(alert).reason.isEmpty());
    std::vector<CommandState> states;
    for (const Acknowledgement& answer : world.scheduler.answers) {
        if (states.empty() || states.back() != answer.state)
            states.push_back(answer.state);
    }
    CHECK(states == std::vector{CommandState::Accepted, CommandState::Playing, CommandState::Done});
    CHECK(world.events(u"command-accepted"_s) == 1);
    CHECK(world.events(u"command-done"_s) == 1);
    world.runUntil(world.startsAt + 10min); // the session of the bundle is as it was
    for (const int item : {1, 2, 3})
        CHECK(world.airing(1, item).outcome == Outcome::Complete);
}

TEST_CASE("An alert in a session goes before what sounds, which comes back where it is by then", "[commands]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt + 10s);
    const Command alert = world.push(Commanded::play(9, 20, Priority::Emergency));
    world.runUntil(world.startsAt + 5min);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    CHECK(world.entryOf(alert).session == World::sessionId(1));
    const LogEntry first = world.airing(1, 1);
    CHECK(first.outcome == Outcome::Partial);
    CHECK(first.reason == u"pre-empted"_s);
    CHECK(first.frames == seconds(40));
    CHECK(first.gaps == 1);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
}

TEST_CASE("A session that should begin while an alert sounds is joined where it is by then", "[commands]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt - 20s); // with the player already
    const Command alert = world.push(Commanded::play(9, 100, Priority::Emergency));
    world.runUntil(world.startsAt + 5min);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    const LogEntry first = world.airing(1, 1); // over by the end of the alert
    CHECK(first.outcome == Outcome::Missed);
    CHECK(first.reason == u"pre-empted"_s);
    const LogEntry second = world.airing(1, 2);
    CHECK(second.outcome == Outcome::Partial);
    CHECK(second.reason == u"pre-empted"_s);
    CHECK(second.frames > seconds(35));
    CHECK(second.frames < seconds(40));
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

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

TEST_CASE("Promise 4: a restart between order and sound plays it once; one in its middle goes on at the live frame",
          "[commands][promise-4]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    world.scheduler.media.erase(sha256(audioOf(9))); // its media take their time
    const Command alert = world.push(Commanded::play(9, 300, Priority::Emergency));
    world.runFor(10s);
    REQUIRE(world.answerTo(alert).state == CommandState::Accepted);
    world.scheduler.waiting.clear();
    world.boot();
    world.runFor(10s);
    world.scheduler.media[sha256(audioOf(9))] = audioOf(9);
    world.runFor(1min);
    REQUIRE(world.answerTo(alert).state == CommandState::Playing);
    const UtcTime began = world.clock.now();
    SECTION("soon")
    {
        world.cutPower();
        world.clock.advance(20s);
        world.boot();
        const UtcTime back = world.clock.now();
        world.runFor(8min);
        CHECK(world.answerTo(alert).state == CommandState::Done);
        CHECK(world.answerTo(alert).reason == u"late-start"_s);
        const auto parts = world.parts().at({airingOf(alert).value, u"loa"_s});
        REQUIRE(parts.size() == 2);
        CHECK(parts[0].reason == u"interrupted"_s);
        CHECK(parts[1].reason == u"late-start"_s);
        CHECK(parts[1].outcome == Outcome::Partial);
        // It ends when it would have ended, and what was lost is no more than the agent was away and comes back in.
        const UtcTime end = parts[1].plannedStart + 300s;
        CHECK(std::chrono::abs(*parts[1].lastFrameAt - end) < 1ms);
        CHECK(*parts[1].firstFrameAt >= back);
        CHECK(*parts[1].firstFrameAt <= back + 3s);
        CHECK(parts[1].plannedStart <= began);
        CHECK(toDuration(parts[1].frames) <= end - *parts[1].firstFrameAt + 1ms);
    }
    SECTION("twice")
    {
        world.boot();
        world.runFor(1min);
        world.boot();
        world.runFor(8min);
        const auto parts = world.parts().at({airingOf(alert).value, u"loa"_s});
        REQUIRE(parts.size() == 3);
        CHECK(parts[2].reason == u"late-start"_s);
        CHECK(parts[2].plannedStart == parts[0].plannedStart);
    }
    SECTION("when it is over")
    {
        world.cutPower();
        world.clock.advance(6min);
        world.boot();
        world.runFor(1min);
        CHECK(world.answerTo(alert).state == CommandState::Done);
        CHECK(world.answerTo(alert).reason == u"interrupted"_s);
        const LogEntry entry = world.entryOf(alert);
        CHECK(entry.outcome == Outcome::Partial);
        CHECK(entry.reason == u"interrupted"_s);
        CHECK(world.parts().at({airingOf(alert).value, u"loa"_s}).size() == 1);
    }
}

TEST_CASE("Promise 4: an alert that goes on after a restart keeps the session beneath it waiting, as before",
          "[commands][promise-4]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt + 20s);
    const Command alert = world.push(Commanded::play(9, 60, Priority::Emergency));
    world.runFor(30s);
    REQUIRE(world.answerTo(alert).state == CommandState::Playing);
    world.boot();
    world.runFor(8min);
    CHECK(world.answerTo(alert).state == CommandState::Done);
    CHECK(world.answerTo(alert).reason == u"late-start"_s);
    const auto parts = world.parts();
    CHECK(parts.at({airingOf(alert).value, u"loa"_s}).size() == 2);
    const auto& second = parts.at({World::airingId(1, 2).value, u"loa"_s});
    REQUIRE(second.size() == 1);
    CHECK(second[0].outcome == Outcome::Partial); // joined when the alert was over
    CHECK(second[0].firstFrameAt >= world.startsAt + 81s);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
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

TEST_CASE("Live speech sounds while the speaker speaks, and the plan comes back after", "[commands][speech]")
{
    Commanded world;
    world.boot();
    world.runUntil(world.startsAt + 5s);
    const OrderId stream{u"order-speech"_s};
    const Command order = world.push(SpeechOrder{stream, Priority::Emergency, seconds(600)});
    world.runFor(1500ms);
    CHECK(world.answerTo(order).state == CommandState::Playing);
    const QByteArray silence("\xF8\xFF\xFE", 3); // 20 ms of Opus
    for (std::uint32_t sequence = 0; sequence < 500; ++sequence) {
        world.scheduler.speech(sealSpeech({stream, sequence, silence}, world.schedulerKey));
        world.runFor(20ms);
    }
    world.scheduler.speech(sealSpeech({stream, 500, {}}, world.schedulerKey));
    world.runFor(5s);
    CHECK(world.answerTo(order).state == CommandState::Done);
    CHECK(world.answerTo(order).reason.isEmpty());
    world.runUntil(world.startsAt + 5min);
    const LogEntry entry = world.entryOf(order);
    CHECK(entry.outcome == Outcome::Partial);
    CHECK(entry.reason == u"live-ended"_s);
    CHECK(entry.item == speechItem());
    CHECK(entry.sha256 == speechHash({stream, Priority::Emergency, seconds(600)}, order.issuedBy));
    CHECK(entry.frames >= seconds(10));
    CHECK(entry.frames <= seconds(13));
    CHECK(world.events(u"speech-heard"_s) == 1);
    CHECK(world.airing(1, 1).reason == u"pre-empted"_s);
    CHECK(world.airing(1, 1).frames > seconds(40));
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
}

TEST_CASE("A speaker whose line breaks is not waited for longer than some seconds", "[commands][speech]")
{
    Commanded world;
    world.boot();
    world.runFor(10s);
    const OrderId stream{u"order-speech"_s};
    const Command order = world.push(SpeechOrder{stream, Priority::Priority, seconds(600)});
    world.runFor(2s);
    for (std::uint32_t sequence = 0; sequence < 50; ++sequence) {
        world.scheduler.speech(sealSpeech({stream, sequence, QByteArray("\xF8\xFF\xFE", 3)}, world.schedulerKey));
        world.runFor(20ms);
    }
    world.runFor(10s);
    CHECK(world.answerTo(order).state == CommandState::Done);
    CHECK(world.entryOf(order).frames < seconds(12));
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
