#include "playout/engine/silence_watch.h"

#include <algorithm>
#include <cmath>

namespace loa::playout {

namespace {

constexpr float audible = 0.001F; // -60 dBFS

}

void SilenceWatch::hear(const RenderedRun& run, std::span<const float> samples)
{
    const bool isWanted = run.sounding || run.missing != Break::None;
    const bool isAudible =
        std::any_of(samples.begin(), samples.end(), [](float sample) { return std::abs(sample) >= audible; });
    if (!isWanted || isAudible) {
        reset();
        return;
    }
    const bool wasSilent = m_quiet >= m_patience;
    m_quiet += run.frames;
    m_hasMissed |= run.missing != Break::None;
    if (m_quiet < m_patience)
        return;
    m_total.fetch_add((wasSilent ? run.frames : m_quiet).value, std::memory_order_relaxed);
    m_isMissing.store(m_hasMissed, std::memory_order_relaxed);
    m_isSilent.store(true, std::memory_order_relaxed);
}

void SilenceWatch::reset()
{
    m_quiet = {};
    m_hasMissed = false;
    m_isSilent.store(false, std::memory_order_relaxed);
    m_isMissing.store(false, std::memory_order_relaxed);
}

} // namespace loa::playout
