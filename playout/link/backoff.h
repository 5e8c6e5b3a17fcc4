// When to try again after failures: doubles from `first` to `longest`, each time shortened by a random part of up to a
// half, so that a district's agents do not come back in one wave after an outage. Values of the monotonic clock.
// Thread: its owner's.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace loa::playout {

class Backoff {
public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::uint64_t seed);

    // After a failure: how long to wait.
    [[nodiscard]] std::chrono::nanoseconds next();
    void succeeded() { m_failures = 0; }
    [[nodiscard]] int failures() const { return m_failures; }

private:
    std::chrono::milliseconds m_first;
    std::chrono::milliseconds m_longest;
    int m_failures = 0;
    std::minstd_rand m_random;
};

} // namespace loa::playout
