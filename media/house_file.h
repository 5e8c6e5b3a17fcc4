// Makes the house file: Ogg Opus, mono, 48 kHz, at a fixed loudness and below a fixed true peak.
//
// Thread: called on one thread; may run others and joins them. Memory: flat. Input: the spooled mono mix of analysis.h.
// Levels: gain and limiter are tuned until the limited signal meets targetLufs to 0.05 LU; then it is encoded, the
// result is decoded again and measured, and where coding noise has lifted the true peak above maxTruePeakDbtp the
// limiter's ceiling is lowered and the encoding repeated. What is returned was measured on the file as it stands.
// Failure: Storage when the disk fails or fills up, Internal when a decoded result has not exactly `frames` frames or
// keeps exceeding the peak; the target is then of no use.
#pragma once

#include "media/error.h"
#include "media/figure_meter.h"
#include "media/frames.h"
#include "media/warning.h"

#include <vector>

namespace loa::media {

struct HouseSettings {
    double targetLufs = -16.0;
    double maxTruePeakDbtp = -1.5;
    int bitRate = 64000;
    int complexity = 10; // of the Opus encoder, 0 … 10
};

struct HouseFile {
    AudioFigures figures; // measured on the decoded file
    FrameCount frames;    // equal to the source's
    double gainDb = 0.0;
    double limitedShare = 0.0; // of the frames, 0 … 1, whose level the limiter lowered
    std::vector<float> peaks;  // largest magnitude in each of waveformPoints equal parts
    int encodings = 0;         // 1 + repetitions
    Warnings warnings;
};

inline constexpr int waveformPoints = 1000;

// `spool` holds `frames` frames of the mix, of loudness mixLufs and largest sample mixPeak; `target` is an empty file,
// open for reading and writing. Neither is closed.
[[nodiscard]] Result<HouseFile> makeHouseFile(int spool, FrameCount frames, double mixLufs, double mixPeak, int target,
                                              const HouseSettings& settings);

} // namespace loa::media
