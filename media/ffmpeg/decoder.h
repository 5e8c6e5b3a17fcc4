// A local audio file as mono float at 48 kHz, in order, to the exact frame.
//
// Thread: one thread at a time; two decoders share nothing. Reads ahead nothing: read() does the disk access and the
// decoding, so call it on a thread that may block, never in a render path. Memory: flat. Exact: the frames given, from
// first to last, are those once encoded (delay and padding trimmed, see source_reader.h); position() is the index of
// the first frame of the next block, 0 at the start. Failure: as SourceReader. After a failed read() the decoder stays
// failed and says the same again.
#pragma once

#include "media/ffmpeg/mono_resampler.h"
#include "media/ffmpeg/source_reader.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace loa::media {

class Decoder {
public:
    [[nodiscard]] static Result<Decoder> open(const QString& path);
    // As SourceReader::openDescriptor().
    [[nodiscard]] static Result<Decoder> openDescriptor(int descriptor, const QString& name);

    // Called inside read() with each block of the source as it is, before the mix; its error becomes read()'s.
    using Tap = std::function<Result<void>(const SourceBlock&)>;
    void setTap(Tap tap) { m_tap = std::move(tap); }

    const SourceInfo& info() const { return m_reader.info(); }
    const SourceCounts& counts() const { return m_reader.counts(); }
    FrameCount position() const { return m_position; }

    // The next frames, valid until the next call; empty at the end, and again ever after.
    [[nodiscard]] Result<std::span<const float>> read();

    // Decodes and drops up to `count` frames; returns how many were dropped (fewer only at the end). The next read()
    // goes on from there, to the frame.
    [[nodiscard]] Result<FrameCount> skip(FrameCount count);

private:
    explicit Decoder(SourceReader reader);
    [[nodiscard]] Result<void> fill();

    SourceReader m_reader;
    std::optional<MonoResampler> m_resampler; // absent while the source is mono at 48 kHz already
    int m_rate = 0;
    int m_channels = 0;
    std::vector<float> m_mono;
    std::span<const float> m_pending; // decoded, not yet given out
    FrameCount m_position;
    bool m_ended = false;
    Tap m_tap;
    std::optional<Error> m_failure;
};

} // namespace loa::media
