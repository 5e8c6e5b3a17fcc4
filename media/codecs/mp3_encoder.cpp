// libmp3lame gives bytes when it likes; they are cut into MPEG frames here, by their headers, one or a few a packet.
#include "media/codecs/codec_table.h"

#include <lame/lame.h>

#include <algorithm>
#include <array>

namespace loa::media::detail {

namespace {

constexpr std::size_t mp3Frames = 1152;
constexpr std::int64_t decoderDelay = 528 + 1; // of every MP3 decoder
constexpr std::size_t mp3HeaderBytes = 4;

struct LameCloser {
    void operator()(lame_global_flags* encoder) const { lame_close(encoder); }
};
using LamePtr = std::unique_ptr<lame_global_flags, LameCloser>;

// Bytes of the MPEG-1 layer III frame that begins with `header` (ISO 11172-3, 2.4.2.3); 0: no such frame.
std::size_t mp3FrameBytes(std::span<const std::byte> header)
{
    static constexpr std::array<int, 16> kilobits{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
    if (header[0] != std::byte{0xFF} || (header[1] & std::byte{0xFE}) != std::byte{0xFA})
        return 0;
    const auto third = std::to_integer<unsigned>(header[2]);
    if ((third & 0x0CU) != 0x04U) // 48 kHz
        return 0;
    return static_cast<std::size_t>(144 * kilobits[third >> 4U] * 1000) / loa::sampleRate + ((third >> 1U) & 1U);
}

// One channel that is silent has nothing in common with the other.
MPEG_mode modeOf(Channels channels)
{
    if (channels == Channels::Mono)
        return MONO;
    return channels == Channels::Stereo ? JOINT_STEREO : STEREO;
}

class Mp3Packets final : public FramedEncoder {
public:
    Mp3Packets(LamePtr encoder, Channels channels, std::size_t framesAPacket, FrameCount delay)
        : FramedEncoder(framesAPacket * mp3Frames, delay), m_encoder(std::move(encoder)), m_channels(channels),
          m_silence(framesAPacket * mp3Frames), m_framesAPacket(framesAPacket),
          m_chunk(framesAPacket * mp3Frames * 5 / 4 + 7200) // the worst case, lame.h
    {
    }

private:
    Result<void> encode(std::span<const float> frame, const PacketSink& sink) override
    {
        const float* const left = soundsIn(m_channels, 0) ? frame.data() : m_silence.data();
        const float* const right = soundsIn(m_channels, 1) ? frame.data() : m_silence.data();
        const int size = lame_encode_buffer_ieee_float(m_encoder.get(), left, right, static_cast<int>(frame.size()),
                                                       m_chunk.data(), static_cast<int>(m_chunk.size()));
        if (size < 0)
            return encoderBroke(QStringLiteral("lame_encode_buffer_ieee_float: %1").arg(size));
        const auto chunk = std::as_bytes(std::span(m_chunk).first(static_cast<std::size_t>(size)));
        m_bytes.insert(m_bytes.end(), chunk.begin(), chunk.end());
        while (m_bytes.size() >= m_whole + mp3HeaderBytes) {
            const std::size_t length = mp3FrameBytes(std::span(m_bytes).subspan(m_whole));
            if (length == 0)
                return encoderBroke(QStringLiteral("MPEG"));
            if (m_bytes.size() < m_whole + length)
                break;
            m_whole += length;
            if (++m_wholeFrames < m_framesAPacket)
                continue;
            if (auto done = give(std::span(m_bytes).first(m_whole), sink); !done)
                return done;
            m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_whole));
            m_whole = 0;
            m_wholeFrames = 0;
        }
        return {};
    }

    const LamePtr m_encoder;
    const Channels m_channels;
    const std::vector<float> m_silence;
    const std::size_t m_framesAPacket;
    std::vector<unsigned char> m_chunk;
    std::vector<std::byte> m_bytes; // not given yet
    std::size_t m_whole = 0;        // of them: MPEG frames that are whole, in bytes
    std::size_t m_wholeFrames = 0;
};

} // namespace

MadeEncoder makeMp3Encoder(const EncoderSettings& settings)
{
    LamePtr encoder(lame_init());
    if (!encoder)
        return encoderRefuses(settings, QStringLiteral("lame_init"));
    lame_set_in_samplerate(encoder.get(), static_cast<int>(loa::sampleRate));
    lame_set_out_samplerate(encoder.get(), static_cast<int>(loa::sampleRate));
    lame_set_num_channels(encoder.get(), countOf(settings.channels));
    lame_set_mode(encoder.get(), modeOf(settings.channels));
    lame_set_brate(encoder.get(), settings.bitRate / 1000);
    lame_set_bWriteVbrTag(encoder.get(), 0);
    lame_set_disable_reservoir(encoder.get(), settings.standAlone ? 1 : 0);
    // From 3, which is LAME's own choice, to 9, its fastest.
    lame_set_quality(encoder.get(), 3 + (10 - settings.complexity) * 6 / 10);
    if (const int code = lame_init_params(encoder.get()); code < 0)
        return encoderRefuses(settings, QStringLiteral("lame_init_params: %1").arg(code));
    const FrameCount delay{lame_get_encoder_delay(encoder.get()) + decoderDelay};
    const auto wished = static_cast<std::size_t>(settings.frameDuration.count() * loa::sampleRate / 1000);
    return std::make_unique<Mp3Packets>(std::move(encoder), settings.channels,
                                        std::max<std::size_t>(wished / mp3Frames, 1), delay);
}

} // namespace loa::media::detail
