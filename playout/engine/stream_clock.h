// The stream clock of a player in real time: frames since an instant on the monotonic clock, and what time of day
// that is.
//
// Threads: refresh() on the pump's; the rest on any.
// Units: stream frame n is due n / 48000 s after the origin, which is a whole second of the time of day, so that
// instants on whole seconds are whole frames and nothing drifts.
// Rule: the time of day is looked at again only between sessions (refresh()), and by systemInstantOf(), which places
// nothing; monotonic and time of day are slewed alike by the kernel, so they part only when somebody steps the clock. A
// session that comes after a step is placed when those before it are over.
#pragma once

#include "media/frames.h"
#include "playout/output/output.h"
#include "scheduler/contract/clock.h"

#include <atomic>
#include <optional>

namespace loa::playout {

class StreamClock {
public:
    // `origin`: another stream clock's, on the same clock.
    explicit StreamClock(const Clock& clock, std::optional<std::chrono::nanoseconds> origin = std::nullopt);

    [[nodiscard]] std::chrono::nanoseconds origin() const { return m_origin; } // monotonic, of frame 0

    // Follows a step of the time of day. Returns by how much it moved.
    Duration refresh();

    // The time of day has been set since: by half a second or more.
    [[nodiscard]] bool isStepped() const;

    [[nodiscard]] FrameCount live() const; // the frame that is due now
    [[nodiscard]] FrameCount liveAt(std::chrono::nanoseconds monotonic) const;
    [[nodiscard]] UtcTime now() const { return utcAt(m_clock.monotonic()); }
    // The frame nearest to `instant`.
    [[nodiscard]] FrameCount frameAt(UtcTime instant) const;
    // When stream frame `position` is due.
    [[nodiscard]] UtcTime instantOf(FrameCount position) const;
    // The same by the system's clock as it stands now, refreshed or not.
    [[nodiscard]] UtcTime systemInstantOf(FrameCount position) const;
    // When `position` is due, monotonic.
    [[nodiscard]] std::chrono::nanoseconds dueAt(FrameCount position) const;
    // How long until then; negative: overdue.
    [[nodiscard]] std::chrono::nanoseconds untilDue(FrameCount position) const;

private:
    struct Pair {
        std::chrono::nanoseconds monotonic;
        UtcTime utc;
    };
    [[nodiscard]] Pair readBoth() const;
    [[nodiscard]] UtcTime utcAt(std::chrono::nanoseconds monotonic) const;

    const Clock& m_clock;
    std::chrono::nanoseconds m_origin{0};        // monotonic, of frame 0
    std::atomic<std::int64_t> m_utcAtOrigin = 0; // microseconds
};

// Waits for real, on the output's thread.
class RealPacing final : public Pacing {
public:
    RealPacing(const StreamClock& clock, std::chrono::milliseconds delay) : m_clock(clock), m_delay(toFrames(delay)) {}

    [[nodiscard]] bool waitUntil(FrameCount position) override;
    [[nodiscard]] bool isRunning() const override { return !m_interrupted.load(std::memory_order_relaxed); }
    [[nodiscard]] UtcTime now() const override { return m_clock.now(); }
    [[nodiscard]] FrameCount livePosition() const override
    {
        return (m_turn ? m_clock.liveAt(*m_turn) : m_clock.live()) - m_delay;
    }

    [[nodiscard]] UtcTime instantOf(FrameCount position) const override
    {
        return m_clock.instantOf(position + m_delay);
    }
    [[nodiscard]] UtcTime systemInstantOf(FrameCount position) const override
    {
        return m_clock.systemInstantOf(position + m_delay);
    }

    // When `position` leaves, monotonic.
    [[nodiscard]] std::chrono::nanoseconds dueAt(FrameCount position) const
    {
        return m_clock.dueAt(position + m_delay);
    }
    // Of a device that never waits: until endTurn() it is `monotonic`, as far as what is due is concerned. The output's
    // thread, whose turn lasts some microseconds.
    void beginTurn(std::chrono::nanoseconds monotonic) { m_turn = monotonic; }
    void endTurn() { m_turn.reset(); }
    // While set, every wait ends at once with false. Any thread.
    void interrupt(bool interrupted) { m_interrupted.store(interrupted, std::memory_order_relaxed); }

private:
    const StreamClock& m_clock;
    const FrameCount m_delay;
    std::optional<std::chrono::nanoseconds> m_turn;
    std::atomic<bool> m_interrupted = false;
};

} // namespace loa::playout
