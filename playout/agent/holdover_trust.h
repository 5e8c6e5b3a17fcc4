// Trust in a clock that has lost its teacher. The kernel calls its clock unsynchronised some minutes after the network
// is gone, but an agent must play 35 days alone (promise 6): so a clock that was synchronised while this agent ran
// stays good for a set time, as "assumed", as long as time of day and monotonic time agree within what a quartz drifts.
// One that is set, or was never synchronised, is not (promise 9). Source of the drift: 200 parts in a million, twice
// what quartzes of small boards are sold with.
//
// Over a power cut monotonic time begins anew, and only the board's battery clock knows how long it was dark. It is
// believed, as "held", when all of this is so; else the clock waits for a teacher and reason() says why:
//   the board has a clock that can be read, and it and the system's agree within 2 s;
//   they agreed within 2 s when the clock was last seen to be good (one that keeps local time, or was off, is not);
//   the time is not before that instant (a board that wakes in 1970, or goes on from a saved time, is behind);
//   it was dark for no longer than `longestDark`, and the last teacher is no longer ago than `longest`;
//   trust was not lost since, by a step of the clock, say.
// How wrong can it be? As wrong as the battery clock went in the dark: 20 parts in a million, as such are sold, are 12
// s in a week. Each further power cut is judged the same; a teacher ends it.
//
// Threads: state() and reason() from any. `inner` and `clock` outlive this.
#pragma once

#include "playout/agent/board_clock.h"
#include "playout/engine/clock_trust.h"

#include <mutex>
#include <optional>

namespace loa::playout {

class HoldoverClockTrust final : public ClockTrust {
public:
    HoldoverClockTrust(const ClockTrust& inner, const Clock& clock, std::chrono::seconds longest,
                       std::chrono::seconds longestDark = std::chrono::seconds(0))
        : m_inner(inner), m_clock(clock), m_longest(longest), m_longestDark(longestDark)
    {
    }
    // When the clock was last known to be right, on both of its faces.
    struct Anchor {
        UtcTime utc;
        std::chrono::nanoseconds monotonic;
        UtcTime taught;      // when somebody vouched for it last
        bool isHeld = false; // known by the board's battery clock alone
    };
    // What an earlier boot left.
    struct Before {
        UtcTime seen; // trusted until then, at least
        UtcTime taught;
        std::optional<Duration> boardAhead; // of the time of day then
    };

    [[nodiscard]] ClockState state() const override;
    [[nodiscard]] QString reason() const override;

    [[nodiscard]] std::optional<Anchor> anchor() const;
    // It was good in this boot and is not any more.
    [[nodiscard]] bool isLost() const;
    // From an earlier run since the machine was booted: monotonic time goes on across processes, not across boots.
    void setAnchor(const Anchor& anchor);
    // From an earlier boot: by the rule above.
    void hold(const Before& before, const std::optional<UtcTime>& board);

private:
    const ClockTrust& m_inner;
    const Clock& m_clock;
    std::chrono::seconds m_longest;
    std::chrono::seconds m_longestDark;
    mutable std::mutex m_mutex;
    mutable std::optional<Anchor> m_anchor;
    mutable bool m_isLost = false;
    mutable QString m_reason;
};

class Disk;

// The anchor on disk (clock.json), so that an agent that is restarted while the network is gone still trusts its clock,
// and one whose power was cut may. `bootId` names the machine's uptime. What is there stays while the clock of this
// boot has not been trusted yet, and goes when trust is lost. Errors: Storage.
void restoreAnchor(const Disk& disk, const QString& bootId, const BoardClock& board, HoldoverClockTrust& trust);
[[nodiscard]] Result<void> keepAnchor(Disk& disk, const QString& bootId, const BoardClock& board, const Clock& clock,
                                      const HoldoverClockTrust& trust);
// The kernel's name for this boot; empty when it does not tell.
[[nodiscard]] QString currentBootId();

} // namespace loa::playout
