#include "playout/engine/output_lane.h"

#include "playout/engine/hub.h"

#include <algorithm>
#include <bit>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr auto ringSpan = 2s;     // an output may be so late before it loses anything
constexpr auto lookEvery = 100ms; // at a ring that is empty, unless the pump says that it is not
// Of those that share a thread nobody is woken: blocks come at least 0.1 s before they are due.
constexpr auto sharedLook = 50ms;
constexpr auto longestSharedWait = 200ms; // with a block in hand; mail waits so long

// At its instant; all else is taken as soon as it is there.
bool leaves(const BlockHead& head)
{
    return head.kind == RunnerBlock::Kind::Samples || head.kind == RunnerBlock::Kind::Packet;
}

// Room for `ringSpan` and the output's delay, twice over: runs end at joins as well, and what is missing from packets
// comes run by run, however long they are.
std::size_t ringSlots(const OutputConfig& config)
{
    return std::bit_ceil(2 * static_cast<std::size_t>((ringSpan + config.delay) / 20ms));
}

} // namespace

Result<std::unique_ptr<OutputLane>> OutputLane::create(const OutputConfig& config, const StationId& station,
                                                       const Clock& time, const StreamClock& clock,
                                                       DeliveryObserver& observer, OutputRunner::Settled settled)
{
    if (auto good = checkOutput(config); !good)
        return passOn(good);
    std::unique_ptr<OutputLane> lane(new OutputLane(config, time, clock));
    auto runner = OutputRunner::create(config, station, lane->m_pacing, observer, std::move(settled));
    if (!runner)
        return passOn(runner);
    lane->m_runner = std::move(*runner);
    return lane;
}

OutputLane::OutputLane(const OutputConfig& config, const Clock& time, const StreamClock& clock)
    : m_time(time), m_pulse(time.monotonic()), m_pacing(clock, config.delay), m_delay(config.delay),
      m_ring(ringSlots(config))
{
}

OutputLane::~OutputLane()
{
    if (m_runner) // not when it could not be made
        end();
}

void OutputLane::start(SharedOutputs* shared)
{
    m_shared = shared && m_runner->traits().isPrompt ? shared : nullptr;
    if (!m_shared)
        m_own = std::make_unique<TaskThread>("loa-output");
    else
        m_runner->share(m_shared->departures);
    (m_shared ? m_shared->thread : *m_own).add(*this);
}

void OutputLane::end()
{
    m_runner->mute();
    m_pacing.interrupt(true);
    if (m_shared) {
        m_shared->thread.remove(*this);
        m_shared = nullptr;
    }
    m_own.reset();
}

void OutputLane::push(const HeldBlock& block)
{
    HeldBlock* slot = m_ring.claim();
    if (!slot)
        return;
    *slot = block;
    m_ring.publish();
}

void OutputLane::reach(FrameCount position)
{
    m_reached.store(position.value, std::memory_order_release);
    call();
}

void OutputLane::call()
{
    if (m_own) // the others look often enough
        m_own->call(*this);
}

std::chrono::nanoseconds OutputLane::work()
{
    const std::chrono::nanoseconds now = m_time.monotonic();
    m_pulse.beat(now);
    if (m_shared)
        m_pacing.beginTurn(now);
    const std::chrono::nanoseconds next = takeDue(now);
    m_pacing.endTurn();
    return next;
}

std::chrono::nanoseconds OutputLane::takeDue(std::chrono::nanoseconds now)
{
    m_runner->readMail();
    const std::chrono::nanoseconds look = m_shared ? sharedLook : lookEvery;
    const std::chrono::nanoseconds nextLook = now - now % look + look; // all at one instant
    for (;;) {
        if (m_shared) {
            const auto due = nextDue();
            if (due && *due > now)
                return std::min(*due, now + longestSharedWait);
        }
        const Taken taken = takeOne();
        if (!taken.isOne)
            break;
        if (!m_shared) // its device has waited: whoever wants it to end comes in between
            return 0ns;
        // What comes next is due then, or not yet there: not looked at before, it lies in memory that nobody has read.
        if (taken.leftUntil && m_pacing.dueAt(*taken.leftUntil) > now)
            return std::min(m_pacing.dueAt(*taken.leftUntil), now + longestSharedWait);
    }
    // In this order: what the pump had done before the ring was found empty has all been taken.
    const FrameCount done{m_reached.load(std::memory_order_acquire)};
    if (!m_ring.isEmpty())
        return 0ns;
    m_runner->rest(done);
    return nextLook;
}

std::optional<std::chrono::nanoseconds> OutputLane::nextDue()
{
    const HeldBlock* slot = m_ring.front();
    if (!slot)
        return std::nullopt;
    const BlockHead& head = (*slot)->head();
    return leaves(head) ? m_pacing.dueAt(head.position) : 0ns;
}

OutputLane::Taken OutputLane::takeOne()
{
    HeldBlock* slot = m_ring.front();
    if (!slot)
        return {};
    const HeldBlock held = std::move(*slot);
    m_ring.pop();
    const BlockHead& head = held->head();
    const std::span<const std::byte> bytes = held->bytes();
    RunnerBlock block{head.position, head.frames, {}, head.missing, head.kind, {}, head.absent};
    if (head.kind != RunnerBlock::Kind::Samples)
        block.packet = bytes;
    else if (m_runner->traits().wantsSamples)
        block.samples = {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
    m_runner->take(block);
    return {true, leaves(head) ? std::optional(head.position + head.frames) : std::nullopt};
}

} // namespace loa::playout
