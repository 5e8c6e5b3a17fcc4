// What is played by order, and the plan beneath it: between sessions, over one, over a restart, and live speech.
#include "scheduler/contract/speech.h"
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

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
    world.offer({9});
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

} // namespace loa::playout::test
