// What the encoders of this folder share. Internal to media/codecs/.
#pragma once

#include "media/codecs/packet_encoder.h"

namespace loa::media::detail {

using MadeEncoder = Result<std::unique_ptr<PacketEncoder>>;

MadeEncoder makeOpusEncoder(const EncoderSettings& settings);
MadeEncoder makeMp3Encoder(const EncoderSettings& settings);
MadeEncoder makePcmuEncoder(const EncoderSettings& settings);
MadeEncoder makePcmaEncoder(const EncoderSettings& settings);

// Cuts what is written into frames of one length.
class FramedEncoder : public PacketEncoder {
public:
    [[nodiscard]] Result<void> write(std::span<const float> mono, const PacketSink& sink) final;
    [[nodiscard]] FrameCount delay() const final { return m_delay; }
    [[nodiscard]] FrameCount packetFrames() const final
    {
        return FrameCount{static_cast<std::int64_t>(m_packetFrames)};
    }

protected:
    FramedEncoder(std::size_t packetFrames, FrameCount delay) : m_packetFrames(packetFrames), m_delay(delay) {}
    // `frame` has packetFrames() finite samples in -1..1.
    [[nodiscard]] virtual Result<void> encode(std::span<const float> frame, const PacketSink& sink) = 0;
    // The next packet in order.
    [[nodiscard]] Result<void> give(std::span<const std::byte> data, const PacketSink& sink);

private:
    [[nodiscard]] Result<void> take(std::span<const float> frame, const PacketSink& sink);

    const std::size_t m_packetFrames;
    const FrameCount m_delay;
    std::vector<float> m_held; // fewer than m_packetFrames
    std::vector<float> m_clean;
    std::int64_t m_given = 0;
    std::optional<Error> m_failure;
};

// An encoder does not take the settings, or breaks down: `reason` is the library's own word.
[[nodiscard]] tl::unexpected<Error> encoderRefuses(const EncoderSettings& settings, const QString& reason);
[[nodiscard]] tl::unexpected<Error> encoderBroke(const QString& reason);

} // namespace loa::media::detail
