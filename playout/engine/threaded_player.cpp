#include "playout/engine/hub.h"
#include "playout/engine/mix_table.h"
#include "playout/engine/output_lane.h"
#include "playout/engine/player.h"
#include "playout/engine/session_desk.h"
#include "playout/engine/stream_clock.h"

#include <QSet>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr FrameCount renderLead{sampleRate * 2 / 5}; // frames are rendered 0.4 s before they are due
constexpr FrameCount liveLead{sampleRate / 10};      // … and live speech 0.1 s
// The limiter looks ahead: a source is read so much before what is rendered, at most.
constexpr FrameCount liveMargin{sampleRate / 20};
constexpr auto hangPatience = 3s; // with a device whose call does not return though it was interrupted
constexpr auto takeUpLead = 10s;  // a session is placed on the stream 10 s before it begins
constexpr std::chrono::nanoseconds pumpTick = 100ms;
constexpr std::chrono::nanoseconds liveTick = 20ms;
constexpr std::chrono::nanoseconds idleTick = 1s;
constexpr FrameCount tickFrames{sampleRate / 10}; // of pumpTick
// On the hour the recordings of all stations end or begin, and each such join costs what a hundred passed packets do.
// Where so many mixes share a pump one in so many makes its joins in each of the ticks before. What is ordered sounds a
// second later at the earliest: nothing may have been rendered up to there.
constexpr std::size_t mixesAtOnce = 32;
constexpr std::size_t mostTurns = 5;
static_assert(renderLead + FrameCount{(mostTurns - 1) * tickFrames.value} < FrameCount{sampleRate * 9 / 10});

std::optional<std::chrono::nanoseconds> originOf(const PlayerSettings& settings)
{
    return settings.hub ? std::optional(settings.hub->origin()) : std::nullopt;
}

} // namespace

struct ThreadedPlayer::Impl final : Task {
    explicit Impl(const PlayerSettings& settings)
        : time(settings.clock), pulse(time.monotonic()),
          clock(settings.clock, originOf(settings)), mixing{&settings.sources,
                                                            settings.ceilingDb,
                                                            settings.silenceAfter,
                                                            settings.hub ? &settings.hub->encoders() : nullptr,
                                                            PassThrough::fetchingFor(settings.outputs),
                                                            settings.tap ? &settings.tap->ears() : nullptr},
          desk(settings.station, settings.outputs.size(), settings.observer)
    {
        member.tap = settings.tap;
    }
    ~Impl() override;

    [[nodiscard]] std::chrono::nanoseconds work() override;
    void call() { pump->thread.call(*this); }
    void follow(Mix& next);
    void makeChanges();
    void takeUp(MixChanges& changes);
    void stopAll(MixChanges& changes);
    // Of what is changed from `from` on.
    void tellTap(const MixChanges& changes, FrameCount from);
    // Renders what is to be there by now. True: live speech is in it.
    bool render();
    // How far ahead of that, for a join that many others make, too.
    [[nodiscard]] FrameCount joinAhead(FrameCount end) const;
    void settled(const SessionId& session);
    [[nodiscard]] std::optional<FrameCount> baseOf(const SessionId& session) const;

    const Clock& time;
    Pulse pulse; // the pump's
    StreamClock clock;
    const MixSettings mixing;
    SessionDesk desk;
    MixMember member;      // under the pump's mutex
    Mix* mix = nullptr;    // the one that it hears; the pump's
    PlacedSessions placed; // the pump's

    std::mutex mutex; // commands to the pump
    std::atomic<bool> isStopping = false;
    bool hasBegunStop = false;
    std::vector<SessionId> removals;
    std::vector<std::shared_ptr<const SessionTimeline>> amendments;
    std::vector<std::pair<SessionId, AiringId>> revocations; // of sessions on the desk
    std::size_t revoked = 0;                                 // so many of them have been carried out

    mutable std::mutex watchMutex; // guards what follows
    std::shared_ptr<const SilenceWatch> watch;
    FrameCount silentBefore; // in mixes that it has left, less what others had heard there before

    std::mutex settledMutex;
    std::condition_variable settledWake;

    std::unique_ptr<Pump> ownPump;
    Pump* pump = nullptr;
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
        MixLane lane{std::move(*made)};
        if (const auto& packets = lane.output->runner().traits().packets) {
            const DeviceTraits& traits = lane.output->runner().traits();
            lane.key = {*packets, output.gainDb, traits.passes, traits.bundle};
            // Refused here rather than in mid-play.
            if (auto tried = EncoderStage::create(*lane.key, impl->mixing.share); !tried)
                return passOn(tried);
        }
        impl->member.lanes.push_back(std::move(lane));
    }
    if (impl->member.lanes.empty()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đài chưa có đầu ra nào."), QStringLiteral("The station has no output.")},
                    settings.station.value);
    }
    for (MixLane& lane : impl->member.lanes)
        lane.output->start(settings.hub ? settings.hub->outputs() : nullptr);
    impl->pump = settings.hub ? settings.hub->pump() : nullptr;
    if (!impl->pump) {
        impl->ownPump = std::make_unique<Pump>();
        impl->pump = impl->ownPump.get();
    }
    impl->member.number = impl->pump->thread.size();
    impl->pump->thread.add(*impl);
    return std::unique_ptr<ThreadedPlayer>(new ThreadedPlayer(std::move(impl)));
}

ThreadedPlayer::ThreadedPlayer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ThreadedPlayer::~ThreadedPlayer() = default;

ThreadedPlayer::Impl::~Impl()
{
    for (MixLane& lane : member.lanes) { // from now on nothing is told, and no device waits
        lane.output->runner().mute();
        lane.output->interrupt(true);
    }
    if (pump) {
        pump->thread.remove(*this);
        const std::lock_guard lock(pump->mixes.mutex());
        if (mix)
            pump->mixes.leave(member, *mix);
    }
    for (MixLane& lane : member.lanes)
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

void ThreadedPlayer::revoke(const SessionId& session, const AiringId& airing)
{
    {
        const std::lock_guard lock(m_impl->mutex);
        if (!m_impl->desk.startOf(session))
            return;
        m_impl->revocations.emplace_back(session, airing);
    }
    m_impl->call();
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
    for (MixLane& lane : m_impl->member.lanes)
        lane.output->runner().withdraw(session);
    return true;
}

void ThreadedPlayer::beginStop()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        if (m_impl->desk.isEmpty() || std::exchange(m_impl->hasBegunStop, true))
            return;
        m_impl->isStopping = true;
    }
    m_impl->call();
}

void ThreadedPlayer::stop()
{
    beginStop();
    {
        const std::lock_guard lock(m_impl->mutex);
        if (!std::exchange(m_impl->hasBegunStop, false))
            return;
    }
    std::unique_lock lock(m_impl->settledMutex);
    const auto isDone = [this] { return !m_impl->isStopping && m_impl->desk.isEmpty(); };
    if (m_impl->settledWake.wait_for(lock, 1s, isDone))
        return;
    const auto patience = std::chrono::steady_clock::now() + hangPatience;
    do { // somebody hangs: his waiting ends now
        for (MixLane& lane : m_impl->member.lanes)
            lane.output->interrupt(lane.output->runner().isBusy());
    } while (!m_impl->settledWake.wait_for(lock, 100ms, isDone) && std::chrono::steady_clock::now() < patience);
    for (MixLane& lane : m_impl->member.lanes)
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
    for (const MixLane& lane : m_impl->member.lanes)
        health.push_back(lane.output->runner().health());
    return health;
}

PlayerPulse ThreadedPlayer::pulse() const
{
    const std::chrono::nanoseconds now = m_impl->time.monotonic();
    PlayerPulse pulse{m_impl->pulse.since(now), std::chrono::nanoseconds::max()};
    for (const MixLane& lane : m_impl->member.lanes)
        pulse.output = std::min(pulse.output, lane.output->pulse().since(now));
    return pulse;
}

EncodingCount ThreadedPlayer::encoding() const
{
    const std::lock_guard lock(m_impl->pump->mixes.mutex());
    return m_impl->mix ? m_impl->mix->encoding() : EncodingCount{};
}

ProgrammeSilence ThreadedPlayer::silence() const
{
    const std::lock_guard lock(m_impl->watchMutex);
    if (!m_impl->watch)
        return {};
    ProgrammeSilence heard = m_impl->watch->heard();
    heard.total += m_impl->silentBefore;
    return heard;
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
    const std::lock_guard lock(pump->mixes.mutex());
    pulse.beat(time.monotonic());
    if (!mix)
        follow(pump->mixes.enter(member, mixing, clock.live()));
    // Where mixes are shared all changes of a tick are made at the frame up to which all have been rendered, so that
    // equal changes meet.
    const bool isShared = !ownPump;
    bool isLive = isShared && render();
    makeChanges();
    if (isShared)
        follow(pump->mixes.settle(member, *mix));
    const bool speaks = mix->programme().nextLive(mix->cursor()) < clock.live() + renderLead;
    if (!isShared || speaks)
        isLive = render();
    const bool isBusy = mix->isBusy() || desk.hasTakenUp();
    const std::chrono::nanoseconds tick = isBusy ? (isLive ? liveTick : pumpTick) : idleTick;
    // On the stream's whole ticks, so that stations of one pump are looked at together.
    const std::chrono::nanoseconds now = time.monotonic();
    return now + tick - (now - clock.origin()) % tick;
}

bool ThreadedPlayer::Impl::render()
{
    const FrameCount live = clock.live();
    if (mix->cursor() + FrameCount{sampleRate} < live) // the machine slept: go on where it is live
        mix->skipTo(live);
    // What is spoken live is not there any earlier.
    const FrameCount spoken = mix->programme().nextLive(mix->cursor());
    if (spoken < live + renderLead) {
        mix->pumpUntil(std::max(spoken - liveMargin, live + liveLead));
        return true;
    }
    FrameCount end = live + renderLead;
    if (!ownPump) {
        end = {end.value / tickFrames.value * tickFrames.value};
        end += joinAhead(end);
    } else if (mixing.fetching == Fetching::Packets)
        end = {end.value / PassThrough::slot.value * PassThrough::slot.value};
    mix->pumpUntil(end);
    return false;
}

FrameCount ThreadedPlayer::Impl::joinAhead(FrameCount end) const
{
    const std::size_t turns = std::min(pump->mixes.size() / mixesAtOnce, mostTurns);
    if (mixing.fetching != Fetching::Packets || turns < 2)
        return {};
    const auto ticks = static_cast<std::int64_t>(mix->members().front()->number % turns);
    const FrameCount ahead{ticks * tickFrames.value};
    return mix->programme().hasJoin(mix->cursor(), end + ahead) ? ahead : FrameCount{};
}

void ThreadedPlayer::Impl::follow(Mix& next)
{
    if (&next == mix)
        return;
    const std::lock_guard lock(watchMutex);
    if (watch)
        silentBefore += watch->heard().total;
    watch = next.sharedWatch();
    silentBefore = silentBefore - watch->heard().total;
    mix = &next;
}

std::optional<FrameCount> ThreadedPlayer::Impl::baseOf(const SessionId& session) const
{
    for (const auto& [base, timeline] : placed) {
        if (timeline->session() == session)
            return base;
    }
    return std::nullopt;
}

void ThreadedPlayer::Impl::makeChanges()
{
    const std::lock_guard lock(mutex);
    if (!desk.hasTakenUp())
        clock.refresh();
    // The next session goes by the time of day, which may have been set while another sounds: it is placed when that
    // one is over.
    const bool mayTakeUp = desk.hasToTakeUp(clock.now() + takeUpLead) && !(desk.hasTakenUp() && clock.isStepped());
    const bool isCalledFor = isStopping || !removals.empty() || !amendments.empty() || !revocations.empty();
    if (!isCalledFor && !mayTakeUp)
        return;
    std::erase_if(placed, [this](const auto& entry) { return !mix->programme().holds(entry.first); });
    const PlacedSessions before = placed;
    MixChanges changes;
    if (isStopping)
        stopAll(changes);
    for (const SessionId& session : std::exchange(removals, {})) {
        if (const auto base = baseOf(session)) {
            changes.push_back({MixChange::Kind::Remove, *base});
            placed.erase(*base);
        }
    }
    const FrameCount position = mix->frontier();
    for (const auto& timeline : std::exchange(amendments, {})) {
        const auto base = baseOf(timeline->session());
        if (!base)
            continue;
        changes.push_back({MixChange::Kind::Amend, *base, timeline});
        placed[*base] = timeline;
        for (MixLane& lane : member.lanes)
            lane.output->runner().amend(timeline, position - *base);
    }
    if (mayTakeUp)
        takeUp(changes);
    for (; revoked < revocations.size(); ++revoked) {
        const auto& [session, airing] = revocations[revoked];
        const auto base = baseOf(session);
        const Segment* segment = base ? placed.at(*base)->findAiring(airing) : nullptr;
        if (segment)
            changes.push_back({MixChange::Kind::Revoke, *base, {}, airing, segment->origin()});
    }
    std::erase_if(revocations, [this](const auto& one) { return !desk.startOf(one.first); });
    revoked = revocations.size();
    if (changes.empty())
        return;
    follow(pump->mixes.change(member, *mix, changes, before));
    tellTap(changes, position);
}

void ThreadedPlayer::Impl::tellTap(const MixChanges& changes, FrameCount from)
{
    if (!member.tap)
        return;
    for (const MixChange& change : changes) {
        switch (change.kind) {
        case MixChange::Kind::Place:
        case MixChange::Kind::Amend:
            member.tap->placed(change.timeline, change.base, from);
            break;
        case MixChange::Kind::Remove:
            member.tap->removed(change.base);
            break;
        case MixChange::Kind::Cut:
            member.tap->cut(change.base);
            break;
        case MixChange::Kind::Revoke: // it leaves as silence
            break;
        }
    }
}

void ThreadedPlayer::Impl::takeUp(MixChanges& changes)
{
    const FrameCount position = mix->frontier();
    for (const auto& timeline : desk.takeUp(clock.now() + takeUpLead)) {
        const FrameCount base = clock.frameAt(timeline->startsAt());
        for (MixLane& lane : member.lanes)
            lane.output->runner().begin(timeline, base, std::max(FrameCount{}, position - base));
        changes.push_back({MixChange::Kind::Place, base, timeline});
        placed[base] = timeline;
        // What was revoked before it was there.
        for (std::size_t index = 0; index < revoked; ++index) {
            const auto& [session, airing] = revocations[index];
            const Segment* segment = session == timeline->session() ? timeline->findAiring(airing) : nullptr;
            if (segment)
                changes.push_back({MixChange::Kind::Revoke, base, {}, airing, segment->origin()});
        }
    }
}

// What has been rendered leaves, falls to silence over `softCut`, and that is all.
void ThreadedPlayer::Impl::stopAll(MixChanges& changes)
{
    const FrameCount end = mix->frontier() + softCut;
    for (const auto& timeline : desk.takeUp(UtcTime::max())) {
        for (MixLane& lane : member.lanes)
            lane.output->runner().begin(timeline, end, FrameCount{});
    }
    changes.push_back({MixChange::Kind::Cut, end});
    std::erase_if(placed, [&](const auto& entry) { return entry.first >= end; });
    for (MixLane& lane : member.lanes) {
        lane.output->runner().cancel(end);
        lane.output->call();
    }
    {
        const std::lock_guard lock(settledMutex);
        isStopping = false;
    }
    settledWake.notify_all();
}

} // namespace loa::playout
