#include "playout/engine/witnessed_trust.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr Duration slewedAway = std::chrono::seconds(1);

} // namespace

UtcTime WitnessedClockTrust::utcAtZero() const
{
    return m_clock.now() - std::chrono::floor<Duration>(m_clock.monotonic());
}

void WitnessedClockTrust::hear(UtcTime now, std::chrono::nanoseconds sent, std::chrono::nanoseconds received)
{
    if (received < sent)
        return;
    const UtcTime zero = utcAtZero();
    const UtcTime ours = zero + std::chrono::floor<Duration>(received);
    const Sighting sighting{now - ours, now - ours + std::chrono::ceil<Duration>(received - sent)};
    const bool contradicts = sighting.least > contradiction || sighting.most < -contradiction;
    const std::lock_guard lock(m_mutex);
    m_last = Heard{sighting, received, zero};
    m_contradictions = contradicts ? m_contradictions + 1 : 0;
}

ClockState WitnessedClockTrust::state() const
{
    const ClockState kernel = m_kernel.state();
    const std::lock_guard lock(m_mutex);
    if (kernel != ClockState::Untrusted)
        return m_contradictions >= contradictions ? ClockState::Untrusted : kernel;
    if (!m_last || m_clock.monotonic() - m_last->at > longestAge ||
        std::chrono::abs(utcAtZero() - m_last->utcAtZero) > slewedAway)
        return ClockState::Untrusted;
    const Duration worst = std::max(std::chrono::abs(m_last->sighting.least), std::chrono::abs(m_last->sighting.most));
    return worst <= agreement ? ClockState::Assumed : ClockState::Untrusted;
}

std::optional<WitnessedClockTrust::Sighting> WitnessedClockTrust::sighting() const
{
    const std::lock_guard lock(m_mutex);
    return m_last ? std::optional(m_last->sighting) : std::nullopt;
}

bool WitnessedClockTrust::isContradicted() const
{
    const std::lock_guard lock(m_mutex);
    return m_contradictions >= contradictions;
}

} // namespace loa::playout
