// Encodes the limited spool to Ogg Opus on all processors at once.
//
// The sound is cut into segments of about a minute, each at the quietest packet near its nominal end; every segment is
// encoded by an encoder of its own that starts a second early, so that its state has settled when its first packet
// counts, and the packets are put together in one stream. The cuts hang on the sound alone, so the bytes are the same
// on any number of processors. Thread: called on one, runs others and joins them. Memory: the packets of a few
// segments. Failure: as the sink's or the spool's; what has reached the sink is then of no use.
#pragma once

#include "media/ffmpeg/audio_writer.h"
#include "media/limited_spool.h"

#include <vector>

namespace loa::media {

inline constexpr int waveformPoints = 1000;

struct EncodedSpool {
    LimiterUse use;
    std::vector<float> peaks; // largest magnitude in each of waveformPoints equal parts
};

[[nodiscard]] Result<EncodedSpool> encodeSpool(const Spool& spool, const Levels& levels, const WriterSettings& settings,
                                               const ByteSink& sink);

// The segments' ends, the last one at spool.frames; for tests.
[[nodiscard]] Result<std::vector<FrameCount>> segmentEnds(const Spool& spool, FrameCount packet);

} // namespace loa::media
