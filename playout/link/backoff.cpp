#include "playout/link/backoff.h"

#include <algorithm>

namespace loa::playout {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::uint64_t seed)
    : m_first(first), m_longest(longest), m_random(static_cast<std::minstd_rand::result_type>(seed ^ (seed >> 32)))
{
}

std::chrono::nanoseconds Backoff::next()
{
    const int doublings = std::min(m_failures, 20);
    ++m_failures;
    const std::chrono::nanoseconds whole = std::min<std::chrono::nanoseconds>(
        m_longest, std::chrono::nanoseconds(m_first) * (std::int64_t{1} << doublings));
    std::uniform_int_distribution<std::int64_t> part(whole.count() / 2, whole.count());
    return std::chrono::nanoseconds(part(m_random));
}

} // namespace loa::playout
