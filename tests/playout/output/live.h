// A player in real time with items in memory, and what is needed to judge what a receiver got.
#pragma once

#include "playout/engine/hub.h"
#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/engine/stepped_system_clock.h"
#include "tests/playout/output/ports.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <thread>

namespace loa::playout::test {

// A glide with a little noise: each stretch is like no other.
inline std::vector<float> programmeSound(std::size_t frames, unsigned seed)
{
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> noise(-0.02F, 0.02F);
    std::vector<float> samples(frames);
    double phase = 0;
    for (std::size_t index = 0; index < frames; ++index) {
        phase += 0.01 + 0.01 * seed + 4e-7 * static_cast<double>(index);
        samples[index] = 0.4F * static_cast<float>(std::sin(phase)) + noise(random);
    }
    return samples;
}

struct LivePlayer {
    // `lengths`: of the items, in frames. `stations`: it is one of so many in a hub; 0: there is none.
    LivePlayer(std::vector<OutputConfig> outputs, std::vector<std::size_t> lengths, std::size_t stations = 0)
        : hub(stations > 0 ? std::make_unique<Hub>(clock, stations) : nullptr)
    {
        for (std::size_t item = 0; item < lengths.size(); ++item) {
            const auto sound = programmeSound(lengths[item], static_cast<unsigned>(item + 1));
            programme.insert(programme.end(), sound.begin(), sound.end());
            frames.push_back({static_cast<std::int64_t>(lengths[item])});
            sources.add(hashOf(("item-" + QByteArray::number(static_cast<qulonglong>(item))).constData()), sound);
        }
        PlayerSettings settings{StationId{QStringLiteral("station-1")}, std::move(outputs), sources, clock, recorder};
        settings.hub = hub.get();
        auto made = ThreadedPlayer::create(settings);
        if (!made)
            FAIL(describe(made.error()).toStdString());
        player = std::move(*made);
    }
    UtcTime playIn(Duration ahead, const char* session = "session-1")
    {
        const UtcTime start = clock.now() + ahead;
        REQUIRE(player->play(timelineAt(start, frames, session)));
        return start;
    }

    SteppedSystemClock clock;
    std::unique_ptr<Hub> hub;
    MemorySourceFactory sources;
    Recorder recorder;
    std::vector<FrameCount> frames;
    std::vector<float> programme; // the items, one behind the other
    std::unique_ptr<ThreadedPlayer> player;
};

// Correlation coefficient of `probe` with `heard` from `lag` on.
inline double correlationAt(std::span<const float> heard, std::span<const float> probe, std::size_t lag,
                            std::size_t stride = 1)
{
    double product = 0;
    double first = 0;
    double second = 0;
    for (std::size_t index = 0; index < probe.size(); index += stride) {
        const double a = static_cast<double>(heard[lag + index]);
        const double b = static_cast<double>(probe[index]);
        product += a * b;
        first += a * a;
        second += b * b;
    }
    return first > 0 && second > 0 ? product / std::sqrt(first * second) : 0;
}

struct Match {
    std::size_t lag = 0;
    double correlation = 0;
};

// Where in `heard`, between the two lags, `probe` is found best.
inline Match bestMatch(std::span<const float> heard, std::span<const float> probe, std::size_t from, std::size_t until)
{
    Match best;
    until = std::min(until, heard.size() >= probe.size() ? heard.size() - probe.size() + 1 : 0);
    for (std::size_t lag = from; lag < until; lag += 3) {
        const double correlation = correlationAt(heard, probe, lag, 11);
        if (correlation > best.correlation)
            best = {lag, correlation};
    }
    const std::size_t low = best.lag > 8 ? best.lag - 8 : 0;
    Match exact;
    for (std::size_t lag = low; lag < std::min(best.lag + 9, until); ++lag) {
        const double correlation = correlationAt(heard, probe, lag);
        if (correlation > exact.correlation)
            exact = {lag, correlation};
    }
    return exact;
}

// Every quarter of a second of `programme` lies in `heard` at one and the same distance: nothing lost, added or
// swapped.
inline void requireHeardWhole(std::span<const float> heard, std::span<const float> programme)
{
    constexpr std::size_t length = 12000;
    REQUIRE(heard.size() >= programme.size());
    const Match first = bestMatch(heard, programme.subspan(length, length), 0, heard.size());
    REQUIRE(first.correlation >= 0.9);
    REQUIRE(first.lag >= length);
    for (std::size_t at = 0; at + length <= programme.size(); at += length) {
        const std::size_t expected = first.lag - length + at;
        const Match match =
            bestMatch(heard, programme.subspan(at, length), expected > 100 ? expected - 100 : 0, expected + 100);
        INFO("at frame " << at << " of the programme");
        CHECK(match.correlation >= 0.9);
        CHECK(std::abs(static_cast<long>(match.lag) - static_cast<long>(expected)) <= 1);
    }
}

} // namespace loa::playout::test
