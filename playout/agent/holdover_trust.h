// Trust in a clock that has lost its teacher. The kernel calls its clock unsynchronised some minutes after the network
// is gone, but an agent must play 35 days alone (promise 6): so a clock that was synchronised while this agent ran
// stays good for a set time, as "assumed", as long as time of day and monotonic time agree within what a quartz drifts.
// One that is set, or was never synchronised, is not (promise 9). Source of the drift: 200 parts in a million, twice
// what quartzes of small boards are sold with. Threads: state() from any. `inner` and `clock` outlive this.
#pragma once

#include "playout/engine/clock_trust.h"

#include <mutex>
#include <optional>

namespace loa::playout {

class HoldoverClockTrust final : public ClockTrust {
public:
    HoldoverClockTrust(const ClockTrust& inner, const Clock& clock, std::chrono::seconds longest)
        : m_inner(inner), m_clock(clock), m_longest(longest)
    {
    }
    [[nodiscard]] ClockState state() const override;

private:
    struct Anchor {
        UtcTime utc;
        std::chrono::nanoseconds monotonic;
    };

    const ClockTrust& m_inner;
    const Clock& m_clock;
    std::chrono::seconds m_longest;
    mutable std::mutex m_mutex;
    mutable std::optional<Anchor> m_anchor; // when it was last synchronised
};

} // namespace loa::playout
