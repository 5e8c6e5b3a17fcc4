#include "media/codecs/codec_table.h"

#include <opus.h>

#include <array>

namespace loa::media::detail {

namespace {

struct OpusCloser {
    void operator()(::OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};
using OpusPtr = std::unique_ptr<::OpusEncoder, OpusCloser>;

class OpusPackets final : public FramedEncoder {
public:
    OpusPackets(OpusPtr encoder, Channels channels, std::size_t packetFrames, FrameCount delay)
        : FramedEncoder(packetFrames, delay), m_encoder(std::move(encoder)), m_channels(channels)
    {
    }

private:
    Result<void> encode(std::span<const float> frame, const PacketSink& sink) override
    {
        const opus_int32 size = opus_encode_float(m_encoder.get(), spread(frame, m_channels, m_spread).data(),
                                                  static_cast<int>(frame.size()), m_packet.data(),
                                                  static_cast<opus_int32>(m_packet.size()));
        if (size < 0)
            return encoderBroke(QString::fromUtf8(opus_strerror(size)));
        return give(std::as_bytes(std::span(m_packet).first(static_cast<std::size_t>(size))), sink);
    }

    OpusPtr m_encoder;
    const Channels m_channels;
    std::vector<float> m_spread;
    std::array<unsigned char, 4000> m_packet{}; // as opus_encoder.h advises
};

} // namespace

MadeEncoder makeOpusEncoder(const EncoderSettings& settings)
{
    int code = OPUS_OK;
    OpusPtr encoder(
        opus_encoder_create(static_cast<opus_int32>(loa::sampleRate), countOf(settings.channels),
                            settings.lowDelay ? OPUS_APPLICATION_RESTRICTED_LOWDELAY : OPUS_APPLICATION_AUDIO, &code));
    if (!encoder)
        return encoderRefuses(settings, QString::fromUtf8(opus_strerror(code)));
    const auto set = [&](auto... request) {
        if (code == OPUS_OK)
            code = opus_encoder_ctl(encoder.get(), request...);
    };
    opus_int32 lookahead = 0;
    set(OPUS_SET_BITRATE(settings.bitRate));
    set(OPUS_SET_COMPLEXITY(settings.complexity));
    set(OPUS_SET_VBR(settings.bitRateMode == BitRateMode::Constant ? 0 : 1));
    set(OPUS_SET_VBR_CONSTRAINT(settings.bitRateMode == BitRateMode::Constrained ? 1 : 0));
    if (settings.channels == Channels::Left || settings.channels == Channels::Right)
        set(OPUS_SET_FORCE_CHANNELS(2)); // at low rates it would make one channel of both
    set(OPUS_GET_LOOKAHEAD(&lookahead));
    if (code != OPUS_OK)
        return encoderRefuses(settings, QString::fromUtf8(opus_strerror(code)));
    const auto frames = static_cast<std::size_t>(settings.frameDuration.count() * loa::sampleRate / 1000);
    return std::make_unique<OpusPackets>(std::move(encoder), settings.channels, frames, FrameCount{lookahead});
}

} // namespace loa::media::detail
