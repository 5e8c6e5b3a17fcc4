// What sounds when something live comes into a session: an alert, a notice, "play this now".
//
// Purpose: a session and the live events of its time give another timeline of the same session, for the player to go on
// with (Player::amend). Pure: values in, values out. The result is always made from the plan and all events of the
// session, so that it does not depend on the order in which news came; as long as new events lie in the future, nothing
// that has sounded changes.
// Threads: any. Units: frames of the session.
//
// A live event may be stopped: it then gives way at a frame, as if it had been so long, and is still accounted for
// whole.
//
// The rule, for NORMAL < PRIORITY < EMERGENCY:
//   1. A live event begins at its frame, or when the last item or event of the same or a higher priority that sounds
//      there is over: what is equal waits, first come first served; what is higher does not.
//   2. At each frame the highest priority sounds. What is lower falls over `softCut` up to that frame and gives way.
//   3. Time goes on underneath (timeline.h): what gave way comes back at the frame at which it would be by then, rising
//      over `softCut`, if `shortestJoin` of it is left; otherwise it stays cut, and there is silence up to the next
//      item. An item that should have begun meanwhile is entered in its middle in the same way.
// In the log: whole, "complete"; a head, a tail or both, "partial" with "pre-empted"; nothing, "missed" with
// "pre-empted". A gap is counted where it came back. An event has an entry as any airing, planned for the frame at
// which its turn came.
#pragma once

#include "playout/timeline/timeline.h"

namespace loa::playout {

struct LiveEvent {
    AiringId airing;
    ItemId item;
    Sha256 sha256;
    FrameCount at; // not before this frame of the session; >= 0
    FrameCount frames;
    Priority priority = Priority::Emergency;
    std::optional<FrameCount> cutAt = {}; // stopped: nothing of it from this frame of the session on

    bool operator==(const LiveEvent&) const = default;
};

// `session` as planned, each airing whole. Events may reach beyond its end: it then lasts longer.
[[nodiscard]] SessionTimeline withLiveEvents(const SessionTimeline& session, const std::vector<LiveEvent>& events);

} // namespace loa::playout
