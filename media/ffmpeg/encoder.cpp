#include "media/ffmpeg/encoder.h"

#include "media/ffmpeg/encoder_impl.h"
#include "media/ffmpeg/libav.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace loa::media {

using namespace detail;

namespace {

struct CodecEntry {
    AudioCodec codec;
    const char* name;
    AVSampleFormat format;
};

constexpr std::array codecTable{
    CodecEntry{AudioCodec::Opus, "libopus", AV_SAMPLE_FMT_FLT},
    CodecEntry{AudioCodec::Mp3, "libmp3lame", AV_SAMPLE_FMT_FLTP},
    CodecEntry{AudioCodec::Aac, "aac", AV_SAMPLE_FMT_FLTP},
    CodecEntry{AudioCodec::L16, "pcm_s16be", AV_SAMPLE_FMT_S16},
    CodecEntry{AudioCodec::Pcm16, "pcm_s16le", AV_SAMPLE_FMT_S16},
    CodecEntry{AudioCodec::PcmFloat, "pcm_f32le", AV_SAMPLE_FMT_FLT},
    CodecEntry{AudioCodec::Flac, "flac", AV_SAMPLE_FMT_S16},
};

const CodecEntry* entryOf(AudioCodec codec)
{
    const auto* found = std::find_if(codecTable.begin(), codecTable.end(),
                                     [codec](const CodecEntry& entry) { return entry.codec == codec; });
    return found == codecTable.end() ? nullptr : found;
}

// How many frames of silence bring the codec's delay to whole packets. The header, which libopus's wrapper has written
// (RFC 7845, 5.1), then names as many frames more for decoders to skip.
Result<int> alignPackets(AVCodecContext& codec)
{
    constexpr int preSkipAt = 10;
    const int silence = (codec.frame_size - codec.initial_padding % codec.frame_size) % codec.frame_size;
    const int preSkip = codec.initial_padding + silence;
    if (codec.extradata_size < preSkipAt + 2)
        return tl::unexpected(libraryError("OpusHead", AVERROR_BUG));
    codec.initial_padding = preSkip;
    codec.extradata[preSkipAt] = static_cast<std::uint8_t>(preSkip & 0xFF);
    codec.extradata[preSkipAt + 1] = static_cast<std::uint8_t>(preSkip >> 8);
    return silence;
}

std::int16_t toInt16(float sample)
{
    return static_cast<std::int16_t>(std::lrint(std::clamp(sample * 32768.0F, -32768.0F, 32767.0F)));
}

// Of a frame one channel; no samples: silence.
void fill(AVFrame& frame, int channel, std::span<const float> samples)
{
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool isPlanar = av_sample_fmt_is_planar(format) != 0;
    std::uint8_t* const plane = frame.data[isPlanar ? channel : 0];
    const int step = isPlanar ? 1 : frame.ch_layout.nb_channels;
    const auto put = [&](auto* to, auto convert) {
        to += isPlanar ? 0 : channel;
        for (int index = 0; index < frame.nb_samples; ++index, to += step) {
            const float sample = samples.empty() ? 0.0F : samples[static_cast<std::size_t>(index)];
            *to = convert(std::isnan(sample) ? 0.0F : sample);
        }
    };
    if (format == AV_SAMPLE_FMT_S16)
        put(reinterpret_cast<std::int16_t*>(plane), toInt16);
    else
        put(reinterpret_cast<float*>(plane), [](float sample) { return sample; });
}

void setOpusOptions(AVCodecContext& codec, const EncoderSettings& settings)
{
    av_opt_set(codec.priv_data, "application", settings.lowDelay ? "lowdelay" : "audio", 0);
    av_opt_set_double(codec.priv_data, "frame_duration", static_cast<double>(settings.frameDuration.count()), 0);
    const bool constant = settings.bitRateMode == BitRateMode::Constant;
    const bool constrained = settings.bitRateMode == BitRateMode::Constrained;
    av_opt_set(codec.priv_data, "vbr", constant ? "off" : (constrained ? "constrained" : "on"), 0);
    codec.compression_level = settings.complexity;
}

EncodedPacket describePacket(const AVPacket& packet)
{
    std::size_t size = 0;
    const std::uint8_t* skip = av_packet_get_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    std::uint32_t padding = 0;
    if (skip != nullptr && size >= 8)
        std::memcpy(&padding, skip + 4, sizeof padding); // little endian, as all machines that Loa runs on
    return {{reinterpret_cast<const std::byte*>(packet.data), static_cast<std::size_t>(packet.size)},
            FrameCount{packet.pts},
            FrameCount{packet.duration + padding},
            FrameCount{padding}};
}

} // namespace

Result<void> Encoder::Impl::remember(Result<void> outcome)
{
    if (!outcome)
        failure = outcome.error();
    return outcome;
}

Result<void> Encoder::Impl::drain(const RawSink& sink)
{
    for (;;) {
        const int code = avcodec_receive_packet(codec.get(), packet.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return {};
        if (code < 0)
            return tl::unexpected(libraryError("avcodec_receive_packet", code));
        auto taken = sink(*packet);
        av_packet_unref(packet.get());
        if (!taken)
            return taken;
    }
}

Result<void> Encoder::Impl::encode(std::span<const float> mono, const RawSink& sink)
{
    av_frame_unref(frame.get());
    frame->nb_samples = static_cast<int>(mono.size());
    frame->format = codec->sample_fmt;
    frame->sample_rate = codec->sample_rate;
    av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
    frame->pts = sent;
    int code = av_frame_get_buffer(frame.get(), 0);
    if (code < 0)
        return tl::unexpected(libraryError("av_frame_get_buffer", code));
    for (int channel = 0; channel < countOf(channels); ++channel)
        fill(*frame, channel, soundsIn(channels, channel) ? mono : std::span<const float>{});
    sent += frame->nb_samples;
    code = avcodec_send_frame(codec.get(), frame.get());
    if (code < 0)
        return tl::unexpected(libraryError("avcodec_send_frame", code));
    return drain(sink);
}

Result<void> Encoder::Impl::write(std::span<const float> mono, const RawSink& sink)
{
    if (failure)
        return tl::unexpected(*failure);
    assert(!finished);
    if (const int silence = std::exchange(silenceFirst, 0); silence > 0) {
        held.assign(static_cast<std::size_t>(silence), 0.0F);
        sent = -silence;
    }
    written += static_cast<std::int64_t>(mono.size());
    const auto whole = static_cast<std::size_t>(packetFrames);
    if (!held.empty()) {
        const std::size_t taken = std::min(whole - held.size(), mono.size());
        held.insert(held.end(), mono.begin(), mono.begin() + static_cast<std::ptrdiff_t>(taken));
        mono = mono.subspan(taken);
        if (held.size() < whole)
            return {};
        if (auto done = remember(encode(held, sink)); !done)
            return done;
        held.clear();
    }
    while (mono.size() >= whole) {
        if (auto done = remember(encode(mono.first(whole), sink)); !done)
            return done;
        mono = mono.subspan(whole);
    }
    held.assign(mono.begin(), mono.end());
    return {};
}

Result<void> Encoder::Impl::finish(const RawSink& sink)
{
    if (failure)
        return tl::unexpected(*failure);
    assert(!finished);
    finished = true;
    if (!held.empty()) {
        if (auto done = remember(encode(held, sink)); !done)
            return done;
        held.clear();
    }
    avcodec_send_frame(codec.get(), nullptr);
    return remember(drain(sink));
}

Encoder::Encoder(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

Result<Encoder> Encoder::create(const EncoderSettings& settings)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    const CodecEntry* entry = entryOf(settings.codec);
    if (entry == nullptr)
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Bộ mã hóa này không ghi được qua FFmpeg."),
                                                 QStringLiteral("FFmpeg does not write this codec here.")});
    const AVCodec* found = avcodec_find_encoder_by_name(entry->name);
    if (found == nullptr)
        return fail(
            ErrorCategory::Unsupported,
            {QStringLiteral("Thư viện libavcodec trên máy này thiếu bộ mã hóa %1.").arg(QString::fromUtf8(entry->name)),
             QStringLiteral("This machine's libavcodec lacks the encoder %1.").arg(QString::fromUtf8(entry->name))});
    auto impl = std::make_unique<Impl>();
    impl->codec.reset(avcodec_alloc_context3(found));
    if (!impl->codec || !impl->frame || !impl->packet)
        return tl::unexpected(libraryError("avcodec_alloc_context3", AVERROR(ENOMEM)));
    AVCodecContext& codec = *impl->codec;
    codec.sample_rate = static_cast<int>(loa::sampleRate);
    codec.sample_fmt = entry->format;
    codec.time_base = {1, static_cast<int>(loa::sampleRate)};
    av_channel_layout_default(&codec.ch_layout, countOf(settings.channels));
    impl->channels = settings.channels;
    codec.bit_rate = settings.bitRate;
    codec.thread_count = 1;
    codec.flags |= AV_CODEC_FLAG_BITEXACT;
    if (settings.codec == AudioCodec::Opus)
        setOpusOptions(codec, settings);
    const int code = avcodec_open2(&codec, found, nullptr);
    if (code < 0)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Bộ mã hóa %1 không nhận thiết lập này (%2 bit/s).")
                         .arg(QString::fromUtf8(entry->name))
                         .arg(settings.bitRate),
                     QStringLiteral("The encoder %1 does not take these settings (%2 bit/s).")
                         .arg(QString::fromUtf8(entry->name))
                         .arg(settings.bitRate)},
                    reasonOf(code));
    if (settings.codec == AudioCodec::Opus && settings.alignPackets) {
        const auto silence = alignPackets(codec);
        if (!silence)
            return passOn(silence);
        impl->silenceFirst = *silence;
    }
    impl->packetFrames = codec.frame_size > 0
                             ? codec.frame_size
                             : static_cast<int>(settings.frameDuration.count() * loa::sampleRate / 1000);
    return Encoder(std::move(impl));
}

Result<void> Encoder::write(std::span<const float> mono, const PacketSink& sink)
{
    return m_impl->write(mono, [&sink](AVPacket& packet) { return sink(describePacket(packet)); });
}

Result<void> Encoder::finish(const PacketSink& sink)
{
    return m_impl->finish([&sink](AVPacket& packet) { return sink(describePacket(packet)); });
}

FrameCount Encoder::delay() const
{
    return FrameCount{m_impl->codec->initial_padding};
}

FrameCount Encoder::written() const
{
    return FrameCount{m_impl->written};
}

FrameCount Encoder::packetFrames() const
{
    return FrameCount{m_impl->packetFrames};
}

} // namespace loa::media
