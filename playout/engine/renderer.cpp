#include "playout/engine/renderer.h"

#include <algorithm>

namespace loa::playout {

Renderer::Renderer(std::shared_ptr<const SessionTimeline> timeline, SourceFactory& sources)
    : m_timeline(std::move(timeline)), m_factory(sources), m_sources(m_timeline->segments().size())
{
}

void Renderer::prefetch(FrameCount position, FrameCount ahead)
{
    const std::vector<Segment>& segments = m_timeline->segments();
    for (; m_over < segments.size() && segments[m_over].end() <= position; ++m_over)
        m_sources[m_over].reset();
    m_opened = std::max(m_opened, m_over);
    for (; m_opened < segments.size() && segments[m_opened].offset < position + ahead; ++m_opened) {
        const Segment& segment = segments[m_opened];
        m_sources[m_opened] = m_factory.open(segment, std::max(FrameCount{}, position - segment.offset));
    }
}

RenderedRun Renderer::render(FrameCount position, std::span<float> out)
{
    return run(position, out.data(), static_cast<std::int64_t>(out.size()));
}

RenderedRun Renderer::advance(FrameCount position, FrameCount frames)
{
    return run(position, nullptr, frames.value);
}

RenderedRun Renderer::run(FrameCount position, float* samples, std::int64_t frames)
{
    const auto length = std::min(frames, (m_timeline->nextChange(position) - position).value);
    const std::optional<Sounding> sounding = m_timeline->whatSoundsAt(position);
    const auto silence = [&](Break why) {
        if (samples)
            std::fill_n(samples, length, 0.0F);
        return RenderedRun{{length}, false, why};
    };
    if (!sounding)
        return silence(Break::None);
    Source* source = m_sources[sounding->segment].get();
    if (!source)
        return silence(Break::SourceLate);
    const auto wanted = static_cast<std::size_t>(length);
    const std::size_t given =
        samples ? source->read(sounding->frame, {samples, wanted}) : source->skip(sounding->frame, wanted);
    if (given > 0)
        return {{static_cast<std::int64_t>(given)}, true, Break::None};
    const Break failure = source->failure();
    return silence(failure == Break::None ? Break::SourceLate : failure);
}

} // namespace loa::playout
