#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

std::vector<float> level(float value, std::int64_t seconds)
{
    return std::vector<float>(static_cast<std::size_t>(seconds * sampleRate), value);
}

} // namespace

TEST_CASE("Silence counts from its first frame, once it has lasted long enough")
{
    SilenceWatch watch(1s);
    const std::vector<float> quiet(9600, 0.0005F);
    const std::vector<float> loud(9600, 0.01F);
    const RenderedRun item{{9600}, true, Break::None};
    for (int block = 0; block < 4; ++block)
        watch.hear(item, quiet);
    CHECK_FALSE(watch.heard().now);
    CHECK(watch.heard().total == FrameCount{0});
    watch.hear(item, quiet);
    CHECK(watch.heard().now);
    CHECK(watch.heard().total == FrameCount{48000});
    watch.hear({{9600}, false, Break::SourceFailed}, quiet); // missing is silent, too
    CHECK(watch.heard().total == FrameCount{57600});
    watch.hear(item, loud);
    CHECK_FALSE(watch.heard().now);
    for (int block = 0; block < 20; ++block)
        watch.hear({{9600}, false, Break::None}, quiet); // silence as planned
    CHECK_FALSE(watch.heard().now);
    CHECK(watch.heard().total == FrameCount{57600});
}

TEST_CASE("A silent stretch of an item is found while it lasts, and is over with the session")
{
    QTemporaryDir folder;
    OutputConfig wav;
    wav.name = QStringLiteral("archive");
    wav.device = QStringLiteral("wav");
    wav.url = folder.path();
    ManualClock clock(morning - 1h);
    MemorySourceFactory sources;
    std::vector<float> item = level(0.2F, 20);
    const std::vector<float> gap = level(0.0F, 20);
    item.insert(item.end(), gap.begin(), gap.end());
    sources.add(hashOf("item-0"), item);
    sources.add(hashOf("item-1"), gap);
    Recorder recorder;
    auto player = *SteppedPlayer::create({.station = StationId{QStringLiteral("station-1")},
                                          .outputs = {wav},
                                          .sources = sources,
                                          .clock = clock,
                                          .observer = recorder,
                                          .silenceAfter = 15s});
    REQUIRE(player->play(timelineAt(morning, {{40 * sampleRate}, {20 * sampleRate}})));
    player->advanceTo(morning + 34s);
    CHECK_FALSE(player->silence().now);
    player->advanceTo(morning + 36s);
    CHECK(player->silence().now);
    player->advanceTo(morning + 59s);
    CHECK(player->silence().now);
    player->advanceTo(morning + 61s);
    CHECK_FALSE(player->silence().now);
    CHECK(player->silence().total == FrameCount{40 * sampleRate});
}

} // namespace loa::playout
