// Promise 7: a disk that is full at any write of an output costs that output what it could not write, and nobody else
// anything; when there is room again it goes on, and what lies there is what its readers may read.
#include "playout/engine/player.h"
#include "tests/playout/output/hls_validator.h"
#include "tests/playout/output/simulated_card.h"
#include "tests/support/failing_writes.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace loa::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

OutputConfig outputTo(const QString& name, const QString& device, const QString& url)
{
    OutputConfig config;
    config.name = name;
    config.device = device;
    config.url = url;
    return config;
}

} // namespace

TEST_CASE("Promise 7: a disk full at any write of HLS costs segments, and leaves lists that may be read", "[promise-7]")
{
    const int before = GENERATE(range(0, 14)); // writes that succeed: sections, segments, lists
    const int failing = GENERATE(1, 3, 1000);
    const QTemporaryDir folder;
    ManualClock clock(morning - 30s);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(6 * sampleRate, 0.2F));
    Recorder recorder;
    OutputConfig hls = outputTo(u"hls"_s, u"hls"_s, folder.path());
    hls.segment = 1s;
    auto made = SteppedPlayer::create(
        {StationId{u"station-1"_s}, {hls, outputTo(u"main"_s, u"null"_s, {})}, sources, clock, recorder});
    REQUIRE(made);
    SteppedPlayer& player = **made;
    HlsValidator validator(folder.path());
    const auto playUntil = [&](UtcTime end) {
        for (UtcTime now = clock.now(); now < end; now += 100ms) {
            clock.advance(100ms);
            player.advanceTo(clock.now());
            QFile list(folder.filePath(u"live.m3u8"_s));
            if (list.open(QIODevice::ReadOnly))
                validator.judge(list.readAll());
        }
    };
    REQUIRE(player.play(timelineAt(morning, {{6 * sampleRate}}, "full")));
    REQUIRE(player.play(timelineAt(morning + 30s, {{6 * sampleRate}}, "room")));
    int failed = 0;
    {
        const FailingWrites full(before, failing);
        playUntil(morning + 20s);
        failed = full.failed();
    }
    playUntil(morning + 60s);
    INFO("full after " << before << " writes, for " << failing << ", " << failed << " failed; "
                       << validator.faults().join(u'\n').toStdString());
    CHECK(failed >= 1);
    CHECK(validator.faults().isEmpty());
    REQUIRE(validator.last());
    CHECK(validator.last()->files.size() >= 6);
    CHECK(QDir(folder.path()).entryList(QDir::Files).filter(u".m3u8."_s).isEmpty()); // nothing half is left
    REQUIRE(recorder.sessions.size() == 2);
    std::vector<AiringRecord> ours;
    for (const AiringRecord& record : recorder.ended) {
        if (record.output == u"main")
            CHECK(record.outcome == Outcome::Complete);
        else
            ours.push_back(record);
    }
    REQUIRE(ours.size() == 2);
    CHECK(ours[0].frames <= ours[0].plannedFrames);
    CHECK(ours[1].outcome == Outcome::Complete);
    CHECK(player.health()[0].open);
}

TEST_CASE("Promise 7: a full disk costs the SDP file, not the stream that it describes", "[promise-7]")
{
    const QTemporaryDir folder;
    ManualClock clock(morning - 1min);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(sampleRate, 0.2F));
    Recorder recorder;
    OutputConfig rtp = outputTo(u"rtp"_s, u"rtp"_s, u"rtp://127.0.0.1:9"_s);
    rtp.codec = media::AudioCodec::L16;
    rtp.sdpPath = folder.filePath(u"main.sdp"_s);
    const PlayerSettings settings{StationId{u"station-1"_s}, {rtp}, sources, clock, recorder};
    std::unique_ptr<SteppedPlayer> player;
    {
        const FailingWrites full(0);
        auto made = SteppedPlayer::create(settings);
        REQUIRE(made);
        player = *std::move(made);
        REQUIRE(player->play(timelineAt(morning, {{sampleRate / 2}}, "full")));
        REQUIRE(player->play(timelineAt(morning + 1min, {{sampleRate / 2}}, "room")));
        player->advanceTo(morning + 100ms);
        const OutputHealth health = player->health()[0];
        CHECK(health.open);
        REQUIRE(health.lastError);
        CHECK(health.lastError->message.en.contains(u"SDP"));
        player->advanceTo(morning + 30s);
        CHECK(full.failed() >= 2);
    }
    CHECK(recorder.record(u"airing-0"_s, u"rtp"_s).outcome == Outcome::Complete);
    CHECK(QDir(folder.path()).isEmpty());
    player->advanceTo(morning + 1min + 100ms);
    CHECK(QFile::exists(rtp.sdpPath));
    CHECK_FALSE(player->health()[0].lastError);
    OutputConfig nowhere = rtp;
    nowhere.sdpPath = folder.filePath(u"no/such/main.sdp"_s);
    CHECK_FALSE(SteppedPlayer::create({StationId{u"station-1"_s}, {nowhere}, sources, clock, recorder}));
}

} // namespace loa::playout
