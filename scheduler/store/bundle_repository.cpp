#include "scheduler/store/bundle_repository.h"

namespace loa::store {

Result<void> BundleRepository::add(const IssuedBundle& bundle)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto last = latestVersion(bundle.station);
        if (!last)
            return passOn(last);
        if (bundle.version <= *last) {
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Bản kê phát phải có số cao hơn bản trước."),
                         QStringLiteral("A bundle must have a higher version than the last.")},
                        QStringLiteral("station %1, version %2, last %3")
                            .arg(bundle.station.value)
                            .arg(bundle.version)
                            .arg(*last));
        }
        const auto inserted = m_database.execute(
            QStringLiteral("INSERT INTO bundles (station_id, version, issued_at, valid_until, sealed_sha256, sealed) "
                           "VALUES (?, ?, ?, ?, ?, ?)"),
            {toSql(bundle.station), toSql(bundle.version), toSql(bundle.issuedAt), toSql(bundle.validUntil),
             toSql(bundle.sha256), QString::fromUtf8(bundle.sealed)});
        if (!inserted)
            return passOn(inserted);
        return {};
    });
}

Result<std::optional<IssuedBundle>> BundleRepository::selectOne(const QString& rest, const Values& values)
{
    const auto rows = m_database.selectAll(
        QStringLiteral("SELECT station_id, version, issued_at, valid_until, sealed_sha256, sealed FROM bundles ") +
            rest,
        values, [](RowReader& row) {
            IssuedBundle bundle;
            bundle.station = row.id<StationId>();
            bundle.version = row.integer();
            bundle.issuedAt = row.time();
            bundle.validUntil = row.time();
            bundle.sha256 = row.hash();
            bundle.sealed = row.utf8();
            if (sha256(bundle.sealed) != bundle.sha256)
                row.remark();
            return bundle;
        });
    if (!rows)
        return passOn(rows);
    return rows->empty() ? std::nullopt : std::optional(rows->front());
}

Result<std::optional<IssuedBundle>> BundleRepository::latest(const StationId& station)
{
    return selectOne(QStringLiteral("WHERE station_id = ? ORDER BY version DESC LIMIT 1"), {toSql(station)});
}

Result<std::optional<IssuedBundle>> BundleRepository::find(const StationId& station, std::int64_t version)
{
    return selectOne(QStringLiteral("WHERE station_id = ? AND version = ?"), {toSql(station), toSql(version)});
}

Result<std::int64_t> BundleRepository::latestVersion(const StationId& station)
{
    const auto rows =
        m_database.selectAll(QStringLiteral("SELECT COALESCE(MAX(version), 0) FROM bundles WHERE station_id = ?"),
                             {toSql(station)}, [](RowReader& row) { return row.integer(); });
    if (!rows)
        return passOn(rows);
    return rows->front();
}

Result<std::vector<std::pair<StationId, std::int64_t>>> BundleRepository::latestVersions()
{
    return m_database.selectAll(QStringLiteral("SELECT station_id, MAX(version) FROM bundles GROUP BY station_id"), {},
                                [](RowReader& row) {
                                    StationId station = row.id<StationId>();
                                    return std::pair(std::move(station), row.integer());
                                });
}

Result<int> BundleRepository::forget(UtcTime validBefore)
{
    return m_database.execute(
        QStringLiteral("DELETE FROM bundles WHERE valid_until < ? AND version < "
                       "(SELECT MAX(newest.version) FROM bundles newest WHERE newest.station_id = bundles.station_id)"),
        {toSql(validBefore)});
}

} // namespace loa::store
