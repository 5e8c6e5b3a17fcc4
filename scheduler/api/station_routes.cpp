#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/station_access.h"

#include <QTimeZone>

namespace loa::api {

namespace {

QJsonValue versionOrNull(std::int64_t version)
{
    return version > 0 ? QJsonValue(qint64(version)) : QJsonValue(QJsonValue::Null);
}

Result<QJsonObject> stationJson(const model::Station& station, Context& context)
{
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const auto issued = context.store.bundles.latestVersion(station.id);
    if (!issued)
        return passOn(issued);
    const auto obeyed = context.store.agents.bundleVersionOnAgent(station.id);
    if (!obeyed)
        return passOn(obeyed);
    const auto next = context.store.plans.nextSession(station.id, context.now);
    if (!next)
        return passOn(next);
    std::optional<model::Agent> agent;
    if (station.agent) {
        auto found = context.store.agents.find(*station.agent);
        if (!found)
            return passOn(found);
        agent = *std::move(found);
    }
    QJsonArray clusters;
    for (const model::SpeakerCluster& cluster : station.clusters)
        clusters.append(clusterJson(cluster));
    const model::Unit* unit = (*tree)->find(station.unit);
    const bool heard = agent && agent->lastSeenAt;
    return QJsonObject{
        {QStringLiteral("id"), station.id.value},
        {QStringLiteral("unit_id"), station.unit.value},
        {QStringLiteral("unit_name"), unit != nullptr ? unit->name : QString()},
        {QStringLiteral("name"), station.name},
        {QStringLiteral("code"), station.code},
        {QStringLiteral("time_zone"), QString::fromLatin1(station.timeZone)},
        {QStringLiteral("clusters"), clusters},
        {QStringLiteral("agent_id"), idOrNull(station.agent)},
        {QStringLiteral("last_seen_at"), agent ? orNull(agent->lastSeenAt) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("bundle_version"), versionOrNull(*issued)},
        {QStringLiteral("bundle_version_on_agent"), versionOrNull(obeyed->value_or(0))},
        {QStringLiteral("next_session_at"),
         *next ? QJsonValue(toString((*next)->startsAt)) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("clock_state"), heard ? QJsonValue(toString(agent->clock)) : QJsonValue(QJsonValue::Null)}};
}

std::vector<model::SpeakerCluster> readClusters(JsonReader& reader)
{
    std::vector<model::SpeakerCluster> clusters;
    const QJsonArray array = reader.array(QLatin1String("clusters"), 500);
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader entry(array[i].toObject(), reader.pathOf(QLatin1String("clusters")) + u'/' + QString::number(i));
        model::SpeakerCluster cluster;
        if (entry.has(QLatin1String("id")))
            cluster.id = entry.id<ClusterTag>(QLatin1String("id"));
        cluster.name = wordsOf(entry, QLatin1String("name"), 200);
        cluster.output = entry.text(QLatin1String("output"), 64);
        if (!entry.failed() && !isValidId(cluster.output))
            entry.reject(QLatin1String("output"),
                         {QStringLiteral("Tên đầu ra gồm 1 đến 64 ký tự a-z, 0-9, '-'."),
                          QStringLiteral("An output's name is 1 to 64 characters of a-z, 0-9, '-'.")});
        if (entry.has(QLatin1String("speakers")))
            cluster.speakers = static_cast<int>(entry.integer(QLatin1String("speakers"), 0, 10'000));
        if (const auto read = entry.finish(); !read)
            reader.reject(read.error());
        clusters.push_back(std::move(cluster));
    }
    return clusters;
}

void readStation(JsonReader& reader, model::Station& station, bool whole)
{
    if (whole || reader.has(QLatin1String("unit_id")))
        station.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    if (whole || reader.has(QLatin1String("name")))
        station.name = wordsOf(reader, QLatin1String("name"), 200);
    if (whole || reader.has(QLatin1String("code")))
        station.code = wordsOf(reader, QLatin1String("code"), 64);
    if (reader.has(QLatin1String("time_zone"))) {
        station.timeZone = reader.text(QLatin1String("time_zone"), 64).toLatin1();
        if (!reader.failed() && !QTimeZone::isTimeZoneIdAvailable(station.timeZone))
            reader.reject(QLatin1String("time_zone"),
                          {QStringLiteral("Không có múi giờ IANA này, ví dụ đúng: Asia/Ho_Chi_Minh."),
                           QStringLiteral("There is no such IANA time zone; Asia/Ho_Chi_Minh is one.")});
    }
    if (reader.has(QLatin1String("clusters")))
        station.clusters = readClusters(reader);
}

// Stores, plans, tells; the answer is the station as it stands then.
Result<Response> storedStation(Context& context, const StationId& id, const QString& action, int status)
{
    auto stored = context.store.stations.find(id);
    if (!stored)
        return passOn(stored);
    if (const auto noted = context.audit(action, QStringLiteral("station:") + id.value,
                                         {{QStringLiteral("code"), stored->code},
                                          {QStringLiteral("name"), stored->name},
                                          {QStringLiteral("unit_id"), stored->unit.value}});
        !noted)
        return passOn(noted);
    if (const auto wished = context.wishPlans({&id, 1}); !wished)
        return passOn(wished);
    auto json = stationJson(*stored, context);
    if (!json)
        return passOn(json);
    return Response::json(status, *json);
}

Result<void> demandUnit(Context& context, const UnitId& unit)
{
    if (const auto known = context.demandKnown(unit, "/unit_id"); !known)
        return known;
    return context.demand(model::Action::ManageStations, unit);
}

Result<Response> listStations(const Request&, Context& context)
{
    const auto readable = context.unitsFor(model::Action::Read);
    if (!readable)
        return passOn(readable);
    const std::vector<UnitId> units(readable->begin(), readable->end());
    const auto stations = context.store.stations.ofUnits(units);
    if (!stations)
        return passOn(stations);
    QJsonArray items;
    for (const model::Station& station : *stations) {
        auto json = stationJson(station, context);
        if (!json)
            return passOn(json);
        items.append(*json);
    }
    return Response::json(200, {{QStringLiteral("items"), items}});
}

Result<Response> getStation(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    auto json = stationJson(*station, context);
    if (!json)
        return passOn(json);
    return Response::json(200, *json);
}

Result<Response> addStation(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::Station station;
    station.id = StationId{newId(context.now)};
    readStation(reader, station, true);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = demandUnit(context, station.unit); !allowed)
        return passOn(allowed);
    if (const auto added = context.store.stations.add(station, context.now); !added)
        return passOn(added);
    return storedStation(context, station.id, QStringLiteral("station.create"), 201);
}

Result<Response> changeStation(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    auto before = context.station(*id, model::Action::ManageStations);
    if (!before)
        return passOn(before);
    model::Station station = *before;
    JsonReader reader(*body);
    readStation(reader, station, false);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = demandUnit(context, station.unit); !allowed)
        return passOn(allowed);
    if (const auto stored = context.store.stations.update(station, context.now); !stored)
        return passOn(stored);
    return storedStation(context, station.id, QStringLiteral("station.change"), 200);
}

constexpr Route stationTable[] = {
    {"GET", "/stations", Caller::Person, model::Action::Read, listStations},
    {"POST", "/stations", Caller::Person, model::Action::ManageStations, addStation},
    {"GET", "/stations/{id}", Caller::Person, model::Action::Read, getStation},
    {"PATCH", "/stations/{id}", Caller::Person, model::Action::ManageStations, changeStation, Commit::Together,
     textBody, true},
};

} // namespace

std::span<const Route> stationRoutes()
{
    return stationTable;
}

} // namespace loa::api
