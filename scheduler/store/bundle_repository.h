// Bundles as issued, to the byte. Storage thread; borrows the database. A version is issued once (Conflict). Errors:
// Conflict, Storage.
#pragma once

#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"
#include "scheduler/store/database.h"

namespace loa::store {

struct IssuedBundle {
    StationId station;
    std::int64_t version = 0;
    UtcTime issuedAt;
    UtcTime validUntil;
    Sha256 sha256; // of `sealed`
    QByteArray sealed;
    bool operator==(const IssuedBundle&) const = default;
};

class BundleRepository {
public:
    explicit BundleRepository(Database& database) : m_database(database) {}

    // Conflict unless the version is higher than every one issued for the station (promise 10).
    [[nodiscard]] Result<void> add(const IssuedBundle& bundle);
    [[nodiscard]] Result<std::optional<IssuedBundle>> latest(const StationId& station);
    // None: never issued, or forgotten.
    [[nodiscard]] Result<std::optional<IssuedBundle>> find(const StationId& station, std::int64_t version);
    // Without reading the sealed bytes. 0: none yet.
    [[nodiscard]] Result<std::int64_t> latestVersion(const StationId& station);
    // … of every station that has one.
    [[nodiscard]] Result<std::vector<std::pair<StationId, std::int64_t>>> latestVersions();
    // Removes what ended before `validBefore`, never a station's latest.
    [[nodiscard]] Result<int> forget(UtcTime validBefore);

private:
    [[nodiscard]] Result<std::optional<IssuedBundle>> selectOne(const QString& rest, const Values& values);

    Database& m_database;
};

} // namespace loa::store
