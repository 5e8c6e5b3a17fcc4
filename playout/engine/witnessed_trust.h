// A second witness for the clock: the scheduler, whose signed answers to questions that the agent has just made up
// carry its time (contract/command.h, CommandSheet). Promise 9.
//
// What an answer proves: it was signed after the question was sent and before the answer came, so the scheduler's clock
// ran, against ours, between (now - received) and (now + round trip - received) ahead. No more is believed of it.
//
// Rule. The kernel's word counts first.
//   kernel       scheduler                                             state
//   synchronised has said nothing, agrees or cannot tell               synchronised
//   synchronised contradicts three times in a row, by over 30 s        untrusted: one of the two is wrong
//   untrusted    agrees within 2 s at worst, in its last answer,       assumed
//                not older than 15 min, no step of the clock since
//   untrusted    else                                                  untrusted
// One answer within the 30 s ends a contradiction. HoldoverClockTrust around this keeps trust while the network is
// gone.
//
// Threads: any. `kernel` and `clock` outlive this.
#pragma once

#include "playout/engine/clock_trust.h"

#include <mutex>
#include <optional>

namespace loa::playout {

class WitnessedClockTrust final : public ClockTrust {
public:
    static constexpr Duration agreement = std::chrono::seconds(2);
    static constexpr Duration contradiction = std::chrono::seconds(30);
    static constexpr int contradictions = 3;
    static constexpr std::chrono::minutes longestAge{15};

    WitnessedClockTrust(const ClockTrust& kernel, const Clock& clock) : m_kernel(kernel), m_clock(clock) {}

    // The scheduler said that it was `now` when it answered; the question was sent and the answer taken in at these
    // instants of the monotonic clock.
    void hear(UtcTime now, std::chrono::nanoseconds sent, std::chrono::nanoseconds received);

    [[nodiscard]] ClockState state() const override;

    // How far the scheduler is ahead of us, at least and at most, by its last answer.
    struct Sighting {
        Duration least;
        Duration most;
    };
    [[nodiscard]] std::optional<Sighting> sighting() const;
    [[nodiscard]] bool isContradicted() const;

private:
    struct Heard {
        Sighting sighting;
        std::chrono::nanoseconds at; // monotonic
        UtcTime utcAtZero;           // time of day at the monotonic clock's zero, then
    };
    [[nodiscard]] UtcTime utcAtZero() const;

    const ClockTrust& m_kernel;
    const Clock& m_clock;
    mutable std::mutex m_mutex;
    std::optional<Heard> m_last;
    int m_contradictions = 0;
};

} // namespace loa::playout
