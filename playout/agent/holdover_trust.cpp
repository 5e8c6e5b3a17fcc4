#include "playout/agent/holdover_trust.h"

namespace loa::playout {
namespace {

constexpr std::chrono::seconds smallestStep{1};
constexpr std::int64_t driftDivisor = 5000; // 200 ppm

} // namespace

ClockState HoldoverClockTrust::state() const
{
    const ClockState inner = m_inner.state();
    const std::lock_guard lock(m_mutex);
    const Anchor here{m_clock.now(), m_clock.monotonic()};
    if (inner != ClockState::Untrusted) {
        m_anchor = here;
        return inner;
    }
    if (!m_anchor)
        return ClockState::Untrusted;
    const auto elapsed = here.monotonic - m_anchor->monotonic;
    const auto difference = std::chrono::abs((here.utc - m_anchor->utc) - elapsed);
    if (elapsed > m_longest || difference > smallestStep + elapsed / driftDivisor) {
        m_anchor.reset();
        return ClockState::Untrusted;
    }
    return ClockState::Assumed;
}

} // namespace loa::playout
