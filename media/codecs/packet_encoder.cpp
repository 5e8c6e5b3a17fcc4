#include "media/codecs/packet_encoder.h"

#include "media/codecs/codec_table.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::media {

using namespace detail;

namespace {

class PcmEncoder final : public FramedEncoder {
public:
    PcmEncoder(std::size_t packetFrames, Channels channels, bool bigEndian)
        : FramedEncoder(packetFrames, {}), m_channels(channels), m_bigEndian(bigEndian),
          m_bytes(packetFrames * 2 * static_cast<std::size_t>(countOf(channels)))
    {
    }

private:
    Result<void> encode(std::span<const float> frame, const PacketSink& sink) override
    {
        const auto samples = spread(frame, m_channels, m_spread);
        for (std::size_t index = 0; index < samples.size(); ++index) {
            const auto value =
                static_cast<std::uint16_t>(std::clamp(std::lrint(samples[index] * 32768.0F), -32768L, 32767L));
            const auto high = static_cast<std::byte>(value >> 8);
            const auto low = static_cast<std::byte>(value);
            m_bytes[2 * index] = m_bigEndian ? high : low;
            m_bytes[2 * index + 1] = m_bigEndian ? low : high;
        }
        return give(m_bytes, sink);
    }

    const Channels m_channels;
    const bool m_bigEndian;
    std::vector<float> m_spread;
    std::vector<std::byte> m_bytes;
};

class LibavEncoder final : public PacketEncoder {
public:
    explicit LibavEncoder(Encoder encoder) : m_encoder(std::move(encoder)) {}

    Result<void> write(std::span<const float> mono, const PacketSink& sink) override
    {
        return m_encoder.write(mono, sink);
    }
    FrameCount delay() const override { return m_encoder.delay(); }
    FrameCount packetFrames() const override { return m_encoder.packetFrames(); }

private:
    Encoder m_encoder;
};

MadeEncoder makePcm(const EncoderSettings& settings, bool bigEndian)
{
    return std::make_unique<PcmEncoder>(
        static_cast<std::size_t>(settings.frameDuration.count() * loa::sampleRate / 1000), settings.channels,
        bigEndian);
}

MadeEncoder makeL16Encoder(const EncoderSettings& settings)
{
    return makePcm(settings, true);
}

MadeEncoder makePcm16Encoder(const EncoderSettings& settings)
{
    return makePcm(settings, false);
}

MadeEncoder makeLibavEncoder(const EncoderSettings& settings)
{
    auto encoder = Encoder::create(settings);
    if (!encoder)
        return passOn(encoder);
    return std::make_unique<LibavEncoder>(std::move(*encoder));
}

struct PacketCodec {
    AudioCodec codec;
    MadeEncoder (*make)(const EncoderSettings&);
};

constexpr std::array packetCodecs{
    PacketCodec{AudioCodec::Opus, makeOpusEncoder},   PacketCodec{AudioCodec::Mp3, makeMp3Encoder},
    PacketCodec{AudioCodec::Aac, makeLibavEncoder},   PacketCodec{AudioCodec::L16, makeL16Encoder},
    PacketCodec{AudioCodec::Pcmu, makePcmuEncoder},   PacketCodec{AudioCodec::Pcma, makePcmaEncoder},
    PacketCodec{AudioCodec::Pcm16, makePcm16Encoder},
};

} // namespace

Result<std::unique_ptr<PacketEncoder>> createPacketEncoder(const EncoderSettings& settings)
{
    const auto* found = std::find_if(packetCodecs.begin(), packetCodecs.end(),
                                     [&](const PacketCodec& entry) { return entry.codec == settings.codec; });
    if (found == packetCodecs.end()) {
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Bộ mã hóa này không dùng được cho luồng."),
                                                 QStringLiteral("This codec does not serve for streams.")});
    }
    return found->make(settings);
}

namespace detail {

Result<void> FramedEncoder::write(std::span<const float> mono, const PacketSink& sink)
{
    if (m_failure)
        return tl::unexpected(*m_failure);
    if (!m_held.empty()) {
        const std::size_t taken = std::min(m_packetFrames - m_held.size(), mono.size());
        m_held.insert(m_held.end(), mono.begin(), mono.begin() + static_cast<std::ptrdiff_t>(taken));
        mono = mono.subspan(taken);
        if (m_held.size() < m_packetFrames)
            return {};
        if (auto done = take(m_held, sink); !done)
            return done;
        m_held.clear();
    }
    while (mono.size() >= m_packetFrames) {
        if (auto done = take(mono.first(m_packetFrames), sink); !done)
            return done;
        mono = mono.subspan(m_packetFrames);
    }
    m_held.assign(mono.begin(), mono.end());
    return {};
}

Result<void> FramedEncoder::take(std::span<const float> frame, const PacketSink& sink)
{
    m_clean.resize(frame.size());
    std::transform(frame.begin(), frame.end(), m_clean.begin(),
                   [](float sample) { return std::isnan(sample) ? 0.0F : std::clamp(sample, -1.0F, 1.0F); });
    auto done = encode(m_clean, sink);
    if (!done)
        m_failure = done.error();
    return done;
}

Result<void> FramedEncoder::give(std::span<const std::byte> data, const PacketSink& sink)
{
    const FrameCount position = FrameCount{packetFrames().value * m_given++} - m_delay;
    return sink({data, position, packetFrames(), {}});
}

tl::unexpected<Error> encoderRefuses(const EncoderSettings& settings, const QString& reason)
{
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Bộ mã hóa không nhận thiết lập này (%1 bit/s).").arg(settings.bitRate),
                 QStringLiteral("The encoder does not take these settings (%1 bit/s).").arg(settings.bitRate)},
                reason);
}

tl::unexpected<Error> encoderBroke(const QString& reason)
{
    return fail(ErrorCategory::Internal, {QStringLiteral("Bộ mã hóa báo lỗi."), QStringLiteral("The encoder failed.")},
                reason);
}

} // namespace detail

} // namespace loa::media
