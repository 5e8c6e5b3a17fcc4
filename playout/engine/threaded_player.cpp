#include "playout/engine/mix_bus.h"
#include "playout/engine/output_runner.h"
#include "playout/engine/player.h"
#include "playout/engine/programme.h"
#include "playout/engine/session_desk.h"
#include "playout/engine/spsc_ring.h"
#include "playout/engine/stream_clock.h"

#include <QSet>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t blockFrames = 960;             // 20 ms
constexpr std::size_t ringBlocks = 128;              // 2.56 s
constexpr FrameCount renderLead{sampleRate * 2 / 5}; // frames are rendered 0.4 s before they are due
constexpr FrameCount fetchLead{8 * sampleRate};      // sources are opened 8 s before they are due
constexpr auto takeUpLead = 10s;                     // a session is placed on the stream 10 s before it begins
constexpr auto pumpTick = 100ms;
constexpr auto idleTick = 1s;

struct RingSlot {
    FrameCount position;
    FrameCount frames;
    Break missing = Break::None;
    std::uint32_t epoch = 0;
    std::array<float, blockFrames> samples;
};

// For threads that have to be on time and need little: they go before what merely computes. Where the system does not
// grant that (no CAP_SYS_NICE, RLIMIT_RTPRIO 0) they run like others, and OutputHealth::startErrorP99 shows what it
// costs.
void hurryThisThread(const char* name)
{
    pthread_setname_np(pthread_self(), name);
    prctl(PR_SET_TIMERSLACK, 1UL); // wake up when it is due, not up to 50 us later
    const sched_param lowest{sched_get_priority_min(SCHED_RR)};
    static_cast<void>(pthread_setschedparam(pthread_self(), SCHED_RR, &lowest));
}

// An output with its ring and thread.
struct OutputLane {
    OutputLane(const StreamClock& clock, std::chrono::milliseconds delay, std::chrono::nanoseconds now)
        : pulse(now), pacing(clock, delay), ring(std::bit_ceil(ringBlocks + static_cast<std::size_t>(delay / 20ms)))
    {
    }

    Pulse pulse;
    RealPacing pacing;
    std::unique_ptr<OutputRunner> runner;
    SpscRing<RingSlot> ring;
    bool wants = false; // the pump's
    std::mutex mutex;
    std::condition_variable wake;
    std::thread thread;
};

} // namespace

struct ThreadedPlayer::Impl {
    explicit Impl(const PlayerSettings& settings)
        : time(settings.clock), pulse(time.monotonic()), clock(settings.clock), programme(settings.sources),
          bus(programme, settings.ceilingDb), watch(settings.silenceAfter),
          desk(settings.station, settings.outputs.size(), settings.observer), cursor(clock.live().value)
    {
    }

    void runPump();
    void runLane(OutputLane& lane);
    void takeUp();
    bool pumpUntil(FrameCount end);
    void push(OutputLane& lane, FrameCount position, const RenderedRun& run);
    void settled(const SessionId& session);

    const Clock& time;
    Pulse pulse; // the pump's
    StreamClock clock;
    Programme programme; // the pump's
    MixBus bus;          // the pump's
    SilenceWatch watch;
    SessionDesk desk;
    std::vector<std::unique_ptr<OutputLane>> lanes;
    std::array<float, blockFrames> scratch{}; // the pump's
    std::atomic<std::int64_t> cursor;         // next stream frame to render; the pump's to write
    std::uint32_t pumpEpoch = 0;              // the pump's
    std::atomic<bool> quit = false;

    std::mutex mutex; // commands to the pump
    std::condition_variable wake;
    std::uint32_t epoch = 0;
    bool called = false;
    std::vector<SessionId> removals;
    std::vector<std::shared_ptr<const SessionTimeline>> amendments;

    std::mutex settledMutex;
    std::condition_variable settledWake;

    std::thread pump;
};

Result<std::unique_ptr<ThreadedPlayer>> ThreadedPlayer::create(const PlayerSettings& settings)
{
    auto impl = std::make_unique<Impl>(settings);
    QSet<QString> names;
    for (const OutputConfig& output : settings.outputs) {
        if (names.contains(output.name)) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Hai đầu ra trùng tên."), QStringLiteral("Two outputs have one name.")},
                        output.name);
        }
        names.insert(output.name);
        auto lane = std::make_unique<OutputLane>(impl->clock, output.delay, settings.clock.monotonic());
        auto runner = OutputRunner::create(output, settings.station, lane->pacing, settings.observer,
                                           [owner = impl.get()](const SessionId& session) { owner->settled(session); });
        if (!runner)
            return passOn(runner);
        lane->runner = std::move(*runner);
        impl->lanes.push_back(std::move(lane));
    }
    if (impl->lanes.empty()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đài chưa có đầu ra nào."), QStringLiteral("The station has no output.")},
                    settings.station.value);
    }
    for (auto& lane : impl->lanes)
        lane->thread = std::thread([owner = impl.get(), &lane = *lane] { owner->runLane(lane); });
    impl->pump = std::thread([owner = impl.get()] { owner->runPump(); });
    return std::unique_ptr<ThreadedPlayer>(new ThreadedPlayer(std::move(impl)));
}

ThreadedPlayer::ThreadedPlayer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ThreadedPlayer::~ThreadedPlayer()
{
    for (auto& lane : m_impl->lanes) {
        lane->runner->mute();
        lane->pacing.interrupt(true);
    }
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->quit = true;
    }
    m_impl->wake.notify_one();
    m_impl->pump.join();
    for (auto& lane : m_impl->lanes) {
        lane->wake.notify_one();
        lane->thread.join();
    }
}

Result<void> ThreadedPlayer::play(SessionTimeline timeline)
{
    if (auto accepted = m_impl->desk.accept(std::make_shared<const SessionTimeline>(std::move(timeline))); !accepted)
        return accepted;
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->called = true;
    }
    m_impl->wake.notify_one();
    return {};
}

Result<void> ThreadedPlayer::amend(SessionTimeline timeline)
{
    {
        const std::lock_guard lock(m_impl->mutex); // the pump takes nothing up in between
        auto amended = std::make_shared<const SessionTimeline>(std::move(timeline));
        const auto takenUp = m_impl->desk.amend(amended);
        if (!takenUp)
            return passOn(takenUp);
        if (!*takenUp)
            return {};
        m_impl->amendments.push_back(std::move(amended));
        m_impl->called = true;
    }
    m_impl->wake.notify_one();
    return {};
}

bool ThreadedPlayer::withdraw(const SessionId& session)
{
    // What begins within a second may be in the rings already.
    const std::lock_guard lock(m_impl->mutex);
    const auto start = m_impl->desk.startOf(session);
    if (!start || *start < m_impl->clock.now() + 1s)
        return false;
    m_impl->desk.remove(session);
    m_impl->removals.push_back(session);
    for (auto& lane : m_impl->lanes)
        lane->runner->withdraw(session);
    return true;
}

void ThreadedPlayer::stop()
{
    {
        // Under the lock, so that the pump takes nothing up in between.
        const std::lock_guard lock(m_impl->mutex);
        ++m_impl->epoch;
        for (const auto& timeline : m_impl->desk.takeUp(UtcTime::max())) {
            for (auto& lane : m_impl->lanes)
                lane->runner->begin(timeline, FrameCount{}, FrameCount{});
        }
        for (auto& lane : m_impl->lanes)
            lane->runner->cancel(m_impl->epoch);
        m_impl->called = true;
    }
    m_impl->wake.notify_one();
    for (auto& lane : m_impl->lanes)
        lane->wake.notify_one();

    std::unique_lock lock(m_impl->settledMutex);
    const auto isDone = [this] { return m_impl->desk.isEmpty(); };
    if (m_impl->settledWake.wait_for(lock, 1s, isDone))
        return;
    // Somebody hangs: his waiting ends now.
    for (auto& lane : m_impl->lanes)
        lane->pacing.interrupt(true);
    m_impl->settledWake.wait(lock, isDone);
    for (auto& lane : m_impl->lanes)
        lane->pacing.interrupt(false);
}

PlayerState ThreadedPlayer::state() const
{
    const auto start = m_impl->desk.nextStart();
    if (!start)
        return PlayerState::Idle;
    return *start <= m_impl->clock.now() ? PlayerState::Playing : PlayerState::Waiting;
}

std::vector<OutputHealth> ThreadedPlayer::health() const
{
    std::vector<OutputHealth> health;
    for (const auto& lane : m_impl->lanes)
        health.push_back(lane->runner->health());
    return health;
}

PlayerPulse ThreadedPlayer::pulse() const
{
    const std::chrono::nanoseconds now = m_impl->time.monotonic();
    PlayerPulse pulse{m_impl->pulse.since(now), std::chrono::nanoseconds::max()};
    for (const auto& lane : m_impl->lanes)
        pulse.output = std::min(pulse.output, lane->pulse.since(now));
    return pulse;
}

ProgrammeSilence ThreadedPlayer::silence() const
{
    return m_impl->watch.heard();
}

void ThreadedPlayer::Impl::settled(const SessionId& session)
{
    desk.settle(session);
    {
        const std::lock_guard lock(settledMutex); // so that who has just found the desk full is waiting by now
    }
    settledWake.notify_all();
}

void ThreadedPlayer::Impl::runPump()
{
    hurryThisThread("loa-pump");
    while (!quit) {
        pulse.beat(time.monotonic());
        takeUp();
        const FrameCount live = clock.live();
        if (FrameCount{cursor.load()} + FrameCount{sampleRate} < live) // the machine slept: go on where it is live
            cursor.store(live.value, std::memory_order_release);
        const bool busy = pumpUntil(live + renderLead);
        std::unique_lock lock(mutex);
        wake.wait_for(lock, busy || desk.hasTakenUp() ? std::chrono::milliseconds(pumpTick) : idleTick,
                      [this] { return quit || called; });
        called = false;
    }
}

void ThreadedPlayer::Impl::takeUp()
{
    const std::lock_guard lock(mutex);
    if (pumpEpoch != epoch) {
        pumpEpoch = epoch;
        programme.clear();
        bus.reset();
        watch.reset();
    }
    for (const SessionId& session : removals)
        programme.remove(session);
    removals.clear();
    // What was read ahead for the limiter is settled.
    const FrameCount position = std::max(FrameCount{cursor.load()}, bus.readUntil());
    for (const auto& timeline : std::exchange(amendments, {})) {
        if (const auto base = programme.amend(timeline)) {
            for (auto& lane : lanes)
                lane->runner->amend(timeline, position - *base);
        }
    }
    if (!desk.hasTakenUp())
        clock.refresh();
    for (const auto& timeline : desk.takeUp(clock.now() + takeUpLead)) {
        const FrameCount base = clock.frameAt(timeline->startsAt());
        for (auto& lane : lanes)
            lane->runner->begin(timeline, base, std::max(FrameCount{}, position - base));
        programme.place(timeline, base);
    }
}

bool ThreadedPlayer::Impl::pumpUntil(FrameCount end)
{
    FrameCount position{cursor.load()};
    programme.prepare(position, fetchLead);
    bool busy = false;
    while (position < end && !quit) {
        // No run may reach over the frame at which another output begins to want.
        std::int64_t nearest = std::min(static_cast<std::int64_t>(blockFrames), (end - position).value);
        bool wanted = false;
        for (auto& lane : lanes) {
            const std::int64_t until = programme.untilWanted(lane->runner->traits(), position).value;
            lane->wants = until == 0;
            wanted |= lane->wants;
            if (until > 0)
                nearest = std::min(nearest, until);
        }
        busy |= wanted;
        if (wanted) {
            const RenderedRun run = bus.render(position, std::span(scratch).first(static_cast<std::size_t>(nearest)));
            watch.hear(run, std::span<const float>(scratch).first(static_cast<std::size_t>(run.frames.value)));
            for (auto& lane : lanes) {
                if (lane->wants)
                    push(*lane, position, run);
            }
            nearest = run.frames.value;
        } else {
            watch.reset();
        }
        position += FrameCount{nearest};
        cursor.store(position.value, std::memory_order_release);
    }
    for (auto& lane : lanes)
        lane->wake.notify_one();
    return busy;
}

void ThreadedPlayer::Impl::push(OutputLane& lane, FrameCount position, const RenderedRun& run)
{
    RingSlot* slot = lane.ring.claim();
    if (!slot) // its output is too slow: it loses the block, and finds the gap by the next block's position
        return;
    slot->position = position;
    slot->frames = run.frames;
    slot->missing = run.missing;
    slot->epoch = pumpEpoch;
    std::copy_n(scratch.begin(), run.frames.value, slot->samples.begin());
    lane.ring.publish();
}

void ThreadedPlayer::Impl::runLane(OutputLane& lane)
{
    hurryThisThread("loa-output");
    while (!quit) {
        lane.pulse.beat(time.monotonic());
        lane.runner->readMail();
        if (const RingSlot* slot = lane.ring.front()) {
            const std::span<const float> samples(slot->samples.data(), static_cast<std::size_t>(slot->frames.value));
            lane.runner->take({slot->position, slot->frames, samples, slot->missing, slot->epoch});
            lane.ring.pop();
            continue;
        }
        // In this order: what the pump had done before the ring was found empty has all been taken.
        const FrameCount done{cursor.load(std::memory_order_acquire)};
        if (lane.ring.isEmpty())
            lane.runner->rest(done);
        std::unique_lock lock(lane.mutex);
        lane.wake.wait_for(lock, pumpTick, [&] { return quit || !lane.ring.isEmpty(); });
    }
}

} // namespace loa::playout
