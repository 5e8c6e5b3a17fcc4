#include "playout/engine/encoder_stage.h"
#include "playout/engine/hub.h"
#include "playout/engine/mix_bus.h"
#include "playout/engine/output_lane.h"
#include "playout/engine/player.h"
#include "playout/engine/programme.h"
#include "playout/engine/session_desk.h"
#include "playout/engine/stream_clock.h"

#include <QSet>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t blockFrames = 960;             // 20 ms
constexpr FrameCount renderLead{sampleRate * 2 / 5}; // frames are rendered 0.4 s before they are due
constexpr FrameCount liveLead{sampleRate / 10};      // … and live speech 0.1 s
constexpr FrameCount fetchLead{8 * sampleRate};      // sources are opened 8 s before they are due
// The limiter looks ahead: a source is read so much before what is rendered, at most.
constexpr FrameCount liveMargin{sampleRate / 20};
constexpr auto takeUpLead = 10s; // a session is placed on the stream 10 s before it begins
constexpr std::chrono::nanoseconds pumpTick = 100ms;
constexpr std::chrono::nanoseconds liveTick = 20ms;
constexpr std::chrono::nanoseconds idleTick = 1s;

std::optional<std::chrono::nanoseconds> originOf(const PlayerSettings& settings)
{
    return settings.hub ? std::optional(settings.hub->origin()) : std::nullopt;
}

// An output, and what the pump notes of it.
struct PumpedLane {
    std::unique_ptr<OutputLane> output;
    EncoderStage* stage = nullptr; // null: takes samples or none
    bool wants = false;

    [[nodiscard]] OutputRunner& runner() const { return output->runner(); }
};

} // namespace

struct ThreadedPlayer::Impl final : Task {
    explicit Impl(const PlayerSettings& settings)
        : time(settings.clock), pulse(time.monotonic()), clock(settings.clock, originOf(settings)),
          programme(settings.sources), bus(programme, settings.ceilingDb), watch(settings.silenceAfter),
          desk(settings.station, settings.outputs.size(), settings.observer), tap(settings.tap),
          cursor(clock.live().value)
    {
    }

    ~Impl() override;
    [[nodiscard]] std::chrono::nanoseconds work() override;
    void call() { pump->call(*this); }
    void takeUp();
    bool pumpUntil(FrameCount end);
    void encode(FrameCount position, const RenderedRun& run);
    void push(PumpedLane& lane, FrameCount position, const RenderedRun& run);
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
    std::vector<PumpedLane> lanes;
    std::array<float, blockFrames> scratch{}; // the pump's
    std::atomic<std::int64_t> cursor;         // next stream frame to render; the pump's to write

    std::mutex mutex; // commands to the pump
    std::atomic<bool> isStopping = false;
    std::vector<SessionId> removals;
    std::vector<std::shared_ptr<const SessionTimeline>> amendments;

    std::mutex settledMutex;
    std::condition_variable settledWake;

    std::unique_ptr<TaskThread> ownPump;
    TaskThread* pump = nullptr;
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
        auto made = OutputLane::create(output, settings.station, settings.clock, impl->clock, settings.observer,
                                       [owner = impl.get()](const SessionId& session) { owner->settled(session); });
        if (!made)
            return passOn(made);
        PumpedLane lane{std::move(*made)};
        if (const auto& packets = lane.runner().traits().packets) {
            const auto stage =
                stageFor(impl->stages, {*packets, output.gainDb}, settings.hub ? &settings.hub->encoders() : nullptr);
            if (!stage)
                return passOn(stage);
            lane.stage = *stage;
        }
        impl->lanes.push_back(std::move(lane));
    }
    if (impl->lanes.empty()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đài chưa có đầu ra nào."), QStringLiteral("The station has no output.")},
                    settings.station.value);
    }
    for (PumpedLane& lane : impl->lanes)
        lane.output->start(settings.hub ? settings.hub->outputThread() : nullptr);
    impl->pump = settings.hub ? settings.hub->pumpThread() : nullptr;
    if (!impl->pump) {
        impl->ownPump = std::make_unique<TaskThread>("loa-pump");
        impl->pump = impl->ownPump.get();
    }
    impl->pump->add(*impl);
    return std::unique_ptr<ThreadedPlayer>(new ThreadedPlayer(std::move(impl)));
}

ThreadedPlayer::ThreadedPlayer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ThreadedPlayer::~ThreadedPlayer() = default;

ThreadedPlayer::Impl::~Impl()
{
    for (PumpedLane& lane : lanes) { // from now on nothing is told, and no device waits
        lane.runner().mute();
        lane.output->interrupt(true);
    }
    if (pump)
        pump->remove(*this);
    for (PumpedLane& lane : lanes)
        lane.output->end();
}

Result<void> ThreadedPlayer::play(SessionTimeline timeline)
{
    if (auto accepted = m_impl->desk.accept(std::make_shared<const SessionTimeline>(std::move(timeline))); !accepted)
        return accepted;
    m_impl->call();
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
    }
    m_impl->call();
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
    for (PumpedLane& lane : m_impl->lanes)
        lane.runner().withdraw(session);
    return true;
}

void ThreadedPlayer::stop()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        if (m_impl->desk.isEmpty())
            return;
        m_impl->isStopping = true;
    }
    m_impl->call();

    std::unique_lock lock(m_impl->settledMutex);
    const auto isDone = [this] { return !m_impl->isStopping && m_impl->desk.isEmpty(); };
    if (m_impl->settledWake.wait_for(lock, 1s, isDone))
        return;
    do { // somebody hangs: his waiting ends now
        for (PumpedLane& lane : m_impl->lanes)
            lane.output->interrupt(lane.runner().isBusy());
    } while (!m_impl->settledWake.wait_for(lock, 100ms, isDone));
    for (PumpedLane& lane : m_impl->lanes)
        lane.output->interrupt(false);
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
    for (const PumpedLane& lane : m_impl->lanes)
        health.push_back(lane.runner().health());
    return health;
}

PlayerPulse ThreadedPlayer::pulse() const
{
    const std::chrono::nanoseconds now = m_impl->time.monotonic();
    PlayerPulse pulse{m_impl->pulse.since(now), std::chrono::nanoseconds::max()};
    for (const PumpedLane& lane : m_impl->lanes)
        pulse.output = std::min(pulse.output, lane.output->pulse().since(now));
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

std::chrono::nanoseconds ThreadedPlayer::Impl::work()
{
    pulse.beat(time.monotonic());
    takeUp();
    const FrameCount live = clock.live();
    if (FrameCount{cursor.load()} + FrameCount{sampleRate} < live) // the machine slept: go on where it is live
        cursor.store(live.value, std::memory_order_release);
    // What is spoken live is not there any earlier.
    const FrameCount spoken = programme.nextLive({cursor.load()});
    const bool isLive = spoken < live + renderLead;
    const bool busy = pumpUntil(isLive ? std::max(spoken - liveMargin, live + liveLead) : live + renderLead);
    const std::chrono::nanoseconds tick = busy || desk.hasTakenUp() ? (isLive ? liveTick : pumpTick) : idleTick;
    // On the stream's whole ticks, so that stations of one thread are pumped together.
    return tick - (time.monotonic() - clock.origin()) % tick;
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
            for (PumpedLane& lane : lanes)
                lane.runner().amend(timeline, position - *base);
            if (tap)
                tap->placed(timeline, *base);
        }
    }
    if (!desk.hasTakenUp())
        clock.refresh();
    for (const auto& timeline : desk.takeUp(clock.now() + takeUpLead)) {
        const FrameCount base = clock.frameAt(timeline->startsAt());
        for (PumpedLane& lane : lanes)
            lane.runner().begin(timeline, base, std::max(FrameCount{}, position - base));
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
        for (PumpedLane& lane : lanes)
            lane.runner().begin(timeline, end, FrameCount{});
    }
    programme.cutAt(end);
    watch.reset();
    if (tap)
        tap->cut();
    for (PumpedLane& lane : lanes) {
        lane.runner().cancel(end);
        lane.output->call();
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
    while (position < end) {
        // No run may reach over the frame at which another output begins to want.
        std::int64_t nearest = std::min(static_cast<std::int64_t>(blockFrames), (end - position).value);
        bool wanted = false;
        for (PumpedLane& lane : lanes) {
            const std::int64_t until = programme.untilWanted(lane.runner().traits(), position).value;
            lane.wants = until == 0;
            wanted |= lane.wants;
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
            for (PumpedLane& lane : lanes) {
                if (lane.wants)
                    push(lane, position, run);
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
    for (PumpedLane& lane : lanes) {
        const FrameCount reached = lane.stage && lane.wants ? lane.stage->pending() : position;
        lane.output->reach(reached);
    }
    if (tap)
        tap->flush();
    return busy;
}

void ThreadedPlayer::Impl::push(PumpedLane& lane, FrameCount position, const RenderedRun& run)
{
    if (lane.stage) { // its packets come when they are full
        if (!run.absent.isEmpty())
            lane.output->push({position, run.frames, run.missing, RunnerBlock::Kind::Missing, run.absent}, {});
        return;
    }
    std::span<const std::byte> samples;
    if (lane.runner().traits().wantsSamples)
        samples = std::as_bytes(std::span(scratch).first(static_cast<std::size_t>(run.frames.value)));
    lane.output->push({position, run.frames, run.missing, RunnerBlock::Kind::Samples, run.absent}, samples);
}

void ThreadedPlayer::Impl::encode(FrameCount position, const RenderedRun& run)
{
    const std::span<const float> samples =
        std::span<const float>(scratch).first(static_cast<std::size_t>(run.frames.value));
    for (auto& stage : stages) {
        const auto toEach = [&](const BlockHead& head, std::span<const std::byte> data) {
            for (PumpedLane& lane : lanes) {
                if (lane.wants && lane.stage == stage.get())
                    lane.output->push(head, data);
            }
        };
        const bool isWanted = std::any_of(lanes.begin(), lanes.end(),
                                          [&](const auto& lane) { return lane.wants && lane.stage == stage.get(); });
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

} // namespace loa::playout
