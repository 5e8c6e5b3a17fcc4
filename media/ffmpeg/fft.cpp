#include "media/ffmpeg/fft.h"

#include <algorithm>
#include <bit>
#include <utility>

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}

namespace loa::media {

namespace {

struct AvFree {
    void operator()(AVComplexFloat* memory) const { av_free(memory); }
};
using AlignedValues = std::unique_ptr<AVComplexFloat[], AvFree>;

AlignedValues alignedValues(std::size_t size)
{
    return AlignedValues(static_cast<AVComplexFloat*>(av_malloc_array(size, sizeof(AVComplexFloat))));
}

} // namespace

struct Fft::Plan {
    AVTXContext* context = nullptr;
    av_tx_fn transform = nullptr;
    std::size_t size = 0;
    // tx wants aligned memory of its own for its vector code.
    AlignedValues input;
    AlignedValues output;

    ~Plan() { av_tx_uninit(&context); }
};

Result<Fft> Fft::create(std::size_t size, Direction direction)
{
    auto plan = std::make_unique<Plan>();
    plan->size = size;
    const float scale = 1.0F;
    const bool sizeFits = std::has_single_bit(size) && size >= 2 && size <= (std::size_t{1} << 24);
    if (sizeFits) {
        plan->input = alignedValues(size);
        plan->output = alignedValues(size);
    }
    if (!plan->input || !plan->output ||
        av_tx_init(&plan->context, &plan->transform, AV_TX_FLOAT_FFT, direction == Direction::Inverse ? 1 : 0,
                   static_cast<int>(size), &scale, 0) < 0) {
        return fail(ErrorCategory::Internal,
                    {QStringLiteral("Không lập được phép biến đổi Fourier cỡ %1.").arg(size),
                     QStringLiteral("Cannot set up a Fourier transform of size %1.").arg(size)});
    }
    return Fft(std::move(plan));
}

Fft::Fft(std::unique_ptr<Plan> plan) : m_plan(std::move(plan)) {}
Fft::Fft(Fft&&) noexcept = default;
Fft& Fft::operator=(Fft&&) noexcept = default;
Fft::~Fft() = default;

void Fft::run(std::span<std::complex<float>> values)
{
    const auto count = std::min(values.size(), m_plan->size);
    for (std::size_t index = 0; index < m_plan->size; ++index) {
        m_plan->input[index] =
            index < count ? AVComplexFloat{values[index].real(), values[index].imag()} : AVComplexFloat{0.0F, 0.0F};
    }
    m_plan->transform(m_plan->context, m_plan->output.get(), m_plan->input.get(), sizeof(AVComplexFloat));
    for (std::size_t index = 0; index < count; ++index)
        values[index] = {m_plan->output[index].re, m_plan->output[index].im};
}

} // namespace loa::media
