#include "playout/output/stream_encoder.h"

#include <algorithm>
#include <array>

namespace loa::playout {

namespace {

constexpr FrameCount longestEncodedGap{5 * sampleRate};

FrameCount primingOf(const media::PacketEncoder& encoder)
{
    const std::int64_t packet = encoder.packetFrames().value;
    return {(packet - encoder.delay().value % packet) % packet};
}

} // namespace

media::EncoderSettings encoderSettingsOf(const OutputConfig& config, media::AudioCodec codec)
{
    constexpr int mp3Effort = 3;
    constexpr int otherEffort = 6;
    media::EncoderSettings settings;
    settings.codec = codec;
    settings.bitRate = config.bitRate;
    settings.channels = channelsOf(config);
    settings.complexity = config.effort.value_or(codec == media::AudioCodec::Mp3 ? mp3Effort : otherEffort);
    return settings;
}

media::Channels channelsOf(const OutputConfig& config)
{
    return config.channel.value_or(media::Channels::Mono);
}

bool passesHousePackets(const OutputConfig& config, media::AudioCodec codec)
{
    constexpr int houseBitRate = 64'000; // media/house_file.h
    return codec == media::AudioCodec::Opus && config.gainDb == 0.0 && channelsOf(config) == media::Channels::Mono &&
           config.passThrough.value_or(config.bitRate == houseBitRate);
}

Result<StreamEncoder> StreamEncoder::create(const media::EncoderSettings& settings, FrameCount start)
{
    auto encoder = media::createPacketEncoder(settings);
    if (!encoder)
        return passOn(encoder);
    return StreamEncoder(std::move(*encoder), start);
}

StreamEncoder::StreamEncoder(std::unique_ptr<media::PacketEncoder> encoder, FrameCount start)
    : m_encoder(std::move(encoder)), m_base(start - primingOf(*m_encoder)), m_next(m_base)
{
}

Result<void> StreamEncoder::write(const OutputBlock& block, const Sink& sink)
{
    const FrameCount gap = block.position - m_next;
    if (gap > longestEncodedGap) {
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Luồng bị ngắt quá lâu."), QStringLiteral("The stream was broken for too long.")});
    }
    if (auto done = encodeSilence(gap, sink); !done)
        return done;
    return encode(block.samples, sink);
}

Result<void> StreamEncoder::encodeSilence(FrameCount frames, const Sink& sink)
{
    static constexpr std::array<float, 960> silence{};
    while (frames.value > 0) {
        const FrameCount part = std::min(frames, FrameCount{static_cast<std::int64_t>(silence.size())});
        if (auto done = encode(std::span(silence).first(static_cast<std::size_t>(part.value)), sink); !done)
            return done;
        frames = frames - part;
    }
    return {};
}

Result<void> StreamEncoder::encode(std::span<const float> samples, const Sink& sink)
{
    m_next += FrameCount{static_cast<std::int64_t>(samples.size())};
    return m_encoder->write(samples, [&](const media::EncodedPacket& packet) {
        const FrameCount from = m_base + packet.position;
        const FrameCount to = from + packet.duration;
        return sink({packet.data, from, to, packet.position + packet.duration + m_encoder->delay()});
    });
}

} // namespace loa::playout
