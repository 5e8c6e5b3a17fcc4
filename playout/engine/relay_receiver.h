// Holds one address of a relay open: opens it, writes what comes into its line, and opens it again when it fails, with
// growing pauses, until it is cancelled.
//
// Threads: one of its own; the rest from any. Ownership: the line outlives it. Destroying it cancels, and waits for its
// thread, which ends within about 100 ms (a name that is being resolved: when that is over).
#pragma once

#include "playout/engine/relay_deck.h"
#include "playout/engine/relay_line.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace loa::playout {

class RelayReceiver {
public:
    RelayReceiver(RelayAddress from, RelayLine& line, const RelayOpener& opener, const Clock& clock,
                  const RelayTimings& timings);
    ~RelayReceiver();
    RelayReceiver(const RelayReceiver&) = delete;
    RelayReceiver& operator=(const RelayReceiver&) = delete;

    void cancel();
    [[nodiscard]] bool isOver() const { return m_isOver.load(std::memory_order_acquire); }
    [[nodiscard]] RelayLineState state() const;

private:
    void run();
    // Until it fails: why.
    [[nodiscard]] Error receive(RelayInput& input);
    void drain();
    void pause(std::chrono::nanoseconds length);
    [[nodiscard]] bool isCancelled() const { return m_isCancelled.load(std::memory_order_relaxed); }
    void tell(bool isOpen, const QString& detail);

    const RelayAddress m_from;
    RelayLine& m_line;
    const RelayOpener& m_opener;
    const Clock& m_clock;
    const RelayTimings m_timings;

    std::atomic<bool> m_isCancelled = false;
    std::atomic<bool> m_isOver = false;
    std::atomic<std::int64_t> m_fedAt = 0; // monotonic ns
    std::chrono::nanoseconds m_drainedAt{0};
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isOpen = false;
    QString m_detail;
    std::thread m_thread; // last
};

} // namespace loa::playout
