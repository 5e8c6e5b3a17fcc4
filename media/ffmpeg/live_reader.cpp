#include "media/ffmpeg/live_reader.h"

#include "media/ffmpeg/internal.h"
#include "media/ffmpeg/libav.h"
#include "media/ffmpeg/live_network.h"
#include "media/frames.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace loa::media {

using namespace detail;

namespace {

constexpr int mostDamagedInARow = 50; // packets
constexpr std::int64_t largestAllocation = 32 * 1024 * 1024;
constexpr int longestDrift = 480;
constexpr float largestSample = 4.0F;

} // namespace

struct LiveReader::Impl {
    Impl(const LiveSettings& settings, LiveNetwork::Steady::time_point openUntil, LiveNetwork::Type type)
        : network(settings, openUntil, type)
    {
    }

    [[nodiscard]] Result<void> begin();
    [[nodiscard]] Result<void> openCodec();
    [[nodiscard]] Result<void> next();
    [[nodiscard]] Result<void> feed();
    [[nodiscard]] Result<void> convert();
    void applyDrift();

    LiveNetwork network; // before the container, whose callbacks lead there
    InputPtr container;
    AVStream* stream = nullptr;
    CodecPtr codec;
    PacketPtr packet{av_packet_alloc()};
    FramePtr frame{av_frame_alloc()};
    ResamplerPtr resampler;
    ChannelLayout layout;
    int rate = 0;
    int format = -1;
    int drift = 0;
    int damaged = 0;
    std::vector<float> mono; // converted, not yet given out
    std::vector<float> lent; // by the last read()
    LiveInfo info;
};

Result<void> LiveReader::Impl::openCodec()
{
    if (const int probed = avformat_find_stream_info(container.get(), nullptr); probed < 0)
        return network.failure(probed);
    const int index = av_find_best_stream(container.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index < 0)
        return network.failure(network.mustStop() ? AVERROR_EXIT : AVERROR_INVALIDDATA);
    stream = container->streams[index];
    for (unsigned other = 0; other < container->nb_streams; ++other) {
        if (container->streams[other] != stream)
            container->streams[other]->discard = AVDISCARD_ALL;
    }
    const AVCodec* decoder = avcodec_find_decoder(stream->codecpar->codec_id);
    codec.reset(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
    if (!codec)
        return network.failure(ErrorCategory::Unsupported, "Không có bộ giải mã cho luồng này.",
                               "There is no decoder for this stream.");
    if (const int code = avcodec_parameters_to_context(codec.get(), stream->codecpar); code < 0)
        return network.failure(code);
    codec->pkt_timebase = stream->time_base;
    codec->thread_count = 1;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "codec_whitelist", liveDecoders, 0);
    const int code = avcodec_open2(codec.get(), decoder, &options);
    av_dict_free(&options);
    if (code < 0)
        return network.failure(code);
    info.codec = QString::fromUtf8(avcodec_get_name(stream->codecpar->codec_id));
    return {};
}

Result<void> LiveReader::Impl::feed()
{
    for (;;) {
        av_packet_unref(packet.get());
        // Between packets as well: a sender that is never waited for is asked for nothing else.
        if (network.mustStop())
            return network.failure(AVERROR_EXIT);
        const int code = av_read_frame(container.get(), packet.get());
        if (code == AVERROR(EAGAIN))
            continue;
        if (code < 0)
            return network.failure(code);
        network.notePacket(); // of RTP nothing else is counted
        if (packet->stream_index != stream->index)
            continue;
        const int sent = avcodec_send_packet(codec.get(), packet.get());
        if (sent >= 0) {
            return {};
        }
        if (++damaged > mostDamagedInARow)
            return network.failure(AVERROR_INVALIDDATA);
    }
}

Result<void> LiveReader::Impl::convert()
{
    const ChannelLayout now(frame->ch_layout);
    if (!resampler || !(now == layout) || frame->sample_rate != rate || frame->format != format) {
        if (frame->sample_rate < 4000 || frame->sample_rate > 192'000 || now.channels() < 1 || now.channels() > 16)
            return network.failure(AVERROR_INVALIDDATA);
        AVChannelLayout to = AV_CHANNEL_LAYOUT_MONO;
        SwrContext* raw = nullptr;
        swr_alloc_set_opts2(&raw, &to, AV_SAMPLE_FMT_FLT, static_cast<int>(loa::sampleRate),
                            const_cast<AVChannelLayout*>(&now.get()), static_cast<AVSampleFormat>(frame->format),
                            frame->sample_rate, 0, nullptr);
        resampler.reset(raw);
        if (raw == nullptr)
            return network.failure(AVERROR(ENOMEM));
        av_opt_set_double(raw, "rematrix_maxval", 1.0, 0);
        av_opt_set_int(raw, "internal_sample_fmt", AV_SAMPLE_FMT_FLTP, 0);
        av_opt_set_int(raw, "flags", SWR_FLAG_RESAMPLE, 0); // also at 48 kHz, so that drift can be followed
        if (const int code = swr_init(raw); code < 0)
            return network.failure(code);
        layout = now;
        rate = frame->sample_rate;
        format = frame->format;
        info.sampleRate = rate;
        info.channels = layout.channels();
        applyDrift();
    }
    const int room = swr_get_out_samples(resampler.get(), frame->nb_samples) + 64;
    mono.resize(static_cast<std::size_t>(std::max(room, 0)));
    std::array<std::uint8_t*, 1> to{reinterpret_cast<std::uint8_t*>(mono.data())};
    const int given = swr_convert(resampler.get(), to.data(), room,
                                  const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples);
    if (given < 0)
        return network.failure(given);
    mono.resize(static_cast<std::size_t>(given));
    for (float& sample : mono)
        sample = std::isfinite(sample) ? std::clamp(sample, -largestSample, largestSample) : 0.0F;
    return {};
}

void LiveReader::Impl::applyDrift()
{
    // For longer than anybody relays without setting it anew.
    if (resampler)
        swr_set_compensation(resampler.get(), drift * 600, static_cast<int>(loa::sampleRate) * 600);
}

Result<void> LiveReader::Impl::next()
{
    for (;;) {
        const int code = avcodec_receive_frame(codec.get(), frame.get());
        if (code == AVERROR(EAGAIN)) {
            if (auto fed = feed(); !fed)
                return fed;
            continue;
        }
        if (code < 0) {
            if (code == AVERROR_EOF || ++damaged > mostDamagedInARow)
                return network.failure(code);
            continue;
        }
        if (frame->nb_samples <= 0 || frame->ch_layout.nb_channels <= 0 || frame->sample_rate <= 0)
            continue;
        damaged = 0;
        if (auto converted = convert(); !converted || !mono.empty())
            return converted;
    }
}

LiveReader::LiveReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
LiveReader::LiveReader(LiveReader&&) noexcept = default;
LiveReader& LiveReader::operator=(LiveReader&&) noexcept = default;
LiveReader::~LiveReader() = default;

Result<LiveReader> LiveReader::open(LiveSettings settings)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    av_max_alloc(largestAllocation);
    const auto until = LiveNetwork::Steady::now() + settings.openWithin;
    auto impl = std::make_unique<Impl>(settings, until, LiveNetwork::Type::Believed);
    auto begun = impl->begin();
    // Where the sender's word led nowhere, what it sends is asked.
    if (!begun && impl->network.isByType() && begun.error().category != ErrorCategory::Forbidden) {
        impl = std::make_unique<Impl>(settings, until, LiveNetwork::Type::Asked);
        begun = impl->begin();
    }
    if (!begun)
        return passOn(begun);
    return LiveReader(std::move(impl));
}

Result<void> LiveReader::Impl::begin()
{
    auto opened = network.open();
    if (!opened)
        return passOn(opened);
    container = *std::move(opened);
    if (!packet || !frame)
        return network.failure(AVERROR(ENOMEM));
    if (auto done = openCodec(); !done)
        return done;
    if (auto done = next(); !done)
        return done;
    network.noteSound();
    return {};
}

const LiveInfo& LiveReader::info() const
{
    return m_impl->info;
}

Result<std::span<const float>> LiveReader::read()
{
    if (m_impl->mono.empty()) {
        m_impl->network.noteAsked();
        if (auto done = m_impl->next(); !done)
            return passOn(done);
    }
    std::swap(m_impl->mono, m_impl->lent);
    m_impl->mono.clear();
    return std::span<const float>(m_impl->lent);
}

void LiveReader::setDrift(int frames)
{
    m_impl->drift = std::clamp(frames, -longestDrift, longestDrift);
    m_impl->applyDrift();
}

} // namespace loa::media
