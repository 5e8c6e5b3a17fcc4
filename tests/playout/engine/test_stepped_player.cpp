#include "media/ffmpeg/decoder.h"
#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <ctime>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

OutputConfig nullOutput(const char* name, const char* url = "")
{
    OutputConfig config;
    config.name = QString::fromLatin1(name);
    config.device = QStringLiteral("null");
    config.url = QString::fromLatin1(url);
    return config;
}

struct Bench {
    explicit Bench(std::vector<OutputConfig> outputs) : clock(morning - 1h)
    {
        player = *SteppedPlayer::create(
            {StationId{QStringLiteral("station-1")}, std::move(outputs), sources, clock, recorder});
    }
    ManualClock clock;
    SilenceSourceFactory sources;
    Recorder recorder;
    std::unique_ptr<SteppedPlayer> player;
};

const QString mainOutput = QStringLiteral("main");

} // namespace

TEST_CASE("Promise 8: a simulated session leaves on its instants to the microsecond", "[promise-8]")
{
    Bench bench({nullOutput("main")});
    REQUIRE(bench.player->play(timelineAt(morning, {{10 * sampleRate + 7}, {5 * sampleRate}})));
    CHECK(bench.player->state() == PlayerState::Waiting);
    bench.player->advanceTo(morning - 1ms);
    CHECK(bench.recorder.began.empty());
    bench.player->advanceTo(morning + 12s);
    CHECK(bench.player->state() == PlayerState::Playing);
    bench.player->advanceTo(morning + 1min);
    CHECK(bench.player->state() == PlayerState::Idle);

    const AiringRecord first = bench.recorder.record(QStringLiteral("airing-0"), mainOutput);
    const AiringRecord second = bench.recorder.record(QStringLiteral("airing-1"), mainOutput);
    CHECK(first.firstFrameAt == morning);
    CHECK(second.firstFrameAt == morning + toDuration({10 * sampleRate + 7}));
    CHECK(first.outcome == Outcome::Complete);
    CHECK(second.outcome == Outcome::Complete);
    CHECK(first.gaps + second.gaps == 0);
    CHECK(bench.recorder.sessions == std::vector{SessionId{QStringLiteral("session-1")}});
    CHECK(bench.player->health().front().startErrorP99 == 0us);
    CHECK(bench.player->health().front().starts == 2);
}

TEST_CASE("Steps of any size give the same records")
{
    const auto play = [](Duration step) {
        Bench bench({nullOutput("main")});
        REQUIRE(bench.player->play(timelineAt(morning, {{3 * sampleRate}, {4 * sampleRate + 1}})));
        for (UtcTime now = morning - 15s; now < morning + 10s; now += step)
            bench.player->advanceTo(now);
        bench.player->advanceTo(morning + 10s);
        return bench.recorder.ended;
    };
    const auto whole = play(1h);
    REQUIRE(whole.size() == 2);
    CHECK(play(1s) == whole);
    CHECK(play(7ms) == whole);
    CHECK(play(333us * 100) == whole);
}

TEST_CASE("A player that joins late says so, and claims only what it played")
{
    Bench bench({nullOutput("main")});
    bench.player->advanceTo(morning + 4s);
    REQUIRE(bench.player->play(timelineAt(morning, {{3 * sampleRate}, {3 * sampleRate}, {sampleRate}})));
    bench.player->advanceTo(morning + 10s);
    const AiringRecord missed = bench.recorder.record(QStringLiteral("airing-0"), mainOutput);
    const AiringRecord partial = bench.recorder.record(QStringLiteral("airing-1"), mainOutput);
    CHECK(missed.outcome == Outcome::Missed);
    CHECK(missed.reason == Break::LateStart);
    CHECK_FALSE(missed.firstFrameAt);
    CHECK(partial.outcome == Outcome::Partial);
    CHECK(partial.reason == Break::LateStart);
    CHECK(partial.frames == FrameCount{2 * sampleRate});
    CHECK(partial.firstFrameAt == morning + 4s);
    CHECK(bench.recorder.record(QStringLiteral("airing-2"), mainOutput).outcome == Outcome::Complete);
}

TEST_CASE("A session can be taken back before it begins, not after")
{
    Bench bench({nullOutput("main")});
    REQUIRE(bench.player->play(timelineAt(morning, {{sampleRate}})));
    bench.player->advanceTo(morning - 3s);
    CHECK(bench.player->withdraw(SessionId{QStringLiteral("session-1")}));
    CHECK_FALSE(bench.player->withdraw(SessionId{QStringLiteral("session-1")}));
    REQUIRE(bench.player->play(timelineAt(morning, {{2 * sampleRate}})));
    bench.player->advanceTo(morning + 1s);
    CHECK_FALSE(bench.player->withdraw(SessionId{QStringLiteral("session-1")}));
    bench.player->advanceTo(morning + 5s);
    REQUIRE(bench.recorder.ended.size() == 1);
    CHECK(bench.recorder.ended[0].plannedFrames == FrameCount{2 * sampleRate});
    CHECK(bench.recorder.ended[0].outcome == Outcome::Complete);
}

TEST_CASE("Sessions that overlap are refused, those that adjoin are not")
{
    Bench bench({nullOutput("main")});
    REQUIRE(bench.player->play(timelineAt(morning, {{sampleRate}})));
    CHECK_FALSE(bench.player->play(timelineAt(morning + 999ms, {{sampleRate}}, "session-2")));
    CHECK_FALSE(bench.player->play(timelineAt(morning + 1h, {{sampleRate}}, "session-1")));
    REQUIRE(bench.player->play(timelineAt(morning + 1s, {{sampleRate}}, "session-3")));
    REQUIRE(bench.player->play(timelineAt(morning - 1s, {{sampleRate}}, "session-4")));
    bench.player->advanceTo(morning + 1min);
    CHECK(bench.recorder.sessions.size() == 3);
    for (const AiringRecord& record : bench.recorder.ended)
        CHECK(record.outcome == Outcome::Complete);
}

TEST_CASE("Stopping ends every airing with what had left by then and the fall after it")
{
    Bench bench({nullOutput("main"), nullOutput("second")});
    REQUIRE(bench.player->play(timelineAt(morning, {{4 * sampleRate}, {sampleRate}})));
    REQUIRE(bench.player->play(timelineAt(morning + 1h, {{sampleRate}}, "session-2")));
    bench.player->advanceTo(morning + 2s);
    bench.player->stop();
    CHECK(bench.player->state() == PlayerState::Idle);
    CHECK(bench.recorder.ended.size() == 6);
    CHECK(bench.recorder.sessions.size() == 2);
    const AiringRecord cut = bench.recorder.record(QStringLiteral("airing-1"), QStringLiteral("second"));
    CHECK(cut.outcome == Outcome::Missed);
    CHECK(cut.reason == Break::Stopped);
    int partial = 0;
    for (const AiringRecord& record : bench.recorder.ended) {
        if (record.outcome == Outcome::Partial) {
            ++partial;
            CHECK(record.frames == FrameCount{2 * sampleRate} + softCut);
        }
    }
    CHECK(partial == 2);
    // And it can play again.
    REQUIRE(bench.player->play(timelineAt(morning + 10s, {{sampleRate}}, "session-3")));
    bench.player->advanceTo(morning + 20s);
    CHECK(bench.recorder.ended.back().outcome == Outcome::Complete);
}

TEST_CASE("A power cut leaves no more than the last checkpoint")
{
    Bench bench({nullOutput("main")});
    REQUIRE(bench.player->play(timelineAt(morning, {{10 * sampleRate}})));
    bench.player->advanceTo(morning + 3500ms);
    bench.player.reset();
    CHECK(bench.recorder.ended.empty());
    CHECK(bench.recorder.began.size() == 1);
    REQUIRE_FALSE(bench.recorder.progress.empty());
    CHECK(bench.recorder.progress.back().frames <= FrameCount{7 * sampleRate / 2});
    CHECK(bench.recorder.progress.back().frames >= FrameCount{2 * sampleRate});
}

TEST_CASE("Promise 7: an output that fails loses its own frames, its neighbour none", "[promise-7]")
{
    Bench bench({nullOutput("broken", "null:fail@2000"), nullOutput("closed", "null:closed"), nullOutput("main")});
    REQUIRE(bench.player->play(timelineAt(morning, {{10 * sampleRate}})));
    bench.player->advanceTo(morning + 30s);
    const QString airing = QStringLiteral("airing-0");
    CHECK(bench.recorder.record(airing, mainOutput).outcome == Outcome::Complete);
    const AiringRecord closed = bench.recorder.record(airing, QStringLiteral("closed"));
    CHECK(closed.outcome == Outcome::Missed);
    CHECK(closed.reason == Break::OutputDown);
    // It works for two seconds after each opening, so it comes and goes.
    const AiringRecord broken = bench.recorder.record(airing, QStringLiteral("broken"));
    CHECK(broken.outcome == Outcome::Partial);
    CHECK(broken.gaps >= 1);
    CHECK(broken.frames >= FrameCount{4 * sampleRate});
    CHECK(broken.frames < FrameCount{10 * sampleRate});
    const auto health = bench.player->health();
    CHECK(health[0].failures >= 2);
    CHECK(health[0].lost + health[0].delivered == FrameCount{10 * sampleRate});
    CHECK(health[1].opens == 0);
    REQUIRE(health[1].lastError);
    CHECK(health[2].failures == 0);
}

TEST_CASE("An item whose audio is not there is missed, its neighbours are whole")
{
    ManualClock clock(morning - 1h);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(1000, 0.5F));
    sources.add(hashOf("item-2"), std::vector<float>(600, 0.5F)); // 400 too short
    Recorder recorder;
    auto player = *SteppedPlayer::create(
        {StationId{QStringLiteral("station-1")}, {nullOutput("main")}, sources, clock, recorder});
    REQUIRE(player->play(timelineAt(morning, {{1000}, {1000}, {1000}})));
    player->advanceTo(morning + 5s);
    CHECK(recorder.record(QStringLiteral("airing-0"), mainOutput).outcome == Outcome::Complete);
    const AiringRecord missed = recorder.record(QStringLiteral("airing-1"), mainOutput);
    CHECK(missed.outcome == Outcome::Missed);
    CHECK(missed.reason == Break::SourceFailed);
    const AiringRecord cut = recorder.record(QStringLiteral("airing-2"), mainOutput);
    CHECK(cut.frames == FrameCount{600});
    CHECK(cut.reason == Break::SourceFailed);
}

TEST_CASE("A month of three stations costs little")
{
    // 62 sessions of five minutes a station: what the simulation of a district needs within its ten seconds.
    const std::clock_t begin = std::clock();
    for (int station = 0; station < 3; ++station) {
        Bench bench({nullOutput("main")});
        UtcTime start = morning;
        for (int session = 0; session < 62; ++session, start += 12h) {
            const QByteArray name = "session-" + QByteArray::number(session);
            const FrameCount item{100 * sampleRate};
            REQUIRE(bench.player->play(timelineAt(start, {item, item, item}, name.constData())));
            bench.player->advanceTo(start + 6h);
        }
        REQUIRE(bench.recorder.ended.size() == 186);
        for (const AiringRecord& record : bench.recorder.ended)
            REQUIRE(record.outcome == Outcome::Complete);
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    CHECK(seconds < 3.0);
}

TEST_CASE("Promise 8: after 30 days not one frame is lost, added or late", "[promise-8]")
{
    OutputConfig stream = nullOutput("stream");
    stream.between = BetweenSessions::Silence; // it runs all the time
    Bench bench({nullOutput("main"), stream});
    std::mt19937 random(30);
    std::int64_t planned = 0;
    std::size_t airings = 0;
    // Lengths that are no whole number of anything, starts on any millisecond.
    for (int session = 0; session < 60; ++session) {
        const UtcTime start = morning + session * 12h + std::chrono::milliseconds(random() % 1000 * (session > 0));
        std::vector<FrameCount> lengths;
        for (int item = 0; item < 3; ++item) {
            lengths.push_back({static_cast<std::int64_t>(5 * sampleRate + random() % 500'000)});
            planned += lengths.back().value;
            ++airings;
        }
        const QByteArray name = "session-" + QByteArray::number(session);
        REQUIRE(bench.player->play(timelineAt(start, lengths, name.constData())));
        bench.player->advanceTo(start + 6h);
    }
    bench.player->advanceTo(morning + std::chrono::days(30));
    REQUIRE(bench.recorder.ended.size() == 2 * airings);
    for (const AiringRecord& record : bench.recorder.ended) {
        REQUIRE(record.outcome == Outcome::Complete);
        REQUIRE(record.gaps == 0);
        REQUIRE(std::chrono::abs(*record.firstFrameAt - record.plannedStart) <= 21us); // a frame is 20.8 us
        const Duration whole = *record.lastFrameAt - *record.firstFrameAt;
        REQUIRE(std::chrono::abs(whole - toDuration(record.frames - FrameCount{1})) <= 2us);
    }
    for (const OutputHealth& output : bench.player->health()) {
        CHECK(output.delivered == FrameCount{planned});
        CHECK(output.lost == FrameCount{});
    }
}

TEST_CASE("Simulated outputs to WAV and FLAC hold the sound itself")
{
    const QString kind = GENERATE(QStringLiteral("wav"), QStringLiteral("flac"));
    QTemporaryDir folder;
    OutputConfig config;
    config.name = QStringLiteral("archive");
    config.device = kind;
    config.url = folder.filePath(QStringLiteral("archive"));
    ManualClock clock(morning - 1h);
    MemorySourceFactory sources;
    std::vector<float> ramp(150'001);
    for (std::size_t index = 0; index < ramp.size(); ++index)
        ramp[index] = static_cast<float>(index % 1000) / 32768.0F;
    sources.add(hashOf("item-0"), ramp);
    sources.add(hashOf("item-1"), ramp);
    Recorder recorder;
    auto player = *SteppedPlayer::create({StationId{QStringLiteral("station-1")}, {config}, sources, clock, recorder});
    const FrameCount length{static_cast<std::int64_t>(ramp.size())};
    REQUIRE(player->play(timelineAt(morning, {length, length})));
    player->advanceTo(morning + 15s);
    for (const char* airing : {"airing-0", "airing-1"}) {
        const AiringRecord record = recorder.record(QString::fromLatin1(airing), QStringLiteral("archive"));
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.frames == length);
        REQUIRE(record.firstFrameAt);
        CHECK(std::chrono::abs(*record.firstFrameAt - record.plannedStart) <= 21us);
    }
    auto decoder = media::Decoder::open(folder.filePath(QStringLiteral("archive/20261130T220000Z-session-1.") + kind));
    REQUIRE(decoder);
    std::vector<float> heard;
    for (;;) {
        const auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            break;
        heard.insert(heard.end(), block->begin(), block->end());
    }
    std::vector<float> played = ramp;
    played.insert(played.end(), ramp.begin(), ramp.end());
    CHECK(heard == played);
}

TEST_CASE("A player needs outputs, and of different names")
{
    ManualClock clock(morning);
    SilenceSourceFactory sources;
    Recorder recorder;
    const StationId station{QStringLiteral("station-1")};
    CHECK_FALSE(SteppedPlayer::create({station, {}, sources, clock, recorder}));
    CHECK_FALSE(SteppedPlayer::create({station, {nullOutput("a"), nullOutput("a")}, sources, clock, recorder}));
    CHECK_FALSE(SteppedPlayer::create({station, {nullOutput("a", "null:nonsense")}, sources, clock, recorder}));
}

} // namespace loa::playout
