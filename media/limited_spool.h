// The spooled mix after gain and limiter, any stretch of it.
//
// Thread: a function of its arguments; several may run at once on one spool. Memory: flat. A stretch that does not
// begin at the start is warmed up with the second before it, so stretches side by side fit together.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <functional>
#include <span>

namespace loa::media {

struct Levels {
    double gainDb = 0.0;
    double ceilingDb = 0.0; // true peak after the gain
};

struct Spool {
    int descriptor = -1;
    FrameCount frames; // in all
};

// How much of what went through the limiter was lowered.
struct LimiterUse {
    std::int64_t limited = 0;
    std::int64_t frames = 0;
};

using SampleSink = std::function<Result<void>(std::span<const float>)>;

// Hands frames [from, to) to `sink`, in order.
[[nodiscard]] Result<LimiterUse> playLimited(const Spool& spool, FrameCount from, FrameCount to, const Levels& levels,
                                             const SampleSink& sink);

} // namespace loa::media
