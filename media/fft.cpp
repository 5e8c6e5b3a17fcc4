#include "media/fft.h"

#include <fftw3.h>

#include <algorithm>
#include <mutex>

namespace loa::media {

namespace {

// FFTW's planner keeps state of its own; running a plan does not touch it.
std::mutex& plannerMutex()
{
    static std::mutex mutex;
    return mutex;
}

class Plan {
public:
    template <typename Make>
    explicit Plan(Make make)
    {
        const std::lock_guard lock(plannerMutex());
        m_plan = make();
    }
    ~Plan()
    {
        const std::lock_guard lock(plannerMutex());
        fftwf_destroy_plan(m_plan);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;
    void run() { fftwf_execute(m_plan); }

private:
    fftwf_plan m_plan = nullptr;
};

fftwf_complex* fftwValues(std::vector<std::complex<float>>& values)
{
    // The same layout, by FFTW's and the standard's word.
    return reinterpret_cast<fftwf_complex*>(values.data());
}

} // namespace

std::vector<std::complex<float>> spectrumOf(std::span<const float> values, std::size_t size)
{
    std::vector<float> padded(size, 0.0F);
    std::vector<std::complex<float>> spectrum(size / 2 + 1);
    Plan plan([&] {
        return fftwf_plan_dft_r2c_1d(static_cast<int>(size), padded.data(), fftwValues(spectrum), FFTW_ESTIMATE);
    });
    std::copy(values.begin(), values.end(), padded.begin());
    plan.run();
    return spectrum;
}

std::vector<float> valuesOf(std::vector<std::complex<float>> spectrum, std::size_t size)
{
    std::vector<float> values(size);
    Plan plan([&] {
        return fftwf_plan_dft_c2r_1d(static_cast<int>(size), fftwValues(spectrum), values.data(), FFTW_ESTIMATE);
    });
    plan.run();
    for (float& value : values)
        value /= static_cast<float>(size);
    return values;
}

} // namespace loa::media
