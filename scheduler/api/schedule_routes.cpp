// What is planned, and what became of it.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/planner/sessions.h"

#include <QHash>
#include <QTimeZone>

#include <algorithm>

namespace loa::api {

namespace {

constexpr int mostDays = 62;

// How much an outcome says for the airing as a whole: one output that played it all is enough.
int weightOf(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Complete:
        return 3;
    case Outcome::Partial:
        return 2;
    case Outcome::Unknown:
        return 1;
    case Outcome::Missed:
        return 0;
    }
    return 0;
}

Result<QHash<AiringId, Outcome>> outcomesOf(Context& context, const model::Station& station, UtcTime from,
                                            UtcTime until)
{
    const auto entries = context.store.airings.ofStation(station.id, from, until);
    if (!entries)
        return passOn(entries);
    // Those taken down since count too: what they sounded, sounded.
    const auto clusters = context.store.stations.everyCluster(station.id);
    if (!clusters)
        return passOn(clusters);
    const auto feedsSpeakers = [&](const QString& output) {
        return std::any_of(clusters->begin(), clusters->end(),
                           [&](const model::SpeakerCluster& cluster) { return cluster.output == output; });
    };
    QHash<AiringId, Outcome> outcomes;
    for (const SignedLogEntry& line : *entries) {
        if (!clusters->empty() && !feedsSpeakers(line.entry.output))
            continue;
        const auto known = outcomes.constFind(line.entry.airing);
        if (known == outcomes.constEnd() || weightOf(line.entry.outcome) > weightOf(*known))
            outcomes.insert(line.entry.airing, line.entry.outcome);
    }
    return outcomes;
}

struct KnownTitles {
    QHash<ItemId, model::Item> items;
};

Result<const model::Item*> itemOf(Context& context, KnownTitles& known, const ItemId& id)
{
    auto found = known.items.constFind(id);
    if (found == known.items.constEnd()) {
        auto item = context.store.items.find(id);
        if (!item)
            return passOn(item);
        for (model::ItemVersion& version : item->versions)
            version.report.clear();
        found = known.items.insert(id, *std::move(item));
    }
    return &*found;
}

Result<Response> getSchedule(const Request& request, Context& context)
{
    QueryReader query(request);
    const QDate from = query.date(QLatin1String("from"));
    const QDate to = query.date(QLatin1String("to"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (to < from || from.daysTo(to) >= mostDays)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khoảng ngày phải từ 1 đến %1 ngày.").arg(mostDays),
                     QStringLiteral("From 1 to %1 days can be asked for.").arg(mostDays)},
                    QStringLiteral("to"));
    const auto id = idFromPath<StationId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto station = context.station(*id, model::Action::Read);
    if (!station)
        return passOn(station);
    const auto sessions = context.store.plans.sessions(*id, from, to);
    if (!sessions)
        return passOn(sessions);
    const auto placements = context.store.plans.placements(*id, from, to);
    if (!placements)
        return passOn(placements);
    const auto shortfalls = context.store.plans.shortfalls(*id);
    if (!shortfalls)
        return passOn(shortfalls);
    const QTimeZone zone(station->timeZone);
    const auto outcomes = outcomesOf(context, *station, planner::instantOf(from, QTime(0, 0), zone),
                                     planner::instantOf(to.addDays(2), QTime(0, 0), zone));
    if (!outcomes)
        return passOn(outcomes);

    QHash<SessionId, std::vector<const planner::Placement*>> bySession;
    for (const planner::Placement& placement : *placements)
        bySession[placement.session].push_back(&placement);
    KnownTitles known;
    QJsonArray sessionArray;
    for (const model::Session& session : *sessions) {
        QJsonArray airings;
        for (const planner::Placement* placement : bySession.value(session.id)) {
            const auto item = itemOf(context, known, placement->item);
            if (!item)
                return passOn(item);
            const auto outcome = outcomes->constFind(placement->airing());
            airings.append(QJsonObject{
                {QStringLiteral("airing_id"), placement->airing().value},
                {QStringLiteral("item_id"), placement->item.value},
                {QStringLiteral("title"), (*item)->title},
                {QStringLiteral("starts_at"), toString(session.startsAt + toDuration(placement->offset))},
                {QStringLiteral("duration_ms"), milliseconds(placement->frames)},
                {QStringLiteral("frames"), qint64(placement->frames.value)},
                {QStringLiteral("topics"), idsJson((*item)->topics)},
                {QStringLiteral("priority"), toString(placement->priority)},
                {QStringLiteral("reason"), textJson(placement->reason)},
                {QStringLiteral("outcome"),
                 outcome == outcomes->constEnd() ? QJsonValue(QJsonValue::Null) : QJsonValue(toString(*outcome))}});
        }
        sessionArray.append(
            QJsonObject{{QStringLiteral("id"), session.id.value},
                        {QStringLiteral("title"), session.title},
                        {QStringLiteral("starts_at"), toString(session.startsAt)},
                        {QStringLiteral("ends_at"), toString(session.startsAt + toDuration(session.frames))},
                        {QStringLiteral("local_date"), dateText(session.localDate)},
                        {QStringLiteral("items"), airings}});
    }
    QJsonArray shortfallArray;
    for (const planner::Shortfall& shortfall : *shortfalls) {
        if (shortfall.period.first <= to && shortfall.period.last >= from)
            shortfallArray.append(shortfallJson(shortfall));
    }
    return Response::json(200, {{QStringLiteral("station_id"), station->id.value},
                                {QStringLiteral("time_zone"), QString::fromLatin1(station->timeZone)},
                                {QStringLiteral("sessions"), sessionArray},
                                {QStringLiteral("shortfalls"), shortfallArray}});
}

// The stations named, each of which the person may plan; all of those when none is named.
Result<std::vector<model::Station>> stationsToPlan(JsonReader& reader, Context& context)
{
    if (!reader.has(QLatin1String("station_ids"))) {
        const auto units = context.unitsFor(model::Action::Plan);
        if (!units)
            return passOn(units);
        return context.store.stations.ofUnits(std::vector<UnitId>(units->begin(), units->end()));
    }
    std::vector<model::Station> stations;
    for (const QJsonValue& value : reader.array(QLatin1String("station_ids"), 1000)) {
        auto station = context.station(StationId{value.toString()}, model::Action::Plan);
        if (!station)
            return passOn(station);
        stations.push_back(*std::move(station));
    }
    return stations;
}

Result<QJsonObject> summaryOf(Context& context, const model::Station& station, const fleet::StationOutcome& outcome,
                              QDate first, QDate last)
{
    const auto sessions = context.store.plans.sessions(station.id, first, last);
    if (!sessions)
        return passOn(sessions);
    const auto placements = context.store.plans.placements(station.id, first, last);
    if (!placements)
        return passOn(placements);
    QJsonArray shortfalls;
    for (const planner::Shortfall& shortfall : outcome.shortfalls) {
        if (shortfall.period.first <= last && shortfall.period.last >= first)
            shortfalls.append(shortfallJson(shortfall));
    }
    return QJsonObject{{QStringLiteral("station_id"), station.id.value},
                       {QStringLiteral("station_name"), station.name},
                       {QStringLiteral("sessions"), qint64(std::ssize(*sessions))},
                       {QStringLiteral("airings"), qint64(std::ssize(*placements))},
                       {QStringLiteral("bundle_version"), outcome.bundleVersion > 0
                                                              ? QJsonValue(qint64(outcome.bundleVersion))
                                                              : QJsonValue(QJsonValue::Null)},
                       {QStringLiteral("shortfalls"), shortfalls}};
}

Result<Response> planMonth(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QDate first = reader.parsed<QDate>(QLatin1String("month"), monthFromString);
    const QDate thisMonth(context.today.year(), context.today.month(), 1);
    if (!reader.failed() && first != thisMonth && first != thisMonth.addMonths(1))
        reader.reject(QLatin1String("month"), {QStringLiteral("Chỉ lập lịch được cho tháng này và tháng sau."),
                                               QStringLiteral("Only this month and the next can be planned.")});
    const auto stations = stationsToPlan(reader, context);
    if (!stations)
        return passOn(stations);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    std::vector<StationId> ids;
    for (const model::Station& station : *stations)
        ids.push_back(station.id);
    const auto outcomes = context.services.planning.replanStations(ids);
    if (!outcomes)
        return passOn(outcomes);

    QJsonArray summaries;
    for (const fleet::StationOutcome& outcome : *outcomes) {
        if (outcome.error)
            return tl::unexpected<Error>(*outcome.error);
        const auto station = std::find_if(stations->begin(), stations->end(),
                                          [&](const model::Station& one) { return one.id == outcome.station; });
        if (station == stations->end())
            continue;
        auto summary = summaryOf(context, *station, outcome, first, first.addMonths(1).addDays(-1));
        if (!summary)
            return passOn(summary);
        summaries.append(*summary);
    }
    if (const auto noted = context.audit(QStringLiteral("plan.run"), QStringLiteral("month:") + monthText(first),
                                         {{QStringLiteral("stations"), qint64(std::ssize(ids))}});
        !noted)
        return passOn(noted);
    return Response::json(200, {{QStringLiteral("month"), monthText(first)}, {QStringLiteral("stations"), summaries}});
}

constexpr Route scheduleTable[] = {
    {"POST", "/plan", Caller::Person, model::Action::Plan, planMonth, Commit::BySteps},
    {"GET", "/stations/{id}/schedule", Caller::Person, model::Action::Read, getSchedule},
};

} // namespace

std::span<const Route> scheduleRoutes()
{
    return scheduleTable;
}

} // namespace loa::api
