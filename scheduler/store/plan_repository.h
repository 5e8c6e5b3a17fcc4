// The plan of each station: sessions, placements and shortfalls, replaced as a whole from an instant on; what lies
// before stays as it was. Also which stations want a new plan, so that a wish outlives a crash. Storage thread; borrows
// the database. The plan of a station has a revision, 0 before its first; it rises with every change, of edits by hand
// too, so that nobody edits what he has not seen.
#pragma once

#include "scheduler/planner/plan.h"
#include "scheduler/store/database.h"

#include <span>

namespace loa::store {

class PlanRepository {
public:
    explicit PlanRepository(Database& database) : m_database(database) {}

    // Sessions that start at or after `from`, with their placements, and all shortfalls become those given. Those given
    // that start before `from` are passed over. Placements name sessions given or stored.
    [[nodiscard]] Result<void> replace(const StationId& station, UtcTime from, std::span<const model::Session> sessions,
                                       const planner::Plan& plan);

    [[nodiscard]] Result<std::int64_t> revision(const StationId& station);
    // Gives the new one.
    [[nodiscard]] Result<std::int64_t> raiseRevision(const StationId& station);

    // By start; local dates inclusive.
    [[nodiscard]] Result<std::vector<model::Session>> sessions(const StationId& station, QDate from, QDate until);
    // By session start, then offset.
    [[nodiscard]] Result<std::vector<planner::Placement>> placements(const StationId& station, QDate from, QDate until);
    [[nodiscard]] Result<std::vector<planner::Shortfall>> shortfalls(const StationId& station);
    [[nodiscard]] Result<bool> holds(const AiringId& airing);
    // Past sessions count too.
    [[nodiscard]] Result<bool> holds(const StationId& station, const ItemId& item);
    [[nodiscard]] Result<std::optional<model::Session>> session(const SessionId& id);
    [[nodiscard]] Result<std::optional<model::Session>> nextSession(const StationId& station, UtcTime after);

    // A wish that waits for a later instant comes up now.
    [[nodiscard]] Result<void> wish(std::span<const StationId> stations, UtcTime now);
    // Noted as a wish that comes up at `later`, whether or not there was one.
    [[nodiscard]] Result<void> postpone(const StationId& station, UtcTime later);
    [[nodiscard]] Result<std::vector<StationId>> wished(UtcTime now, int limit); // oldest first
    [[nodiscard]] Result<void> fulfilled(const StationId& station);

private:
    [[nodiscard]] Result<std::vector<model::Session>> selectSessions(const QString& rest, const Values& values);

    Database& m_database;
};

} // namespace loa::store
