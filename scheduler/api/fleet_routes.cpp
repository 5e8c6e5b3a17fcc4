// Agents as people see them, and the audit trail.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/fleet/enrolment.h"

#include <QJsonDocument>

#include <algorithm>

namespace loa::api {

namespace {

Result<QJsonArray> forksOf(Context& context, const model::Agent& agent, const store::LogState& state)
{
    QJsonArray forks;
    for (const store::LogIncident& incident : state.incidents) {
        if (incident.kind != store::LogIncident::Kind::Fork)
            continue;
        const auto kept = context.store.airings.find(agent.id, incident.sequence);
        if (!kept)
            return passOn(kept);
        forks.append(QJsonObject{{QStringLiteral("sequence"), qint64(incident.sequence)},
                                 {QStringLiteral("kept_hash"), *kept ? toString((*kept)->hash) : QString()},
                                 {QStringLiteral("other_hash"), toString(incident.entry.hash)}});
    }
    return forks;
}

Result<QJsonObject> agentJson(Context& context, const model::Agent& agent,
                              const QHash<StationId, StationCondition>& conditions)
{
    const auto state = context.store.airings.state(agent.id);
    if (!state)
        return passOn(state);
    const auto forks = forksOf(context, agent, *state);
    if (!forks)
        return passOn(forks);
    QJsonArray gaps;
    for (const store::SequenceRange& gap : state->gaps)
        gaps.append(QJsonObject{{QStringLiteral("from"), qint64(gap.first)}, {QStringLiteral("to"), qint64(gap.last)}});
    QJsonArray broken;
    for (const store::LogIncident& incident : state->incidents) {
        if (incident.kind == store::LogIncident::Kind::BrokenLink)
            broken.append(qint64(incident.sequence));
    }
    QJsonArray told;
    for (const StationId& station : agent.stations) {
        const auto condition = conditions.constFind(station);
        if (condition != conditions.cend())
            told.append(toJson(*condition));
    }
    return QJsonObject{{QStringLiteral("id"), agent.id.value},
                       {QStringLiteral("name"), agent.name},
                       {QStringLiteral("stations"), idsJson(agent.stations)},
                       {QStringLiteral("enrolled_at"), toString(agent.enrolledAt)},
                       {QStringLiteral("revoked"), agent.revoked},
                       {QStringLiteral("last_seen_at"), orNull(agent.lastSeenAt)},
                       {QStringLiteral("software"), agent.software},
                       {QStringLiteral("clock_state"), toString(agent.clock)},
                       {QStringLiteral("journal_backlog"), qint64(agent.journalBacklog)},
                       {QStringLiteral("conditions"), told},
                       {QStringLiteral("last_sequence"), qint64(state->last)},
                       {QStringLiteral("gaps"), gaps},
                       {QStringLiteral("forks"), *forks},
                       {QStringLiteral("broken_links"), broken}};
}

Result<Response> listAgents(const Request&, Context& context)
{
    const auto agents = context.store.agents.all();
    if (!agents)
        return passOn(agents);
    const auto units = context.unitsFor(model::Action::Read);
    if (!units)
        return passOn(units);
    const auto stations = context.store.stations.ofUnits(std::vector<UnitId>(units->begin(), units->end()));
    if (!stations)
        return passOn(stations);
    QSet<StationId> seen;
    for (const model::Station& station : *stations)
        seen.insert(station.id);
    const bool all =
        context.demandAtRoot(model::Action::ManageAgents).has_value(); // then also those that carry no station any more
    const auto conditions = context.store.agents.conditions();
    if (!conditions)
        return passOn(conditions);
    QJsonArray items;
    for (const model::Agent& agent : *agents) {
        if (!all && std::none_of(agent.stations.begin(), agent.stations.end(),
                                 [&](const StationId& id) { return seen.contains(id); }))
            continue;
        auto json = agentJson(context, agent, *conditions);
        if (!json)
            return passOn(json);
        items.append(*json);
    }
    return Response::json(200, {{QStringLiteral("items"), items}});
}

Result<Response> addEnrolmentCode(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString name = wordsOf(reader, QLatin1String("name"), 200);
    std::vector<StationId> stations;
    for (const QJsonValue& value : reader.array(QLatin1String("station_ids"), 500))
        stations.push_back(StationId{value.toString()});
    if (!reader.failed() && stations.empty())
        reader.reject(QLatin1String("station_ids"),
                      {QStringLiteral("Cần ít nhất một đài."), QStringLiteral("At least one station is needed.")});
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    for (const StationId& id : stations) {
        if (const auto station = context.station(id, model::Action::ManageAgents); !station)
            return passOn(station);
    }
    const auto made = fleet::makeEnrolmentCode(context.store, stations, name, context.user(), context.now);
    if (!made)
        return passOn(made);
    if (const auto noted = context.audit(QStringLiteral("agent.enrolment_code"), QStringLiteral("agent:") + name,
                                         {{QStringLiteral("stations"), idsJson(stations)}});
        !noted)
        return passOn(noted);
    return Response::json(
        201, {{QStringLiteral("code"), made->code}, {QStringLiteral("expires_at"), toString(made->expiresAt)}});
}

Result<Response> listAudit(const Request& request, Context& context)
{
    QueryReader query(request);
    const std::int64_t limit = query.integer(QLatin1String("limit"), 1, 1000, 100);
    if (const auto read = query.finish(); !read)
        return passOn(read);
    // The trail tells of all units alike.
    if (const auto allowed = context.demandAtRoot(model::Action::ReadAudit); !allowed)
        return passOn(allowed);
    const auto records = context.store.audit.latest(static_cast<int>(limit));
    if (!records)
        return passOn(records);
    return listResponse(*records, [](const model::AuditRecord& record) {
        return QJsonObject{{QStringLiteral("number"), qint64(record.number)},
                           {QStringLiteral("at"), toString(record.at)},
                           {QStringLiteral("user"), record.actor},
                           {QStringLiteral("action"), record.action},
                           {QStringLiteral("subject"), record.subject},
                           {QStringLiteral("detail"), QJsonDocument::fromJson(record.detail.toUtf8()).object()}};
    });
}

constexpr Route fleetTable[] = {
    {"GET", "/agents", Caller::Person, model::Action::Read, listAgents},
    {"POST", "/agents/enrolment-codes", Caller::Person, model::Action::ManageAgents, addEnrolmentCode},
};

constexpr Route auditTable[] = {
    {"GET", "/audit", Caller::Person, model::Action::ReadAudit, listAudit},
};

} // namespace

std::span<const Route> fleetRoutes()
{
    return fleetTable;
}
std::span<const Route> auditRoutes()
{
    return auditTable;
}

} // namespace loa::api
