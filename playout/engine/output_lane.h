// An output between pump and device: the ring in which the pump lays blocks that it shares with others, and the task
// that empties it.
//
// Threads: push() and reach() on the pump's; work() on the task thread of the lane, which is its own, or, for devices
// that never wait (DeviceTraits::isPrompt), one of the hub's. Made and destroyed on the player's.
// Units: stream positions. The ring has room for the blocks of two seconds and the output's delay.
// Failure: a ring that is full means an output that is too slow: it loses the block, and finds the gap by the next
// block's position.
#pragma once

#include "playout/engine/mix_block.h"
#include "playout/engine/output_runner.h"
#include "playout/engine/pulse.h"
#include "playout/engine/spsc_ring.h"
#include "playout/engine/stream_clock.h"
#include "playout/engine/task_thread.h"

#include <atomic>
#include <memory>

namespace loa::playout {

struct SharedOutputs;

class OutputLane final : public Task {
public:
    // `time`, `clock` and `observer` outlive it. Error: as OutputRunner::create().
    [[nodiscard]] static Result<std::unique_ptr<OutputLane>>
    create(const OutputConfig& config, const StationId& station, const Clock& time, const StreamClock& clock,
           DeliveryObserver& observer, OutputRunner::Settled settled);
    ~OutputLane() override;

    // Gives it its thread; null: one of its own.
    void start(SharedOutputs* shared);
    // Nothing is delivered or reported any more, and its thread has left it.
    void end();

    [[nodiscard]] std::chrono::milliseconds delay() const { return m_delay; }
    [[nodiscard]] OutputRunner& runner() { return *m_runner; }
    [[nodiscard]] const OutputRunner& runner() const { return *m_runner; }
    [[nodiscard]] const Pulse& pulse() const { return m_pulse; }
    // While set, every wait of its device ends at once. Any thread.
    void interrupt(bool interrupted) { m_pacing.interrupt(interrupted); }

    void push(const HeldBlock& block);
    // Nothing before `position` will come any more; what has come is to be looked at.
    void reach(FrameCount position);
    // Its runner has mail.
    void call();

    [[nodiscard]] std::chrono::nanoseconds work() override;

private:
    OutputLane(const OutputConfig& config, const Clock& time, const StreamClock& clock);
    struct Taken {
        bool isOne = false;                                 // there was one
        std::optional<FrameCount> leftUntil = std::nullopt; // frames that leave, up to here
    };
    // All that is due at `now`, monotonic; as work().
    [[nodiscard]] std::chrono::nanoseconds takeDue(std::chrono::nanoseconds now);
    [[nodiscard]] Taken takeOne();
    // When the block in front is due; nullopt: there is none.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> nextDue();

    const Clock& m_time;
    Pulse m_pulse;
    RealPacing m_pacing;
    std::unique_ptr<OutputRunner> m_runner; // its device asks the pacing until it is gone
    const std::chrono::milliseconds m_delay;
    SharedOutputs* m_shared = nullptr;
    std::unique_ptr<TaskThread> m_own;
    SpscRing<HeldBlock> m_ring;
    std::atomic<std::int64_t> m_reached = 0;
};

} // namespace loa::playout
