#include "playout/output/card_resampler.h"

#include <dlfcn.h>
#include <samplerate.h>

#include <algorithm>
#include <cmath>

namespace loa::playout {

namespace {

struct SampleRateLibrary {
    decltype(&::src_new) make = nullptr;
    decltype(&::src_delete) unmake = nullptr;
    decltype(&::src_reset) reset = nullptr;
    decltype(&::src_set_ratio) setRatio = nullptr;
    decltype(&::src_process) process = nullptr;
    decltype(&::src_strerror) words = nullptr;
    QString missing; // the loader's words
};

const SampleRateLibrary& library()
{
    static const SampleRateLibrary loaded = [] {
        SampleRateLibrary result;
        void* handle = dlopen("libsamplerate.so.0", RTLD_NOW | RTLD_LOCAL);
        const auto find = [&](auto& function, const char* name) {
            function =
                handle == nullptr ? nullptr : reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
            if (function == nullptr && result.missing.isEmpty())
                result.missing = QString::fromLocal8Bit(dlerror());
        };
        find(result.make, "src_new");
        find(result.unmake, "src_delete");
        find(result.reset, "src_reset");
        find(result.setRatio, "src_set_ratio");
        find(result.process, "src_process");
        find(result.words, "src_strerror");
        return result;
    }();
    return loaded;
}

SRC_STATE* stateOf(void* state)
{
    return static_cast<SRC_STATE*>(state);
}

tl::unexpected<Error> failed(int code)
{
    const QString words = QString::fromUtf8(library().words(code));
    return fail(ErrorCategory::Internal, {QStringLiteral("Không đổi được tần số lấy mẫu: %1").arg(words),
                                          QStringLiteral("The sample rate cannot be converted: %1").arg(words)});
}

} // namespace

Result<std::unique_ptr<CardResampler>> CardResampler::create()
{
    if (!library().missing.isEmpty()) {
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Máy này thiếu thư viện libsamplerate0: %1").arg(library().missing),
                     QStringLiteral("This machine lacks the library libsamplerate0: %1").arg(library().missing)});
    }
    int code = 0;
    SRC_STATE* state = library().make(SRC_SINC_FASTEST, 1, &code);
    if (state == nullptr)
        return failed(code);
    return std::unique_ptr<CardResampler>(new CardResampler(state));
}

CardResampler::~CardResampler()
{
    library().unmake(stateOf(m_state));
}

void CardResampler::reset(FrameCount position)
{
    library().reset(stateOf(m_state));
    m_whole = position.value;
    m_part = 0;
}

Result<std::span<const float>> CardResampler::process(std::span<const float> samples, double ratio)
{
    m_out.resize(static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * ratio)) + 64);
    // Set at once rather than glided to: a change of a millionth is not heard, and the position stays exact.
    library().setRatio(stateOf(m_state), ratio);
    std::size_t made = 0;
    while (!samples.empty()) {
        SRC_DATA data{};
        data.data_in = samples.data();
        data.input_frames = static_cast<long>(samples.size());
        data.data_out = m_out.data() + made;
        data.output_frames = static_cast<long>(m_out.size() - made);
        data.src_ratio = ratio;
        if (const int code = library().process(stateOf(m_state), &data); code != 0)
            return failed(code);
        samples = samples.subspan(static_cast<std::size_t>(data.input_frames_used));
        made += static_cast<std::size_t>(data.output_frames_gen);
        if (data.input_frames_used == 0 && data.output_frames_gen == 0)
            break;
    }
    m_part += static_cast<double>(made) / ratio;
    const double whole = std::floor(m_part);
    m_whole += static_cast<std::int64_t>(whole);
    m_part -= whole;
    return std::span<const float>(m_out.data(), made);
}

} // namespace loa::playout
