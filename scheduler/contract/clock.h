// Where time comes from. Nothing in Loa asks the system for the time itself: it holds a Clock, so that a month passes
// in seconds in a simulation. Threads: every function may be called from any thread.
#pragma once

#include "scheduler/contract/time.h"

#include <atomic>
#include <chrono>

namespace loa {

class Clock {
public:
    virtual ~Clock() = default;

    [[nodiscard]] virtual UtcTime now() const = 0;

    // Never steps back, also when someone sets the system clock; origin unspecified.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] UtcTime now() const override;
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override;
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
public:
    explicit ManualClock(UtcTime start);

    [[nodiscard]] UtcTime now() const override;
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override;

    // Both clocks move forward; `by` >= 0.
    void advance(Duration by);
    // Sets the time of day alone, as an administrator or NTP would: monotonic() does not move.
    void step(UtcTime to);

private:
    std::atomic<std::int64_t> m_utcMicroseconds;
    std::atomic<std::int64_t> m_monotonicMicroseconds = 0;
};

} // namespace loa
