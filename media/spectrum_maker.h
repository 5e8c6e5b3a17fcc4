// Many spectra of one short window (KissFFT). The agent makes them all day: FFTW, which fft.h has for recordings of
// hours, brings 2 MB of codelets into memory for it, KissFFT 20 KB. Thread: one at a time.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace loa::media {

// Made once, allocates nothing after that.
class SpectrumMaker {
public:
    // `size` even.
    explicit SpectrumMaker(std::size_t size);
    SpectrumMaker(const SpectrumMaker& other); // of the same size
    SpectrumMaker(SpectrumMaker&&) noexcept;
    SpectrumMaker& operator=(SpectrumMaker&&) noexcept;
    ~SpectrumMaker();

    // `size` values, to be filled before run().
    [[nodiscard]] std::span<float> input() { return m_values; }
    // size / 2 + 1 values, valid until the next run().
    [[nodiscard]] std::span<const std::complex<float>> run();

private:
    struct Plan;
    std::vector<float> m_values;
    std::vector<std::complex<float>> m_spectrum;
    std::unique_ptr<Plan> m_plan;
};

} // namespace loa::media
