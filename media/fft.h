// Discrete Fourier transform of real single-precision values (FFTW). libavutil's own stops at 2^17 values and then
// falls back to the definition, quadratic in time. Not shared between threads; FFTW's planner is locked inside.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace loa::media {

// The spectrum of `values` with zeros up to `size`: size / 2 + 1 values. `size` >= values.size(), at least 2.
[[nodiscard]] std::vector<std::complex<float>> spectrumOf(std::span<const float> values, std::size_t size);

// Back again, scaled: `size` values. `spectrum` has size / 2 + 1 values, and is used up.
[[nodiscard]] std::vector<float> valuesOf(std::vector<std::complex<float>> spectrum, std::size_t size);

// Many spectra of one size: made once, allocates nothing after that.
class SpectrumMaker {
public:
    explicit SpectrumMaker(std::size_t size);
    SpectrumMaker(SpectrumMaker&&) noexcept;
    SpectrumMaker& operator=(SpectrumMaker&&) noexcept;
    ~SpectrumMaker();

    // `size` values, to be filled before run(), which uses them up.
    [[nodiscard]] std::span<float> input();
    // size / 2 + 1 values, valid until the next run().
    [[nodiscard]] std::span<const std::complex<float>> run();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
