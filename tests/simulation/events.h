// What is to happen in simulated time, and chance with a seed. One thread.
#pragma once

#include "scheduler/contract/time.h"

#include <functional>
#include <map>
#include <random>

namespace loa::simulation {

// Calls at one instant run in the order in which they were asked for.
class Events {
public:
    void at(UtcTime when, std::function<void()> call) { m_calls.emplace(when, std::move(call)); }
    [[nodiscard]] UtcTime next() const { return m_calls.empty() ? UtcTime::max() : m_calls.begin()->first; }

    void runDue(UtcTime now)
    {
        while (!m_calls.empty() && m_calls.begin()->first <= now) {
            const auto call = std::move(m_calls.begin()->second);
            m_calls.erase(m_calls.begin());
            call();
        }
    }

private:
    std::multimap<UtcTime, std::function<void()>> m_calls;
};

class Chance {
public:
    explicit Chance(std::uint32_t seed) : m_engine(seed) {}

    // 0 … most
    std::int64_t upTo(std::int64_t most)
    {
        return static_cast<std::int64_t>(m_engine() % static_cast<std::uint64_t>(most + 1));
    }
    std::int64_t between(std::int64_t least, std::int64_t most) { return least + upTo(most - least); }
    bool inThousand(int parts) { return upTo(999) < parts; }

private:
    std::mt19937_64 m_engine;
};

} // namespace loa::simulation
