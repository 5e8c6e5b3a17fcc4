// May this clock start a broadcast? (promise 9)
//
// Threads: state() from any thread.
// Failure: a kernel that cannot say counts as Untrusted.
// Source: adjtimex(2): STA_UNSYNC and the estimated maximum error.
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/clock.h"

#include <atomic>
#include <chrono>
#include <functional>

struct timex;

namespace loa::playout {

class ClockTrust {
public:
    virtual ~ClockTrust() = default;
    [[nodiscard]] virtual ClockState state() const = 0;
    // For people, in English: what the state rests on, or what is missing; may be empty.
    [[nodiscard]] virtual QString reason() const { return {}; }
};

// Asks the kernel each time.
class KernelClockTrust final : public ClockTrust {
public:
    using Adjtimex = std::function<int(timex&)>; // as adjtimex(2)

    explicit KernelClockTrust(std::chrono::microseconds largestError = std::chrono::seconds(1));
    KernelClockTrust(std::chrono::microseconds largestError, Adjtimex ask);
    [[nodiscard]] ClockState state() const override;

private:
    std::chrono::microseconds m_largestError;
    Adjtimex m_ask;
};

// Configuration says "trust": always Assumed.
class AssumedClockTrust final : public ClockTrust {
public:
    [[nodiscard]] ClockState state() const override { return ClockState::Assumed; }
};

// For tests and simulations.
class ManualClockTrust final : public ClockTrust {
public:
    explicit ManualClockTrust(ClockState state) : m_state(state) {}
    [[nodiscard]] ClockState state() const override { return m_state; }
    void set(ClockState state) { m_state = state; }

private:
    std::atomic<ClockState> m_state;
};

// What `trust` says, but Untrusted when the time contradicts the bundle: no time before the bundle was issued is true
// (a board without a battery clock wakes in 1970).
[[nodiscard]] ClockState clockStateFor(const ClockTrust& trust, UtcTime now, const Bundle& bundle);

} // namespace loa::playout
