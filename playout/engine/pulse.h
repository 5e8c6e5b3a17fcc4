// Whether a thread still comes round: it says so at each turn of its loop, and somebody else asks how long ago that
// was. Threads: beat() on the one that is watched, the rest on any. Units: nanoseconds of Clock::monotonic().
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <span>

namespace loa::playout {

class Pulse {
public:
    explicit Pulse(std::chrono::nanoseconds now) : m_last(now.count()) {}
    void beat(std::chrono::nanoseconds now) { m_last.store(now.count(), std::memory_order_relaxed); }
    [[nodiscard]] std::chrono::nanoseconds since(std::chrono::nanoseconds now) const
    {
        return now - std::chrono::nanoseconds(m_last.load(std::memory_order_relaxed));
    }

private:
    std::atomic<std::int64_t> m_last;
};

// How long ago the threads of a player came round last.
struct PlayerPulse {
    std::chrono::nanoseconds pump{0};
    std::chrono::nanoseconds output{0}; // the one that did so most recently

    static constexpr std::chrono::seconds longestPump{20};
    // Longer than any output may wait for its peer, and for a name to be resolved.
    static constexpr std::chrono::seconds longestOutput{150};
};

// False: something stands still that only a new process helps: a pump, which may be that of many stations, or all
// outputs there are. One that hangs in the kernel costs itself, and the station whose only one it is (promise 7); a
// restart would cost the others.
[[nodiscard]] inline bool areAlive(std::span<const PlayerPulse> players)
{
    const auto pumps = [](const PlayerPulse& one) { return one.pump < PlayerPulse::longestPump; };
    const auto sounds = [](const PlayerPulse& one) { return one.output < PlayerPulse::longestOutput; };
    return std::ranges::all_of(players, pumps) && (players.empty() || std::ranges::any_of(players, sounds));
}

} // namespace loa::playout
