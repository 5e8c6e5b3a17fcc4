#include "scheduler/commands/log_check.h"

#include <QJsonArray>

#include <algorithm>

namespace loa::commands {

namespace {

constexpr int entriesAtATime = 1000;

void addFinding(AgentLogReport& report, std::int64_t sequence, const char* kind, const Text& message)
{
    ++report.findingCount;
    if (report.findings.size() < maxFindings)
        report.findings.push_back({sequence, QLatin1String(kind), message});
}

// Compliance finds airings by columns beside the signed entry: they must say what the entry says.
Result<void> checkColumns(store::Store& store, const model::Agent& agent, std::int64_t first,
                          const std::vector<SignedLogEntry>& entries, AgentLogReport& report)
{
    struct Columns {
        std::int64_t sequence = 0;
        QString kind;
        std::optional<StationId> station;
        std::optional<UtcTime> plannedStart;
    };
    const auto rows = store.database.selectAll(
        QStringLiteral("SELECT sequence, kind, station_id, planned_start FROM log_entries WHERE agent_id = ? AND "
                       "sequence >= ? ORDER BY sequence LIMIT %1")
            .arg(entries.size()),
        {store::toSql(agent.id), store::toSql(first)}, [](store::RowReader& row) {
            Columns columns;
            columns.sequence = row.integer();
            columns.kind = row.text();
            columns.station = row.optionalId<StationId>();
            columns.plannedStart = row.optionalTime();
            return columns;
        });
    if (!rows)
        return passOn(rows);
    for (std::size_t i = 0; i < std::min(rows->size(), entries.size()); ++i) {
        const LogEntry& entry = entries[i].entry;
        const Columns& columns = (*rows)[i];
        const bool isAiring = entry.kind == EntryKind::Airing;
        const bool same = columns.sequence == entry.sequence &&
                          columns.kind == (isAiring ? QStringLiteral("airing") : QStringLiteral("event")) &&
                          columns.station.value_or(StationId{}) == entry.station &&
                          columns.plannedStart == plannedStartOf(entry);
        if (!same)
            addFinding(report, entry.sequence, "index",
                       {QStringLiteral("cơ sở dữ liệu xếp mục này khác với nội dung đã ký"),
                        QStringLiteral("the database files this entry under something else than was signed")});
    }
    return {};
}

// One pass over the entries, in order. The last entry that held is what the next one must follow.
Result<void> walkEntries(store::Store& store, const model::Agent& agent, AgentLogReport& report)
{
    std::optional<SignedLogEntry> last;
    std::int64_t expected = 1;
    for (;;) {
        const auto entries = store.airings.entries(agent.id, expected, entriesAtATime);
        if (!entries)
            return passOn(entries);
        if (entries->empty())
            return {};
        if (auto checked = checkColumns(store, agent, expected, *entries, report); !checked)
            return checked;
        for (const SignedLogEntry& entry : *entries) {
            const std::int64_t sequence = entry.entry.sequence;
            if (sequence != expected) {
                addFinding(report, expected, "gap",
                           {QStringLiteral("thiếu mục %1 đến %2").arg(expected).arg(sequence - 1),
                            QStringLiteral("entries %1 to %2 are missing").arg(expected).arg(sequence - 1)});
                last.reset();
            }
            ++report.entries;
            const auto sound = verifyEntry(entry, agent.key);
            if (!sound)
                addFinding(report, sequence, "entry", sound.error().message);
            else if (entry.entry.agent != agent.id)
                addFinding(report, sequence, "entry",
                           {QStringLiteral("mục của máy phát khác"), QStringLiteral("the entry is another agent's")});
            // After a gap there is nothing to follow; the first of all follows the key.
            if (last || sequence == 1) {
                if (const auto linked = verifyLink(last ? &*last : nullptr, entry, agent.key); sound && !linked)
                    addFinding(report, sequence, "link", linked.error().message);
            }
            last = entry;
            expected = sequence + 1;
        }
    }
}

Result<AgentLogReport> checkAgent(store::Store& store, const model::Agent& agent)
{
    AgentLogReport report;
    report.agent = agent.id;
    report.name = agent.name;
    if (auto walked = walkEntries(store, agent, report); !walked)
        return passOn(walked);
    const auto state = store.airings.state(agent.id);
    if (!state)
        return passOn(state);
    report.last = state->last;
    report.acknowledged = state->acknowledgedThrough;
    for (const store::LogIncident& incident : state->incidents) {
        if (incident.kind == store::LogIncident::Kind::Fork)
            addFinding(report, incident.sequence, "fork",
                       {QStringLiteral("máy phát đã gửi hai mục khác nhau cùng số này"),
                        QStringLiteral("the agent has sent two different entries of this number")});
    }
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const LogFinding& a, const LogFinding& b) { return a.sequence < b.sequence; });
    return report;
}

} // namespace

bool LogReport::isInOrder() const
{
    return !auditFault &&
           std::all_of(agents.begin(), agents.end(), [](const auto& agent) { return agent.findingCount == 0; });
}

Result<LogReport> checkLogs(store::Store& store)
{
    LogReport report;
    const auto agents = store.agents.all();
    if (!agents)
        return passOn(agents);
    for (const model::Agent& agent : *agents) {
        auto checked = checkAgent(store, agent);
        if (!checked)
            return passOn(checked);
        report.agents.push_back(*std::move(checked));
    }
    const auto audit = store.audit.verify();
    if (audit)
        report.auditRecords = *audit;
    else if (audit.error().category == ErrorCategory::Conflict)
        report.auditFault = audit.error();
    else
        return passOn(audit);
    return report;
}

QJsonObject toJson(const LogReport& report)
{
    QJsonArray agents;
    for (const AgentLogReport& agent : report.agents) {
        QJsonArray findings;
        for (const LogFinding& finding : agent.findings)
            findings.append(QJsonObject{{QStringLiteral("sequence"), static_cast<qint64>(finding.sequence)},
                                        {QStringLiteral("kind"), finding.kind},
                                        {QStringLiteral("message"), finding.message.en},
                                        {QStringLiteral("message_vi"), finding.message.vi}});
        agents.append(QJsonObject{{QStringLiteral("agent_id"), agent.agent.value},
                                  {QStringLiteral("name"), agent.name},
                                  {QStringLiteral("entries"), static_cast<qint64>(agent.entries)},
                                  {QStringLiteral("last_sequence"), static_cast<qint64>(agent.last)},
                                  {QStringLiteral("acknowledged_through"), static_cast<qint64>(agent.acknowledged)},
                                  {QStringLiteral("finding_count"), static_cast<qint64>(agent.findingCount)},
                                  {QStringLiteral("findings"), findings}});
    }
    QJsonObject audit{{QStringLiteral("records"), static_cast<qint64>(report.auditRecords)}};
    if (report.auditFault) {
        audit[QLatin1String("message")] = report.auditFault->message.en;
        audit[QLatin1String("message_vi")] = report.auditFault->message.vi;
        audit[QLatin1String("where")] = report.auditFault->where;
    }
    return {{QStringLiteral("in_order"), report.isInOrder()},
            {QStringLiteral("agents"), agents},
            {QStringLiteral("audit"), audit}};
}

QString toText(const LogReport& report)
{
    QString text;
    for (const AgentLogReport& agent : report.agents) {
        text += QStringLiteral("%1 (%2): entries / mục %3, last / số cuối %4, %5\n")
                    .arg(agent.name, agent.agent.value, QString::number(agent.entries), QString::number(agent.last),
                         agent.findingCount == 0 ? QStringLiteral("in order / đúng")
                                                 : QStringLiteral("findings / phát hiện: %1").arg(agent.findingCount));
        for (const LogFinding& finding : agent.findings)
            text += QStringLiteral("  ! %1 %2: %3 (%4)\n")
                        .arg(QString::number(finding.sequence), finding.kind, finding.message.en, finding.message.vi);
        if (agent.findingCount > static_cast<std::int64_t>(agent.findings.size()))
            text += QStringLiteral("  … %1 more / nữa\n")
                        .arg(agent.findingCount - static_cast<std::int64_t>(agent.findings.size()));
    }
    if (report.auditFault)
        text += QStringLiteral("Audit trail / Nhật ký thao tác: ! %1\n").arg(describe(*report.auditFault));
    else
        text += QStringLiteral("Audit trail / Nhật ký thao tác: %1, in order / đúng\n").arg(report.auditRecords);
    return text;
}

} // namespace loa::commands
