// Keeps every station planned and its bundle issued: loads what the planner needs, plans, stores the plan, and issues
// the next bundle when it says anything new or the last is older than a day. Storage thread; borrows database, key and
// clock. Each station is planned and issued in one transaction; who listens is told after it has been committed.
// Failure state: a station that fails keeps its old plan and bundle, and its wish to be planned comes up again after
// retryAfter; the others go on.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/fleet/bundle_builder.h"
#include "scheduler/fleet/heard_airings.h"
#include "scheduler/planner/difference.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/store/store.h"

#include <functional>
#include <span>

namespace loa::fleet {

// Called on the storage thread, after the commit.
using BundleListener = std::function<void(const StationId& station, std::int64_t version)>;

struct StationOutcome {
    StationId station;
    int sessions = 0;   // to come
    int placements = 0; // in them
    std::vector<planner::Shortfall> shortfalls;
    std::vector<planner::Forecast> forecasts;
    std::vector<planner::SessionRefusal> refusals; // sessions that rules ask for and policy forbids
    std::vector<AiringId> leftOut;                 // planned, yet not in the bundle: see buildBundle()
    std::int64_t bundleVersion = 0;                // the one in force
    bool issued = false;                           // by this run
    std::optional<Error> error;                    // the station could not be planned
};

// A station's plan as it would be, beside the one that is stored.
struct PlanPreview {
    model::Station station;
    planner::PlanInput input;               // without items
    std::vector<model::Session> standing;   // not yet begun, as stored
    std::vector<planner::Shortfall> lacked; // as stored
    planner::Plan plan;
    planner::PlanDifference difference; // what has not begun
};

class Planning {
public:
    static constexpr std::chrono::minutes retryAfter{10};
    // Sessions that start within this from now stay as agents hold them, but for what may not sound any more.
    static constexpr std::chrono::minutes standardFreezeAhead{120};

    Planning(store::Database& database, const SigningKey& key, const Clock& clock, BundleListener listener = {},
             std::chrono::minutes freezeAhead = standardFreezeAhead, std::optional<int> leastMatch = std::nullopt);

    // A change concerns these stations: notes in the open transaction that they want a new plan.
    [[nodiscard]] Result<void> wish(std::span<const StationId> stations);
    [[nodiscard]] Result<void> wishUnder(const UnitId& unit);
    [[nodiscard]] Result<void> wishFor(const model::Item& item);

    // All stations of the unit and below.
    [[nodiscard]] Result<std::vector<StationId>> stationsUnder(const UnitId& unit);
    // All that may play the item, or have it in their plan.
    [[nodiscard]] Result<std::vector<StationId>> stationsConcernedBy(const model::Item& item);

    // Plans up to `limit` stations that want it. Call until it gives none, from the queue of the storage thread, so
    // that other work comes in between; and every few minutes, for those that failed.
    [[nodiscard]] Result<std::vector<StationOutcome>> replanWished(int limit = 16);
    [[nodiscard]] Result<std::vector<StationOutcome>> replanStations(std::span<const StationId> stations);
    // At start and once a day, so that bundles always hold 35 days.
    [[nodiscard]] Result<std::vector<StationOutcome>> replanAll();

    // Tells the listener of bundles that another program has issued since the last call, such as `loa-scheduler plan`
    // beside a scheduler that runs. What is there at the first call is taken as told. How many there were.
    [[nodiscard]] Result<int> announceOthers();

    // The question as it stands in the store now: this and the next month, and as far as bundles reach.
    [[nodiscard]] Result<planner::PlanInput> planInput(const StationId& station);
    // What planning each of them now would make of it; nothing is stored.
    [[nodiscard]] Result<std::vector<PlanPreview>> preview(std::span<const StationId> stations);
    // Sessions that its rules and special days ask for in those days, and that do not take place.
    [[nodiscard]] Result<std::vector<planner::SessionRefusal>> refusals(const StationId& station);
    // How well the mix must have matched an item for its airing to have sounded, 0 … 1000; none: not asked for.
    [[nodiscard]] std::optional<int> leastMatch() const { return m_leastMatch; }
    // Planned sessions that start before this stay as they are.
    [[nodiscard]] UtcTime frozenUntil(UtcTime now) const { return now + m_freezeAhead; }

private:
    struct Run;      // what one call loads once for all its stations
    struct Question; // what one station's planning begins with

    // Its play rules keep the item away from there, and nothing of the station's plan hangs on it.
    [[nodiscard]] Result<bool> isNothingTo(const StationId& station, const model::Item& item);
    [[nodiscard]] Result<bool> hasTwin(const model::Item& item);
    [[nodiscard]] Result<Run> beginRun();
    [[nodiscard]] Result<Question> ask(const model::Station& station, Run& run);
    [[nodiscard]] Result<std::vector<StationOutcome>> replan(std::span<const model::Station> stations);
    [[nodiscard]] Result<StationOutcome> replan(const model::Station& station, Run& run);
    [[nodiscard]] Result<void> keep(const Question& question, const planner::Plan& plan, const Run& run);
    [[nodiscard]] Result<void> issue(const model::Station& station, const Question& question, const planner::Plan& plan,
                                     const Run& run, StationOutcome& outcome);
    static void dropRefused(Question& question, const Run& run);
    [[nodiscard]] bool repeatsLast(const store::IssuedBundle& last, const Bundle& next, UtcTime now);

    struct Opened {
        Sha256 sha256;
        Bundle bundle;
    };
    static constexpr qsizetype mostBundlesOpen = 128;

    store::Store m_store;
    const SigningKey& m_key;
    const Clock& m_clock;
    BundleListener m_listener;
    std::chrono::minutes m_freezeAhead;
    std::optional<int> m_leastMatch;
    HeardAiringsReader m_heard;
    QCache<StationId, Opened> m_opened{mostBundlesOpen};
    std::optional<QHash<StationId, std::int64_t>>
        m_told; // versions that the listener knows; none before the first look
};

} // namespace loa::fleet
