// loa-playout run: the agents of this machine in a Qt event loop, one an identity. Threads: this one (agents, journals,
// cache), the network's, and the players'.
#include "playout/agent/agent_hub.h"
#include "playout/agent/configuration.h"
#include "playout/agent/holdover_trust.h"
#include "playout/agent/identity.h"
#include "playout/agent/log.h"
#include "playout/agent/old_log.h"
#include "playout/agent/service_notice.h"
#include "playout/agent/state_lock.h"
#include "playout/agent/status_page.h"
#include "playout/cache/real_disk.h"
#include "playout/commands/commands.h"
#include "playout/commands/descriptors.h"
#include "playout/commands/seating.h"
#include "playout/engine/hub.h"
#include "playout/engine/relay_branches.h"
#include "playout/journal/reserve.h"
#include "playout/link/tls.h"
#include "playout/proof/monitor_inputs.h"
#include "playout/proof/reference_shelf.h"

#include <QCoreApplication>
#include <QFile>
#include <QSocketNotifier>
#include <QTimer>

#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// The time of day may be set at any moment: never sleep on it for long.
constexpr auto longestSleep = 1000ms;
// Each journal waits for the disk by itself: a hub lets more sound pass between two checkpoints than a single station.
constexpr std::size_t stationsACheckpoint = 50;
constexpr auto longestStop = 12s; // before the service manager's patience ends (config/systemd)
constexpr auto pruneEvery = 24h;
constexpr auto keepClockEvery = 10min;
constexpr auto fillReserveEvery = 1h;

void logLine(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    static const bool journald = qEnvironmentVariableIsSet("JOURNAL_STREAM");
    const char* const level = type == QtDebugMsg     ? "debug"
                              : type == QtInfoMsg    ? "info"
                              : type == QtWarningMsg ? "warning"
                                                     : "error";
    const QString time = journald ? QString() : loa::toString(SystemClock().now()) + u' ';
    const QString line =
        u"%1%2 %3 %4\n"_s.arg(time, QString::fromLatin1(level), QString::fromLatin1(context.category), message);
    std::fputs(line.toUtf8().constData(), stderr);
}

// Before any thread starts, so that all inherit it: SIGTERM and SIGINT come by descriptor, SIGPIPE not at all.
int catchSignals()
{
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Calls step() on this thread soon, however many ask.
class Waker {
public:
    explicit Waker(std::function<void()> step) : m_step(std::move(step)) {}
    void operator()()
    {
        if (!m_asked.exchange(true))
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [this] {
                    m_asked = false;
                    m_step();
                },
                Qt::QueuedConnection);
    }

private:
    std::function<void()> m_step;
    std::atomic<bool> m_asked = false;
};

// The watchdog is for all that plays, not for this thread alone.
bool playersAreAlive(const AgentHealth& health)
{
    std::vector<PlayerPulse> pulses;
    for (const StationHealth& station : health.stations)
        pulses.push_back(station.pulse);
    return areAlive(pulses);
}

// What the status page is headed by.
QString nameOf(const std::vector<Seating>& seatings)
{
    const bool isOne = seatings.size() == 1 && seatings.front().identity;
    return isOne ? seatings.front().identity->agent.value : u"%1 đài · stations"_s.arg(seatings.size());
}

// For a log alone: nobody is told of anything.
HttpSettings silentOf(HttpSettings settings)
{
    settings.listen = false;
    return settings;
}

// Those journals whose stations have another by now, and that still hold what the scheduler has not.
void openOldLogs(Journals& journals, const std::vector<Seating>& seatings,
                 const std::function<void(Journals::Open&)>& use)
{
    QStringList folders;
    for (const Seating& seating : seatings)
        folders += seating.before;
    for (const Seating& seating : seatings)
        folders.removeAll(seating.folder);
    folders.removeDuplicates();
    for (const QString& folder : folders) {
        const auto open = journals.open(folder);
        if (!open) {
            qCWarning(agentLog).noquote().nospace() << "old-log-not-sent " << describe(open.error());
            continue;
        }
        const JournalStanding standing = (*open)->journal->standing();
        if (standing.acknowledged < standing.lastSequence)
            use(**open);
    }
}

// One agent with its line to the scheduler.
class OneSeated final : public SeatedAgent {
public:
    std::unique_ptr<HttpLink> link;
    std::unique_ptr<Agent> own; // gone before its link
    [[nodiscard]] Agent& agent() override { return *own; }
};

// A device's call may never return (a sound server that stands still). What is on disk says what has sounded; the next
// run closes what is open there.
void leaveInTime()
{
    std::thread([] {
        std::this_thread::sleep_for(longestStop);
        qCCritical(agentLog).noquote().nospace() << "stop-hung: an output does not return; left as it is";
        std::_Exit(EXIT_FAILURE);
    }).detach();
}

Result<void> runAgents(Configuration configuration, int signalDescriptor)
{
    const auto lock = StateLock::take(configuration.state);
    if (!lock)
        return passOn(lock);
    if (auto allowed = allowDescriptors(descriptorsFor(configuration)); !allowed)
        qCWarning(agentLog).noquote().nospace() << "few-descriptors " << describe(allowed.error());
    configuration.agent.software = u"loa-playout %1"_s.arg(QCoreApplication::applicationVersion());
    configuration.agent.checkpoint *=
        static_cast<int>((configuration.agent.stations.size() + stationsACheckpoint - 1) / stationsACheckpoint);
    for (const AgentStation& station : configuration.agent.stations) {
        if (auto done = finishReplacement(configuration.state, station.id); !done)
            return done;
    }

    const SystemClock clock;
    const KernelClockTrust kernel;
    WitnessedClockTrust witnessed(kernel, clock);
    HoldoverClockTrust held(witnessed, clock, configuration.holdover, configuration.powerCut);
    const SystemBoardClock board;
    const AssumedClockTrust assumed;
    const ClockTrust& trust =
        configuration.clock == ClockSource::Trust ? static_cast<const ClockTrust&>(assumed) : held;
    RealDisk disk(configuration.state);
    const QString bootId = currentBootId();
    restoreAnchor(disk, bootId, board, held);

    JournalSettings journalSettings;
    journalSettings.retention = configuration.logRetention;
    journalSettings.checkpointSlack =
        std::chrono::ceil<std::chrono::seconds>(configuration.agent.checkpoint * 2) + std::chrono::seconds(8);
    JournalReserve reserve(configuration.state + u"/journal.reserve"_s);
    Journals journals(journalSettings, [&reserve] { return reserve.release(); });
    // Nobody leaves a journal behind that cannot be read.
    if (!QFile::exists(journalPath(configuration.state)) || journals.open(configuration.state))
        separateStations(configuration, clock);
    const std::vector<Seating> seatings = seatingOf(configuration);

    CacheSettings cacheSettings;
    cacheSettings.budgetBytes = configuration.mediaBudget;
    std::size_t stationCount = 0;
    bool isEnrolled = false;
    for (const Seating& seating : seatings) {
        if (seating.identity && !std::exchange(isEnrolled, true))
            cacheSettings.scheduler = seating.identity->schedulerKey;
        for (const AgentStation& station : seating.stations)
            cacheSettings.stations.push_back(station.id);
        stationCount += seating.stations.size();
    }
    Cache cache(disk, cacheSettings);
    FileSourceFactory sources([&disk](const Sha256& sha256) { return disk.path(u"media/"_s + toString(sha256)); });

    ReferenceShelf references(configuration.state + u"/references"_s,
                              [&disk](const Sha256& sha256) { return disk.path(u"media/"_s + toString(sha256)); });
    Prover prover([&references](const Sha256& sha256) { return references.find(sha256); });

    RelayDeck deck(sources, networkOpener(configuration.relayNetworks), clock);
    RelayBranches relays(deck);
    MomentSources moments(deck, cacheSettings.scheduler);
    Hub hub(clock, stationCount);
    auto players = [&](const PlayerSettings& station) -> Result<std::unique_ptr<Player>> {
        PlayerSettings settings = station;
        if (stationCount > 1)
            settings.hub = &hub;
        auto player = ThreadedPlayer::create(settings);
        if (!player)
            return passOn(player);
        return std::unique_ptr<Player>(*std::move(player));
    };
    std::function<void()> stepNow; // called when there is something to call
    Waker waker([&stepNow] { stepNow(); });
    LinkThreads network;
    auto open = [&](const Seating& seating, std::function<void()> wake) -> Result<std::unique_ptr<SeatedAgent>> {
        const auto journal = journals.openFor(seating, {clock.now(), trust.state()});
        if (!journal)
            return passOn(journal);
        const Identity& identity = (*journal)->identity;
        if (identity.schedulerKey != cacheSettings.scheduler)
            return fail(
                ErrorCategory::InvalidInput,
                {u"Đài này đã đăng ký với máy chủ khác"_s, u"This station is enrolled with another scheduler"_s},
                seating.folder);
        AgentSettings settings = configuration.agent;
        settings.id = identity.agent;
        settings.stations = seating.stations;
        auto seat = std::make_unique<OneSeated>();
        seat->link = std::make_unique<HttpLink>(network.next(), configuration.http, identity.agent, (*journal)->key,
                                                clock, std::move(wake));
        auto made = Agent::create(settings,
                                  {clock, trust, *seat->link, cache, *(*journal)->journal, deck, players,
                                   [&reserve] { return reserve.release(); }, &prover,
                                   [&references](const Sha256& sha256) { references.want(sha256); }, openMonitorInput,
                                   configuration.clock == ClockSource::Kernel ? &witnessed : nullptr, &relays.add(),
                                   &moments, [&references](const Sha256& sha256) { return references.find(sha256); }});
        if (!made)
            return passOn(made);
        seat->own = *std::move(made);
        qCInfo(agentLog).noquote().nospace()
            << "run agent=" << identity.agent.value << " stations=" << seating.stations.size()
            << " scheduler=" << configuration.http.scheduler.toString()
            << " clock=" << (configuration.clock == ClockSource::Trust ? "trust" : "kernel");
        return seat;
    };
    std::vector<Seat> seats;
    for (const Seating& seating : seatings) {
        Seat seat;
        for (const AgentStation& station : seating.stations)
            seat.stations.push_back(station.id);
        seat.open = [&open, &seating](std::function<void()> wake) { return open(seating, std::move(wake)); };
        seats.push_back(std::move(seat));
    }
    AgentHub agents(clock, std::move(seats));
    std::vector<std::unique_ptr<HttpLink>> oldLinks;
    std::vector<std::unique_ptr<OldLog>> oldLogs; // gone before their links

    bool isOver = false;
    QTimer timer;
    timer.setSingleShot(true);
    timer.setTimerType(Qt::PreciseTimer);
    auto step = [&]() -> Result<void> {
        if (isOver)
            return {};
        if (auto stepped = agents.step(); !stepped)
            return stepped;
        for (const auto& log : oldLogs)
            log->step();
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(agents.nextWake() - clock.now());
        timer.start(std::clamp<std::chrono::milliseconds>(wait, 0ms, longestSleep));
        return {};
    };
    stepNow = [&step] { static_cast<void>(step()); };
    agents.setWaker([&waker] { waker(); });
    if (configuration.clock == ClockSource::Trust)
        qCWarning(agentLog).noquote().nospace()
            << "clock=trust: the system's clock is believed without proof, by configuration";

    QObject::connect(&timer, &QTimer::timeout, &timer, [&step] { static_cast<void>(step()); });
    QSocketNotifier notifier(signalDescriptor, QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [] { QCoreApplication::quit(); });
    QTimer pruning;
    QObject::connect(&pruning, &QTimer::timeout, &pruning, [&] { journals.prune(clock.now()); });
    pruning.start(pruneEvery);
    auto fillReserve = [&] {
        if (auto filled = reserve.fill(); !filled)
            qCWarning(agentLog).noquote().nospace() << "no-journal-reserve " << describe(filled.error());
    };
    fillReserve();
    QTimer filling;
    QObject::connect(&filling, &QTimer::timeout, &filling, fillReserve);
    filling.start(fillReserveEvery);
    auto keepClock = [&] {
        if (auto kept = keepAnchor(disk, bootId, board, clock, held); !kept)
            qCWarning(agentLog).noquote().nospace() << "clock-not-kept " << describe(kept.error());
    };
    QTimer keeping;
    QObject::connect(&keeping, &QTimer::timeout, &keeping, keepClock);
    if (configuration.clock == ClockSource::Kernel) {
        keeping.start(keepClockEvery);
        keepClock();
    }

    const std::chrono::nanoseconds startedAt = clock.monotonic();
    std::unique_ptr<StatusServer> page;
    if (configuration.statusPort) {
        auto listening = StatusServer::listen(*configuration.statusPort, [&] {
            AgentHealth health = agents.health();
            for (const auto& log : oldLogs)
                health.oldLogs.push_back({log->agent(), log->backlog()});
            return AgentStatus{std::move(health),
                               nameOf(seatings),
                               configuration.agent.software,
                               cache.mediaBytes(),
                               configuration.mediaBudget,
                               std::chrono::duration_cast<std::chrono::seconds>(clock.monotonic() - startedAt)};
        });
        if (!listening)
            return passOn(listening);
        page = *std::move(listening);
    }

    if (auto stepped = step(); !stepped)
        return stepped;
    openOldLogs(journals, seatings, [&](Journals::Open& old) {
        oldLinks.push_back(std::make_unique<HttpLink>(network.next(), silentOf(configuration.http), old.identity.agent,
                                                      old.key, clock, [&waker] { waker(); }));
        oldLogs.push_back(
            std::make_unique<OldLog>(LogPostSettings{configuration.agent.upload, configuration.agent.uploadBatch,
                                                     configuration.agent.longestPause, qHash(old.identity.agent.value)},
                                     clock, *oldLinks.back(), *old.journal));
    });
    ServiceNotice notice = ServiceNotice::fromEnvironment();
    notice.ready();
    QTimer watched; // on the agent's own thread: when that stands still, so does this
    bool wasAlive = true;
    QObject::connect(&watched, &QTimer::timeout, &watched, [&] {
        const bool isAlive = playersAreAlive(agents.health());
        if (isAlive)
            notice.alive();
        else if (wasAlive)
            qCCritical(agentLog).noquote().nospace() << "player-stands-still: the watchdog is left to act";
        wasAlive = isAlive;
    });
    if (const auto every = notice.aliveEvery())
        watched.start(*every);
    QCoreApplication::exec();
    notice.stopping();
    leaveInTime();
    timer.stop();
    isOver = true;
    agents.stop();
    if (configuration.clock == ClockSource::Kernel)
        keepClock();
    qCInfo(agentLog).noquote().nospace() << "stopped";
    return {};
}

} // namespace

int runCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Runs the agent until SIGTERM or SIGINT: fetches bundles and media, plays sessions, sends the log back.\n"
        "Chạy máy phát cho đến khi được yêu cầu dừng."_s);
    parser.addOption({u"config"_s, u"Configuration (see config/playout.toml)"_s, u"FILE"_s});
    if (const auto code = parseOptions(parser, arguments, {u"config"_s}))
        return *code;
    const int signalDescriptor = catchSignals();
    qInstallMessageHandler(logLine);
    auto configuration = loadConfiguration(parser.value(u"config"_s));
    if (!configuration)
        return report(configuration.error());
    useTlsOnlyFor(configuration->http.scheduler);
    if (auto ran = runAgents(*std::move(configuration), signalDescriptor); !ran)
        return report(ran.error());
    return 0;
}

} // namespace loa::playout
