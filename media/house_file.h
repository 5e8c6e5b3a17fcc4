// Makes the house file: Ogg Opus, mono, 48 kHz, at a fixed loudness and below a fixed true peak.
//
// Form: 20 ms a packet, and each packet holds whole `housePacket` frames of the recording, counted from its first one;
// the end is filled with silence up to a whole packet, 20 ms at most. So recordings laid end to end keep their packets
// on one grid, and a stream of the same codec can be given the packets themselves.
// Thread: called on one thread; may run others and joins them. Memory: flat. Input: the spooled mono mix of analysis.h.
// Levels: the gain is tuned through limiter and codec, on two minutes of excerpts from a long recording, on all of a
// short one; the result is decoded again and measured, and encoded anew when its loudness is off by more than 0.1 LU or
// its true peak above maxTruePeakDbtp. What is returned was measured on the file as it stands. Gain is added for what
// the limiter takes, up to 6 dB; beyond that the loudness stays below the target, with a warning. Failure: Storage when
// the disk fails or fills up, Internal when a decoded result has not exactly the mix's frames, filled up, or keeps
// exceeding the peak; the target is then of no use.
#pragma once

#include "media/error.h"
#include "media/figure_meter.h"
#include "media/frames.h"
#include "media/segment_encoder.h"
#include "media/warning.h"

#include <vector>

namespace loa::media {

inline constexpr FrameCount housePacket{960};

struct HouseSettings {
    double targetLufs = -16.0;
    double maxTruePeakDbtp = -1.5;
    int bitRate = 64000;
    int complexity = 10; // of the Opus encoder, 0 … 10
};

struct HouseFile {
    AudioFigures figures; // measured on the decoded file
    FrameCount frames;    // the source's, filled up to whole packets
    double gainDb = 0.0;
    double limitedShare = 0.0; // of the frames, 0 … 1, whose level the limiter lowered
    std::vector<float> peaks;  // largest magnitude in each of waveformPoints equal parts
    int encodings = 0;         // 1 + repetitions
    Warnings warnings;
};

// `spool`, open for writing as well, holds `frames` frames of the mix, of loudness mixLufs and largest sample mixPeak;
// `target` is an empty file, open for reading and writing. Neither is closed.
[[nodiscard]] Result<HouseFile> makeHouseFile(int spool, FrameCount frames, double mixLufs, double mixPeak, int target,
                                              const HouseSettings& settings);

} // namespace loa::media
