// The exact length of a track in an MP4 file. libavformat keeps the edit list's length, which is rounded to the film's
// clock (often a millisecond), and drops the track's own, which is exact to the sample. Internal to media/ffmpeg/.
// Source: ISO 14496-12, 8.4.2 (mdhd), 8.6.6 (elst), 8.2.2 (mvhd), 8.3.2 (tkhd). Reads a few hundred bytes; trusts none
// of them.
#pragma once

#include "media/ffmpeg/byte_source.h"

#include <cstdint>
#include <optional>

namespace loa::media::detail {

struct Mp4TrackLength {
    std::int64_t ticks = 0;     // length after the edit list, in ticks of the track's clock
    std::int64_t timescale = 0; // ticks a second, > 0
};

// Nothing when the file holds no such track, no length, or several edits.
[[nodiscard]] std::optional<Mp4TrackLength> mp4TrackLength(const ByteSource& file, std::int64_t trackId);

} // namespace loa::media::detail
