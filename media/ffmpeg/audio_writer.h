// Encodes mono 48 kHz float into a container, to a file or to a function that takes bytes (a socket, a hash, a test).
//
// Thread: one thread at a time; the byte sink is called on the caller's thread from inside open, write() and finish().
// Containers: Opus -> Ogg, MP3 -> bare MP3 frames, Pcm16 and PcmFloat -> WAV (files only: its header is completed at
// the end; beyond 4 GB it becomes RF64), L16 -> none (use Encoder).
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
    bool streaming = false;                        // one packet a page, passed on at once; an MP3 without header frame
    bool repeatable = true;                        // same input, same bytes (fixed stream serial, no software name)
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
    [[nodiscard]] Result<void> finish();

    FrameCount written() const;
    FrameCount delay() const; // as Encoder::delay()

    // "audio/ogg", "audio/mpeg", "audio/wav": what an HTTP or Icecast header says of `codec`.
    [[nodiscard]] static QString mimeType(AudioCodec codec);

    struct Impl;

private:
    explicit AudioWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
