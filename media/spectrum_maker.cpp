#include "media/spectrum_maker.h"

#include <kiss_fftr.h>

namespace loa::media {

struct SpectrumMaker::Plan {
    explicit Plan(std::size_t size) : state(kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr)) {}
    ~Plan() { kiss_fftr_free(state); }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    kiss_fftr_cfg state;
};

SpectrumMaker::SpectrumMaker(std::size_t size)
    : m_values(size), m_spectrum(size / 2 + 1), m_plan(std::make_unique<Plan>(size))
{
}
SpectrumMaker::SpectrumMaker(const SpectrumMaker& other) : SpectrumMaker(other.m_values.size()) {}
SpectrumMaker::SpectrumMaker(SpectrumMaker&&) noexcept = default;
SpectrumMaker& SpectrumMaker::operator=(SpectrumMaker&&) noexcept = default;
SpectrumMaker::~SpectrumMaker() = default;

std::span<const std::complex<float>> SpectrumMaker::run()
{
    // The same layout, by the standard's word: two floats a value.
    kiss_fftr(m_plan->state, m_values.data(), reinterpret_cast<kiss_fft_cpx*>(m_spectrum.data()));
    return m_spectrum;
}

} // namespace loa::media
