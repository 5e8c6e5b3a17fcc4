#include "scheduler/contract/clock.h"

namespace loa {

UtcTime SystemClock::now() const
{
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::monotonic() const
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

ManualClock::ManualClock(UtcTime start) : m_utcMicroseconds(start.time_since_epoch().count()) {}

UtcTime ManualClock::now() const
{
    return UtcTime(std::chrono::microseconds(m_utcMicroseconds.load()));
}

std::chrono::nanoseconds ManualClock::monotonic() const
{
    return std::chrono::microseconds(m_monotonicMicroseconds.load());
}

void ManualClock::advance(Duration by)
{
    m_utcMicroseconds += by.count();
    m_monotonicMicroseconds += by.count();
}

void ManualClock::step(UtcTime to)
{
    m_utcMicroseconds = to.time_since_epoch().count();
}

} // namespace loa
