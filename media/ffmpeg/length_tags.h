// What a container says of its own length, gathered from the places where libavformat does not cut by itself. Internal
// to media/ffmpeg/. Sources: iTunSMPB (Apple's gapless tag), ISO 14496-12 edit lists as libavformat leaves them in the
// stream's duration, the Xing/Info header of MP3 (libavformat drops its count when the file is shorter than it says).
#pragma once

#include "media/ffmpeg/byte_source.h"
#include "media/ffmpeg/internal.h"

#include <cstdint>
#include <optional>

namespace loa::media::detail {

struct LengthTags {
    std::optional<std::int64_t> declared; // frames at the stream's rate
    bool exact = false;                   // stated, not estimated from bit rate and size
    std::optional<std::int64_t> trimTo;   // frames after which only encoder padding follows
};

[[nodiscard]] LengthTags readLengthTags(const AVFormatContext& container, AVStream& stream, const ByteSource& file);

} // namespace loa::media::detail
