#include "playout/engine/programme.h"

#include <algorithm>

namespace loa::playout {

void Programme::place(std::shared_ptr<const SessionTimeline> timeline, FrameCount base)
{
    const FrameCount end = base + timeline->frames();
    const auto at = std::upper_bound(m_sessions.begin(), m_sessions.end(), base,
                                     [](FrameCount value, const Placed& placed) { return value < placed.base; });
    m_sessions.insert(at, Placed{base, end, std::make_unique<Renderer>(std::move(timeline), m_sources)});
}

void Programme::remove(const SessionId& session)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.renderer->timeline().session() == session; });
}

std::optional<FrameCount> Programme::amend(std::shared_ptr<const SessionTimeline> timeline)
{
    for (Placed& placed : m_sessions) {
        if (placed.renderer->timeline().session() == timeline->session()) {
            placed.end = placed.base + timeline->frames();
            placed.renderer->amend(std::move(timeline));
            return placed.base;
        }
    }
    return std::nullopt;
}

void Programme::cutAt(FrameCount position)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.base >= position; });
    for (Placed& placed : m_sessions) {
        const SessionTimeline& timeline = placed.renderer->timeline();
        const FrameCount end = position - placed.base;
        std::vector<Segment> pieces = timeline.segments();
        std::erase_if(pieces, [&](const Segment& piece) { return piece.offset >= end; });
        for (Segment& piece : pieces) {
            if (piece.end() <= end)
                continue;
            piece.frames = end - piece.offset;
            piece.fadeOut = std::min(softCut, piece.frames);
        }
        placed.end = std::min(placed.end, position);
        placed.renderer->amend(
            std::make_shared<const SessionTimeline>(timeline.withPieces(timeline.airings(), std::move(pieces))));
    }
}

void Programme::prepare(FrameCount position, FrameCount ahead)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.end + FrameCount{sampleRate} < position; });
    for (Placed& placed : m_sessions) {
        if (placed.base < position + ahead)
            placed.renderer->prefetch(position - placed.base, ahead);
    }
}

FrameCount Programme::untilWanted(const DeviceTraits& traits, FrameCount position) const
{
    if (traits.between == BetweenSessions::Silence)
        return {};
    FrameCount nearest{std::int64_t{1} << 40};
    for (const Placed& placed : m_sessions) {
        if (position < placed.end + toFrames(traits.tail))
            nearest = std::min(nearest, std::max(FrameCount{}, placed.base - toFrames(traits.leadIn) - position));
    }
    return nearest;
}

FrameCount Programme::nextLive(FrameCount position) const
{
    FrameCount nearest = position + FrameCount{std::int64_t{1} << 40};
    for (const Placed& placed : m_sessions) {
        for (const Segment& segment : placed.renderer->timeline().segments()) {
            if (segment.isLive && placed.base + segment.end() > position)
                nearest = std::min(nearest, std::max(position, placed.base + segment.offset));
        }
    }
    return nearest;
}

RenderedRun Programme::render(FrameCount position, std::span<float> out)
{
    auto frames = static_cast<std::int64_t>(out.size());
    if (Placed* placed = sessionAt(position, frames)) {
        RenderedRun run =
            placed->renderer->render(position - placed->base, out.first(static_cast<std::size_t>(frames)));
        run.absent = run.absent.on(placed->base);
        return run;
    }
    std::fill_n(out.begin(), frames, 0.0F);
    return {{frames}, false, Break::None, {}};
}

RenderedRun Programme::advance(FrameCount position, FrameCount frames)
{
    std::int64_t count = frames.value;
    if (Placed* placed = sessionAt(position, count)) {
        RenderedRun run = placed->renderer->advance(position - placed->base, {count});
        run.absent = run.absent.on(placed->base);
        return run;
    }
    return {{count}, false, Break::None, {}};
}

Programme::Placed* Programme::sessionAt(FrameCount position, std::int64_t& frames)
{
    for (Placed& placed : m_sessions) {
        if (position < placed.base) {
            frames = std::min(frames, (placed.base - position).value);
            return nullptr;
        }
        if (position < placed.end) {
            frames = std::min(frames, (placed.end - position).value);
            return &placed;
        }
    }
    return nullptr;
}

} // namespace loa::playout
