#include "scheduler/store/airing_repository.h"

#include "scheduler/contract/canonical_json.h"

#include <tuple>

namespace loa::store {

namespace {

// The signed form is the record; nothing is put together from columns.
Result<QString> signedText(const LogEntry& entry)
{
    const auto canonical = canonicalJson(toJson(entry));
    if (!canonical)
        return passOn(canonical);
    return QString::fromUtf8(*canonical);
}

SignedLogEntry readEntry(RowReader& row)
{
    SignedLogEntry read;
    read.hash = row.hash();
    const auto signature = signatureFromBase64(row.utf8());
    const auto object = parseCanonicalJson(row.utf8());
    const auto entry = object ? logEntryFromJson(*object) : Result<LogEntry>(passOn(object));
    if (!signature || !entry) {
        row.remark();
        return read;
    }
    read.signature = *signature;
    read.entry = *entry;
    return read;
}

Result<LogIncident::Kind> incidentKindFromString(QStringView text)
{
    for (const LogIncident::Kind kind : {LogIncident::Kind::Fork, LogIncident::Kind::BrokenLink}) {
        if (toString(kind) == text)
            return kind;
    }
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có loại sự cố này."), QStringLiteral("No such incident.")});
}

QString signatureText(const Signature& signature)
{
    return QString::fromLatin1(toBase64(signature));
}

} // namespace

QString toString(LogIncident::Kind kind)
{
    return kind == LogIncident::Kind::Fork ? QStringLiteral("fork") : QStringLiteral("broken-link");
}

Result<void> AiringRepository::add(const SignedLogEntry& signedEntry, UtcTime receivedAt)
{
    const LogEntry& entry = signedEntry.entry;
    const auto text = signedText(entry);
    if (!text)
        return passOn(text);
    const bool isAiring = entry.kind == EntryKind::Airing;
    const auto station = entry.station.isEmpty() ? std::nullopt : std::optional(entry.station);
    const auto inserted = m_database.execute(
        QStringLiteral("INSERT INTO log_entries (agent_id, sequence, hash, signature, entry, received_at, kind, "
                       "station_id, planned_start) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {toSql(entry.agent), toSql(entry.sequence), toSql(signedEntry.hash), signatureText(signedEntry.signature),
         *text, toSql(receivedAt), isAiring ? QStringLiteral("airing") : QStringLiteral("event"), toSql(station),
         toSql(plannedStartOf(entry))});
    if (!inserted)
        return passOn(inserted);
    return {};
}

Result<std::vector<SignedLogEntry>> AiringRepository::select(const QString& rest, const Values& values)
{
    return m_database.selectAll(QStringLiteral("SELECT hash, signature, entry FROM log_entries ") + rest, values,
                                readEntry);
}

Result<std::optional<SignedLogEntry>> AiringRepository::find(const AgentId& agent, std::int64_t sequence)
{
    const auto found = select(QStringLiteral("WHERE agent_id = ? AND sequence = ?"), {toSql(agent), toSql(sequence)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<SignedLogEntry>> AiringRepository::entries(const AgentId& agent, std::int64_t first, int limit)
{
    return select(QStringLiteral("WHERE agent_id = ? AND sequence >= ? ORDER BY sequence LIMIT ?"),
                  {toSql(agent), toSql(first), limit});
}

Result<void> AiringRepository::addIncident(const LogIncident& incident)
{
    const auto text = signedText(incident.entry.entry);
    if (!text)
        return passOn(text);
    const auto inserted = m_database.execute(
        QStringLiteral("INSERT INTO log_incidents (agent_id, sequence, kind, hash, signature, entry, noticed_at) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (agent_id, sequence, kind, hash) DO NOTHING"),
        {toSql(incident.agent), toSql(incident.sequence), toString(incident.kind), toSql(incident.entry.hash),
         signatureText(incident.entry.signature), *text, toSql(incident.noticedAt)});
    if (!inserted)
        return passOn(inserted);
    return {};
}

Result<std::int64_t> AiringRepository::advanceAcknowledgement(const AgentId& agent)
{
    return m_database.transaction([&]() -> Result<std::int64_t> {
        const auto numbers = [&](const QString& sql, const Values& values) {
            return m_database.selectAll(sql, values, [](RowReader& row) { return row.optionalInteger(); });
        };
        const auto before =
            numbers(QStringLiteral("SELECT acknowledged_through FROM agents WHERE id = ?"), {toSql(agent)});
        if (!before)
            return passOn(before);
        if (before->empty()) {
            return fail(ErrorCategory::NotFound,
                        {QStringLiteral("Không có bộ phát này."), QStringLiteral("There is no such agent.")},
                        agent.value);
        }
        const std::int64_t from = before->front().value_or(0);
        const auto next =
            numbers(QStringLiteral("SELECT sequence FROM log_entries WHERE agent_id = ? AND sequence = ?"),
                    {toSql(agent), toSql(from + 1)});
        if (!next)
            return passOn(next);
        if (next->empty())
            return from;
        // The end of the unbroken run is the first stored number whose successor is not stored.
        const auto end =
            numbers(QStringLiteral("SELECT MIN(e.sequence) FROM log_entries e WHERE e.agent_id = ? AND e.sequence > ? "
                                   "AND NOT EXISTS (SELECT 1 FROM log_entries n WHERE n.agent_id = e.agent_id "
                                   "AND n.sequence = e.sequence + 1)"),
                    {toSql(agent), toSql(from)});
        if (!end)
            return passOn(end);
        const std::int64_t through = end->front().value_or(from);
        const auto moved = m_database.execute(QStringLiteral("UPDATE agents SET acknowledged_through = ? WHERE id = ?"),
                                              {toSql(through), toSql(agent)});
        if (!moved)
            return passOn(moved);
        return through;
    });
}

Result<LogState> AiringRepository::state(const AgentId& agent)
{
    LogState state;
    const auto heads = m_database.selectAll(
        QStringLiteral(
            "SELECT acknowledged_through, (SELECT COALESCE(MAX(sequence), 0) FROM log_entries WHERE agent_id = ?) "
            "FROM agents WHERE id = ?"),
        {toSql(agent), toSql(agent)}, [](RowReader& row) {
            const std::int64_t acknowledged = row.integer();
            return std::pair(acknowledged, row.integer());
        });
    if (!heads)
        return passOn(heads);
    if (heads->empty()) {
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có bộ phát này."), QStringLiteral("There is no such agent.")}, agent.value);
    }
    std::tie(state.acknowledgedThrough, state.last) = heads->front();

    // A gap begins after the acknowledged run, or after a stored number without successor, and ends before the next
    // stored one.
    const auto before = m_database.selectAll(
        QStringLiteral("SELECT n.sequence, (SELECT MAX(p.sequence) FROM log_entries p WHERE p.agent_id = n.agent_id "
                       "AND p.sequence < n.sequence) FROM log_entries n WHERE n.agent_id = ? AND n.sequence > ? "
                       "AND NOT EXISTS (SELECT 1 FROM log_entries p WHERE p.agent_id = n.agent_id AND p.sequence = "
                       "n.sequence - 1) "
                       "ORDER BY n.sequence"),
        {toSql(agent), toSql(state.acknowledgedThrough)}, [](RowReader& row) {
            const std::int64_t next = row.integer();
            return SequenceRange{row.optionalInteger().value_or(0) + 1, next - 1};
        });
    if (!before)
        return passOn(before);
    for (const SequenceRange& gap : *before) {
        if (gap.first <= gap.last)
            state.gaps.push_back(gap);
    }

    const auto incidents = m_database.selectAll(
        QStringLiteral(
            "SELECT agent_id, sequence, kind, noticed_at, hash, signature, entry FROM log_incidents WHERE agent_id = ? "
            "ORDER BY sequence, kind, hash"),
        {toSql(agent)}, [](RowReader& row) {
            LogIncident incident;
            incident.agent = row.id<AgentId>();
            incident.sequence = row.integer();
            incident.kind = row.word(incidentKindFromString);
            incident.noticedAt = row.time();
            incident.entry = readEntry(row);
            return incident;
        });
    if (!incidents)
        return passOn(incidents);
    state.incidents = *incidents;
    return state;
}

Result<std::int64_t> AiringRepository::countOfStation(const StationId& station, UtcTime from)
{
    const auto rows = m_database.selectAll(
        QStringLiteral("SELECT COUNT(*) FROM log_entries WHERE kind = 'airing' AND station_id = ? AND "
                       "planned_start >= ?"),
        {toSql(station), toSql(from)}, [](RowReader& row) { return row.integer(); });
    if (!rows)
        return passOn(rows);
    return rows->front();
}

Result<std::vector<SignedLogEntry>> AiringRepository::ofStation(const StationId& station, UtcTime from, UtcTime until)
{
    return select(QStringLiteral("WHERE kind = 'airing' AND station_id = ? AND planned_start >= ? AND "
                                 "planned_start < ? ORDER BY planned_start, agent_id, sequence"),
                  {toSql(station), toSql(from), toSql(until)});
}

Result<std::vector<SignedLogEntry>> AiringRepository::heardAt(const StationId& station, UtcTime from, UtcTime until)
{
    return select(QStringLiteral("WHERE kind = 'event' AND station_id = ? AND planned_start >= ? AND "
                                 "planned_start < ? ORDER BY planned_start, agent_id, sequence"),
                  {toSql(station), toSql(from), toSql(until)});
}

} // namespace loa::store
