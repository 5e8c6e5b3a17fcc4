// Discrete Fourier transform of real single-precision values (FFTW). libavutil's own stops at 2^17 values and then
// falls back to the definition, quadratic in time. Not shared between threads; FFTW's planner is locked inside.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace loa::media {

// The spectrum of `values` with zeros up to `size`: size / 2 + 1 values. `size` >= values.size(), at least 2.
[[nodiscard]] std::vector<std::complex<float>> spectrumOf(std::span<const float> values, std::size_t size);

// Back again, scaled: `size` values. `spectrum` has size / 2 + 1 values, and is used up.
[[nodiscard]] std::vector<float> valuesOf(std::vector<std::complex<float>> spectrum, std::size_t size);

} // namespace loa::media
