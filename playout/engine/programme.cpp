#include "playout/engine/programme.h"

#include <algorithm>

namespace loa::playout {

namespace {

bool speaksIn(const SessionTimeline& timeline)
{
    return std::any_of(timeline.segments().begin(), timeline.segments().end(),
                       [](const Segment& segment) { return segment.isLive; });
}

} // namespace

void Programme::place(std::shared_ptr<const SessionTimeline> timeline, FrameCount base)
{
    const FrameCount end = base + timeline->frames();
    const auto at = std::upper_bound(m_sessions.begin(), m_sessions.end(), base,
                                     [](FrameCount value, const Placed& placed) { return value < placed.base; });
    const bool speaks = speaksIn(*timeline);
    m_sessions.insert(
        at, Placed{base, end, std::make_unique<Renderer>(std::move(timeline), *m_sources, m_fetching), speaks});
}

void Programme::remove(FrameCount base)
{
    std::erase_if(m_sessions, [&](const Placed& placed) { return placed.base == base; });
}

bool Programme::amend(FrameCount base, std::shared_ptr<const SessionTimeline> timeline)
{
    Placed* const placed = sessionFrom(base);
    if (!placed)
        return false;
    placed->end = base + timeline->frames();
    placed->speaks = speaksIn(*timeline);
    placed->renderer->amend(std::move(timeline));
    return true;
}

void Programme::rename(FrameCount base, std::shared_ptr<const SessionTimeline> timeline)
{
    if (Placed* const placed = sessionFrom(base))
        placed->renderer->rename(std::move(timeline));
}

void Programme::revoke(FrameCount base, const AiringId& airing)
{
    if (Placed* const placed = sessionFrom(base))
        placed->renderer->revoke(airing);
}

std::optional<Programme> Programme::copy() const
{
    Programme twin(*m_sources, m_fetching);
    for (const Placed& placed : m_sessions) {
        auto renderer = placed.renderer->copy();
        if (!renderer)
            return std::nullopt;
        twin.m_sessions.push_back({placed.base, placed.end, std::move(renderer), placed.speaks});
    }
    return twin;
}

bool Programme::holds(FrameCount base) const
{
    return std::any_of(m_sessions.begin(), m_sessions.end(), [&](const Placed& one) { return one.base == base; });
}

Programme::Placed* Programme::sessionFrom(FrameCount base)
{
    const auto placed =
        std::find_if(m_sessions.begin(), m_sessions.end(), [&](const Placed& one) { return one.base == base; });
    return placed == m_sessions.end() ? nullptr : &*placed;
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
        if (!placed.speaks)
            continue;
        for (const Segment& segment : placed.renderer->timeline().segments()) {
            if (segment.isLive && placed.base + segment.end() > position)
                nearest = std::min(nearest, std::max(position, placed.base + segment.offset));
        }
    }
    return nearest;
}

bool Programme::hasJoin(FrameCount position, FrameCount until) const
{
    const auto lies = [&](FrameCount at) { return at >= position && at < until; };
    bool isOne = false;
    for (const Placed& placed : m_sessions) {
        if (placed.end < position || placed.base >= until)
            continue;
        for (const Segment& segment : placed.renderer->timeline().segments()) {
            const FrameCount begin = placed.base + segment.offset;
            const FrameCount end = placed.base + segment.end();
            if (end < position || begin >= until)
                continue;
            if (!m_sources->isCommon(segment))
                return false;
            isOne |= lies(begin) || lies(end);
        }
    }
    return isOne;
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

std::span<const std::byte> Programme::packet(FrameCount position, FrameCount before, FrameCount after)
{
    std::int64_t frames = media::HousePackets::frames.value;
    Placed* placed = sessionAt(position, frames);
    return placed ? placed->renderer->packet(position - placed->base, before, after) : std::span<const std::byte>{};
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
