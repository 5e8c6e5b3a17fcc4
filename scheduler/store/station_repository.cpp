#include "scheduler/store/station_repository.h"

#include <QHash>
#include <QTimeZone>

#include <algorithm>

namespace loa::store {

namespace {

const QString stationColumns =
    QStringLiteral("SELECT s.id, s.unit_id, s.code, s.name, s.time_zone, a.agent_id FROM stations s "
                   "LEFT JOIN agent_stations a ON a.station_id = s.id AND a.carried_until IS NULL ");

model::Station readStation(RowReader& row)
{
    model::Station station;
    station.id = row.id<StationId>();
    station.unit = row.id<UnitId>();
    station.code = row.text();
    station.name = row.text();
    station.timeZone = row.utf8();
    station.agent = row.optionalId<AgentId>();
    return station;
}

struct ClusterRow {
    StationId station;
    model::SpeakerCluster cluster;
};

ClusterRow readCluster(RowReader& row)
{
    ClusterRow read;
    read.station = row.id<StationId>();
    read.cluster.id = row.id<ClusterId>();
    read.cluster.name = row.text();
    read.cluster.output = row.text();
    read.cluster.speakers = row.smallInteger();
    return read;
}

Result<void> checkStation(const model::Station& station)
{
    const auto bad = [&](const char* vi, const char* en) {
        return fail(ErrorCategory::InvalidInput, {QString::fromUtf8(vi), QString::fromUtf8(en)}, station.code);
    };
    if (!isValidId(station.id.value) || station.code.trimmed().isEmpty() || station.name.trimmed().isEmpty())
        return bad("Đài cần có mã và tên.", "A station needs a code and a name.");
    if (!QTimeZone(station.timeZone).isValid())
        return bad("Không có múi giờ này; dùng tên IANA như Asia/Ho_Chi_Minh.",
                   "There is no such time zone; use an IANA name such as Asia/Ho_Chi_Minh.");
    for (const model::SpeakerCluster& cluster : station.clusters) {
        if (cluster.name.trimmed().isEmpty() || cluster.output.trimmed().isEmpty() || cluster.speakers < 0)
            return bad("Cụm loa cần có tên, đầu ra và số loa.",
                       "A cluster needs a name, an output and a number of speakers.");
    }
    return {};
}

} // namespace

Result<std::vector<model::Station>> StationRepository::select(const QString& where, const Values& values)
{
    auto stations = m_database.selectAll(stationColumns + where, values, readStation);
    if (!stations || stations->empty())
        return stations;
    // For one station its own clusters, for several all of them at once.
    QString sql =
        QStringLiteral("SELECT station_id, id, name, output, speakers FROM speaker_clusters WHERE removed_at IS NULL");
    Values wanted;
    if (stations->size() == 1) {
        sql += QStringLiteral(" AND station_id = ?");
        wanted.push_back(toSql(stations->front().id));
    }
    const auto clusters =
        m_database.selectAll(sql + QStringLiteral(" ORDER BY station_id, place, id"), wanted, readCluster);
    if (!clusters)
        return passOn(clusters);
    QHash<StationId, model::Station*> byId;
    for (model::Station& station : *stations)
        byId.insert(station.id, &station);
    for (const ClusterRow& row : *clusters) {
        if (model::Station* station = byId.value(row.station))
            station->clusters.push_back(row.cluster);
    }
    return stations;
}

Result<void> StationRepository::putClusters(const model::Station& station, UtcTime now)
{
    const auto removed = m_database.execute(
        QStringLiteral("UPDATE speaker_clusters SET removed_at = ? WHERE station_id = ? AND removed_at IS NULL"),
        {toSql(now), toSql(station.id)});
    if (!removed)
        return passOn(removed);
    int place = 0;
    for (const model::SpeakerCluster& cluster : station.clusters) {
        const QString id = cluster.id.isEmpty() ? newId(now) : cluster.id.value;
        // A cluster that moved to another output becomes a new one: what the old output sounded goes on to count for
        // it.
        const auto put = m_database.execute(
            QStringLiteral("INSERT INTO speaker_clusters (id, station_id, place, name, output, speakers) VALUES (?, ?, "
                           "?, ?, ?, ?) "
                           "ON CONFLICT (id) DO UPDATE SET place = excluded.place, name = excluded.name, "
                           "speakers = excluded.speakers, removed_at = NULL "
                           "WHERE speaker_clusters.station_id = excluded.station_id AND speaker_clusters.output = "
                           "excluded.output"),
            {id, toSql(station.id), place, toSql(cluster.name), toSql(cluster.output), cluster.speakers});
        if (!put)
            return passOn(put);
        if (*put == 0) {
            const auto renewed = m_database.execute(
                QStringLiteral("INSERT INTO speaker_clusters (id, station_id, place, name, output, speakers) VALUES "
                               "(?, ?, ?, ?, ?, ?)"),
                {newId(now), toSql(station.id), place, toSql(cluster.name), toSql(cluster.output), cluster.speakers});
            if (!renewed)
                return passOn(renewed);
        }
        ++place;
    }
    return {};
}

Result<void> StationRepository::add(const model::Station& station, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto sound = checkStation(station); !sound)
            return passOn(sound);
        const auto taken = findByCode(station.code);
        if (!taken)
            return passOn(taken);
        if (*taken) {
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Mã đài \"%1\" đã có.").arg(station.code),
                         QStringLiteral("The station code \"%1\" is taken.").arg(station.code)},
                        station.code);
        }
        const auto inserted = m_database.execute(
            QStringLiteral(
                "INSERT INTO stations (id, unit_id, code, name, time_zone, created_at) VALUES (?, ?, ?, ?, ?, ?)"),
            {toSql(station.id), toSql(station.unit), toSql(station.code), toSql(station.name),
             QString::fromUtf8(station.timeZone), toSql(now)});
        if (!inserted)
            return passOn(inserted);
        return putClusters(station, now);
    });
}

Result<void> StationRepository::update(const model::Station& station, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto sound = checkStation(station); !sound)
            return passOn(sound);
        if (const auto known = find(station.id); !known)
            return passOn(known);
        const auto updated = m_database.execute(
            QStringLiteral("UPDATE stations SET unit_id = ?, code = ?, name = ?, time_zone = ? WHERE id = ?"),
            {toSql(station.unit), toSql(station.code), toSql(station.name), QString::fromUtf8(station.timeZone),
             toSql(station.id)});
        if (!updated)
            return passOn(updated);
        return putClusters(station, now);
    });
}

Result<model::Station> StationRepository::find(const StationId& id)
{
    const auto found = select(QStringLiteral("WHERE s.id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    if (found->empty()) {
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có đài này."), QStringLiteral("There is no such station.")}, id.value);
    }
    return found->front();
}

Result<std::optional<model::Station>> StationRepository::findByCode(const QString& code)
{
    const auto found = select(QStringLiteral("WHERE s.code = ?"), {toSql(code)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<model::Station>> StationRepository::all()
{
    return select(QStringLiteral("ORDER BY s.name, s.id"), {});
}

Result<std::vector<model::Station>> StationRepository::ofUnits(std::span<const UnitId> units)
{
    auto stations = all();
    if (!stations)
        return stations;
    std::vector<UnitId> wanted(units.begin(), units.end());
    std::sort(wanted.begin(), wanted.end());
    std::erase_if(*stations, [&](const model::Station& station) {
        return !std::binary_search(wanted.begin(), wanted.end(), station.unit);
    });
    return stations;
}

Result<std::vector<model::SpeakerCluster>> StationRepository::everyCluster(const StationId& station)
{
    const auto rows = m_database.selectAll(QStringLiteral("SELECT station_id, id, name, output, speakers FROM "
                                                          "speaker_clusters WHERE station_id = ? ORDER BY place, id"),
                                           {toSql(station)}, readCluster);
    if (!rows)
        return passOn(rows);
    std::vector<model::SpeakerCluster> clusters;
    for (const ClusterRow& row : *rows)
        clusters.push_back(row.cluster);
    return clusters;
}

} // namespace loa::store
