// How loud a station may be, by the hours of its day: configuration as a function of frames.
//
// Pure values; any thread. Times are local, minutes from midnight; gains in dB, 0: as approved.
// Rule: the volume at an instant is the station's own, plus that of the first span that holds it, and never more than
// the cap of a cap span that holds it (the quiet of the night goes before everything, alerts included). It glides over
// `volumeGlide` at a change. The file's own loudness is not touched otherwise.
#pragma once

#include "playout/timeline/timeline.h"

#include <QByteArray>

namespace loa::playout {

// [from, until); past midnight when `until` is not after `from`.
struct VolumeSpan {
    std::chrono::minutes from{0};
    std::chrono::minutes until{0};
    double gainDb = 0.0;

    bool operator==(const VolumeSpan&) const = default;
};

struct VolumePlan {
    double gainDb = 0.0;           // -60 … +12
    std::vector<VolumeSpan> hours; // added; the first that holds
    std::vector<VolumeSpan> caps;  // at most that much, all that hold

    [[nodiscard]] double gainAt(std::chrono::minutes localTime) const;
    bool operator==(const VolumePlan&) const = default;
};

// What holds from `startsAt` for `frames`: one level at frame 0 and one at each change. `zone`: IANA; one that is not
// known counts as UTC.
[[nodiscard]] std::vector<VolumeLevel> volumeLevels(const VolumePlan& plan, const QByteArray& zone, UtcTime startsAt,
                                                    FrameCount frames);

// `before` up to frame `until`, `after` from there on; `after` alone when `until` is not after frame 0. Both as
// volumeLevels() gives them.
[[nodiscard]] std::vector<VolumeLevel> levelsUntil(std::vector<VolumeLevel> before, FrameCount until,
                                                   const std::vector<VolumeLevel>& after);

} // namespace loa::playout
