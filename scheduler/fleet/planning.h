// Keeps every station planned and its bundle issued: loads what the planner needs, plans, stores the plan, and issues
// the next bundle when it says anything new or the last is older than a day. Storage thread; borrows database, key and
// clock. Each station is planned and issued in one transaction; who listens is told after it has been committed.
// Failure state: a station that fails keeps its old plan and bundle and its wish to be planned; the others go on.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/fleet/bundle_builder.h"
#include "scheduler/store/store.h"

#include <functional>
#include <span>

namespace loa::fleet {

// Called on the storage thread, after the commit.
using BundleListener = std::function<void(const StationId& station, std::int64_t version)>;

struct StationOutcome {
    StationId station;
    int sessions = 0;
    int placements = 0; // not yet begun
    std::vector<planner::Shortfall> shortfalls;
    std::int64_t bundleVersion = 0; // the one in force
    bool issued = false;            // by this run
    std::optional<Error> error;     // the station could not be planned
};

class Planning {
public:
    Planning(store::Database& database, const SigningKey& key, const Clock& clock, BundleListener listener = {});

    // A change concerns these stations: notes in the open transaction that they want a new plan.
    [[nodiscard]] Result<void> wish(std::span<const StationId> stations);
    // … all stations of the unit and below.
    [[nodiscard]] Result<void> wishUnder(const UnitId& unit);
    // … all stations that may play the item.
    [[nodiscard]] Result<void> wishFor(const model::Item& item);

    // Plans up to `limit` stations that want it; how many did. Call until it gives 0, from the queue of the storage
    // thread, so that other work comes in between.
    [[nodiscard]] Result<std::vector<StationOutcome>> replanWished(int limit = 16);
    [[nodiscard]] Result<std::vector<StationOutcome>> replanStations(std::span<const StationId> stations);
    [[nodiscard]] Result<std::vector<StationOutcome>> replanAll();

    // The question as it stands in the store now: this and the next month, and at least 35 days.
    [[nodiscard]] Result<planner::PlanInput> planInput(const model::Station& station, const model::UnitTree& tree);

private:
    [[nodiscard]] Result<StationOutcome> replan(const model::Station& station, const model::UnitTree& tree);
    [[nodiscard]] Result<void> issue(const model::Station& station, const std::vector<HoursPolicy>& policies,
                                     StationOutcome& outcome);

    store::Store m_store;
    const SigningKey& m_key;
    const Clock& m_clock;
    BundleListener m_listener;
};

// Sessions that start before this instant from now on are not changed any more: the agent has them, or is fetching
// them.
inline constexpr std::chrono::minutes freezeAhead{0};

} // namespace loa::fleet
