// The house file (Ogg Opus, mono, 48 kHz) as float samples, to the exact frame, with libopusfile: playing house files
// does not load FFmpeg. Any other sound file is read through media/ffmpeg/decoder.h.
//
// Thread: one at a time. read() does the disk access and the decoding. Memory: flat.
// Failure: NotFound, Storage, Unsupported, InvalidInput as Decoder; after a failed read() the reader stays failed.
#pragma once

#include "media/ffmpeg/decoder.h"

#include <memory>

namespace loa::media {

class HouseReader {
public:
    [[nodiscard]] static Result<HouseReader> open(const QString& path);
    HouseReader(HouseReader&&) noexcept;
    HouseReader& operator=(HouseReader&&) noexcept;
    ~HouseReader();

    // The next frames, valid until the next call; empty at the end, and again ever after.
    [[nodiscard]] Result<std::span<const float>> read();
    // Goes on `count` frames further; returns how many that were (fewer only at the end).
    [[nodiscard]] Result<FrameCount> skip(FrameCount count);

private:
    struct Impl;
    explicit HouseReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
