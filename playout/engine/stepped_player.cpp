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
          desk(settings.station, settings.outputs.size(), settings.observer), now(settings.clock.now()),
          cursor(streamFrameAt(now))
    {
    }

    // From here on nothing has been read.
    [[nodiscard]] FrameCount frontier() const { return std::max(cursor, bus.readUntil()); }
    void placeDue(UtcTime until);
    void run(FrameCount end);
    FrameCount deliver(const std::vector<OutputRunner*>& wanting, FrameCount step, bool wantsSamples);

    Programme programme;
    MixBus bus;
    SilenceWatch watch;
    SessionDesk desk;
    SteppedPacing pacing;
    std::vector<std::unique_ptr<OutputRunner>> runners;
    std::array<float, static_cast<std::size_t>(steppedBlock.value)> scratch{};
    UtcTime now;
    FrameCount cursor;
    std::uint32_t epoch = 0;
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
        impl->runners.push_back(std::move(*runner));
    }
    if (impl->runners.empty()) {
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
    if (const auto base = m_impl->programme.amend(amended)) {
        for (auto& runner : m_impl->runners) {
            runner->amend(amended, m_impl->frontier() - *base);
            runner->readMail();
        }
    }
    return {};
}

bool SteppedPlayer::withdraw(const SessionId& session)
{
    const auto start = m_impl->desk.startOf(session);
    if (!start || *start <= m_impl->now)
        return false;
    m_impl->desk.remove(session);
    m_impl->programme.remove(session);
    for (auto& runner : m_impl->runners)
        runner->withdraw(session);
    return true;
}

void SteppedPlayer::stop()
{
    for (const auto& timeline : m_impl->desk.takeUp(UtcTime::max())) {
        for (auto& runner : m_impl->runners)
            runner->begin(timeline, {}, {});
    }
    const std::span<float> samples = std::span(m_impl->scratch).first(static_cast<std::size_t>(softCut.value));
    const RenderedRun last = m_impl->bus.render(m_impl->cursor, samples);
    m_impl->programme.clear();
    m_impl->bus.reset();
    m_impl->watch.reset();
    for (auto& runner : m_impl->runners) {
        runner->cancel(m_impl->epoch + 1);
        const std::span<const float> made = samples.first(static_cast<std::size_t>(last.frames.value));
        runner->take({m_impl->cursor, last.frames, made, last.missing, m_impl->epoch});
        runner->rest(m_impl->cursor);
    }
    ++m_impl->epoch;
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
    for (const auto& runner : m_impl->runners)
        health.push_back(runner->health());
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
        for (auto& runner : runners)
            runner->begin(timeline, base, std::max(FrameCount{}, frontier() - base));
        programme.place(timeline, base);
    }
}

void SteppedPlayer::Impl::run(FrameCount end)
{
    const bool wantsSamples =
        std::any_of(runners.begin(), runners.end(), [](const auto& runner) { return runner->traits().wantsSamples; });
    std::vector<OutputRunner*> wanting;
    while (cursor < end && !programme.isEmpty()) {
        programme.prepare(cursor, steppedLead);
        FrameCount step = end - cursor;
        wanting.clear();
        for (auto& runner : runners) {
            const FrameCount until = programme.untilWanted(runner->traits(), cursor);
            if (until.value == 0)
                wanting.push_back(runner.get());
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
        if (wanting.size() < runners.size()) {
            for (auto& runner : runners)
                runner->rest(cursor);
        }
    }
    cursor = std::max(cursor, end);
    pacing.set(cursor);
    for (auto& runner : runners)
        runner->rest(cursor);
}

FrameCount SteppedPlayer::Impl::deliver(const std::vector<OutputRunner*>& wanting, FrameCount step, bool wantsSamples)
{
    std::span<float> samples;
    if (wantsSamples)
        samples = std::span(scratch).first(static_cast<std::size_t>(step.value));
    const RenderedRun run = wantsSamples ? bus.render(cursor, samples) : programme.advance(cursor, step);
    if (wantsSamples) {
        samples = samples.first(static_cast<std::size_t>(run.frames.value));
        watch.hear(run, samples);
    }
    for (OutputRunner* runner : wanting)
        runner->take({cursor, run.frames, samples, run.missing, epoch});
    return run.frames;
}

} // namespace loa::playout
