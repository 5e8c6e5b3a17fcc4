#include "media/match.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace loa;

namespace {

// Noise through a slow filter: as correlated with itself nearby as speech is.
std::vector<float> murmur(std::size_t frames, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> noise(0.0F, 0.1F);
    std::vector<float> samples(frames);
    float state = 0.0F;
    for (float& sample : samples) {
        state = 0.9F * state + noise(random);
        sample = state;
    }
    return samples;
}

} // namespace

TEST_CASE("a sound is found to the frame, whatever its volume and the noise around it", "[match]")
{
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{12'345}, std::size_t{48'000}}) {
        const auto reference = murmur(24'000, 1);
        auto recording = murmur(72'000, 2);
        for (std::size_t index = 0; index < reference.size(); ++index)
            recording[at + index] = 0.3F * reference[index];
        const auto match = media::findIn(reference, recording);
        REQUIRE(match);
        CHECK(match->at.value == static_cast<std::int64_t>(at));
        CHECK(match->correlation == Approx(1.0).margin(1e-6));
    }
}

TEST_CASE("the correlation falls as noise rises, as theory says", "[match]")
{
    const auto reference = murmur(48'000, 1);
    const auto noise = murmur(96'000, 3);
    for (const float level : {0.1F, 0.5F, 1.0F}) {
        auto recording = noise;
        for (float& sample : recording)
            sample *= level;
        for (std::size_t index = 0; index < reference.size(); ++index)
            recording[10'000 + index] += reference[index];
        const auto match = media::findIn(reference, recording);
        REQUIRE(match);
        CHECK(match->at.value == 10'000);
        CHECK(match->correlation == Approx(1.0 / std::sqrt(1.0 + static_cast<double>(level * level))).margin(0.03));
    }
}

TEST_CASE("a stranger does not match", "[match]")
{
    const auto match = media::findIn(murmur(48'000, 1), murmur(480'000, 2));
    REQUIRE(match);
    CHECK(match->correlation < 0.3);
}

TEST_CASE("what cannot be sought is told", "[match]")
{
    const auto sound = murmur(48'000, 1);
    CHECK_FALSE(media::findIn(std::vector<float>(48'000, 0.0F), sound));
    CHECK_FALSE(media::findIn(sound, std::span(sound).first(47'999)));
    CHECK_FALSE(media::findIn(std::span(sound).first(100), sound));
}
