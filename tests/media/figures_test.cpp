// EBU Tech 3341 and 3342, the cases that are given as formulas, against the meters. Tolerances: issue's, tighter than
// the EBU's.
#include "media/figure_meter.h"
#include "tests/support/audio_signals.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace loa::media;
using namespace loa::support;

namespace {

constexpr std::array stereoRoles{ChannelRole::Left, ChannelRole::Right};

struct Part {
    double levelDbfs;
    double seconds;
};

Pcm parts(const std::vector<Part>& list, int rate = 48000)
{
    Pcm pcm = silence(0.0, 2, rate);
    for (const Part& part : list)
        append(pcm, tone(1000.0, part.levelDbfs, part.seconds, 2, rate));
    return pcm;
}

AudioFigures measure(const Pcm& pcm, std::span<const ChannelRole> roles, std::size_t blockFrames = 4801)
{
    auto meter = FigureMeter::create(pcm.rate, roles);
    REQUIRE(meter);
    const std::size_t step = blockFrames * static_cast<std::size_t>(pcm.channels);
    for (std::size_t at = 0; at < pcm.samples.size(); at += step) {
        const auto block = std::span(pcm.samples).subspan(at, std::min(step, pcm.samples.size() - at));
        REQUIRE(meter->add(block));
    }
    return meter->figures();
}

} // namespace

TEST_CASE("integrated loudness meets EBU Tech 3341, cases 1 to 5", "[ebu]")
{
    const std::vector<std::pair<std::vector<Part>, double>> cases{
        {{{-23, 20}}, -23.0},
        {{{-33, 20}}, -33.0},
        {{{-36, 10}, {-23, 60}, {-36, 10}}, -23.0},
        {{{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, -23.0},
        {{{-26, 20}, {-20, 20.1}, {-26, 20}}, -23.0},
    };
    for (const int rate : {44100, 48000}) {
        for (const auto& [signal, expected] : cases) {
            const AudioFigures figures = measure(parts(signal, rate), stereoRoles);
            REQUIRE(figures.integratedLufs);
            CHECK(*figures.integratedLufs == Approx(expected).margin(0.1));
        }
    }
}

TEST_CASE("integrated loudness weighs surround channels, EBU Tech 3341 case 6", "[ebu]")
{
    constexpr std::array roles{ChannelRole::Left,         ChannelRole::Right,        ChannelRole::Center,
                               ChannelRole::LowFrequency, ChannelRole::LeftSurround, ChannelRole::RightSurround};
    constexpr std::array levels{-28.0, -28.0, -24.0, 0.0, -30.0, -30.0};
    Pcm pcm = silence(20.0, 6);
    for (std::size_t channel = 0; channel < levels.size(); ++channel) {
        // Full scale in the low-frequency channel must not count.
        const Pcm one = tone(1000.0, levels[channel], 20.0);
        for (std::size_t frame = 0; frame < one.samples.size(); ++frame)
            pcm.samples[frame * 6 + channel] = one.samples[frame];
    }
    const AudioFigures figures = measure(pcm, roles);
    REQUIRE(figures.integratedLufs);
    CHECK(*figures.integratedLufs == Approx(-23.0).margin(0.1));
}

TEST_CASE("loudness range meets EBU Tech 3342, cases 1 to 4", "[ebu]")
{
    const std::vector<std::pair<std::vector<Part>, double>> cases{
        {{{-20, 20}, {-30, 20}}, 10.0},
        {{{-20, 20}, {-15, 20}}, 5.0},
        {{{-40, 20}, {-20, 20}}, 20.0},
        {{{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}, 15.0},
    };
    for (const auto& [signal, expected] : cases) {
        const AudioFigures figures = measure(parts(signal), stereoRoles);
        REQUIRE(figures.loudnessRangeLu);
        CHECK(*figures.loudnessRangeLu == Approx(expected).margin(0.1));
    }
}

TEST_CASE("true peak meets EBU Tech 3341, cases 15 to 19", "[ebu]")
{
    struct PeakCase {
        double divisor;
        double amplitude;
        double phase;
        double expected;
    };
    constexpr std::array cases{PeakCase{4, 0.5, 0, -6.0}, PeakCase{4, 0.5, 45, -6.0}, PeakCase{6, 0.5, 60, -6.0},
                               PeakCase{8, 0.5, 67.5, -6.0}, PeakCase{4, 1.41, 45, 3.0}};
    for (const int rate : {44100, 48000, 96000}) {
        for (const PeakCase& one : cases) {
            // Faded in and out, as the standard's files are: a sine that starts at once has a real peak of its own.
            Pcm pcm = tone(rate / one.divisor, 20.0 * std::log10(one.amplitude), 1.0, 2, rate, one.phase);
            const std::size_t frames = pcm.samples.size() / 2;
            for (std::size_t frame = 0; frame < frames; ++frame) {
                const double edge = static_cast<double>(std::min(frame, frames - 1 - frame)) / (0.1 * rate);
                const auto fade = static_cast<float>(std::min(edge, 1.0));
                pcm.samples[2 * frame] *= fade;
                pcm.samples[2 * frame + 1] *= fade;
            }
            const AudioFigures figures = measure(pcm, stereoRoles);
            REQUIRE(figures.truePeakDbtp);
            CHECK(*figures.truePeakDbtp <= one.expected + 0.2);
            CHECK(*figures.truePeakDbtp >= one.expected - 0.4);
        }
    }
}

// Cases 20 to 23: one louder moment of a tone, made at four times the rate and taken at each of the four offsets, so
// that the peak lies on a sample or a quarter, a half, three quarters between two.
TEST_CASE("true peak meets EBU Tech 3341, cases 20 to 23: a peak between samples is found", "[ebu]")
{
    constexpr int over = 4;
    constexpr double overRate = 48000.0 * over;
    constexpr double hertz = 48000.0 / 6.0;
    for (int offset = 0; offset < over; ++offset) {
        Pcm pcm = silence(0.5, 1);
        const double middle = 12000.0 * over;
        for (std::size_t frame = 0; frame < pcm.samples.size(); ++frame) {
            const double t = (static_cast<double>(frame) * over + offset - middle) / overRate;
            const double swell = std::exp(-0.5 * std::pow(t / 0.001, 2.0));
            pcm.samples[frame] = static_cast<float>((0.5 + 0.5 * swell) * std::cos(2.0 * std::numbers::pi * hertz * t));
        }
        constexpr std::array mono{ChannelRole::Center};
        const AudioFigures figures = measure(pcm, mono);
        REQUIRE(figures.truePeakDbtp);
        CHECK(*figures.truePeakDbtp <= 0.2);
        CHECK(*figures.truePeakDbtp >= -0.4);
    }
}

TEST_CASE("the true peak is the same however the sound is cut into blocks", "[figures]")
{
    const Pcm pcm = noise(-3.0, 0.7, 11, 2);
    const AudioFigures whole = measure(pcm, stereoRoles, pcm.samples.size());
    for (const std::size_t block : {1U, 7U, 63U, 64U, 65U, 1152U}) {
        const AudioFigures cut = measure(pcm, stereoRoles, block);
        CHECK(*cut.truePeakDbtp == *whole.truePeakDbtp);
        CHECK(*cut.integratedLufs == Approx(*whole.integratedLufs).margin(1e-9));
        CHECK(cut.frames == whole.frames);
    }
    CHECK(*whole.truePeakDbtp > *whole.samplePeakDbfs);
}

TEST_CASE("silence at both ends is measured to the millisecond, and clipped samples are counted", "[figures]")
{
    Pcm pcm = silence(1.25, 2);
    append(pcm, tone(1000.0, -10.0, 2.0, 2));
    append(pcm, silence(0.75, 2));
    pcm.samples[200'000] = 1.0F;
    pcm.samples[200'001] = -1.5F;
    pcm.samples[200'002] = 0.9999F;
    const AudioFigures figures = measure(pcm, stereoRoles);
    CHECK(figures.leadSilenceMs == 1250);
    CHECK(figures.tailSilenceMs == 750);
    CHECK(figures.clippedSamples == 2);
    CHECK(figures.frames == 4 * 48000);
}

TEST_CASE("silence has no loudness, no range and no peak", "[figures]")
{
    const AudioFigures figures = measure(silence(5.0, 2), stereoRoles);
    CHECK_FALSE(figures.integratedLufs);
    CHECK_FALSE(figures.loudnessRangeLu);
    CHECK_FALSE(figures.truePeakDbtp);
    CHECK(figures.leadSilenceMs == 5000);
    CHECK(figures.tailSilenceMs == 5000);
}
