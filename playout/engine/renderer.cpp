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
        if (!m_sources[m_opened])
            m_sources[m_opened] = m_factory.open(segment, std::max(segment.from, position - segment.origin()));
    }
}

void Renderer::amend(std::shared_ptr<const SessionTimeline> timeline)
{
    const std::vector<Segment>& before = m_timeline->segments();
    const std::vector<Segment>& after = timeline->segments();
    std::vector<std::unique_ptr<Source>> sources(after.size());
    for (std::size_t index = 0; index < after.size(); ++index) {
        for (std::size_t old = m_over; old < m_opened; ++old) {
            const bool serves =
                m_sources[old] && before[old].airing == after[index].airing &&
                before[old].sha256 == after[index].sha256 && before[old].origin() == after[index].origin() &&
                before[old].from <= after[index].from && before[old].itemEnd() >= after[index].itemEnd();
            if (serves) {
                sources[index] = std::move(m_sources[old]);
                break;
            }
        }
    }
    m_sources = std::move(sources);
    m_timeline = std::move(timeline);
    m_over = 0;
    m_opened = 0;
}

RenderedRun Renderer::render(FrameCount position, std::span<float> out)
{
    return run(position, out.data(), static_cast<std::int64_t>(out.size()));
}

RenderedRun Renderer::advance(FrameCount position, FrameCount frames)
{
    return run(position, nullptr, frames.value);
}

void Renderer::shape(const Segment& segment, FrameCount position, std::span<float> samples) const
{
    const FrameCount end = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    const auto each = [&](FrameCount from, FrameCount to, auto gain) {
        for (FrameCount at = std::max(from, position); at < std::min(to, end); at += FrameCount{1})
            samples[static_cast<std::size_t>((at - position).value)] *= gain(at);
    };
    const auto own = [&](FrameCount at) { return segment.gainAt(at); };
    const FrameCount risen = std::min(segment.offset + segment.fadeIn, segment.end());
    each(segment.offset, risen, own);
    each(std::max(risen, segment.end() - segment.fadeOut), segment.end(), own);
    if (!m_timeline->levels().empty())
        each(position, end, [&](FrameCount at) { return m_timeline->volumeAt(at); });
    each(m_risesFrom, m_risesFrom + softJoin,
         [&](FrameCount at) { return equalPowerRise((at - m_risesFrom).value, softJoin.value); });
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
    if (given > 0) {
        const FrameCount until = position + FrameCount{static_cast<std::int64_t>(given)};
        const Segment& segment = m_timeline->segments()[sounding->segment];
        // Entered in its middle, after silence: it rises from here.
        if (position != m_soundedUntil && sounding->frame != segment.from)
            m_risesFrom = position;
        m_soundedUntil = until;
        if (samples)
            shape(segment, position, {samples, given});
        return {{static_cast<std::int64_t>(given)}, true, Break::None};
    }
    const Break failure = source->failure();
    return silence(failure == Break::None ? Break::SourceLate : failure);
}

} // namespace loa::playout
