// Keeps the stations planned while `serve` runs: looks on an interval, and at once when asked, for stations that wish a
// new plan, plans a few at a time so that requests come in between, and once a day has every station wish one, so that
// 35 days always lie ahead. Tells agents of bundles that other programs issued, on the interval. Thread: lives on a
// thread with an event loop; soon() from any thread. Ownership: borrows storage, planning and clock, which outlive it;
// stop() first, then drain the storage thread.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/fleet/planning.h"
#include "scheduler/store/storage_thread.h"

#include <QDate>
#include <QTimer>

#include <atomic>
#include <chrono>
#include <memory>

namespace loa::commands {

class PlanningLoop {
public:
    // `planning` is used on the storage thread alone.
    PlanningLoop(store::StorageThread& storage, fleet::Planning& planning, const Clock& clock);
    ~PlanningLoop();

    void start(std::chrono::milliseconds interval);
    void stop();
    // A wish was noted. Any thread, the storage thread too; never blocks.
    void soon();

private:
    struct Shared;
    static void step(const std::shared_ptr<Shared>& shared, store::Database& database);
    void round();

    std::shared_ptr<Shared> m_shared;
    QTimer m_timer;
};

} // namespace loa::commands
