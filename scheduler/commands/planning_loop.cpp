#include "scheduler/commands/planning_loop.h"

#include "scheduler/store/store.h"

#include <QDateTime>
#include <QLoggingCategory>

namespace loa::commands {

namespace {

Q_LOGGING_CATEGORY(logPlanning, "loa.planning")

constexpr int stationsPerStep = 2;

void logOutcome(const fleet::StationOutcome& outcome)
{
    if (outcome.error) {
        qCWarning(logPlanning).noquote().nospace()
            << "event=failed station=" << outcome.station.value << " error=" << describe(*outcome.error);
        return;
    }
    qCInfo(logPlanning).noquote().nospace()
        << "event=planned station=" << outcome.station.value << " sessions=" << outcome.sessions
        << " placements=" << outcome.placements << " shortfalls=" << outcome.shortfalls.size()
        << " bundle=" << outcome.bundleVersion << " issued=" << (outcome.issued ? "yes" : "no");
}

void announceOthers(fleet::Planning& planning)
{
    const auto others = planning.announceOthers();
    if (!others)
        qCWarning(logPlanning).noquote().nospace() << "event=announce-failed error=" << describe(others.error());
    else if (*others > 0)
        qCInfo(logPlanning).nospace() << "event=announced-others bundles=" << *others;
}

// UTC is enough: it is only to be once a day.
QDate dayOf(UtcTime instant)
{
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch());
    return QDateTime::fromMSecsSinceEpoch(milliseconds.count(), Qt::UTC).date();
}

} // namespace

// Shared with what is queued on the storage thread, which may outlive the loop by a task.
struct PlanningLoop::Shared {
    store::StorageThread& storage;
    fleet::Planning& planning;
    const Clock& clock;
    std::atomic<bool> stopped = false;
    std::atomic<bool> stepQueued = false;
    QDate lastDay; // storage thread
};

PlanningLoop::PlanningLoop(store::StorageThread& storage, fleet::Planning& planning, const Clock& clock)
    : m_shared(new Shared{storage, planning, clock, false, false, {}})
{
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { round(); });
}

PlanningLoop::~PlanningLoop()
{
    stop();
}

void PlanningLoop::start(std::chrono::milliseconds interval)
{
    m_timer.start(interval);
    round();
}

void PlanningLoop::stop()
{
    m_timer.stop();
    m_shared->stopped = true;
}

void PlanningLoop::round()
{
    m_shared->storage.dispatch([shared = m_shared](store::Database& database) {
        if (shared->stopped)
            return;
        announceOthers(shared->planning);
        const QDate today = dayOf(shared->clock.now());
        if (shared->lastDay == today)
            return;
        store::Store store(database);
        const auto stations = store.stations.all();
        if (!stations) {
            qCWarning(logPlanning).noquote().nospace() << "event=daily-failed error=" << describe(stations.error());
            return;
        }
        std::vector<StationId> ids;
        for (const model::Station& station : *stations)
            ids.push_back(station.id);
        if (const auto wished = shared->planning.wish(ids); !wished) {
            qCWarning(logPlanning).noquote().nospace() << "event=daily-failed error=" << describe(wished.error());
            return;
        }
        shared->lastDay = today;
    });
    soon();
}

void PlanningLoop::soon()
{
    if (m_shared->stopped || m_shared->stepQueued.exchange(true))
        return;
    m_shared->storage.dispatch([shared = m_shared](store::Database& database) { step(shared, database); });
}

void PlanningLoop::step(const std::shared_ptr<Shared>& shared, store::Database&)
{
    // Before the work: a wish that is noted meanwhile queues its own step.
    shared->stepQueued = false;
    if (shared->stopped)
        return;
    const auto outcomes = shared->planning.replanWished(stationsPerStep);
    if (!outcomes) {
        qCWarning(logPlanning).noquote().nospace() << "event=failed error=" << describe(outcomes.error());
        return;
    }
    for (const fleet::StationOutcome& outcome : *outcomes)
        logOutcome(outcome);
    // One that failed has been put off by planning itself, so this comes to an end.
    if (!outcomes->empty() && !shared->stepQueued.exchange(true))
        shared->storage.dispatch([shared](store::Database& next) { step(shared, next); });
}

} // namespace loa::commands
