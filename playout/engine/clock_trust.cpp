#include "playout/engine/clock_trust.h"

#include <sys/timex.h>

namespace loa::playout {

ClockState KernelClockTrust::state() const
{
    timex query{};
    const int answer = adjtimex(&query);
    if (answer < 0 || answer == TIME_ERROR || (query.status & STA_UNSYNC) != 0)
        return ClockState::Untrusted;
    return query.maxerror <= m_largestError.count() ? ClockState::Synchronised : ClockState::Untrusted;
}

ClockState clockStateFor(const ClockTrust& trust, UtcTime now, const Bundle& bundle)
{
    return now < bundle.issuedAt ? ClockState::Untrusted : trust.state();
}

} // namespace loa::playout
