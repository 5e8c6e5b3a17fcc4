// The system's clock as somebody sets it.
#pragma once

#include "scheduler/contract/clock.h"

#include <atomic>

namespace loa::playout::test {

class SteppedSystemClock final : public Clock {
public:
    [[nodiscard]] UtcTime now() const override { return m_clock.now() + Duration(m_offset.load()); }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return m_clock.monotonic(); }
    void step(Duration by) { m_offset += by.count(); }

private:
    SystemClock m_clock;
    std::atomic<std::int64_t> m_offset = 0;
};

} // namespace loa::playout::test
