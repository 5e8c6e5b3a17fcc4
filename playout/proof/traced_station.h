// A station whose mix is traced for monitors: its sessions, and what sounds of them.
//
// Thread: the measuring one. Units: stream frames. Ownership: traces outlive it.
#pragma once

#include "playout/proof/course.h"
#include "playout/proof/mix_trace.h"

namespace loa::playout {

class TracedStation {
public:
    void addTrace(MixTrace& trace) { m_traces.push_back(&trace); }
    [[nodiscard]] bool isTraced() const { return !m_traces.empty(); }

    void place(const SessionTimeline& timeline, FrameCount base);
    void remove(FrameCount base);
    void cut(FrameCount from);
    // The mix from `position` on; samples may be missing.
    void hear(FrameCount position, FrameCount frames, std::span<const float> samples);

private:
    struct Placed {
        FrameCount base;
        FrameCount end;
        UtcTime startsAt;
        std::vector<SoleSpan> spans;
    };
    std::vector<Placed> m_sessions;
    std::vector<MixTrace*> m_traces;
};

} // namespace loa::playout
