// Each station's standing against its monthly duty, the evidence behind it, and the duties themselves.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/fleet/compliance_loading.h"

#include <algorithm>

namespace loa::api {

namespace {

constexpr std::int64_t mostMonths = 24;

Result<std::vector<model::Station>> readableStations(Context& context)
{
    const auto units = context.unitsFor(model::Action::Read);
    if (!units)
        return passOn(units);
    return context.store.stations.ofUnits(std::vector<UnitId>(units->begin(), units->end()));
}

QString unitNameOf(const model::UnitTree& tree, const model::Station& station)
{
    const model::Unit* unit = tree.find(station.unit);
    return unit != nullptr ? unit->name : QString();
}

// The monthly duty of the station that is evidenced by airings and in force at some time of the month that begins on
// `first`: of several, the one that stands first in its plan.
struct MonthlyDuty {
    model::Obligation obligation;
    model::PeriodDates period; // cut to where it holds
};

Result<std::optional<MonthlyDuty>> monthlyDuty(fleet::ComplianceLoader& loader, const model::Station& station,
                                               QDate first)
{
    const QDate last = first.addMonths(1).addDays(-1);
    const auto owed = loader.obligations(station, first, last);
    if (!owed)
        return passOn(owed);
    for (const model::Obligation& obligation : *owed) {
        if (obligation.period == model::ObligationPeriod::Month)
            return MonthlyDuty{obligation, model::periodsOwed(obligation, first, last).front()};
    }
    return std::nullopt;
}

Result<compliance::StationStanding> standingOf(fleet::ComplianceLoader& loader, const model::Station& station,
                                               const MonthlyDuty& duty)
{
    const auto input = loader.input(station, duty.obligation, duty.period);
    if (!input)
        return passOn(input);
    return compliance::standing(*input);
}

QJsonObject standingJson(const compliance::StationStanding& standing)
{
    return {{QStringLiteral("required"), standing.required},
            {QStringLiteral("completed"), standing.completed},
            {QStringLiteral("planned"), standing.planned},
            {QStringLiteral("standing"), toString(standing.standing)},
            {QStringLiteral("note"), textJson(standing.note)}};
}

QJsonValue dutyJson(const std::optional<model::Obligation>& duty)
{
    return duty ? QJsonValue(obligationJson(*duty)) : QJsonValue(QJsonValue::Null);
}

Result<Response> monthStanding(Context& context, QDate first)
{
    const auto stations = readableStations(context);
    if (!stations)
        return passOn(stations);
    auto loader = fleet::ComplianceLoader::open(context.store, context.now, context.services.planning.leastMatch());
    if (!loader)
        return passOn(loader);
    std::optional<model::Obligation> shown;
    QJsonArray rows;
    for (const model::Station& station : *stations) {
        const auto duty = monthlyDuty(*loader, station, first);
        if (!duty)
            return passOn(duty);
        if (!*duty)
            continue;
        const auto standing = standingOf(*loader, station, **duty);
        if (!standing)
            return passOn(standing);
        QJsonObject row = standingJson(*standing);
        row.insert(QStringLiteral("station_id"), station.id.value);
        row.insert(QStringLiteral("station_name"), station.name);
        row.insert(QStringLiteral("unit_name"), unitNameOf(loader->tree(), station));
        row.insert(QStringLiteral("airings"), standing->airings);
        row.insert(QStringLiteral("duration_ms"), milliseconds(standing->duration));
        rows.append(row);
        if (!shown)
            shown = (*duty)->obligation;
    }
    return Response::json(200, {{QStringLiteral("month"), monthText(first)},
                                {QStringLiteral("obligation"), dutyJson(shown)},
                                {QStringLiteral("rows"), rows}});
}

Result<QJsonArray> cellsOf(fleet::ComplianceLoader& loader, const model::Station& station,
                           const std::vector<QDate>& months, std::optional<model::Obligation>& shown)
{
    QJsonArray cells;
    for (const QDate month : months) {
        const auto duty = monthlyDuty(loader, station, month);
        if (!duty)
            return passOn(duty);
        QJsonObject cell{{QStringLiteral("required"), 0},
                         {QStringLiteral("completed"), 0},
                         {QStringLiteral("planned"), 0},
                         {QStringLiteral("standing"), QJsonValue::Null}};
        if (*duty) {
            const auto standing = standingOf(loader, station, **duty);
            if (!standing)
                return passOn(standing);
            cell = standingJson(*standing);
            shown = (*duty)->obligation;
        }
        cell.insert(QStringLiteral("month"), monthText(month));
        cells.append(cell);
    }
    return cells;
}

Result<Response> board(Context& context, const std::vector<QDate>& months)
{
    const auto stations = readableStations(context);
    if (!stations)
        return passOn(stations);
    auto loader = fleet::ComplianceLoader::open(context.store, context.now, context.services.planning.leastMatch());
    if (!loader)
        return passOn(loader);
    std::optional<model::Obligation> shown;
    QJsonArray rows;
    for (const model::Station& station : *stations) {
        const auto cells = cellsOf(*loader, station, months, shown);
        if (!cells)
            return passOn(cells);
        rows.append(QJsonObject{{QStringLiteral("station_id"), station.id.value},
                                {QStringLiteral("station_name"), station.name},
                                {QStringLiteral("unit_name"), unitNameOf(loader->tree(), station)},
                                {QStringLiteral("cells"), *cells}});
    }
    QJsonArray names;
    for (const QDate month : months)
        names.append(monthText(month));
    return Response::json(200, {{QStringLiteral("months"), names},
                                {QStringLiteral("obligation"), dutyJson(shown)},
                                {QStringLiteral("rows"), rows}});
}

Result<Response> getCompliance(const Request& request, Context& context)
{
    QueryReader query(request);
    const QDate month = query.month(QLatin1String("month"));
    const std::int64_t count = query.integer(QLatin1String("months"), 1, mostMonths, 0);
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (count == 0)
        return monthStanding(context, month);
    std::vector<QDate> months;
    for (std::int64_t back = count - 1; back >= 0; --back)
        months.push_back(month.addMonths(static_cast<int>(-back)));
    return board(context, months);
}

QJsonValue mixJson(const std::optional<MixProof>& mix)
{
    if (!mix)
        return QJsonValue::Null;
    return QJsonObject{{QStringLiteral("frames"), qint64(mix->frames.value)},
                       {QStringLiteral("match"), mix->match ? QJsonValue(*mix->match) : QJsonValue::Null},
                       {QStringLiteral("loudness"), mix->loudness ? QJsonValue(*mix->loudness) : QJsonValue::Null}};
}

QJsonValue heardJson(const std::optional<HeardProof>& heard)
{
    if (!heard)
        return QJsonValue::Null;
    return QJsonObject{
        {QStringLiteral("result"), toString(heard->result)},
        {QStringLiteral("match"), heard->match ? QJsonValue(*heard->match) : QJsonValue::Null},
        {QStringLiteral("delay_ms"), heard->delay ? QJsonValue(qint64(heard->delay->count())) : QJsonValue::Null}};
}

QJsonObject lineJson(const compliance::EvidenceLine& line)
{
    const LogEntry& entry = line.line.entry;
    return {{QStringLiteral("agent_id"), entry.agent.value},
            {QStringLiteral("sequence"), qint64(entry.sequence)},
            {QStringLiteral("output"), entry.output},
            {QStringLiteral("planned_start"), toString(entry.plannedStart)},
            {QStringLiteral("started_at"), orNull(entry.firstFrameAt)},
            {QStringLiteral("ended_at"), orNull(entry.lastFrameAt)},
            {QStringLiteral("frames_planned"), qint64(entry.plannedFrames.value)},
            {QStringLiteral("frames"), qint64(entry.frames.value)},
            {QStringLiteral("gaps"), entry.gaps},
            {QStringLiteral("mix"), mixJson(entry.mix)},
            {QStringLiteral("heard"), heardJson(line.heard)},
            {QStringLiteral("outcome"), toString(entry.outcome)},
            {QStringLiteral("reason"), entry.reason},
            {QStringLiteral("hash"), toString(line.line.hash)},
            {QStringLiteral("counts"), line.counts},
            {QStringLiteral("why"), textJson(line.why)}};
}

Result<Response> getEvidence(const Request& request, Context& context)
{
    QueryReader query(request);
    const StationId id = query.id<StationId>(QLatin1String("station"));
    const QDate month = query.month(QLatin1String("month"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    const auto station = context.station(id, model::Action::Read);
    if (!station)
        return passOn(station);
    auto loader = fleet::ComplianceLoader::open(context.store, context.now, context.services.planning.leastMatch());
    if (!loader)
        return passOn(loader);
    const auto duty = monthlyDuty(*loader, *station, month);
    if (!duty)
        return passOn(duty);
    compliance::StationStanding standing;
    if (*duty) {
        auto judged = standingOf(*loader, *station, **duty);
        if (!judged)
            return passOn(judged);
        standing = *std::move(judged);
    }
    QJsonArray items;
    for (const compliance::ItemEvidence& evidence : standing.items) {
        const auto item = context.store.items.find(evidence.item);
        if (!item)
            return passOn(item);
        QJsonArray lines;
        for (const compliance::EvidenceLine& line : evidence.lines)
            lines.append(lineJson(line));
        items.append(QJsonObject{{QStringLiteral("item_id"), evidence.item.value},
                                 {QStringLiteral("title"), evidence.title},
                                 {QStringLiteral("topics"), idsJson(item->topics)},
                                 {QStringLiteral("approved_by_name"), evidence.approvedByName},
                                 {QStringLiteral("completed"), evidence.completed},
                                 {QStringLiteral("airings"), lines}});
    }
    return Response::json(200, {{QStringLiteral("station_id"), id.value},
                                {QStringLiteral("month"), monthText(month)},
                                {QStringLiteral("required"), standing.required},
                                {QStringLiteral("completed"), standing.completed},
                                {QStringLiteral("items"), items}});
}

// Those of the person's units and of the units above them.
Result<Response> listObligations(const Request&, Context& context)
{
    auto obligations = context.store.obligations.all();
    if (!obligations)
        return passOn(obligations);
    const auto readable = context.unitsFor(model::Action::Read);
    if (!readable)
        return passOn(readable);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    QSet<UnitId> near = *readable;
    for (const UnitId& unit : model::unitsFor(context.user(), model::Action::Read)) {
        for (const UnitId& above : (*tree)->pathOn(unit, context.today))
            near.insert(above);
    }
    std::erase_if(*obligations, [&](const model::Obligation& obligation) { return !near.contains(obligation.unit); });
    return listResponse(*obligations, obligationJson);
}

constexpr Route complianceTable[] = {
    {"GET", "/compliance", Caller::Person, model::Action::Read, getCompliance},
    {"GET", "/compliance/evidence", Caller::Person, model::Action::Read, getEvidence},
    {"GET", "/obligations", Caller::Person, model::Action::Read, listObligations},
};

} // namespace

std::span<const Route> complianceRoutes()
{
    return complianceTable;
}

} // namespace loa::api
