// A WAV file (RIFF, 48 kHz) that is valid whenever its writer dies: its header is brought up to date about once
// a second of sound, and names no byte that is not in the file.
//
// Thread: one at a time.
// Units: samples in -1..1; Pcm16 rounds to nearest and clips.
// Failure: Storage with the path; LimitExceeded when the format's 4 GiB are full. What was written stays.
// Source: RIFF/WAVE, Microsoft 1991; format tags 1 (PCM) and 3 (IEEE float).
#pragma once

#include "media/channels.h"
#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <cstddef>
#include <span>
#include <vector>

namespace loa::playout {

enum class WavFormat { Pcm16, Float };

class WavFile {
public:
    // Fails with Conflict when there is a file already and `replace` is false.
    [[nodiscard]] static Result<WavFile> create(const QString& path, WavFormat format, bool replace,
                                                media::Channels channels = media::Channels::Mono);
    WavFile(WavFile&& other) noexcept;
    WavFile& operator=(WavFile&& other) noexcept;
    ~WavFile(); // as close(), errors unheard

    [[nodiscard]] Result<void> write(std::span<const float> mono);
    [[nodiscard]] Result<void> close();

    [[nodiscard]] const QString& path() const { return m_path; }
    [[nodiscard]] FrameCount frames() const { return m_frames; }

private:
    WavFile(int file, QString path, WavFormat format, media::Channels channels)
        : m_file(file), m_path(std::move(path)), m_format(format), m_channels(channels)
    {
    }
    [[nodiscard]] Result<void> writeHeader();
    [[nodiscard]] Result<void> put(std::span<const std::byte> bytes, std::int64_t offset);
    [[nodiscard]] std::int64_t bytesPerSample() const { return m_format == WavFormat::Float ? 4 : 2; }
    [[nodiscard]] std::int64_t bytesPerFrame() const { return bytesPerSample() * media::countOf(m_channels); }

    int m_file = -1; // -1: closed
    QString m_path;
    WavFormat m_format = WavFormat::Pcm16;
    media::Channels m_channels = media::Channels::Mono;
    std::vector<float> m_spread;
    FrameCount m_frames;       // in the file
    FrameCount m_headerFrames; // named by its header
    std::vector<std::byte> m_bytes;
};

} // namespace loa::playout
