#include "scheduler/store/agent_repository.h"

#include "scheduler/store/password.h"

#include <QHash>
#include <QJsonDocument>

#include <algorithm>

namespace loa::store {

namespace {

const QString agentColumns =
    QStringLiteral("SELECT id, name, public_key, enrolled_at, revoked, last_seen_at, software, clock_state, "
                   "journal_backlog FROM agents ");

model::Agent readAgent(RowReader& row)
{
    model::Agent agent;
    agent.id = row.id<AgentId>();
    agent.name = row.text();
    const auto key = VerifyKey::fromBase64(row.utf8());
    if (key)
        agent.key = *key;
    else
        row.remark();
    agent.enrolledAt = row.time();
    agent.revoked = row.flag();
    agent.lastSeenAt = row.optionalTime();
    agent.software = row.text();
    agent.clock = row.word(clockStateFromString);
    agent.journalBacklog = row.integer();
    return agent;
}

QString codeHash(const QString& code)
{
    return toString(sha256("loa-enrolment-code\n" + normalisedCode(code).toUtf8()));
}

tl::unexpected<Error> codeRefused()
{
    return fail(ErrorCategory::Unauthorized,
                {QStringLiteral("Mã ghi danh không đúng, đã dùng hoặc đã hết hạn. Hãy xin mã mới."),
                 QStringLiteral("The enrolment code is wrong, used or expired. Ask for a new one.")});
}

} // namespace

Result<std::vector<model::Agent>> AgentRepository::select(const QString& where, const Values& values)
{
    auto agents = m_database.selectAll(agentColumns + where, values, readAgent);
    if (!agents)
        return agents;
    QHash<AgentId, model::Agent*> byId;
    for (model::Agent& agent : *agents)
        byId.insert(agent.id, &agent);
    const auto carried = m_database.selectAll(
        QStringLiteral(
            "SELECT agent_id, station_id FROM agent_stations WHERE carried_until IS NULL ORDER BY station_id"),
        {}, [](RowReader& row) {
            const auto agent = row.id<AgentId>();
            return std::pair(agent, row.id<StationId>());
        });
    if (!carried)
        return passOn(carried);
    for (const auto& [agent, station] : *carried) {
        if (model::Agent* found = byId.value(agent))
            found->stations.push_back(station);
    }
    return agents;
}

Result<void> AgentRepository::add(const model::Agent& agent)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto known = findByKey(agent.key);
        if (!known)
            return passOn(known);
        if (*known) {
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Khoá này đã được ghi danh."), QStringLiteral("This key is enrolled already.")},
                        (*known)->id.value);
        }
        const auto inserted =
            m_database.execute(QStringLiteral("INSERT INTO agents (id, name, public_key, enrolled_at, revoked, "
                                              "software, clock_state, journal_backlog, "
                                              "acknowledged_through) VALUES (?, ?, ?, ?, 0, ?, ?, 0, 0)"),
                               {toSql(agent.id), toSql(agent.name), QString::fromLatin1(agent.key.toBase64()),
                                toSql(agent.enrolledAt), toSql(agent.software), toString(agent.clock)});
        if (!inserted)
            return passOn(inserted);
        return carry(agent.id, agent.stations, agent.enrolledAt);
    });
}

Result<void> AgentRepository::carry(const AgentId& agent, std::span<const StationId> stations, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        for (const StationId& station : stations) {
            const auto ended = m_database.execute(
                QStringLiteral(
                    "UPDATE agent_stations SET carried_until = ? WHERE station_id = ? AND carried_until IS NULL "
                    "AND agent_id <> ?"),
                {toSql(now), toSql(station), toSql(agent)});
            if (!ended)
                return passOn(ended);
            const auto begun = m_database.execute(
                QStringLiteral(
                    "INSERT INTO agent_stations (agent_id, station_id, carried_from) SELECT ?, ?, ? WHERE NOT EXISTS "
                    "(SELECT 1 FROM agent_stations WHERE agent_id = ? AND station_id = ? AND carried_until IS NULL)"),
                {toSql(agent), toSql(station), toSql(now), toSql(agent), toSql(station)});
            if (!begun)
                return passOn(begun);
        }
        return {};
    });
}

Result<void> AgentRepository::revoke(const AgentId& agent, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto known = find(agent); !known)
            return passOn(known);
        const auto revoked =
            m_database.execute(QStringLiteral("UPDATE agents SET revoked = 1 WHERE id = ?"), {toSql(agent)});
        if (!revoked)
            return passOn(revoked);
        const auto ended = m_database.execute(
            QStringLiteral("UPDATE agent_stations SET carried_until = ? WHERE agent_id = ? AND carried_until IS NULL"),
            {toSql(now), toSql(agent)});
        if (!ended)
            return passOn(ended);
        return {};
    });
}

Result<model::Agent> AgentRepository::find(const AgentId& id)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    if (found->empty()) {
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có bộ phát này."), QStringLiteral("There is no such agent.")}, id.value);
    }
    return found->front();
}

Result<std::optional<model::Agent>> AgentRepository::findByKey(const VerifyKey& key)
{
    const auto found = select(QStringLiteral("WHERE public_key = ?"), {QString::fromLatin1(key.toBase64())});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<model::Agent>> AgentRepository::all()
{
    return select(QStringLiteral("ORDER BY name, id"), {});
}

Result<bool> AgentRepository::hasCarried(const AgentId& agent, const StationId& station)
{
    const auto rows =
        m_database.select(QStringLiteral("SELECT 1 FROM agent_stations WHERE agent_id = ? AND station_id = ?"),
                          {toSql(agent), toSql(station)});
    if (!rows)
        return passOn(rows);
    return !rows->empty();
}

Result<void> AgentRepository::report(const AgentId& agent, const AgentReport& report, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto noted = m_database.execute(
            QStringLiteral(
                "UPDATE agents SET last_seen_at = ?, software = ?, clock_state = ?, journal_backlog = ? WHERE id = ?"),
            {toSql(now), toSql(report.software), toString(report.clock), toSql(report.journalBacklog), toSql(agent)});
        if (!noted)
            return passOn(noted);
        for (const auto& [station, version] : report.bundles) {
            const auto put = m_database.execute(
                QStringLiteral("UPDATE agent_stations SET bundle_version = ? WHERE agent_id = ? AND station_id = ? "
                               "AND carried_until IS NULL"),
                {toSql(version), toSql(agent), toSql(station)});
            if (!put)
                return passOn(put);
        }
        for (const StationCondition& condition : report.stations) {
            const auto put = m_database.execute(
                QStringLiteral("UPDATE agent_stations SET condition_json = ? WHERE agent_id = ? AND station_id = ? "
                               "AND carried_until IS NULL"),
                {QString::fromUtf8(QJsonDocument(toJson(condition)).toJson(QJsonDocument::Compact)), toSql(agent),
                 toSql(condition.station)});
            if (!put)
                return passOn(put);
        }
        return {};
    });
}

Result<QHash<StationId, StationCondition>> AgentRepository::conditions()
{
    const auto stored = m_database.selectAll(
        QStringLiteral(
            "SELECT condition_json FROM agent_stations WHERE carried_until IS NULL AND condition_json <> ''"),
        {}, [](RowReader& row) {
            auto condition = stationConditionFromJson(QJsonDocument::fromJson(row.utf8()).object());
            if (!condition)
                row.remark();
            return condition ? *std::move(condition) : StationCondition{};
        });
    if (!stored)
        return passOn(stored);
    QHash<StationId, StationCondition> byStation;
    for (const StationCondition& condition : *stored)
        byStation.insert(condition.station, condition);
    return byStation;
}

Result<void> AgentRepository::seen(const AgentId& agent, UtcTime now)
{
    const auto noted = m_database.execute(QStringLiteral("UPDATE agents SET last_seen_at = ? WHERE id = ?"),
                                          {toSql(now), toSql(agent)});
    if (!noted)
        return passOn(noted);
    return {};
}

Result<std::optional<std::int64_t>> AgentRepository::bundleVersionOnAgent(const StationId& station)
{
    const auto rows = m_database.selectAll(
        QStringLiteral("SELECT bundle_version FROM agent_stations WHERE station_id = ? AND carried_until IS NULL"),
        {toSql(station)}, [](RowReader& row) { return row.optionalInteger(); });
    if (!rows)
        return passOn(rows);
    return rows->empty() ? std::nullopt : rows->front();
}

Result<QString> AgentRepository::addCode(const EnrolmentCode& code)
{
    return m_database.transaction([&]() -> Result<QString> {
        const QString secret = newSecretCode();
        const QString hash = codeHash(secret);
        const auto inserted = m_database.execute(
            QStringLiteral("INSERT INTO enrolment_codes (code_sha256, name, created_by, created_at, expires_at) VALUES "
                           "(?, ?, ?, ?, ?)"),
            {hash, toSql(code.name), toSql(code.createdBy), toSql(code.createdAt), toSql(code.expiresAt)});
        if (!inserted)
            return passOn(inserted);
        for (const StationId& station : code.stations) {
            const auto tied = m_database.execute(
                QStringLiteral("INSERT INTO enrolment_code_stations (code_sha256, station_id) VALUES (?, ?)"),
                {hash, toSql(station)});
            if (!tied)
                return passOn(tied);
        }
        return secret;
    });
}

Result<EnrolmentCode> AgentRepository::useCode(const QString& code, const AgentId& agent, UtcTime now)
{
    return m_database.transaction([&]() -> Result<EnrolmentCode> {
        const QString hash = codeHash(code);
        const auto used = m_database.execute(
            QStringLiteral(
                "UPDATE enrolment_codes SET used_at = ?, used_by = ? WHERE code_sha256 = ? AND used_at IS NULL "
                "AND expires_at > ?"),
            {toSql(now), toSql(agent), hash, toSql(now)});
        if (!used)
            return passOn(used);
        if (*used != 1)
            return codeRefused();
        return findCode(hash);
    });
}

Result<EnrolmentCode> AgentRepository::findCode(const QString& hash)
{
    auto codes = m_database.selectAll(
        QStringLiteral("SELECT name, created_by, created_at, expires_at FROM enrolment_codes WHERE code_sha256 = ?"),
        {hash}, [](RowReader& row) {
            EnrolmentCode found;
            found.name = row.text();
            found.createdBy = row.optionalId<UserId>();
            found.createdAt = row.time();
            found.expiresAt = row.time();
            return found;
        });
    if (!codes)
        return passOn(codes);
    if (codes->empty())
        return codeRefused();
    const auto stations = m_database.selectAll(
        QStringLiteral("SELECT station_id FROM enrolment_code_stations WHERE code_sha256 = ? ORDER BY station_id"),
        {hash}, [](RowReader& row) { return row.id<StationId>(); });
    if (!stations)
        return passOn(stations);
    codes->front().stations = *stations;
    return codes->front();
}

Result<EnrolmentCode> AgentRepository::usableCode(const QString& code, UtcTime now)
{
    auto found = findCode(codeHash(code));
    if (!found)
        return passOn(found);
    const auto used =
        m_database.select(QStringLiteral("SELECT 1 FROM enrolment_codes WHERE code_sha256 = ? AND used_at IS NOT NULL"),
                          {codeHash(code)});
    if (!used)
        return passOn(used);
    if (!used->empty() || found->expiresAt <= now)
        return codeRefused();
    return found;
}

Result<std::optional<AgentId>> AgentRepository::codeUsedBy(const QString& code)
{
    const auto rows = m_database.selectAll(QStringLiteral("SELECT used_by FROM enrolment_codes WHERE code_sha256 = ?"),
                                           {codeHash(code)}, [](RowReader& row) { return row.optionalId<AgentId>(); });
    if (!rows)
        return passOn(rows);
    return rows->empty() ? std::nullopt : rows->front();
}

Result<bool> AgentRepository::takeNonce(const AgentId& agent, const QByteArray& nonce, UtcTime now,
                                        UtcTime forgetBefore)
{
    return m_database.transaction([&]() -> Result<bool> {
        const auto forgotten =
            m_database.execute(QStringLiteral("DELETE FROM agent_nonces WHERE seen_at < ?"), {toSql(forgetBefore)});
        if (!forgotten)
            return passOn(forgotten);
        const auto taken =
            m_database.execute(QStringLiteral("INSERT INTO agent_nonces (agent_id, nonce, seen_at) VALUES (?, ?, ?) ON "
                                              "CONFLICT (agent_id, nonce) DO NOTHING"),
                               {toSql(agent), QString::fromLatin1(nonce.toHex()), toSql(now)});
        if (!taken)
            return passOn(taken);
        return *taken == 1;
    });
}

} // namespace loa::store
