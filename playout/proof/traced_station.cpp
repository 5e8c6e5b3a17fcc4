#include "playout/proof/traced_station.h"

#include <algorithm>

namespace loa::playout {

void TracedStation::place(const SessionTimeline& timeline, FrameCount base)
{
    remove(base);
    m_sessions.push_back({base, base + timeline.frames(), timeline.startsAt(), soleSpans(timeline)});
}

void TracedStation::remove(FrameCount base)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.base == base; });
}

void TracedStation::cut(FrameCount from)
{
    for (Placed& placed : m_sessions)
        placed.end = std::min(placed.end, from);
}

void TracedStation::hear(FrameCount position, FrameCount frames, std::span<const float> samples)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.end <= position; });
    for (const Placed& placed : m_sessions) {
        if (position < placed.base)
            continue;
        for (MixTrace* trace : m_traces)
            trace->sounding(placed.startsAt + toDuration(position - placed.base),
                            static_cast<std::size_t>(frames.value));
        const FrameCount end = std::min(position + frames, placed.end);
        for (const SoleSpan& span : placed.spans) {
            const FrameCount from = std::max(position, placed.base + span.from);
            const FrameCount to = std::min(end, placed.base + span.to);
            if (to <= from || samples.empty())
                continue;
            const auto part = samples.subspan(static_cast<std::size_t>((from - position).value),
                                              static_cast<std::size_t>((to - from).value));
            for (MixTrace* trace : m_traces)
                trace->add(placed.startsAt + toDuration(from - placed.base), span.airing, part);
        }
    }
}

} // namespace loa::playout
