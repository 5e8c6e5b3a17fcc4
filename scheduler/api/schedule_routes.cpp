// What is planned, and what became of it.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"
#include "scheduler/planner/sessions.h"

#include <QHash>

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

// Of each airing the line that says most for it.
using Sounded = QHash<AiringId, LogEntry>;

Result<Sounded> soundedIn(Context& context, const model::Station& station, UtcTime from, UtcTime until)
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
    Sounded sounded;
    for (const SignedLogEntry& line : *entries) {
        if (!clusters->empty() && !feedsSpeakers(line.entry.output))
            continue;
        const auto known = sounded.constFind(line.entry.airing);
        if (known == sounded.constEnd() || weightOf(line.entry.outcome) > weightOf(known->outcome))
            sounded.insert(line.entry.airing, line.entry);
    }
    return sounded;
}

// Edits by hand of the sessions asked about.
using EditsBySession = QHash<SessionId, std::vector<model::HandEdit>>;

Result<EditsBySession> editsOf(Context& context, const PlannedSpan& span)
{
    EditsBySession edits;
    if (span.sessions.empty())
        return edits;
    const auto stored = context.store.edits.ofStation(span.station.id, span.sessions.front().startsAt);
    if (!stored)
        return passOn(stored);
    for (const store::StoredEdit& each : *stored)
        edits[each.edit.session].push_back(each.edit);
    return edits;
}

QJsonArray segmentsJson(const model::Session& session)
{
    QJsonArray segments;
    for (const model::SessionSegment& segment : session.segments)
        segments.append(QJsonObject{{QStringLiteral("offset_ms"), milliseconds(segment.offset)},
                                    {QStringLiteral("duration_ms"), milliseconds(segment.frames)}});
    return segments;
}

QJsonArray partsJson(const model::Session& session)
{
    QJsonArray parts;
    for (const model::SessionPart& part : session.parts)
        parts.append(QJsonObject{{QStringLiteral("id"), part.id},
                                 {QStringLiteral("kind"), toString(part.kind)},
                                 {QStringLiteral("segment"), part.segment},
                                 {QStringLiteral("most_ms"), milliseconds(part.most)},
                                 {QStringLiteral("accepts"),
                                  QJsonArray::fromStringList(QStringList(part.accepts.begin(), part.accepts.end()))}});
    return parts;
}

// What came of a relay, and which of its sources filled how much of it.
void addFilling(QJsonObject& json, const LogEntry& entry)
{
    QJsonArray filled;
    for (const RelayShare& share : entry.shares)
        filled.append(QJsonObject{{QStringLiteral("source"), toString(share)},
                                  {QStringLiteral("duration_ms"), milliseconds(share.frames)}});
    json.insert(QStringLiteral("outcome"), toString(entry.outcome));
    json.insert(QStringLiteral("filled"), filled);
    json.insert(QStringLiteral("log_reason"), entry.reason);
}

QJsonArray relaysJson(const model::Session& session, const Sounded& sounded)
{
    QJsonArray relays;
    for (const model::SessionRelay& relay : session.relays) {
        QJsonObject json{{QStringLiteral("id"), relay.id},
                         {QStringLiteral("source"), relay.source},
                         {QStringLiteral("relay_id"), relay.relay ? QJsonValue(relay.relay->value) : QJsonValue()},
                         {QStringLiteral("starts_at"), toString(session.startsAt + toDuration(relay.offset))},
                         {QStringLiteral("duration_ms"), milliseconds(relay.frames)},
                         {QStringLiteral("outcome"), QJsonValue()}};
        const auto entry =
            relay.relay ? sounded.constFind(relayAiringIdFor(session.id, *relay.relay, relay.id)) : sounded.constEnd();
        if (entry != sounded.constEnd())
            addFilling(json, *entry);
        relays.append(json);
    }
    return relays;
}

QJsonArray cutsJson(const model::Session& session)
{
    QJsonArray cuts;
    for (const model::SessionCut& cut : session.cuts)
        cuts.append(QJsonObject{{QStringLiteral("id"), cut.id},
                                {QStringLiteral("kind"), toString(cut.kind)},
                                {QStringLiteral("reason"), textJson(cut.reason)}});
    return cuts;
}

struct ScheduleFacts {
    QHash<SessionId, std::vector<const planner::Placement*>> placements;
    EditsBySession edits;
    Sounded sounded;
    UtcTime frozenUntil;
};

Result<QJsonArray> airingsJson(const model::Session& session, const ScheduleFacts& facts, ItemsById& items)
{
    const std::vector<model::HandEdit> edits = facts.edits.value(session.id);
    QJsonArray airings;
    for (const planner::Placement* placement : facts.placements.value(session.id)) {
        const auto item = items.find(placement->item);
        if (!item)
            return passOn(item);
        const auto sounded = facts.sounded.constFind(placement->airing());
        const auto edit = std::find_if(edits.begin(), edits.end(), [&](const model::HandEdit& some) {
            return placement->tune.isEmpty() && some.item == placement->item && some.kind == model::HandEditKind::Keep;
        });
        const bool byHand = edit != edits.end();
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
            {QStringLiteral("outcome"), sounded == facts.sounded.constEnd() ? QJsonValue(QJsonValue::Null)
                                                                            : QJsonValue(toString(sounded->outcome))},
            {QStringLiteral("part"), placement->part},
            {QStringLiteral("tune"), !placement->tune.isEmpty()},
            {QStringLiteral("edited"), byHand ? QJsonValue(toString(edit->kind)) : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("edit_id"), byHand ? QJsonValue(edit->id.value) : QJsonValue(QJsonValue::Null)}});
    }
    return airings;
}

Result<QJsonObject> sessionJson(const model::Session& session, const ScheduleFacts& facts, ItemsById& items)
{
    const auto airings = airingsJson(session, facts, items);
    if (!airings)
        return passOn(airings);
    FrameCount used;
    for (const planner::Placement* placement : facts.placements.value(session.id)) {
        if (placement->tune.isEmpty())
            used += placement->frames;
    }
    FrameCount capacity =
        session.segments.empty() && session.relays.empty() && session.cuts.empty() ? session.frames : FrameCount{};
    for (const model::SessionSegment& segment : session.segments)
        capacity += segment.frames;
    QJsonArray away;
    for (const model::HandEdit& edit : facts.edits.value(session.id)) {
        if (edit.kind != model::HandEditKind::Away)
            continue;
        const auto item = items.find(edit.item);
        if (!item)
            return passOn(item);
        away.append(QJsonObject{{QStringLiteral("edit_id"), edit.id.value},
                                {QStringLiteral("item_id"), edit.item.value},
                                {QStringLiteral("title"), (*item)->title}});
    }
    return QJsonObject{{QStringLiteral("id"), session.id.value},
                       {QStringLiteral("title"), session.title},
                       {QStringLiteral("starts_at"), toString(session.startsAt)},
                       {QStringLiteral("ends_at"), toString(session.startsAt + toDuration(session.frames))},
                       {QStringLiteral("local_date"), dateText(session.localDate)},
                       {QStringLiteral("capacity_ms"), milliseconds(capacity)},
                       {QStringLiteral("used_ms"), milliseconds(used)},
                       {QStringLiteral("frozen"), session.startsAt < facts.frozenUntil},
                       {QStringLiteral("segments"), segmentsJson(session)},
                       {QStringLiteral("parts"), partsJson(session)},
                       {QStringLiteral("relays"), relaysJson(session, facts.sounded)},
                       {QStringLiteral("cuts"), cutsJson(session)},
                       {QStringLiteral("items"), *airings},
                       {QStringLiteral("away"), away}};
}

Result<Response> getSchedule(const Request& request, Context& context)
{
    const auto span = plannedSpan(request, context, mostDays);
    if (!span)
        return passOn(span);
    const StationId& station = span->station.id;
    const auto shortfalls = context.store.plans.shortfalls(station);
    if (!shortfalls)
        return passOn(shortfalls);
    const auto revision = context.store.plans.revision(station);
    if (!revision)
        return passOn(revision);
    auto sounded = soundedIn(context, span->station, planner::instantOf(span->from, QTime(0, 0), span->zone),
                             planner::instantOf(span->to.addDays(2), QTime(0, 0), span->zone));
    if (!sounded)
        return passOn(sounded);
    auto edits = editsOf(context, *span);
    if (!edits)
        return passOn(edits);
    ScheduleFacts facts{{}, *std::move(edits), *std::move(sounded), context.services.planning.frozenUntil(context.now)};
    for (const planner::Placement& placement : span->placements)
        facts.placements[placement.session].push_back(&placement);

    ItemsById items(context);
    QJsonArray sessionArray;
    for (const model::Session& session : span->sessions) {
        const auto object = sessionJson(session, facts, items);
        if (!object)
            return passOn(object);
        sessionArray.append(*object);
    }
    QJsonArray shortfallArray;
    for (const planner::Shortfall& shortfall : *shortfalls) {
        if (shortfall.period.first <= span->to && shortfall.period.last >= span->from)
            shortfallArray.append(shortfallJson(shortfall));
    }
    Response response = Response::json(200, {{QStringLiteral("station_id"), station.value},
                                             {QStringLiteral("time_zone"), QString::fromLatin1(span->station.timeZone)},
                                             {QStringLiteral("revision"), qint64(*revision)},
                                             {QStringLiteral("frozen_until"), toString(facts.frozenUntil)},
                                             {QStringLiteral("sessions"), sessionArray},
                                             {QStringLiteral("shortfalls"), shortfallArray}});
    response.with("ETag", entityTag(*revision));
    return response;
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
    for (const QJsonValue& value : reader.array(QLatin1String("station_ids"), mostStationsNamed)) {
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
