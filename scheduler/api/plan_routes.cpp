// What the planner says of a station beside the plan itself: what differs from the bundle in force, why an item is not
// there, how each obligation will end.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/station_access.h"
#include "scheduler/fleet/absence.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/planner/why_not.h"

#include <algorithm>

namespace loa::api {

namespace {

constexpr int mostDaysAsked = 62;
constexpr int daysUnasked = 31;

// The plan as stored.
planner::Plan standingPlan(const planner::PlanInput& input)
{
    planner::Plan plan;
    plan.station = input.station;
    plan.placements = input.existing;
    return plan;
}

// What the agent obeys; the newest that was signed, while no agent has told of one.
Result<std::optional<store::IssuedBundle>> bundleInForce(Context& context, const model::Station& station)
{
    const auto obeyed = context.store.agents.bundleVersionOnAgent(station.id);
    if (!obeyed)
        return passOn(obeyed);
    if (*obeyed) {
        auto held = context.store.bundles.find(station.id, **obeyed);
        if (!held || *held)
            return held;
    }
    return context.store.bundles.latest(station.id);
}

// An airing's name tells what it is: an item by itself, a tune that `standing` has too, or one that it has no more.
QString tuneOf(const BundleSession& session, const BundleAiring& airing, const QHash<AiringId, QString>& known)
{
    if (airing.id == airingIdFor(session.id, airing.item))
        return {};
    return known.value(airing.id, airing.id.value);
}

planner::Plan planOf(const Bundle& bundle, const planner::Plan& standing)
{
    QHash<AiringId, QString> tunes;
    for (const planner::Placement& placement : standing.placements) {
        if (!placement.tune.isEmpty())
            tunes.insert(placement.airing(), placement.tune);
    }
    planner::Plan plan;
    plan.station = bundle.station;
    QHash<Sha256, int> versions;
    for (const BundleMedia& media : bundle.media)
        versions.insert(media.sha256, media.itemVersion);
    for (const BundleSession& session : bundle.sessions) {
        for (const BundleAiring& airing : session.airings) {
            planner::Placement placement;
            placement.tune = tuneOf(session, airing, tunes);
            placement.session = session.id;
            placement.item = airing.item;
            placement.version = versions.value(airing.sha256);
            placement.sha256 = airing.sha256;
            placement.offset = airing.offset;
            placement.frames = airing.frames;
            placement.priority = airing.priority;
            plan.placements.push_back(std::move(placement));
        }
    }
    return plan;
}

// Its sessions as values; whole days and lengths are as the bundle tells them.
std::vector<model::Session> sessionsOf(const Bundle& bundle, const QTimeZone& zone)
{
    std::vector<model::Session> sessions;
    for (const BundleSession& session : bundle.sessions) {
        model::Session told;
        told.id = session.id;
        told.station = bundle.station;
        told.title = session.title;
        told.localDate = planner::localDateOf(session.startsAt, zone);
        told.startsAt = session.startsAt;
        told.frames = session.frames;
        sessions.push_back(std::move(told));
    }
    return sessions;
}

// Of the plan, what the bundle could have told of; the part of a session is the planner's own, so it is no difference.
planner::Plan toldUntil(planner::Plan plan, const planner::PlanInput& input, UtcTime until)
{
    QSet<SessionId> beyond;
    for (const model::Session& session : input.sessions) {
        if (session.startsAt >= until)
            beyond.insert(session.id);
    }
    std::erase_if(plan.placements,
                  [&](const planner::Placement& placement) { return beyond.contains(placement.session); });
    for (planner::Placement& placement : plan.placements)
        placement.part = 0;
    return plan;
}

Result<Response> getDifference(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    if (const auto read = QueryReader(request).finish(); !read)
        return passOn(read);
    auto input = context.services.planning.planInput(station->id);
    if (!input)
        return passOn(input);
    input->frozenUntil = context.now; // a bundle that has not arrived differs there too
    const auto issued = bundleInForce(context, *station);
    if (!issued)
        return passOn(issued);
    planner::Plan before;
    before.station = station->id;
    UtcTime until = UtcTime::max();
    std::vector<model::Session> told; // to the station
    if (*issued) {
        const auto bundle = openBundle((*issued)->sealed, context.services.schedulerKey);
        if (!bundle)
            return passOn(bundle);
        before = planOf(*bundle, standingPlan(*input));
        until = bundle->validUntil;
        told = sessionsOf(*bundle, QTimeZone(station->timeZone));
    }
    const auto absences = fleet::absencesFrom(context.store, *station, *input, before.placements);
    if (!absences)
        return passOn(absences);
    const planner::PlanDifference changes =
        planner::difference(before, toldUntil(standingPlan(*input), *input, until), *input, told, *absences);
    ItemsById items(context);
    auto object = differenceJson(changes, *input, items, told);
    if (!object)
        return passOn(object);
    const auto revision = context.store.plans.revision(station->id);
    if (!revision)
        return passOn(revision);
    object->insert(QStringLiteral("bundle_version"),
                   *issued ? QJsonValue(qint64((*issued)->version)) : QJsonValue(QJsonValue::Null));
    object->insert(QStringLiteral("revision"), qint64(*revision));
    return Response::json(200, *object);
}

Result<Response> getWhyNot(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    QueryReader query(request);
    const auto itemId = query.id<ItemId>(QLatin1String("item"));
    const QDate today = planner::localDateOf(context.now, QTimeZone(station->timeZone));
    const QDate from = query.has(QLatin1String("from")) ? query.date(QLatin1String("from")) : today;
    const QDate to = query.has(QLatin1String("to")) ? query.date(QLatin1String("to")) : from.addDays(daysUnasked);
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (to < from || from.daysTo(to) >= mostDaysAsked)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khoảng ngày phải từ 1 đến %1 ngày.").arg(mostDaysAsked),
                     QStringLiteral("From 1 to %1 days can be asked for.").arg(mostDaysAsked)},
                    QStringLiteral("to"));
    const auto item = context.store.items.find(itemId);
    if (!item)
        return passOn(item);
    if (const auto readable = context.demand(model::Action::Read, *item); !readable)
        return passOn(readable);
    const auto input = context.services.planning.planInput(station->id);
    if (!input)
        return passOn(input);
    const auto absences = fleet::absencesOf(context.store, *station, *input, {&itemId, 1});
    if (!absences)
        return passOn(absences);
    const planner::WhyNot told = planner::whyNot(*input, standingPlan(*input), itemId, from, to, *absences);
    return Response::json(200, whyNotJson(itemId, item->title, told));
}

Result<Response> getForecast(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    QueryReader query(request);
    const QDate first = query.month(QLatin1String("month"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    const QDate last = first.addMonths(1).addDays(-1);
    const auto input = context.services.planning.planInput(station->id);
    if (!input)
        return passOn(input);
    const planner::Plan plan = planner::plan(*input);
    QJsonArray items;
    for (const planner::Forecast& forecast : plan.forecasts) {
        const auto obligation =
            std::find_if(input->obligations.begin(), input->obligations.end(),
                         [&](const model::Obligation& some) { return some.id == forecast.obligation; });
        if (forecast.period.first > last || forecast.period.last < first || obligation == input->obligations.end())
            continue;
        items.append(forecastJson(forecast, {obligation->titleVi, obligation->titleEn}));
    }
    return Response::json(200, {{QStringLiteral("month"), monthText(first)}, {QStringLiteral("items"), items}});
}

Result<Response> listRefusals(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    QueryReader query(request);
    const QDate from = query.date(QLatin1String("from"));
    const QDate to = query.date(QLatin1String("to"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    auto refusals = context.services.planning.refusals(station->id);
    if (!refusals)
        return passOn(refusals);
    std::erase_if(*refusals, [&](const planner::SessionRefusal& refusal) {
        return refusal.localDate.isValid() && (refusal.localDate < from || to < refusal.localDate);
    });
    return listResponse(
        *refusals, [&](const planner::SessionRefusal& refusal) { return sessionRefusalJson(refusal, station->id); });
}

constexpr Route planTable[] = {
    {"GET", "/stations/{id}/refusals", Caller::Person, model::Action::Read, listRefusals},
    {"GET", "/stations/{id}/plan/difference", Caller::Person, model::Action::Read, getDifference},
    {"GET", "/stations/{id}/why-not", Caller::Person, model::Action::Read, getWhyNot},
    {"GET", "/stations/{id}/forecast", Caller::Person, model::Action::Read, getForecast},
};

} // namespace

std::span<const Route> planRoutes()
{
    return planTable;
}

} // namespace loa::api
