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
//   2. At each frame the highest priority sounds: a live event alone, or all that the plan has sounding there together
//      (timeline.h, overlaps). What is lower falls over `softCut` up to that frame and gives way.
//   3. Time goes on underneath (timeline.h): what gave way comes back at the frame at which it would be by then, rising
//      over `softCut`, if `shortestJoin` of it is left; otherwise it stays cut, and there is silence up to the next
//      item. An item that should have begun meanwhile is entered in its middle in the same way. Of two that overlap
//      each is judged by itself; a fade of the plan goes on at the frame where it would be, times the rise.
//   4. What lowers others does so while it sounds: when it is cut or over, they come up over its glide.
//
// What becomes of whom, and the log's words ("a gap" is counted where it came back):
//   what happens                              | what becomes of it                          | outcome, reason
//   ------------------------------------------+---------------------------------------------+---------------------------
//   nothing                                   | sounds                                      | complete
//   cut short by the plan (a bed that gives   | falls as planned; its planned frames are    | complete of these frames
//   way to an exact second)                   | all that it owes                            |
//   overlapped or lowered by the plan         | sounds on beneath                           | complete
//   higher live event over its middle         | comes back if `shortestJoin` is left        | partial, pre-empted
//   higher live event over its end or head    | the rest sounds                             | partial, pre-empted
//   higher live event over all of it          | dropped                                     | missed, pre-empted
//   live event of its own priority            | sounds on; the event waits                  | complete
//   time signal under a higher live event     | as any item; its mark never moves           | partial or missed,
//                                             |                                             | pre-empted
//   its neighbour refused, missing or cut     | sounds on by itself, fades as planned       | complete
//   agent back in its middle (an event's too) | joined at the live frame                    | partial, late-start
//   agent back in the middle of live speech   | over: the speaker speaks to nobody; so is a | partial, interrupted
//   or a test tone                            | test                                        |
//   agent back with less than `shortestJoin`  | dropped                                     | missed, agent-not-running
//   agent stopped, or power cut               | what left by then counts                    | partial, stopped or
//                                             |                                             | interrupted
//   a newer bundle without it, or a stop by   | falls over `softCut`                        | partial or missed,
//   command                                   |                                             | withdrawn or stopped
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
    bool isLive = false;
    std::optional<FrameCount> cutAt = {}; // stopped: nothing of it from this frame of the session on

    bool operator==(const LiveEvent&) const = default;
};

// `session` as planned, each airing whole. Events may reach beyond its end: it then lasts longer.
[[nodiscard]] SessionTimeline withLiveEvents(const SessionTimeline& session, const std::vector<LiveEvent>& events);

} // namespace loa::playout
