#include "playout/engine/block_ring.h"
#include "playout/engine/encoder_stage.h"
#include "playout/engine/hub.h"
#include "playout/engine/mix_bus.h"
#include "playout/engine/output_runner.h"
#include "playout/engine/player.h"
#include "playout/engine/programme.h"
#include "playout/engine/session_desk.h"
#include "playout/engine/stream_clock.h"

#include <QSet>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t blockFrames = 960;             // 20 ms
constexpr auto ringSpan = 2s;                        // an output may be so late before it loses anything
constexpr FrameCount renderLead{sampleRate * 2 / 5}; // frames are rendered 0.4 s before they are due
constexpr FrameCount liveLead{sampleRate / 10};      // … and live speech 0.1 s
constexpr FrameCount fetchLead{8 * sampleRate};      // sources are opened 8 s before they are due
// The limiter looks ahead: a source is read so much before what is rendered, at most.
constexpr FrameCount liveMargin{sampleRate / 20};
constexpr auto takeUpLead = 10s; // a session is placed on the stream 10 s before it begins
constexpr auto pumpTick = 100ms;
constexpr auto liveTick = 20ms;
constexpr auto idleTick = 1s;

// What stands in a ring before samples or packet.
struct BlockHead {
    FrameCount position;
    FrameCount frames;
    Break missing = Break::None;
    RunnerBlock::Kind kind = RunnerBlock::Kind::Samples;
    Absences absent = {};
};

// Room for `ringSpan` and the output's delay; its packets' rate may be half as much again all that time.
std::size_t ringBytes(const OutputConfig& config, const DeviceTraits& traits)
{
    constexpr std::size_t headBytes = sizeof(BlockHead) + 16;
    const auto blocks = static_cast<std::size_t>((ringSpan + config.delay) / 20ms) + 1;
    std::size_t payload = 0;
    if (traits.packets)
        payload = static_cast<std::size_t>(traits.packets->bitRate / 8 / 50) * 3 / 2;
    else if (traits.wantsSamples)
        payload = blockFrames * sizeof(float);
    return std::bit_ceil(blocks * (headBytes + payload));
}

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

std::optional<std::chrono::nanoseconds> originOf(const PlayerSettings& settings)
{
    return settings.hub ? std::optional(settings.hub->origin()) : std::nullopt;
}

// An output with its ring and thread.
struct OutputLane {
    OutputLane(const StreamClock& clock, const OutputConfig& config, std::chrono::nanoseconds now)
        : pulse(now), pacing(clock, config.delay), ring(ringBytes(config, traitsOf(config)))
    {
    }
    // A full ring: its output is too slow, loses the block, and finds the gap by the next block's position.
    void push(const BlockHead& head, std::span<const std::byte> payload)
    {
        std::byte* room = ring.claim(sizeof head + payload.size());
        if (!room)
            return;
        std::memcpy(room, &head, sizeof head);
        std::copy(payload.begin(), payload.end(), room + sizeof head);
        ring.publish();
    }
    // False: none is there.
    bool takeOne()
    {
        const std::span<const std::byte> bytes = ring.front();
        if (!bytes.data())
            return false;
        BlockHead head;
        std::memcpy(&head, bytes.data(), sizeof head);
        const std::span<const std::byte> payload = bytes.subspan(sizeof head);
        RunnerBlock block{head.position, head.frames, {}, head.missing, head.kind, {}, head.absent};
        if (head.kind == RunnerBlock::Kind::Samples)
            block.samples = {reinterpret_cast<const float*>(payload.data()), payload.size() / sizeof(float)};
        else
            block.packet = payload;
        runner->take(block);
        ring.pop();
        return true;
    }

    Pulse pulse;
    RealPacing pacing;
    std::unique_ptr<OutputRunner> runner;
    EncoderStage* stage = nullptr; // the pump's; null: takes samples or none
    BlockRing ring;
    bool wants = false;                    // the pump's
    std::atomic<std::int64_t> reached = 0; // nothing before this frame will come into the ring any more
    std::mutex mutex;
    std::condition_variable wake;
    std::thread thread;
};

} // namespace

struct ThreadedPlayer::Impl {
    explicit Impl(const PlayerSettings& settings)
        : time(settings.clock), pulse(time.monotonic()), clock(settings.clock, originOf(settings)),
          programme(settings.sources), bus(programme, settings.ceilingDb), watch(settings.silenceAfter),
          desk(settings.station, settings.outputs.size(), settings.observer), tap(settings.tap),
          cursor(clock.live().value)
    {
    }

    void runPump();
    void runLane(OutputLane& lane);
    void takeUp();
    bool pumpUntil(FrameCount end);
    void encode(FrameCount position, const RenderedRun& run);
    void push(OutputLane& lane, FrameCount position, const RenderedRun& run);
    void endAll();
    void settled(const SessionId& session);

    const Clock& time;
    Pulse pulse; // the pump's
    StreamClock clock;
    Programme programme; // the pump's
    MixBus bus;          // the pump's
    SilenceWatch watch;
    SessionDesk desk;
    MixTap* const tap;                                 // may be null
    std::vector<std::unique_ptr<EncoderStage>> stages; // the pump's
    std::vector<std::unique_ptr<OutputLane>> lanes;
    std::array<float, blockFrames> scratch{}; // the pump's
    std::atomic<std::int64_t> cursor;         // next stream frame to render; the pump's to write
    std::atomic<bool> quit = false;

    std::mutex mutex; // commands to the pump
    std::condition_variable wake;
    bool called = false;
    std::atomic<bool> isStopping = false;
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
        auto lane = std::make_unique<OutputLane>(impl->clock, output, settings.clock.monotonic());
        auto runner = OutputRunner::create(output, settings.station, lane->pacing, settings.observer,
                                           [owner = impl.get()](const SessionId& session) { owner->settled(session); });
        if (!runner)
            return passOn(runner);
        lane->runner = std::move(*runner);
        if (const auto& packets = lane->runner->traits().packets) {
            const auto stage =
                stageFor(impl->stages, {*packets, output.gainDb}, settings.hub ? &settings.hub->encoders() : nullptr);
            if (!stage)
                return passOn(stage);
            lane->stage = *stage;
        }
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
        const std::lock_guard lock(m_impl->mutex);
        if (m_impl->desk.isEmpty())
            return;
        m_impl->isStopping = true;
        m_impl->called = true;
    }
    m_impl->wake.notify_one();

    std::unique_lock lock(m_impl->settledMutex);
    const auto isDone = [this] { return !m_impl->isStopping && m_impl->desk.isEmpty(); };
    if (m_impl->settledWake.wait_for(lock, 1s, isDone))
        return;
    do { // somebody hangs: his waiting ends now
        for (auto& lane : m_impl->lanes)
            lane->pacing.interrupt(lane->runner->isBusy());
    } while (!m_impl->settledWake.wait_for(lock, 100ms, isDone));
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

EncodingCount ThreadedPlayer::encoding() const
{
    EncodingCount count;
    count.stages = static_cast<int>(m_impl->stages.size());
    for (const auto& stage : m_impl->stages) {
        count.runs += stage->runs();
        count.packets += stage->packets();
    }
    return count;
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
        // What is spoken live is not there any earlier.
        const FrameCount spoken = programme.nextLive({cursor.load()});
        const bool isLive = spoken < live + renderLead;
        const bool busy = pumpUntil(isLive ? std::max(spoken - liveMargin, live + liveLead) : live + renderLead);
        std::unique_lock lock(mutex);
        const auto busyTick = std::chrono::milliseconds(isLive ? liveTick : pumpTick);
        wake.wait_for(lock, busy || desk.hasTakenUp() ? busyTick : idleTick, [this] { return quit || called; });
        called = false;
    }
}

void ThreadedPlayer::Impl::takeUp()
{
    const std::lock_guard lock(mutex);
    if (isStopping)
        endAll();
    for (const SessionId& session : removals)
        programme.remove(session);
    removals.clear();
    // What was read ahead for the limiter is settled.
    const FrameCount position = std::max(FrameCount{cursor.load()}, bus.readUntil());
    for (const auto& timeline : std::exchange(amendments, {})) {
        if (const auto base = programme.amend(timeline)) {
            for (auto& lane : lanes)
                lane->runner->amend(timeline, position - *base);
            if (tap)
                tap->placed(timeline, *base);
        }
    }
    if (!desk.hasTakenUp())
        clock.refresh();
    for (const auto& timeline : desk.takeUp(clock.now() + takeUpLead)) {
        const FrameCount base = clock.frameAt(timeline->startsAt());
        for (auto& lane : lanes)
            lane->runner->begin(timeline, base, std::max(FrameCount{}, position - base));
        programme.place(timeline, base);
        if (tap)
            tap->placed(timeline, base);
    }
}

// What has been rendered leaves, falls to silence over `softCut`, and that is all.
void ThreadedPlayer::Impl::endAll()
{
    const FrameCount end = std::max(FrameCount{cursor.load()}, bus.readUntil()) + softCut;
    for (const auto& timeline : desk.takeUp(UtcTime::max())) {
        for (auto& lane : lanes)
            lane->runner->begin(timeline, end, FrameCount{});
    }
    programme.cutAt(end);
    watch.reset();
    if (tap)
        tap->cut();
    for (auto& lane : lanes) {
        lane->runner->cancel(end);
        lane->wake.notify_one();
    }
    {
        const std::lock_guard lock(settledMutex);
        isStopping = false;
    }
    settledWake.notify_all();
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
            const std::span<const float> mixed =
                std::span<const float>(scratch).first(static_cast<std::size_t>(run.frames.value));
            watch.hear(run, mixed);
            if (tap)
                tap->hear(position, run, mixed);
            for (auto& lane : lanes) {
                if (lane->wants)
                    push(*lane, position, run);
            }
            encode(position, run);
            nearest = run.frames.value;
        } else {
            watch.reset();
            for (auto& stage : stages)
                stage->rest();
        }
        position += FrameCount{nearest};
        cursor.store(position.value, std::memory_order_release);
    }
    for (auto& lane : lanes) {
        const FrameCount reached = lane->stage && lane->wants ? lane->stage->pending() : position;
        lane->reached.store(reached.value, std::memory_order_release);
        lane->wake.notify_one();
    }
    if (tap)
        tap->flush();
    return busy;
}

void ThreadedPlayer::Impl::push(OutputLane& lane, FrameCount position, const RenderedRun& run)
{
    if (lane.stage) { // its packets come when they are full
        if (!run.absent.isEmpty())
            lane.push({position, run.frames, run.missing, RunnerBlock::Kind::Missing, run.absent}, {});
        return;
    }
    std::span<const std::byte> samples;
    if (lane.runner->traits().wantsSamples)
        samples = std::as_bytes(std::span(scratch).first(static_cast<std::size_t>(run.frames.value)));
    lane.push({position, run.frames, run.missing, RunnerBlock::Kind::Samples, run.absent}, samples);
}

void ThreadedPlayer::Impl::encode(FrameCount position, const RenderedRun& run)
{
    const std::span<const float> samples =
        std::span<const float>(scratch).first(static_cast<std::size_t>(run.frames.value));
    for (auto& stage : stages) {
        const auto toEach = [&](const BlockHead& head, std::span<const std::byte> data) {
            for (auto& lane : lanes) {
                if (lane->wants && lane->stage == stage.get())
                    lane->push(head, data);
            }
        };
        const bool isWanted = std::any_of(lanes.begin(), lanes.end(),
                                          [&](const auto& lane) { return lane->wants && lane->stage == stage.get(); });
        if (!isWanted) {
            stage->rest();
            continue;
        }
        const bool encoded = stage->write(position, samples, [&](const EncoderStage::Packet& packet) {
            const auto kind = packet.leadsIn ? RunnerBlock::Kind::LeadIn : RunnerBlock::Kind::Packet;
            toEach({packet.position, packet.frames, Break::None, kind}, packet.data);
        });
        if (!encoded) {
            const FrameCount from = stage->pending();
            toEach({from, position + run.frames - from, Break::OutputDown, RunnerBlock::Kind::Missing}, {});
        }
    }
}

void ThreadedPlayer::Impl::runLane(OutputLane& lane)
{
    hurryThisThread("loa-output");
    while (!quit) {
        lane.pulse.beat(time.monotonic());
        lane.runner->readMail();
        if (lane.takeOne())
            continue;
        // In this order: what the pump had done before the ring was found empty has all been taken.
        const FrameCount done{lane.reached.load(std::memory_order_acquire)};
        if (lane.ring.isEmpty())
            lane.runner->rest(done);
        std::unique_lock lock(lane.mutex);
        lane.wake.wait_for(lock, pumpTick, [&] { return quit || !lane.ring.isEmpty(); });
    }
}

} // namespace loa::playout
