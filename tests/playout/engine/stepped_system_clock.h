// The system's clock as somebody sets it, of a machine that may stand still.
#pragma once

#include "scheduler/contract/clock.h"

#include <atomic>
#include <thread>

namespace loa::playout::test {

class SteppedSystemClock final : public Clock {
public:
    [[nodiscard]] UtcTime now() const override
    {
        awaitMachine();
        return m_clock.now() + Duration(m_offset.load());
    }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override
    {
        awaitMachine();
        return m_clock.monotonic();
    }
    void step(Duration by) { m_offset += by.count(); }
    // For so long nobody who asks for the time gets on.
    void stall(Duration by) { m_stalledUntil = (m_clock.monotonic() + by).count(); }

private:
    void awaitMachine() const
    {
        const std::chrono::nanoseconds left(m_stalledUntil.load() - m_clock.monotonic().count());
        if (left.count() > 0)
            std::this_thread::sleep_for(left);
    }

    SystemClock m_clock;
    std::atomic<std::int64_t> m_offset = 0;
    std::atomic<std::int64_t> m_stalledUntil = 0;
};

} // namespace loa::playout::test
