#include "playout/proof/mix_trace.h"

#include <algorithm>
#include <chrono>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;

constexpr auto longestStretch = 20s;
constexpr auto smallestJump = 5ms; // instants are whole microseconds, frames are not
constexpr std::size_t mostStretches = 60;
constexpr std::size_t mostSpans = 2'000;

} // namespace

void MixTrace::add(UtcTime at, const AiringId& airing, std::span<const float> samples)
{
    const std::lock_guard lock(m_mutex);
    if (m_isOpen && (m_open.airing != airing || std::chrono::abs(at - m_open.to) > smallestJump ||
                     m_open.to - m_open.from >= longestStretch))
        close();
    if (!m_isOpen) {
        m_isOpen = true;
        m_open = {airing, at, at, {}};
        m_printer.restart();
    }
    m_printer.add(samples, m_open.rows);
    m_open.to = at + toDuration(FrameCount{static_cast<std::int64_t>(samples.size())});
}

void MixTrace::sounding(UtcTime at, std::size_t frames)
{
    const UtcTime end = at + toDuration(FrameCount{static_cast<std::int64_t>(frames)});
    const std::lock_guard lock(m_mutex);
    if (!m_spans.empty() && at >= m_spans.back().from && at <= m_spans.back().to + smallestJump)
        m_spans.back().to = std::max(m_spans.back().to, end);
    else
        m_spans.push_back({at, end});
    if (m_spans.size() > mostSpans)
        m_spans.pop_front();
}

void MixTrace::close()
{
    m_isOpen = false;
    m_whole.push_back(std::move(m_open));
    if (m_whole.size() > mostStretches)
        m_whole.pop_front();
}

std::vector<TracedStretch> MixTrace::take(UtcTime now)
{
    const std::lock_guard lock(m_mutex);
    if (m_isOpen && now > m_open.to + 1s)
        close();
    std::vector<TracedStretch> whole(std::make_move_iterator(m_whole.begin()), std::make_move_iterator(m_whole.end()));
    m_whole.clear();
    return whole;
}

bool MixTrace::sounded(UtcTime from, UtcTime to) const
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_spans.begin(), m_spans.end(),
                       [&](const SoundingSpan& span) { return span.from < to && from < span.to; });
}

} // namespace loa::playout
