// The one decode pass: measures a source as it is, and spools its mono 48 kHz mix for the house file.
//
// Thread: called on one thread; runs two lanes beside it (loudness; fingerprint) and joins them before it returns.
// Memory: flat, but for the meters' few bytes a second. Units: figures of `source` are at the source's own rate and
// channels; `frames` counts 48 kHz frames, exact. Failure: refusals carry a reason for people (InvalidInput,
// Unsupported, LimitExceeded), disk trouble is Storage; the spool is then of no use.
#pragma once

#include "media/error.h"
#include "media/ffmpeg/source_reader.h"
#include "media/figure_meter.h"
#include "media/frames.h"
#include "media/warning.h"

#include <chrono>

namespace loa::media {

struct SourceLimits {
    std::int64_t maxBytes = 4LL << 30;
    std::chrono::seconds maxLength{4 * 3600};
    std::chrono::milliseconds minLength{1000};
};

struct Analysis {
    SourceInfo info;
    SourceCounts counts;
    AudioFigures source;
    FrameCount frames;    // of the spooled mix
    double mixLufs = 0.0; // integrated loudness of the mono mix
    double mixPeak = 0.0; // its largest sample, linear
    QString fingerprint;
    Warnings warnings;
};

// `source` must be readable, `spool` writable and empty. Neither is closed.
[[nodiscard]] Result<Analysis> analyse(int source, const QString& name, int spool, const SourceLimits& limits);

} // namespace loa::media
