// Encodes mono 48 kHz float into packets for streams, of two channels where asked, with the codecs' own libraries: an
// agent that streams MP3 or Opus does not load FFmpeg for it (AAC does).
//
// Thread: one at a time. write() encodes at once and hands each finished packet to the sink before it returns; the
// sink must not call the encoder.
// Units: blocks of any length come in; packets of packetFrames() go out, at most one packet's frames are held back.
// Samples beyond -1..1 are clipped; NaN becomes silence. EncodedPacket::position counts frames from the first written,
// minus delay().
// Failure: Unsupported (codec), InvalidInput (bit rate) from create; a failed write() leaves the encoder failed.
#pragma once

#include "media/ffmpeg/encoder.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::media {

class PacketEncoder {
public:
    virtual ~PacketEncoder() = default;
    [[nodiscard]] virtual Result<void> write(std::span<const float> mono, const PacketSink& sink) = 0;
    [[nodiscard]] virtual FrameCount delay() const = 0;
    [[nodiscard]] virtual FrameCount packetFrames() const = 0;
};

[[nodiscard]] Result<std::unique_ptr<PacketEncoder>> createPacketEncoder(const EncoderSettings& settings);

} // namespace loa::media
