// What a station means to sound alone, where on the stream, from now on: what its proof is measured for.
//
// Pure; any thread. Units: stream frames. Stations whose courses are alike, whatever their airings are called, can be
// measured once.
#pragma once

#include "playout/timeline/timeline.h"

#include <optional>
#include <vector>

namespace loa::playout {

// Where exactly one airing sounds, in order.
struct SoleSpan {
    FrameCount from; // of the session
    FrameCount to;
    AiringId airing;
    FrameCount origin; // where the item's first frame lies
    Sha256 sha256;

    bool operator==(const SoleSpan&) const = default;
};
[[nodiscard]] std::vector<SoleSpan> soleSpans(const SessionTimeline& timeline);

// The same on the stream, its airing by a number.
struct CourseSpan {
    FrameCount from;
    FrameCount to;
    FrameCount origin;
    FrameCount base; // of its session
    Sha256 sha256;
    std::size_t airing = 0;

    bool operator==(const CourseSpan&) const = default;
};
using AiringNames = std::vector<AiringId>; // by number; an empty one is not known

struct Course {
    std::vector<CourseSpan> spans; // in order
    AiringNames names;

    // What was placed at `base` goes up to `from`, from there on it is `timeline`.
    void place(const SessionTimeline& timeline, FrameCount base, FrameCount from);
    void remove(FrameCount base);
    // Nothing from `from` on.
    void cut(FrameCount from);
    // Forgets what lies before `position`, names as well.
    void begin(FrameCount position);

private:
    std::size_t numberOf(const AiringId& airing);
};

// The names of `course` by the numbers of `spans`; none: they are not alike from `position` on.
[[nodiscard]] std::optional<AiringNames> namesFor(const std::vector<CourseSpan>& spans, const Course& course,
                                                  FrameCount position);

} // namespace loa::playout
