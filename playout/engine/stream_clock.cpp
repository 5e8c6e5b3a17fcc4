#include "playout/engine/stream_clock.h"

#include <time.h>

#include <algorithm>

namespace loa::playout {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

namespace {

constexpr microseconds smallestStep{200}; // less is the noise of reading two clocks
constexpr std::chrono::milliseconds heededStep{500};
constexpr nanoseconds longestSlice{250'000'000}; // an interrupt is seen that soon

FrameCount framesIn(nanoseconds span)
{
    const std::int64_t second = 1'000'000'000;
    std::int64_t seconds = span.count() / second;
    std::int64_t rest = span.count() % second;
    if (rest < 0) {
        --seconds;
        rest += second;
    }
    return {seconds * sampleRate + rest * sampleRate / second};
}

} // namespace

StreamClock::StreamClock(const Clock& clock, std::optional<nanoseconds> origin) : m_clock(clock)
{
    const Pair both = readBoth();
    if (origin) {
        m_origin = *origin;
        m_utcAtOrigin = (both.utc - std::chrono::round<Duration>(both.monotonic - *origin)).time_since_epoch().count();
        return;
    }
    const auto intoSecond = both.utc - std::chrono::floor<std::chrono::seconds>(both.utc);
    m_origin = both.monotonic - intoSecond;
    m_utcAtOrigin = (both.utc - intoSecond).time_since_epoch().count();
}

StreamClock::Pair StreamClock::readBoth() const
{
    // The pair that was read with the least delay between the two clocks.
    Pair best{};
    nanoseconds least = nanoseconds::max();
    for (int attempt = 0; attempt < 8; ++attempt) {
        const nanoseconds before = m_clock.monotonic();
        const UtcTime utc = m_clock.now();
        const nanoseconds after = m_clock.monotonic();
        if (after - before < least) {
            least = after - before;
            best = {before + (after - before) / 2, utc};
        }
    }
    return best;
}

Duration StreamClock::refresh()
{
    const Pair both = readBoth();
    const Duration moved = both.utc - utcAt(both.monotonic);
    if (std::chrono::abs(moved) < smallestStep)
        return Duration(0);
    m_utcAtOrigin += moved.count();
    return moved;
}

bool StreamClock::isStepped() const
{
    const Pair both = readBoth();
    return std::chrono::abs(both.utc - utcAt(both.monotonic)) >= heededStep;
}

FrameCount StreamClock::live() const
{
    return liveAt(m_clock.monotonic());
}

FrameCount StreamClock::liveAt(nanoseconds monotonic) const
{
    return framesIn(monotonic - m_origin);
}

UtcTime StreamClock::utcAt(nanoseconds monotonic) const
{
    return UtcTime(microseconds(m_utcAtOrigin.load())) + std::chrono::floor<microseconds>(monotonic - m_origin);
}

FrameCount StreamClock::frameAt(UtcTime instant) const
{
    const Duration span = instant - UtcTime(microseconds(m_utcAtOrigin.load()));
    return framesIn(span + nanoseconds(1'000'000'000 / sampleRate / 2));
}

UtcTime StreamClock::instantOf(FrameCount position) const
{
    return UtcTime(microseconds(m_utcAtOrigin.load())) + toDuration(position);
}

UtcTime StreamClock::systemInstantOf(FrameCount position) const
{
    const Pair both = readBoth();
    return both.utc + std::chrono::round<Duration>(dueAt(position) - both.monotonic);
}

nanoseconds StreamClock::dueAt(FrameCount position) const
{
    const std::int64_t seconds = position.value / sampleRate;
    const std::int64_t rest = position.value % sampleRate;
    return m_origin + nanoseconds(seconds * 1'000'000'000 + rest * 1'000'000'000 / sampleRate);
}

nanoseconds StreamClock::untilDue(FrameCount position) const
{
    return dueAt(position) - m_clock.monotonic();
}

bool RealPacing::waitUntil(FrameCount position)
{
    for (;;) {
        if (!isRunning())
            return false;
        if (m_turn && dueAt(position) <= *m_turn)
            return true;
        const nanoseconds left = m_clock.untilDue(position + m_delay);
        if (left.count() <= 0)
            return true;
        // An absolute wake-up: a delay between here and the call does not add to the wait.
        timespec until{};
        clock_gettime(CLOCK_MONOTONIC, &until);
        const std::int64_t wake = until.tv_nsec + std::min(left, longestSlice).count();
        until.tv_sec += wake / 1'000'000'000;
        until.tv_nsec = wake % 1'000'000'000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    }
}

} // namespace loa::playout
