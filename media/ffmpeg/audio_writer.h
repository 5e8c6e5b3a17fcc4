// Encodes mono 48 kHz float into a container, to a file or to a function that takes bytes (a socket, a hash, a test).
//
// Thread: one thread at a time; the byte sink is called on the caller's thread from inside open, write() and finish().
// Containers: Opus -> Ogg, MP3 -> bare MP3 frames, Pcm16 and PcmFloat -> WAV (files only: its header is completed at
// the end; beyond 4 GB it becomes RF64), FLAC -> FLAC (to a sink: without length and checksum in its header), L16 ->
// none (use Encoder). With `fragments`, to a sink: AAC and Opus -> fragmented MP4, as HLS and DASH want it.
// Delay in streaming mode: a packet's bytes reach the sink within the write() that completes the packet after it (Ogg
// writes a page when the next begins; a page holds one packet), so at most two packets late. Header pages come from
// open itself. Exact: decoding what finish() completed gives exactly the frames written (Opus, WAV; an MP3 file too, by
// its LAME tag; an MP3 stream has no such tag). Failure: the sink's error is handed on unchanged; disk errors are
// Storage. The writer then stays failed, and every later call returns the same error. A file of a failed or unfinished
// writer is left as it is: the caller removes it.
#pragma once

#include "media/ffmpeg/encoder.h"

#include <QString>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace loa::media {

// Takes all bytes or fails. Called in stream order; the bytes are valid inside the call.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

struct WriterSettings {
    EncoderSettings encoder;
    bool streaming = false; // each packet passed on at once (Ogg: one a page); an MP3 without header frame
    bool fragments = false; // fragmented MP4: see endFragment()
    bool repeatable = true; // same input, same bytes (fixed stream serial, no software name)
    std::vector<std::pair<QString, QString>> tags; // "title", "artist" …
};

class AudioWriter {
public:
    // Creates or truncates `path`.
    [[nodiscard]] static Result<AudioWriter> toFile(const QString& path, const WriterSettings& settings);
    [[nodiscard]] static Result<AudioWriter> toSink(ByteSink sink, const WriterSettings& settings);
    AudioWriter(AudioWriter&&) noexcept;
    AudioWriter& operator=(AudioWriter&&) noexcept;
    ~AudioWriter(); // without finish(): the stream just ends

    [[nodiscard]] Result<void> write(std::span<const float> mono);
    // Instead of write(), all along: a packet that an Encoder of the same settings has made. In order, without a gap,
    // the first at position -delay().
    [[nodiscard]] Result<void> writePacket(const EncodedPacket& packet);
    // Of fragmented MP4: the packets since the last call reach the sink as one fragment (moof, mdat) before this
    // returns. What the sink gets before the first fragment is the initialisation segment (ftyp, moov).
    [[nodiscard]] Result<void> endFragment();
    [[nodiscard]] Result<void> finish();

    FrameCount written() const;
    FrameCount encoded() const; // of those: not held back for a whole packet any more
    FrameCount delay() const;   // as Encoder::delay()

    // "audio/ogg", "audio/mpeg", "audio/wav": what an HTTP or Icecast header says of `codec`.
    [[nodiscard]] static QString mimeType(AudioCodec codec);

    struct Impl;

private:
    explicit AudioWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
