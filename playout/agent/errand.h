// Something asked of the scheduler again and again: when it is due, and how long after a failure. Values; times are
// monotonic.
#pragma once

#include "playout/link/backoff.h"

#include <chrono>
#include <utility>

namespace loa::playout {

struct Errand {
    Errand(std::chrono::seconds longestPause, std::uint64_t seed)
        : backoff(std::chrono::milliseconds(1000), longestPause, seed)
    {
    }

    void finish(bool good, std::chrono::nanoseconds pause, std::chrono::nanoseconds now)
    {
        underWay = false;
        if (good)
            backoff.succeeded();
        due = now + (good ? pause : backoff.next());
        if (std::exchange(again, false))
            due = now;
    }
    // The scheduler answers again: what failed does not wait out its pause.
    void hurry(std::chrono::nanoseconds now)
    {
        if (backoff.failures() > 0)
            due = now;
    }

    Backoff backoff;
    std::chrono::nanoseconds due{0};
    bool underWay = false;
    bool again = false; // asked for while under way
};

} // namespace loa::playout
