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
    // When the clock was last known to be right, on both of its faces.
    struct Anchor {
        UtcTime utc;
        std::chrono::nanoseconds monotonic;
    };

    [[nodiscard]] ClockState state() const override;

    [[nodiscard]] std::optional<Anchor> anchor() const;
    // From an earlier run since the machine was booted: monotonic time goes on across processes, not across boots.
    void setAnchor(const Anchor& anchor);

private:
    const ClockTrust& m_inner;
    const Clock& m_clock;
    std::chrono::seconds m_longest;
    mutable std::mutex m_mutex;
    mutable std::optional<Anchor> m_anchor;
};

class Disk;

// The anchor on disk (clock.json), so that an agent that is restarted while the network is gone still trusts its clock.
// `bootId` names the machine's uptime; one of another boot is not used. Errors: Storage.
void restoreAnchor(const Disk& disk, const QString& bootId, HoldoverClockTrust& trust);
[[nodiscard]] Result<void> keepAnchor(Disk& disk, const QString& bootId, const HoldoverClockTrust& trust);
// The kernel's name for this boot; empty when it does not tell.
[[nodiscard]] QString currentBootId();

} // namespace loa::playout
