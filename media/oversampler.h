// The interpolation filter that the true-peak meter and the limiter share: Kaiser-windowed sinc, cut into phases.
// Pure values; any thread. Delay: phase p of output n is the signal at n - taps/2 + p/factor, so phase 0 is the sample
// itself.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace loa::media {

struct Oversampler {
    static constexpr std::size_t taps = 32;

    explicit Oversampler(int factor);

    int factor;
    std::vector<std::array<float, taps>> phases; // factor - 1 of them: phase 0 needs no filter
    float bound = 1.0F;                          // no output exceeds bound times the largest input

    // The filters for `rate`: 4, 2 or 1 times.
    [[nodiscard]] static const Oversampler& forRate(int rate);
    [[nodiscard]] static int factorFor(int rate);
};

} // namespace loa::media
