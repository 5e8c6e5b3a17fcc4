#include "playout/engine/encoder_stage.h"
#include "playout/engine/mix_bus.h"
#include "playout/engine/output_runner.h"
#include "playout/engine/player.h"
#include "playout/engine/programme.h"
#include "playout/engine/session_desk.h"

#include <QSet>

#include <algorithm>
#include <array>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr FrameCount steppedBlock{960};
constexpr FrameCount steppedLead{8 * sampleRate};
constexpr FrameCount longestStep{sampleRate}; // one block when nobody wants samples: progress stays once a second

// Frame n is due n / 48000 s after 1970: sessions lie where their instants say.
FrameCount streamFrameAt(UtcTime instant)
{
    const FrameCount down = toFrames(instant.time_since_epoch());
    return toDuration(down) < instant.time_since_epoch() ? down + FrameCount{1} : down;
}

class SteppedPacing final : public Pacing {
public:
    bool waitUntil(FrameCount position) override
    {
        m_position = std::max(m_position, position);
        return true;
    }
    bool isRunning() const override { return false; } // who would wait for a peer must not, in simulated time
    UtcTime now() const override { return UtcTime(toDuration(m_position)); }
    FrameCount livePosition() const override { return m_position; }

    void set(FrameCount position) { m_position = position; }

private:
    FrameCount m_position;
};

} // namespace

struct SteppedPlayer::Impl {
    explicit Impl(const PlayerSettings& settings)
        : programme(settings.sources), bus(programme, settings.ceilingDb), watch(settings.silenceAfter),
          desk(settings.station, settings.outputs.size(), settings.observer), tap(settings.tap),
          now(settings.clock.now()), cursor(streamFrameAt(now))
    {
        if (tap) {
            ear = tap->ears().open(cursor);
            tap->follow(ear);
        }
    }

    struct Lane {
        std::unique_ptr<OutputRunner> runner;
        EncoderStage* stage; // null: takes samples or none
        bool wants = false;
    };
    // Nothing before this frame will reach the lane any more.
    [[nodiscard]] FrameCount reached(const Lane& lane) const
    {
        return lane.stage && lane.wants ? lane.stage->pending() : cursor;
    }
    // From here on nothing has been read.
    [[nodiscard]] FrameCount frontier() const { return std::max(cursor, bus.readUntil()); }
    void placeDue(UtcTime until);
    void run(FrameCount end);
    FrameCount deliver(const std::vector<const Lane*>& wanting, FrameCount step, bool wantsSamples);
    void encode(const std::vector<const Lane*>& wanting, const RenderedRun& run, std::span<const float> samples);

    Programme programme;
    MixBus bus;
    SilenceWatch watch;
    SessionDesk desk;
    std::vector<std::pair<SessionId, AiringId>> revocations; // of sessions on the desk
    MixTap* const tap;                                       // may be null
    std::shared_ptr<MixEar> ear;                             // the tap's
    SteppedPacing pacing;
    std::vector<std::unique_ptr<EncoderStage>> stages;
    std::vector<Lane> lanes;
    std::array<float, static_cast<std::size_t>(steppedBlock.value)> scratch{};
    UtcTime now;
    FrameCount cursor;
};

Result<std::unique_ptr<SteppedPlayer>> SteppedPlayer::create(const PlayerSettings& settings)
{
    auto impl = std::make_unique<Impl>(settings);
    impl->pacing.set(impl->cursor);
    QSet<QString> names;
    for (const OutputConfig& output : settings.outputs) {
        if (names.contains(output.name)) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Hai đầu ra trùng tên."), QStringLiteral("Two outputs have one name.")},
                        output.name);
        }
        names.insert(output.name);
        auto runner =
            OutputRunner::create(output, settings.station, impl->pacing, settings.observer,
                                 [owner = impl.get()](const SessionId& session) { owner->desk.settle(session); });
        if (!runner)
            return passOn(runner);
        EncoderStage* stage = nullptr;
        if (const auto& packets = (*runner)->traits().packets) {
            const auto found = stageFor(impl->stages, {*packets, output.gainDb, false, (*runner)->traits().bundle});
            if (!found)
                return passOn(found);
            stage = *found;
        }
        impl->lanes.push_back({std::move(*runner), stage, false});
    }
    if (impl->lanes.empty()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đài chưa có đầu ra nào."), QStringLiteral("The station has no output.")},
                    settings.station.value);
    }
    return std::unique_ptr<SteppedPlayer>(new SteppedPlayer(std::move(impl)));
}

SteppedPlayer::SteppedPlayer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

SteppedPlayer::~SteppedPlayer() = default;

void SteppedPlayer::advanceTo(UtcTime now)
{
    if (now <= m_impl->now)
        return;
    m_impl->now = now;
    m_impl->placeDue(now + 10s);
    m_impl->run(streamFrameAt(now));
}

Result<void> SteppedPlayer::play(SessionTimeline timeline)
{
    return m_impl->desk.accept(std::make_shared<const SessionTimeline>(std::move(timeline)));
}

Result<void> SteppedPlayer::amend(SessionTimeline timeline)
{
    const auto amended = std::make_shared<const SessionTimeline>(std::move(timeline));
    const auto takenUp = m_impl->desk.amend(amended);
    if (!takenUp)
        return passOn(takenUp);
    if (!*takenUp)
        return {};
    const FrameCount base = streamFrameAt(amended->startsAt());
    if (m_impl->programme.amend(base, amended)) {
        for (auto& lane : m_impl->lanes) {
            lane.runner->amend(amended, m_impl->frontier() - base);
            lane.runner->readMail();
        }
        if (m_impl->tap)
            m_impl->tap->placed(amended, base, m_impl->frontier());
    }
    return {};
}

void SteppedPlayer::revoke(const SessionId& session, const AiringId& airing)
{
    const auto start = m_impl->desk.startOf(session);
    if (!start)
        return;
    std::erase_if(m_impl->revocations, [this](const auto& one) { return !m_impl->desk.startOf(one.first); });
    m_impl->revocations.emplace_back(session, airing);
    m_impl->programme.revoke(streamFrameAt(*start), airing);
}

bool SteppedPlayer::withdraw(const SessionId& session)
{
    const auto start = m_impl->desk.startOf(session);
    if (!start || *start <= m_impl->now)
        return false;
    m_impl->desk.remove(session);
    m_impl->programme.remove(streamFrameAt(*start));
    for (auto& lane : m_impl->lanes)
        lane.runner->withdraw(session);
    if (m_impl->tap)
        m_impl->tap->removed(streamFrameAt(*start));
    return true;
}

void SteppedPlayer::stop()
{
    const FrameCount end = m_impl->frontier() + softCut;
    for (const auto& timeline : m_impl->desk.takeUp(UtcTime::max())) {
        for (auto& lane : m_impl->lanes)
            lane.runner->begin(timeline, end, {});
    }
    m_impl->programme.cutAt(end);
    m_impl->watch.reset();
    m_impl->run(end);
    for (auto& lane : m_impl->lanes) {
        lane.runner->cancel(end);
        lane.runner->rest(end);
    }
    m_impl->programme.clear();
    m_impl->bus.reset();
    if (m_impl->tap) {
        m_impl->tap->cut(end);
        m_impl->ear->flush(end);
    }
}

PlayerState SteppedPlayer::state() const
{
    const auto start = m_impl->desk.nextStart();
    if (!start)
        return PlayerState::Idle;
    return *start <= m_impl->now ? PlayerState::Playing : PlayerState::Waiting;
}

std::vector<OutputHealth> SteppedPlayer::health() const
{
    std::vector<OutputHealth> health;
    for (const auto& lane : m_impl->lanes)
        health.push_back(lane.runner->health());
    return health;
}

ProgrammeSilence SteppedPlayer::silence() const
{
    return m_impl->watch.heard();
}

void SteppedPlayer::Impl::placeDue(UtcTime until)
{
    for (const auto& timeline : desk.takeUp(until)) {
        const FrameCount base = streamFrameAt(timeline->startsAt());
        for (auto& lane : lanes)
            lane.runner->begin(timeline, base, std::max(FrameCount{}, frontier() - base));
        programme.place(timeline, base);
        for (const auto& [session, airing] : revocations) {
            if (session == timeline->session())
                programme.revoke(base, airing);
        }
        if (tap)
            tap->placed(timeline, base, frontier());
    }
}

void SteppedPlayer::Impl::run(FrameCount end)
{
    const bool wantsSamples =
        std::any_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.runner->traits().wantsSamples; });
    std::vector<const Lane*> wanting;
    while (cursor < end && !programme.isEmpty()) {
        programme.prepare(cursor, steppedLead);
        FrameCount step = end - cursor;
        wanting.clear();
        for (Lane& lane : lanes) {
            const FrameCount until = programme.untilWanted(lane.runner->traits(), cursor);
            lane.wants = until.value == 0;
            if (lane.wants)
                wanting.push_back(&lane);
            else
                step = std::min(step, until);
        }
        if (!wanting.empty()) {
            step = std::min(step, wantsSamples ? steppedBlock : longestStep);
            step = deliver(wanting, step, wantsSamples);
        } else {
            watch.reset();
        }
        cursor += step;
        pacing.set(cursor);
        if (wanting.size() < lanes.size()) {
            for (auto& lane : lanes)
                lane.runner->rest(reached(lane));
        }
    }
    if (cursor < end) {
        cursor = end;
        for (auto& lane : lanes)
            lane.wants = false;
    }
    if (ear)
        ear->flush(cursor);
    pacing.set(cursor);
    for (auto& lane : lanes)
        lane.runner->rest(reached(lane));
}

FrameCount SteppedPlayer::Impl::deliver(const std::vector<const Lane*>& wanting, FrameCount step, bool wantsSamples)
{
    std::span<float> samples;
    if (wantsSamples)
        samples = std::span(scratch).first(static_cast<std::size_t>(step.value));
    const RenderedRun run = wantsSamples ? bus.render(cursor, samples) : programme.advance(cursor, step);
    if (wantsSamples) {
        samples = samples.first(static_cast<std::size_t>(run.frames.value));
        watch.hear(run, samples);
        if (ear) {
            ear->hear(cursor, run, samples);
            ear->flush(cursor + run.frames);
        }
    }
    for (const Lane* lane : wanting) {
        if (!lane->stage)
            lane->runner->take({cursor, run.frames, samples, run.missing, RunnerBlock::Kind::Samples, {}, run.absent});
        else if (!run.absent.isEmpty())
            lane->runner->take({cursor, run.frames, {}, run.missing, RunnerBlock::Kind::Missing, {}, run.absent});
    }
    encode(wanting, run, samples);
    return run.frames;
}

void SteppedPlayer::Impl::encode(const std::vector<const Lane*>& wanting, const RenderedRun& run,
                                 std::span<const float> samples)
{
    for (auto& stage : stages) {
        const auto toEach = [&](const RunnerBlock& block) {
            for (const Lane* lane : wanting) {
                if (lane->stage == stage.get())
                    lane->runner->take(block);
            }
        };
        const bool isWanted =
            std::any_of(wanting.begin(), wanting.end(), [&](const Lane* lane) { return lane->stage == stage.get(); });
        if (!isWanted) {
            stage->rest();
            continue;
        }
        const bool encoded = stage->write(cursor, samples, [&](const EncoderStage::Packet& packet) {
            const auto kind = packet.leadsIn ? RunnerBlock::Kind::LeadIn : RunnerBlock::Kind::Packet;
            toEach({packet.position, packet.frames, {}, Break::None, kind, packet.data});
        });
        if (!encoded) {
            const FrameCount from = stage->pending();
            toEach({from, cursor + run.frames - from, {}, Break::OutputDown, RunnerBlock::Kind::Missing});
        }
    }
}

} // namespace loa::playout
