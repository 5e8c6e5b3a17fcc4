#include "media/ffmpeg/mono_resampler.h"

#include "media/ffmpeg/internal.h"
#include "media/ffmpeg/libav.h"

#include <array>

namespace loa::media {

using namespace detail;

namespace {

constexpr int flushFrames = 4096;

Error unusableFormat(int rate, int channels)
{
    return Error{
        ErrorCategory::Unsupported,
        {QStringLiteral("Không đổi được âm thanh %1 Hz, %2 kênh; hãy xuất lại ở 44,1 hoặc 48 kHz, một hoặc hai kênh.")
             .arg(rate)
             .arg(channels),
         QStringLiteral(
             "Sound of %1 Hz with %2 channels cannot be converted; export it at 44.1 or 48 kHz, mono or stereo.")
             .arg(rate)
             .arg(channels)},
        {}};
}

} // namespace

struct MonoResampler::Impl {
    ResamplerPtr context;
    int rate = 0;
    int target = 0;
    int channels = 0;
    std::int64_t in = 0;
    std::int64_t out = 0;

    Result<int> convert(const std::uint8_t** from, int frames, int room, std::vector<float>& mono)
    {
        const std::size_t before = mono.size();
        mono.resize(before + static_cast<std::size_t>(room));
        std::array<std::uint8_t*, 1> to{reinterpret_cast<std::uint8_t*>(mono.data() + before)};
        const int given = swr_convert(context.get(), to.data(), room, from, frames);
        mono.resize(before + static_cast<std::size_t>(std::max(given, 0)));
        if (given < 0)
            return tl::unexpected(libraryError("swr_convert", given));
        out += given;
        return given;
    }
};

MonoResampler::MonoResampler(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
MonoResampler::MonoResampler(MonoResampler&&) noexcept = default;
MonoResampler& MonoResampler::operator=(MonoResampler&&) noexcept = default;
MonoResampler::~MonoResampler() = default;

Result<MonoResampler> MonoResampler::create(int sourceRate, int channels, int targetRate)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    if (sourceRate < 1000 || sourceRate > 1'536'000 || channels < 1 || channels > 64)
        return tl::unexpected(unusableFormat(sourceRate, channels));
    AVChannelLayout from{};
    av_channel_layout_default(&from, channels);
    AVChannelLayout to = AV_CHANNEL_LAYOUT_MONO;
    SwrContext* raw = nullptr;
    const int allocated =
        swr_alloc_set_opts2(&raw, &to, AV_SAMPLE_FMT_FLT, targetRate, &from, AV_SAMPLE_FMT_FLT, sourceRate, 0, nullptr);
    av_channel_layout_uninit(&from);
    auto impl = std::make_unique<Impl>();
    impl->context.reset(raw);
    if (allocated < 0)
        return tl::unexpected(unusableFormat(sourceRate, channels));
    // Without this libswresample lets a float mix pass full scale: stereo would come out 3 dB louder than either
    // channel.
    av_opt_set_double(raw, "rematrix_maxval", 1.0, 0);
    av_opt_set_int(raw, "internal_sample_fmt", AV_SAMPLE_FMT_FLTP, 0);
    if (swr_init(raw) < 0)
        return tl::unexpected(unusableFormat(sourceRate, channels));
    impl->rate = sourceRate;
    impl->target = targetRate;
    impl->channels = channels;
    return MonoResampler(std::move(impl));
}

Result<void> MonoResampler::write(std::span<const float> interleaved, std::vector<float>& mono)
{
    const int frames = static_cast<int>(interleaved.size() / static_cast<std::size_t>(m_impl->channels));
    const int room = swr_get_out_samples(m_impl->context.get(), frames);
    if (room < 0)
        return tl::unexpected(libraryError("swr_get_out_samples", room));
    std::array<const std::uint8_t*, 1> from{reinterpret_cast<const std::uint8_t*>(interleaved.data())};
    m_impl->in += frames;
    if (auto given = m_impl->convert(from.data(), frames, room, mono); !given)
        return passOn(given);
    return {};
}

Result<void> MonoResampler::finish(std::vector<float>& mono)
{
    const std::int64_t exact = av_rescale_rnd(m_impl->in, m_impl->target, m_impl->rate, AV_ROUND_NEAR_INF);
    const std::size_t before = mono.size();
    const std::int64_t missing = exact - m_impl->out;
    for (;;) {
        auto given = m_impl->convert(nullptr, 0, flushFrames, mono);
        if (!given)
            return passOn(given);
        if (*given == 0)
            break;
    }
    // The filter's tail may end a frame before or after the rounded length. A surplus already given out cannot be taken
    // back, but the filter holds back half its length, so `missing` is not negative except for fewer than two frames of
    // input.
    const auto wanted =
        static_cast<std::ptrdiff_t>(before) + static_cast<std::ptrdiff_t>(std::max<std::int64_t>(missing, 0));
    mono.resize(static_cast<std::size_t>(wanted), 0.0F);
    return {};
}

} // namespace loa::media
