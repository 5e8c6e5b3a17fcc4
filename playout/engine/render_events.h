// What happened live, for rendering: announcements, stops and volumes at their instants, as commands give them to an
// agent (agent/station_events.cpp), and what the sessions of a bundle become with them.
//
// Pure: values in, values out. Threads: any. Units: instants in UTC; an instant is the last frame that begins by it.
// Rule: an announcement goes into the session that runs at its instant by the rules of preemption.h, else it has one of
// its own; a session that would begin while one sounds is kept waiting and joined where it is by then, where an item of
// which `shortestJoin` is not left is not joined. A stop makes what sounds fall over `softCut` from its instant on;
// what an announcement that is stopped went before comes back there. Where an agent needs a second of warning, none is
// needed here: what is asked for an instant happens at it.
// Failure: none; announcements that may not sound come out as refusals ("outside-hours": all but an EMERGENCY).
#pragma once

#include "playout/timeline/timeline.h"

#include <vector>

namespace loa::playout {

struct Announcement {
    AiringId airing;
    Sha256 sha256; // a house file
    FrameCount frames;
    UtcTime at;
    Priority priority = Priority::Emergency;
};

struct Stop {
    UtcTime at;
    AiringId airing; // empty: all that sounds then or begins before `until`
    UtcTime until{};
};

struct OrderedLevel {
    UtcTime at;
    UtcTime until;
    double gainDb = 0.0;
};

struct RenderEvents {
    std::vector<Announcement> announcements;
    std::vector<Stop> stops;
    std::vector<OrderedLevel> levels; // a later one goes before an earlier one

    [[nodiscard]] bool isEmpty() const { return announcements.empty() && stops.empty() && levels.empty(); }
};

// A session as it sounds, from `joinedAt` on: its own beginning, unless an announcement kept it waiting.
struct RenderedSession {
    SessionTimeline timeline; // softened
    UtcTime joinedAt;
};

// `sessions` as admitted, in order. The result in order; none begins before the one before it is over.
[[nodiscard]] std::vector<RenderedSession> withEvents(const Bundle& bundle,
                                                      const std::vector<SessionTimeline>& sessions,
                                                      const RenderEvents& events, std::vector<Refusal>& refusals);

} // namespace loa::playout
