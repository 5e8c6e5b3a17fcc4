// An encoder that knows where its packets lie on the stream clock.
//
// Thread: one at a time.
// Units: stream positions. Packets begin at start + k * packet length for whole k (the codec's delay is made up for
// by feeding silence first), so that a frame sounds where its packet says.
// Failure: as media::PacketEncoder; a break of over five seconds is Unavailable. Shorter ones are filled with silence.
#pragma once

#include "media/codecs/packet_encoder.h"
#include "playout/output/output.h"

namespace loa::playout {

struct StreamPacket {
    std::span<const std::byte> data; // valid inside the sink's call
    FrameCount from;                 // before start at first
    FrameCount to;
    FrameCount
        sinceFirst; // frames that a decoder has given, counted from its very first, when it has decoded this packet
};

// How the output is encoded. The effort that is taken where configuration names none is what a loudspeaker at 64 kb/s
// can still tell from more; LAME's noise shaping above it costs more than all else that a station does.
[[nodiscard]] media::EncoderSettings encoderSettingsOf(const OutputConfig& config, media::AudioCodec codec);

// Of what is not a sound card.
[[nodiscard]] media::Channels channelsOf(const OutputConfig& config);

// Whether the output of that codec may be given house packets.
[[nodiscard]] bool passesHousePackets(const OutputConfig& config, media::AudioCodec codec);

class StreamEncoder {
public:
    using Sink = std::function<Result<void>(const StreamPacket&)>;

    // `start`: position of the first block.
    [[nodiscard]] static Result<StreamEncoder> create(const media::EncoderSettings& settings, FrameCount start);

    [[nodiscard]] Result<void> write(const OutputBlock& block, const Sink& sink);

    [[nodiscard]] FrameCount delay() const { return m_encoder->delay(); }
    [[nodiscard]] FrameCount packetFrames() const { return m_encoder->packetFrames(); }
    [[nodiscard]] FrameCount next() const { return m_next; }

private:
    StreamEncoder(std::unique_ptr<media::PacketEncoder> encoder, FrameCount start);
    [[nodiscard]] Result<void> encode(std::span<const float> samples, const Sink& sink);
    [[nodiscard]] Result<void> encodeSilence(FrameCount frames, const Sink& sink);

    std::unique_ptr<media::PacketEncoder> m_encoder;
    FrameCount m_base; // stream position of the first frame written
    FrameCount m_next; // stream position of the next frame to write
};

} // namespace loa::playout
