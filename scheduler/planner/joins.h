// How the recordings of a session meet: where each begins, how long beds sound, what falls under what, to the frame.
// Pure, any thread.
//
// Purpose: the planner chooses what sounds in which part; here that becomes frames, within the rule of
// contract/mix_rules.h, so that every exact second is hit and nothing is left for the agent to decide.
//
// Within a segment recordings follow each other without a gap, from its first frame on:
// - One with a crossfade begins so much earlier, at most half of either recording, when the one before it may be faded:
//   that falls meanwhile, and it rises when it may be faded itself. A bed is not begun upon earlier: it goes on so much
//   longer beneath what follows.
// - Beds share what is left of the segment: in their order, each its `least` and then up to its `most`. So a segment
//   with a bed without `most` is full to its last frame, and what begins at an exact second does so without a gap. A
//   bed is its recording again and again, each overlapping the next by `bedLap`; the last one falls over `bedFall` to
//   its end. What would be shorter than `shortestBed` is left out: silence.
// - What ducks (`duckDb` > 0) directly behind a bed sounds over it: the bed goes on beneath to its end, also across an
//   exact second, and on into a bed of the same recording that follows.
#pragma once

#include "scheduler/planner/plan.h"

namespace loa::planner {

inline constexpr FrameCount bedLap{2 * sampleRate};      // at most; an eighth of a recording that is short
inline constexpr FrameCount bedFall{2 * sampleRate};     // at most; an eighth of it likewise
inline constexpr FrameCount shortestBed{4 * sampleRate}; // less is not worth beginning
inline constexpr FrameCount duckGlide{sampleRate / 2};   // down and up again

// What sounds at a place of a session, in order.
struct Join {
    Placement placement; // offset: its segment's first frame; frames: the recording's
    int segment = 0;
    bool mayFade = false;
    FrameCount crossfade;
    int duckDb = 0;
    bool isBed = false;
    FrameCount least; // of a bed
    FrameCount most;
};

// `joins` in the order of sounding; `ends`: where each segment ends. The placements by offset.
[[nodiscard]] std::vector<Placement> joinUp(std::vector<Join> joins, const std::vector<FrameCount>& ends);

} // namespace loa::planner
