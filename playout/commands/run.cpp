// loa-playout run: the agent in a Qt event loop. Threads: this one (agent, journal, cache), the network's, and the
// players'.
#include "playout/agent/configuration.h"
#include "playout/agent/holdover_trust.h"
#include "playout/agent/identity.h"
#include "playout/agent/log.h"
#include "playout/agent/service_notice.h"
#include "playout/agent/state_lock.h"
#include "playout/agent/status_page.h"
#include "playout/cache/real_disk.h"
#include "playout/commands/commands.h"
#include "playout/engine/hub.h"
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

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// The time of day may be set at any moment: never sleep on it for long.
constexpr auto longestSleep = 1000ms;
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

// A configuration with one station may leave out which.
Result<void> bindStations(AgentSettings& settings, const Identity& identity)
{
    for (AgentStation& station : settings.stations) {
        if (station.id.isEmpty() && identity.stations.size() == 1)
            station.id = identity.stations.front();
        if (std::find(identity.stations.begin(), identity.stations.end(), station.id) == identity.stations.end())
            return fail(ErrorCategory::InvalidInput,
                        {u"Máy phát này không được đăng ký cho đài \"%1\""_s.arg(station.id.value),
                         u"This agent is not enrolled for station \"%1\""_s.arg(station.id.value)},
                        u"[[station]] id"_s);
    }
    return {};
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

Result<void> runAgent(Configuration configuration, const Identity& identity, int signalDescriptor)
{
    const auto lock = StateLock::take(configuration.state);
    if (!lock)
        return passOn(lock);
    const auto key = SigningKey::load(keyPath(configuration.state));
    if (!key)
        return passOn(key);
    if (auto bound = bindStations(configuration.agent, identity); !bound)
        return bound;
    configuration.agent.id = identity.agent;
    configuration.agent.software = u"loa-playout %1"_s.arg(QCoreApplication::applicationVersion());

    const SystemClock clock;
    const KernelClockTrust kernel;
    WitnessedClockTrust witnessed(kernel, clock);
    HoldoverClockTrust held(witnessed, clock, configuration.holdover);
    const AssumedClockTrust assumed;
    const ClockTrust& trust =
        configuration.clock == ClockSource::Trust ? static_cast<const ClockTrust&>(assumed) : held;

    JournalSettings journalSettings;
    journalSettings.path = journalPath(configuration.state);
    journalSettings.agent = identity.agent;
    journalSettings.retention = configuration.logRetention;
    journalSettings.checkpointSlack =
        std::chrono::ceil<std::chrono::seconds>(configuration.agent.checkpoint * 2) + std::chrono::seconds(8);
    JournalReserve reserve(configuration.state + u"/journal.reserve"_s);
    auto journal = Journal::open(journalSettings, *key);
    if (!journal && journal.error().category == ErrorCategory::Storage && reserve.release())
        journal = Journal::open(journalSettings, *key);
    if (!journal)
        return passOn(journal);
    RealDisk disk(configuration.state);
    const QString bootId = currentBootId();
    restoreAnchor(disk, bootId, held);
    CacheSettings cacheSettings;
    cacheSettings.scheduler = identity.schedulerKey;
    cacheSettings.budgetBytes = configuration.mediaBudget;
    for (const AgentStation& station : configuration.agent.stations)
        cacheSettings.stations.push_back(station.id);
    Cache cache(disk, cacheSettings);
    FileSourceFactory sources([&disk](const Sha256& sha256) { return disk.path(u"media/"_s + toString(sha256)); });

    ReferenceShelf references(configuration.state + u"/references"_s,
                              [&disk](const Sha256& sha256) { return disk.path(u"media/"_s + toString(sha256)); });
    Prover prover([&references](const Sha256& sha256) { return references.find(sha256); });

    RelayDeck relays(sources, networkOpener(configuration.relayNetworks), clock);

    std::unique_ptr<Agent> agent;
    QTimer timer;
    timer.setSingleShot(true);
    timer.setTimerType(Qt::PreciseTimer);
    auto step = [&] {
        if (!agent)
            return;
        agent->step();
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(agent->nextWake() - clock.now());
        timer.start(std::clamp<std::chrono::milliseconds>(wait, 0ms, longestSleep));
    };
    Waker waker(step);
    HttpLink link(configuration.http, identity.agent, *key, clock, [&waker] { waker(); });
    Hub hub(clock, configuration.agent.stations.size());
    auto players = [&](const PlayerSettings& station) -> Result<std::unique_ptr<Player>> {
        PlayerSettings settings = station;
        if (configuration.agent.stations.size() > 1)
            settings.hub = &hub;
        auto player = ThreadedPlayer::create(settings);
        if (!player)
            return passOn(player);
        return std::unique_ptr<Player>(*std::move(player));
    };
    auto made =
        Agent::create(configuration.agent,
                      {clock, trust, link, cache, **journal, relays, players, [&reserve] { return reserve.release(); },
                       &prover, [&references](const Sha256& sha256) { references.want(sha256); }, openMonitorInput,
                       configuration.clock == ClockSource::Kernel ? &witnessed : nullptr, &relays});
    if (!made)
        return passOn(made);
    agent = *std::move(made);
    agent->setWaker([&waker] { waker(); });
    qCInfo(agentLog).noquote().nospace() << "run agent=" << identity.agent.value
                                         << " scheduler=" << configuration.http.scheduler.toString() << " clock="
                                         << (configuration.clock == ClockSource::Trust ? "trust" : "kernel");
    if (configuration.clock == ClockSource::Trust)
        qCWarning(agentLog).noquote().nospace()
            << "clock=trust: the system's clock is believed without proof, by configuration";

    QObject::connect(&timer, &QTimer::timeout, &timer, step);
    QSocketNotifier notifier(signalDescriptor, QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [] { QCoreApplication::quit(); });
    QTimer pruning;
    QObject::connect(&pruning, &QTimer::timeout, &pruning, [&] {
        if (auto pruned = (*journal)->prune(clock.now()); !pruned)
            qCWarning(agentLog).noquote().nospace() << "log-not-pruned " << describe(pruned.error());
    });
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
        if (auto kept = keepAnchor(disk, bootId, held); !kept)
            qCWarning(agentLog).noquote().nospace() << "clock-not-kept " << describe(kept.error());
    };
    QTimer keeping;
    QObject::connect(&keeping, &QTimer::timeout, &keeping, keepClock);
    if (configuration.clock == ClockSource::Kernel)
        keeping.start(keepClockEvery);

    const std::chrono::nanoseconds startedAt = clock.monotonic();
    std::unique_ptr<StatusServer> page;
    if (configuration.statusPort) {
        auto listening = StatusServer::listen(*configuration.statusPort, [&] {
            return AgentStatus{agent->health(),
                               identity.agent.value,
                               configuration.agent.software,
                               cache.mediaBytes(),
                               configuration.mediaBudget,
                               std::chrono::duration_cast<std::chrono::seconds>(clock.monotonic() - startedAt)};
        });
        if (!listening)
            return passOn(listening);
        page = *std::move(listening);
    }

    step();
    ServiceNotice notice = ServiceNotice::fromEnvironment();
    notice.ready();
    QTimer watched; // on the agent's own thread: when that stands still, so does this
    bool wasAlive = true;
    QObject::connect(&watched, &QTimer::timeout, &watched, [&] {
        const bool isAlive = playersAreAlive(agent->health());
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
    timer.stop();
    agent->stop();
    qCInfo(agentLog).noquote().nospace() << "stopped";
    agent.reset();
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
    const auto identity = loadIdentity(configuration->state);
    if (!identity)
        return report(identity.error());
    useTlsOnlyFor(configuration->http.scheduler);
    if (auto ran = runAgent(*std::move(configuration), *identity, signalDescriptor); !ran)
        return report(ran.error());
    return 0;
}

} // namespace loa::playout
