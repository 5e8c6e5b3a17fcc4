// No click: sound comes and goes in fades of stated length, and their frames are counted as what they are, heard.
#include "playout/engine/player.h"
#include "playout/engine/renderer.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/engine/reference_mixer.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cstring>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// A full-scale constant: the loudest click there is wherever it is cut.
constexpr float constantLevel = 0.8F;
constexpr FrameCount limiterLookAhead{272};
// An equal-power fade over the shortest length (5 ms) rises by no more than this in one frame.
constexpr float largestStep = constantLevel * 1.5708F / 240.0F + 1.0F / 32768.0F;

std::vector<float> samplesOfWav(const QString& folder)
{
    const QStringList names = QDir(folder).entryList({QStringLiteral("*.wav")}, QDir::Files, QDir::Name);
    REQUIRE(names.size() == 1);
    QFile file(QDir(folder).filePath(names.front()));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll().mid(44);
    std::vector<float> samples(static_cast<std::size_t>(bytes.size() / 2));
    for (std::size_t index = 0; index < samples.size(); ++index) {
        std::int16_t sample = 0;
        std::memcpy(&sample, bytes.constData() + 2 * index, sizeof sample);
        samples[index] = static_cast<float>(sample) / 32768.0F;
    }
    return samples;
}

float largestStepIn(const std::vector<float>& samples)
{
    float last = 0.0F; // silence before, silence after
    float largest = 0.0F;
    for (const float sample : samples) {
        largest = std::max(largest, std::abs(sample - last));
        last = sample;
    }
    return std::max(largest, std::abs(last));
}

struct WavBench {
    WavBench() : clock(morning - 1h)
    {
        sources.add(hashOf("item-0"), std::vector<float>(20 * sampleRate, constantLevel));
        sources.add(hashOf("item-1"), std::vector<float>(20 * sampleRate, constantLevel));
        OutputConfig wav;
        wav.name = QStringLiteral("archive");
        wav.device = QStringLiteral("wav");
        wav.url = folder.filePath(QStringLiteral("archive"));
        player = *SteppedPlayer::create({StationId{QStringLiteral("station-1")}, {wav}, sources, clock, recorder});
    }
    [[nodiscard]] std::vector<float> heard() const { return samplesOfWav(folder.filePath(QStringLiteral("archive"))); }

    QTemporaryDir folder;
    ManualClock clock;
    MemorySourceFactory sources;
    Recorder recorder;
    std::unique_ptr<SteppedPlayer> player;
};

const QString archive = QStringLiteral("archive");

} // namespace

TEST_CASE("A session begins and ends softly, and joins its items without a seam")
{
    WavBench bench;
    REQUIRE(bench.player->play(timelineAt(morning, {{20 * sampleRate}, {20 * sampleRate}}).softened()));
    bench.player->advanceTo(morning + 1min);
    const std::vector<float> heard = bench.heard();
    REQUIRE(heard.size() == std::size_t{40} * sampleRate);
    CHECK(largestStepIn(heard) <= largestStep);
    const auto flat = std::all_of(heard.begin() + 240, heard.end() - 240, [&](float s) { return s == heard[240]; });
    CHECK(flat);
    CHECK(bench.recorder.record(QStringLiteral("airing-0"), archive).outcome == Outcome::Complete);
}

TEST_CASE("A stop falls over 20 ms, and counts what was heard of it")
{
    WavBench bench;
    REQUIRE(bench.player->play(timelineAt(morning, {{20 * sampleRate}, {20 * sampleRate}}).softened()));
    bench.player->advanceTo(morning + 7s);
    bench.player->stop();
    const std::vector<float> heard = bench.heard();
    const FrameCount end = FrameCount{7 * sampleRate} + limiterLookAhead + softCut; // so much had been read by then
    CHECK(heard.size() == static_cast<std::size_t>(end.value));
    CHECK(largestStepIn(heard) <= largestStep);
    const AiringRecord cut = bench.recorder.record(QStringLiteral("airing-0"), archive);
    CHECK(cut.frames == end);
    CHECK(cut.outcome == Outcome::Partial);
    CHECK(cut.reason == Break::Stopped);
    CHECK(bench.recorder.record(QStringLiteral("airing-1"), archive).outcome == Outcome::Missed);
}

TEST_CASE("Promise 8: an item that is joined late rises, at its live frame, as the reference says", "[promise-8]")
{
    WavBench bench;
    std::vector<float> ramp(20 * sampleRate);
    for (std::size_t index = 0; index < ramp.size(); ++index)
        ramp[index] = 0.2F + static_cast<float>(index) * 5e-7F;
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), ramp);
    const auto timeline = std::make_shared<const SessionTimeline>(timelineAt(morning, {{20 * sampleRate}}).softened());
    Renderer renderer(timeline, sources);
    const FrameCount joined{13 * sampleRate + 77};
    std::vector<float> rendered(static_cast<std::size_t>((timeline->frames() - joined).value));
    for (FrameCount position = joined; position < timeline->frames();) {
        renderer.prefetch(position, {sampleRate});
        const auto done = static_cast<std::size_t>((position - joined).value);
        position +=
            renderer
                .render(position, std::span(rendered).subspan(done, std::min<std::size_t>(960, rendered.size() - done)))
                .frames;
    }
    const std::vector<float> expected =
        referenceMix({{-joined.value, &ramp, 0, 20 * sampleRate, 240, 240}}, (timeline->frames() - joined).value, 480);
    CHECK((rendered == expected));
}

TEST_CASE("The two sides of an equal-power fade carry one power between them")
{
    for (std::int64_t index = 0; index < 960; ++index) {
        const float rise = equalPowerRise(index, 960);
        const float fall = equalPowerRise(959 - index, 960);
        REQUIRE(rise * rise + fall * fall == Approx(1.0F).margin(1e-5));
    }
    CHECK(equalPowerRise(960, 960) == 1.0F);
    CHECK(equalPowerRise(0, 0) == 1.0F);
}

} // namespace loa::playout
