// Stations with their speaker clusters. Storage thread; borrows the database. Errors: NotFound, Conflict (code taken),
// InvalidInput, Storage.
#pragma once

#include "scheduler/model/organisation.h"
#include "scheduler/store/database.h"

#include <span>

namespace loa::store {

class StationRepository {
public:
    explicit StationRepository(Database& database) : m_database(database) {}

    // Clusters without an id get one. The agent is not set here but by AgentRepository::carry().
    [[nodiscard]] Result<void> add(const model::Station& station, UtcTime now);
    [[nodiscard]] Result<void> update(const model::Station& station, UtcTime now);

    [[nodiscard]] Result<model::Station> find(const StationId& id);
    [[nodiscard]] Result<std::optional<model::Station>> findByCode(const QString& code);
    [[nodiscard]] Result<std::vector<model::Station>> all(); // by name
    [[nodiscard]] Result<std::vector<model::Station>> ofUnits(std::span<const UnitId> units);
    // Those taken down too: what they once sounded still counts.
    [[nodiscard]] Result<std::vector<model::SpeakerCluster>> everyCluster(const StationId& station);

private:
    [[nodiscard]] Result<std::vector<model::Station>> select(const QString& where, const Values& values);
    [[nodiscard]] Result<void> putClusters(const model::Station& station, UtcTime now);

    Database& m_database;
};

} // namespace loa::store
