#include "playout/agent/agent.h"

#include "playout/agent/command_desk.h"
#include "playout/agent/courier.h"
#include "playout/agent/log.h"
#include "playout/agent/station_desk.h"

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// A bundle may come from a scheduler whose clock is a little ahead of ours.
constexpr auto issueTolerance = 60s;
constexpr auto trustRecheck = 10s;
constexpr auto smallestClockStep = 500ms; // a kernel slews less than that away

QString withReason(const QString& words, const QString& reason)
{
    return reason.isEmpty() ? words : words + u": "_s + reason;
}

} // namespace

class Agent::Impl {
public:
    Impl(AgentSettings agentSettings, AgentParts agentParts)
        : settings(std::move(agentSettings)), parts(std::move(agentParts)),
          notebook(parts.journal, parts.clock, parts.makeRoom),
          ownMoments(parts.moments ? nullptr : std::make_unique<MomentSources>(parts.sources, parts.cache.scheduler())),
          speech((parts.moments ? parts.moments : ownMoments.get())->speech),
          tones((parts.moments ? parts.moments : ownMoments.get())->tones), startedAt(parts.clock.monotonic())
    {
    }

    ~Impl() { parts.link.onSpeech({}); }

    Result<void> makePlayers();
    void start();
    void judgeClock();
    [[nodiscard]] bool isContradicted();
    void noticeStep();
    void takeDeliveries();
    void takeRelayEvents();
    [[nodiscard]] RunFacts run() const;
    [[nodiscard]] StationDesk* desk(const StationId& station);
    [[nodiscard]] bool isBusy() const
    {
        return std::any_of(desks.begin(), desks.end(), [](const auto& one) { return one->isBusy(); });
    }
    [[nodiscard]] UtcTime inUtc(std::chrono::nanoseconds monotonic) const
    {
        return parts.clock.now() + std::chrono::duration_cast<Duration>(monotonic - parts.clock.monotonic());
    }

    AgentSettings settings;
    AgentParts parts;
    Notebook notebook;
    std::unique_ptr<MomentSources> ownMoments;
    LiveSpeech& speech;
    ToneSources& tones;
    DeliveryInbox inbox;
    std::unique_ptr<CommandDesk> commands;
    std::unique_ptr<Courier> courier;
    std::chrono::nanoseconds startedAt;
    std::chrono::nanoseconds checkpointDue{0};
    std::chrono::nanoseconds untrustedSince{0};
    std::chrono::nanoseconds trustedSince{0};
    std::optional<UtcTime> utcAtZero; // of the monotonic clock's zero, as it was at the last step
    UtcTime jumpedFrom;               // the last step: instants that never were
    UtcTime jumpedTo;
    bool started = false;
    bool recovered = false;
    bool clockJudged = false;
    std::vector<std::unique_ptr<StationDesk>> desks; // last: players end before the inbox they report to
};

Result<void> Agent::Impl::makePlayers()
{
    commands = std::make_unique<CommandDesk>(
        parts.clock, parts.cache, notebook, tones, speech,
        CommandDesk::Hooks{[this](const StationId& station) { courier->fetchBundle(station); },
                           [this] { courier->lookForMedia(); },
                           [this](UtcTime now, std::chrono::nanoseconds sent, std::chrono::nanoseconds received) {
                               if (parts.witness)
                                   parts.witness->hear(now, sent, received);
                           }});
    parts.link.onSpeech([this](const QByteArray& frame) { speech.heard(frame); });
    for (const AgentStation& station : settings.stations) {
        StationProofs proofs{
            parts.prover ? &parts.prover->addStation() : nullptr, parts.wantReference, parts.findReference, {}};
        auto player = parts.players({.station = station.id,
                                     .outputs = station.outputs,
                                     .sources = tones,
                                     .clock = parts.clock,
                                     .observer = inbox,
                                     .silenceAfter = station.silenceAfter,
                                     .tap = proofs.mix ? &proofs.mix->tap() : nullptr});
        if (!player)
            return passOn(player);
        if (proofs.mix && parts.openMonitor) {
            for (const MonitorConfig& monitor : station.monitors)
                proofs.monitors.push_back(std::make_unique<Monitor>(monitor, parts.openMonitor, proofs.mix->addTrace(),
                                                                    parts.clock, [this] { inbox.wake(); }));
        }
        desks.push_back(std::make_unique<StationDesk>(station, settings.lead, parts.clock, parts.cache, notebook,
                                                      parts.relays, *std::move(player), std::move(proofs)));
        commands->serve(*desks.back());
    }
    Courier::Hooks hooks;
    hooks.beforeSwitch = [this](const StationId& station) {
        if (recovered && notebook.clockState() != ClockState::Untrusted)
            desk(station)->beforeSwitch(run());
    };
    hooks.afterSwitch = [this](const StationId& station) {
        desk(station)->afterSwitch(recovered && notebook.clockState() != ClockState::Untrusted);
    };
    hooks.stations = [this] {
        std::vector<StationHealth> healths;
        for (const auto& one : desks)
            healths.push_back(one->health());
        return healths;
    };
    courier = std::make_unique<Courier>(settings, parts, notebook, *commands, std::move(hooks));
    return {};
}

StationDesk* Agent::Impl::desk(const StationId& station)
{
    const auto found =
        std::find_if(desks.begin(), desks.end(), [&](const auto& one) { return one->station() == station; });
    return found == desks.end() ? nullptr : found->get();
}

RunFacts Agent::Impl::run() const
{
    return {inUtc(startedAt), inUtc(untrustedSince), inUtc(trustedSince), jumpedFrom, jumpedTo};
}

void Agent::Impl::noticeStep()
{
    const UtcTime zero = inUtc(std::chrono::nanoseconds(0));
    const UtcTime before = utcAtZero.value_or(zero);
    const Duration moved = zero - before;
    if (std::chrono::abs(moved) < smallestClockStep) {
        if (!utcAtZero)
            utcAtZero = zero;
        return; // slewing adds up: it is measured from the last step on
    }
    utcAtZero = zero;
    jumpedFrom = parts.clock.now() - moved;
    jumpedTo = parts.clock.now();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(moved).count();
    notebook.event({}, u"clock-stepped"_s, u"by %1 ms, from %2"_s.arg(milliseconds).arg(loa::toString(jumpedFrom)));
    for (const auto& one : desks)
        one->holdBack();
}

void Agent::Impl::start()
{
    started = true;
    std::vector<StationId> mine;
    for (const AgentStation& station : settings.stations)
        mine.push_back(station.id);
    const std::vector<Error> errors = parts.cache.load(mine);
    judgeClock();
    notebook.event({}, u"agent-started"_s, settings.software);
    for (const Error& error : errors)
        notebook.event({error.where}, u"bundle-damaged"_s, describe(error));
    commands->load();
}

bool Agent::Impl::isContradicted()
{
    const bool isIt = parts.witness && parts.witness->isContradicted();
    if (!isIt) {
        notebook.assume(u"clock"_s, {});
        return false;
    }
    const auto sighting = parts.witness->sighting();
    notebook.eventOnChange(u"clock"_s, {}, u"clock-contradicted"_s,
                           u"the scheduler is %1 to %2 s ahead: one of the two clocks is wrong"_s
                               .arg(std::chrono::duration<double>(sighting->least).count(), 0, 'f', 1)
                               .arg(std::chrono::duration<double>(sighting->most).count(), 0, 'f', 1));
    return true;
}

// The worst over the stations: one clock serves them all. A contradiction outweighs what is held over from before it.
void Agent::Impl::judgeClock()
{
    ClockState state = isContradicted() ? ClockState::Untrusted : parts.trust.state();
    for (const AgentStation& station : settings.stations) {
        const auto bundle = parts.cache.bundle(station.id);
        if (bundle && clockStateFor(parts.trust, parts.clock.now() + issueTolerance, *bundle) == ClockState::Untrusted)
            state = ClockState::Untrusted;
    }
    const bool wasTrusted = clockJudged && notebook.clockState() != ClockState::Untrusted;
    const bool isTrusted = state != ClockState::Untrusted;
    const bool first = !std::exchange(clockJudged, true);
    notebook.setClockState(state);
    if (!isTrusted && (wasTrusted || first)) {
        untrustedSince = parts.clock.monotonic();
        notebook.event({}, u"clock-untrusted"_s,
                       withReason(u"no session starts until the clock can be trusted"_s, parts.trust.reason()));
        for (const auto& one : desks)
            one->holdBack();
    }
    if (isTrusted && !wasTrusted) {
        trustedSince = first ? untrustedSince : parts.clock.monotonic();
        notebook.event({}, u"clock-trusted"_s, withReason(toString(state), parts.trust.reason()));
    }
    // Not while an event sounds that was ordered before the clock could be trusted: it is open, and rightly so.
    if (isTrusted && !recovered && !isBusy()) {
        recovered = true;
        notebook.recover();
    }
}

void Agent::Impl::takeDeliveries()
{
    for (const Delivery& delivery : inbox.take()) {
        std::visit(
            [this](const auto& one) {
                using Type = std::decay_t<decltype(one)>;
                if constexpr (std::is_same_v<Type, SessionEnded> || std::is_same_v<Type, OutputEvent>)
                    desk(one.station)->delivered(one);
                else
                    desk(one.record.station)->delivered(one);
            },
            delivery);
    }
}

void Agent::Impl::takeRelayEvents()
{
    if (!parts.relays)
        return;
    for (const RelayEvent& event : parts.relays->takeEvents()) {
        for (const auto& one : desks)
            one->happened(event);
    }
}

Result<std::unique_ptr<Agent>> Agent::create(AgentSettings settings, AgentParts parts)
{
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(parts));
    if (auto made = impl->makePlayers(); !made)
        return passOn(made);
    return std::unique_ptr<Agent>(new Agent(std::move(impl)));
}

Agent::Agent(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

Agent::~Agent() = default;

void Agent::setWaker(std::function<void()> waker)
{
    m_impl->inbox.setWaker(std::move(waker));
}

void Agent::step()
{
    Impl& my = *m_impl;
    my.notebook.hold();
    my.notebook.flush();
    if (!my.started)
        my.start();
    else
        my.judgeClock();
    my.noticeStep();
    my.takeRelayEvents();
    my.takeDeliveries();
    my.courier->step();
    my.commands->step(my.recovered);
    my.courier->step(); // the answers
    if (my.recovered && my.notebook.clockState() != ClockState::Untrusted) {
        const RunFacts run = my.run();
        for (const auto& one : my.desks) {
            one->step(run);
            if (one->takeMediaLost())
                my.courier->lookForMedia();
        }
    }
    if ((my.isBusy() || my.notebook.hasProgress()) && my.parts.clock.monotonic() >= my.checkpointDue) {
        my.checkpointDue = my.parts.clock.monotonic() + my.settings.checkpoint;
        my.notebook.checkpoint();
    }
    my.notebook.release();
}

UtcTime Agent::nextWake() const
{
    const Impl& my = *m_impl;
    const UtcTime now = my.parts.clock.now();
    if (!my.started)
        return now;
    UtcTime next = std::min<UtcTime>(now + 1h, my.inUtc(my.courier->nextDue()));
    if (my.notebook.clockState() == ClockState::Untrusted || !my.recovered)
        next = std::min<UtcTime>(next, now + trustRecheck);
    else
        for (const auto& one : my.desks) {
            if (const auto due = one->nextHandover())
                next = std::min(next, *due);
        }
    if (const auto due = my.commands->nextDue())
        next = std::min(next, my.inUtc(*due));
    if (my.notebook.isBehind())
        next = std::min<UtcTime>(next, now + 1s);
    if (my.isBusy() || my.notebook.hasProgress())
        next = std::min(next, my.inUtc(my.checkpointDue));
    return std::max(next, now);
}

void Agent::beginStop()
{
    for (const auto& one : m_impl->desks) {
        one->holdBack();
        one->beginStop();
    }
}

void Agent::stop()
{
    Impl& my = *m_impl;
    if (!my.started)
        return;
    beginStop();
    for (const auto& one : my.desks)
        one->stop();
    my.takeRelayEvents();
    my.takeDeliveries();
    my.notebook.event({}, u"agent-stopped"_s, my.settings.software);
    my.notebook.flush();
}

AgentHealth Agent::health() const
{
    const Impl& my = *m_impl;
    AgentHealth health;
    health.clock = my.notebook.clockState();
    health.clockReason = my.parts.trust.reason();
    if (my.parts.witness) {
        health.isClockContradicted = my.parts.witness->isContradicted();
        health.schedulerClock = my.parts.witness->sighting();
    }
    const JournalStanding standing = my.parts.journal.standing();
    health.backlog = standing.lastSequence - standing.acknowledged;
    health.unwritten = my.notebook.waiting();
    health.mediaMissing = my.courier->mediaMissing();
    for (const auto& one : my.desks) {
        health.stations.push_back(one->health());
        health.stations.back().agent = my.settings.id;
        health.stations.back().backlog = health.backlog;
        health.stations.back().isRefused = my.courier->isRefused();
    }
    return health;
}

} // namespace loa::playout
