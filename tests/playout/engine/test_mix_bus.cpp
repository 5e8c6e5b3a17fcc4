#include "media/true_peak_meter.h"
#include "playout/engine/mix_bus.h"
#include "playout/timeline/volume.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// One item of these samples, through the bus in blocks of changing length.
std::vector<float> throughBus(const std::vector<float>& item, double ceilingDb, unsigned seed)
{
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), item);
    Programme programme(sources);
    const FrameCount length{static_cast<std::int64_t>(item.size())};
    programme.place(std::make_shared<const SessionTimeline>(timelineAt(morning, {length})), {});
    MixBus bus(programme, ceilingDb);
    std::minstd_rand random(seed);
    std::vector<float> out(item.size());
    for (FrameCount position; position < length;) {
        programme.prepare(position, {sampleRate});
        const auto done = static_cast<std::size_t>(position.value);
        const std::size_t block = std::min<std::size_t>(1 + random() % 960, out.size() - done);
        const RenderedRun run = bus.render(position, std::span(out).subspan(done, block));
        REQUIRE(run.sounding);
        position += run.frames;
    }
    return out;
}

double truePeakDb(const std::vector<float>& samples)
{
    media::TruePeakMeter meter(static_cast<int>(sampleRate), 1);
    meter.add(samples);
    return 20.0 * std::log10(meter.peak());
}

} // namespace

TEST_CASE("The mix never peaks above its ceiling, between samples either")
{
    std::mt19937 random(5);
    std::uniform_real_distribution<float> noise(-1.0F, 1.0F);
    const std::size_t length = 2 * sampleRate;
    std::vector<std::vector<float>> signals(6, std::vector<float>(length));
    for (std::size_t index = 0; index < length; ++index) {
        const auto n = static_cast<double>(index);
        signals[0][index] = 4.0F * noise(random);
        // A quarter of the sampling rate, 45 degrees off: its true peak lies 3 dB over its samples.
        signals[1][index] = 1.3F * static_cast<float>(std::sin(std::numbers::pi * (n / 2.0 + 0.25)));
        signals[2][index] = index % 4800 == 0 ? 8.0F : 0.0F;                                        // clicks
        signals[3][index] = (index / 2400) % 2 == 0 ? 0.01F * noise(random) : 3.0F * noise(random); // bursts
        signals[4][index] = static_cast<float>(2.0 * n / static_cast<double>(length) *
                                               std::sin(2.0 * std::numbers::pi * 11'025.3 * n / 48'000.0));
        signals[5][index] = (index / 37) % 2 == 0 ? 1.0F : -1.0F; // a square
    }
    for (std::size_t number = 0; number < signals.size(); ++number) {
        for (const double ceiling : {-1.0, -6.0}) {
            CAPTURE(number, ceiling);
            const auto limited = throughBus(signals[number], ceiling, static_cast<unsigned>(number) + 1);
            CHECK(truePeakDb(limited) <= ceiling);
            CHECK(truePeakDb(limited) >= ceiling - 3.0); // and no more than that is taken away
        }
    }
}

TEST_CASE("What stays below the ceiling passes bit by bit, and blocks of any length give the same mix")
{
    std::mt19937 random(6);
    std::uniform_real_distribution<float> noise(-0.3F, 0.3F);
    std::vector<float> quiet(sampleRate);
    for (float& sample : quiet)
        sample = noise(random);
    CHECK((throughBus(quiet, -1.0, 1) == quiet));
    std::vector<float> loud = quiet;
    for (float& sample : loud)
        sample *= 5.0F;
    CHECK((throughBus(loud, -1.0, 2) == throughBus(loud, -1.0, 3)));
}

TEST_CASE("Runs keep their places and their reasons behind the look-ahead")
{
    MemorySourceFactory sources;
    sources.add(hashOf("item-1"), std::vector<float>(1000, 0.25F)); // item-0 is not known
    Programme programme(sources);
    programme.place(std::make_shared<const SessionTimeline>(timelineAt(morning, {{700}, {1000}})), {100});
    MixBus bus(programme);
    std::vector<float> out(960);
    std::int64_t silent = 0;
    std::int64_t missing = 0;
    std::int64_t sounding = 0;
    for (FrameCount position; position < FrameCount{1900};) {
        programme.prepare(position, {sampleRate});
        const RenderedRun run = bus.render(position, out);
        for (std::int64_t frame = position.value; frame < (position + run.frames).value; ++frame) {
            const bool isItem = frame >= 800 && frame < 1800;
            REQUIRE(run.sounding == isItem);
            REQUIRE((run.missing == Break::SourceFailed) == (frame >= 100 && frame < 800));
            REQUIRE(out[static_cast<std::size_t>(frame - position.value)] == (isItem ? 0.25F : 0.0F));
        }
        (run.sounding ? sounding : run.missing != Break::None ? missing : silent) += run.frames.value;
        position += run.frames;
    }
    CHECK(sounding == 1000);
    CHECK(missing == 700);
}

TEST_CASE("Volume follows the hours of the station, glides, and the cap of the night goes before it")
{
    VolumePlan plan;
    plan.gainDb = -2.0;
    plan.hours = {{5h, 5h + 30min, -6.0}, {5h, 21h, 4.0}};
    plan.caps = {{22h, 5h + 10min, -12.0}};
    CHECK(plan.gainAt(23h) == -12.0);
    CHECK(plan.gainAt(5h) == -12.0);
    CHECK(plan.gainAt(5h + 10min) == -8.0);
    CHECK(plan.gainAt(12h) == 2.0);
    CHECK(plan.gainAt(21h) == -2.0);
    // 5:09 to 5:31 in Ho Chi Minh City, from the middle of a minute.
    const auto levels = volumeLevels(plan, "Asia/Ho_Chi_Minh", morning + 9min + 30s, {22 * 60 * sampleRate});
    REQUIRE(levels.size() == 3);
    CHECK(levels[0].from == FrameCount{});
    CHECK(levels[1].from == FrameCount{30 * sampleRate});
    CHECK(levels[2].from == FrameCount{(20 * 60 + 30) * sampleRate});
    CHECK(levels[0].gain == Approx(std::pow(10.0, -12.0 / 20.0)));
    CHECK(levels[2].gain == Approx(std::pow(10.0, 2.0 / 20.0)));
    CHECK(volumeLevels({}, "Asia/Ho_Chi_Minh", morning, {sampleRate}) == std::vector<VolumeLevel>{{{}, 1.0F}});

    const SessionTimeline timeline = timelineAt(morning, {{sampleRate}}).withLevels({{{}, 0.5F}, {{10'000}, 1.0F}});
    CHECK(timeline.volumeAt({9'999}) == 0.5F);
    CHECK(timeline.volumeAt({10'000}) == 0.5F);
    CHECK(timeline.volumeAt({12'400}) == Approx(0.75F));
    CHECK(timeline.volumeAt({14'800}) == 1.0F);
}

} // namespace loa::playout
