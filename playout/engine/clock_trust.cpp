#include "playout/engine/clock_trust.h"

#include <sys/timex.h>

#include <utility>

namespace loa::playout {

KernelClockTrust::KernelClockTrust(std::chrono::microseconds largestError)
    : KernelClockTrust(largestError, [](timex& query) { return adjtimex(&query); })
{
}

KernelClockTrust::KernelClockTrust(std::chrono::microseconds largestError, Adjtimex ask)
    : m_largestError(largestError), m_ask(std::move(ask))
{
}

ClockState KernelClockTrust::state() const
{
    timex query{};
    const int answer = m_ask(query);
    if (answer < 0 || answer == TIME_ERROR || (query.status & STA_UNSYNC) != 0)
        return ClockState::Untrusted;
    return query.maxerror <= m_largestError.count() ? ClockState::Synchronised : ClockState::Untrusted;
}

ClockState clockStateFor(const ClockTrust& trust, UtcTime now, const Bundle& bundle)
{
    return now < bundle.issuedAt ? ClockState::Untrusted : trust.state();
}

} // namespace loa::playout
