// Encodes mono 48 kHz float into packets, of two channels where asked, with FFmpeg (for files; streams:
// media/codecs/packet_encoder.h).
//
// Thread: one thread at a time. write() encodes at once, on the caller's thread, and hands each finished packet to the
// sink before it returns; the sink must not call the encoder. Blocks of any length may be written; the encoder cuts
// frames itself (Opus: frameDuration; MP3: 1152 frames; PCM: frameDuration) and keeps at most one frame back. Samples
// beyond -1..1 are clipped by PCM codecs and MP3; NaN becomes silence. Failure: a failed write() or a failing sink
// leaves the encoder failed; every later call returns the same error.
#pragma once

#include "media/channels.h"
#include "media/error.h"
#include "media/frames.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace loa::media {

enum class AudioCodec {
    Opus,     // libopus
    Mp3,      // libmp3lame
    Aac,      // AAC-LC, FFmpeg's own
    L16,      // 16-bit PCM, big endian, as RTP wants it (RFC 3551)
    Pcm16,    // 16-bit PCM, little endian, as WAV wants it
    PcmFloat, // 32-bit float, little endian
    Flac,     // 16 bit, lossless
    Pcmu,     // G.711 µ-law at 8 kHz: media/codecs/ alone
    Pcma,     // G.711 A-law at 8 kHz: media/codecs/ alone
};

// Constrained varies with the sound but keeps the rate over a second or so; Variable may double it on tonal sound.
enum class BitRateMode { Constant, Constrained, Variable };

struct EncoderSettings {
    AudioCodec codec = AudioCodec::Opus;
    int bitRate = 64000; // bits a second; PCM ignores it
    // Opus: 10, 20, 40 or 60; L16 and PCM: any; MP3 through media/codecs/: MPEG frames of 24 ms, as many as fit it, in
    // one packet, one at least; others ignore it.
    std::chrono::milliseconds frameDuration{20};
    bool lowDelay = false;                              // Opus: restricted low delay instead of best quality
    int complexity = 10;                                // Opus: 0 fastest … 10 best
    BitRateMode bitRateMode = BitRateMode::Constrained; // Opus
    Channels channels = Channels::Mono;                 // of the packets; G.711 has one
    bool standAlone = false;                            // MP3 packets: none has bytes in an earlier one
    // Opus through FFmpeg: silence is encoded first, so that every packet holds whole packet lengths of what was
    // written, counted from the first frame; delay() is then a whole packet.
    bool alignPackets = false;

    bool operator==(const EncoderSettings&) const = default;
};

// Valid only inside the sink's call.
struct EncodedPacket {
    std::span<const std::byte> data;
    FrameCount position; // of its first frame, counted from the first frame ever written, minus the codec's delay (so <
                         // 0 at first)
    FrameCount duration; // frames that it decodes to, before any padding is cut
    FrameCount padding;  // frames at its end that were never written (only in the last packets after finish())
};

using PacketSink = std::function<Result<void>(const EncodedPacket&)>;

class Encoder {
public:
    [[nodiscard]] static Result<Encoder> create(const EncoderSettings& settings);
    Encoder(Encoder&&) noexcept;
    Encoder& operator=(Encoder&&) noexcept;
    ~Encoder();

    [[nodiscard]] Result<void> write(std::span<const float> mono, const PacketSink& sink);
    // Pads the last frame, drains the codec. Nothing may be written after.
    [[nodiscard]] Result<void> finish(const PacketSink& sink);

    FrameCount delay() const;        // frames that a decoder gives before the first frame written (Opus pre-skip)
    FrameCount written() const;      // frames accepted by write()
    FrameCount packetFrames() const; // frames a packet covers

    struct Impl;

private:
    explicit Encoder(std::unique_ptr<Impl> impl);
    friend class AudioWriter;
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
