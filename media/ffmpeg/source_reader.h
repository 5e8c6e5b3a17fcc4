// Reads the audio of one local file as it is: the file's own rate and channels, 32-bit float, interleaved, in order.
//
// Safety: opens the `file` protocol alone and a fixed list of audio and video containers; no playlist, no
// concatenation, no reference to another file is followed. Thread: an object belongs to one thread at a time; two
// objects share nothing. Memory: flat, whatever the file's length. Trim: encoder delay and padding that the file states
// (Opus pre-skip, LAME tag, MP4 edit list, iTunSMPB) are cut, so that what is read is what was once encoded, to the
// frame. Failure: open() fails with a reason for people (NotFound, Unsupported, InvalidInput, Storage) and leaves
// nothing. A packet that does not decode is counted and skipped; read() fails only when reading cannot go on (Storage,
// LimitExceeded), and then keeps failing.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace loa::media {

// The weight of a channel in EBU R128 (ITU-R BS.1770): side channels count 1.41 times, the low-frequency one not at
// all.
enum class ChannelRole { Left, Right, Center, LowFrequency, LeftSurround, RightSurround, Unused };

struct SourceInfo {
    QString container; // libav's short name: "wav", "mp3", "ogg", "mov,mp4,m4a,3gp,3g2,mj2" …
    QString codec;     // "mp3", "aac", "opus", "pcm_s16le" …
    int sampleRate = 0;
    int channels = 0;
    QString channelLayout;    // "mono", "stereo", "5.1" …
    std::int64_t bitRate = 0; // bits a second; 0 = not stated
    std::optional<FrameCount>
        declaredFrames;             // length at 48 kHz that the container states or estimates; not to be relied on
    bool declaredExactly = false;   // the container states the length (not an estimate from bit rate and size)
    std::vector<ChannelRole> roles; // one a channel
};

// What went wrong without ending the reading.
struct SourceCounts {
    std::int64_t packets = 0;
    std::int64_t decodeErrors = 0;  // packets that did not decode
    std::int64_t formatChanges = 0; // rate or channels changed in mid-file
    bool readError = false;         // the container broke off with an error
};

// Frames between two changes of format. `samples` is interleaved and valid until the next call on the reader.
struct SourceBlock {
    std::span<const float> samples;
    int channels = 0;
    int sampleRate = 0;
    std::span<const ChannelRole> roles;
    bool empty() const { return samples.empty(); }
    std::size_t frames() const { return channels > 0 ? samples.size() / static_cast<std::size_t>(channels) : 0; }
};

class SourceReader {
public:
    [[nodiscard]] static Result<SourceReader> open(const QString& path);
    // Reads from `descriptor`, which stays the caller's (it is duplicated; its file position is neither used nor
    // moved). `name` helps to recognise the container by its ending and stands in errors.
    [[nodiscard]] static Result<SourceReader> openDescriptor(int descriptor, const QString& name);
    SourceReader(SourceReader&&) noexcept;
    SourceReader& operator=(SourceReader&&) noexcept;
    ~SourceReader();

    const SourceInfo& info() const;
    const SourceCounts& counts() const;

    // The next block, at most some 8,192 frames; an empty one at the end, and again ever after.
    [[nodiscard]] Result<SourceBlock> read();

    struct Impl;

private:
    explicit SourceReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
