// The hand on the plan: what a person wants is judged before it is stored, and the station is planned anew at once.
#include "scheduler/api/http/problem.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/station_access.h"
#include "scheduler/fleet/absence.h"
#include "scheduler/planner/conflicts.h"

#include <algorithm>
#include <array>

namespace loa::api {

namespace {

constexpr qsizetype mostEdits = 50;
constexpr std::int64_t lastPosition = 1000;

struct Proposal {
    model::Station station;
    planner::PlanInput input; // as it stands, without the edits proposed
    std::vector<model::HandEdit> edits;
    std::vector<planner::Absence> absences = {}; // of their items
};

Result<void> demandSession(const Proposal& proposal, const model::HandEdit& edit, const QString& where)
{
    const auto& sessions = proposal.input.sessions;
    if (std::any_of(sessions.begin(), sessions.end(),
                    [&](const model::Session& session) { return session.id == edit.session; }))
        return {};
    // What refuses it is told as a conflict, with what would resolve it.
    const auto& refused = proposal.input.refused;
    if (edit.kind == model::HandEditKind::Keep &&
        std::any_of(refused.begin(), refused.end(),
                    [&](const planner::RefusedSession& one) { return one.session.id == edit.session; }))
        return {};
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Lịch không có buổi phát này."), QStringLiteral("The plan has no such session.")},
                where);
}

Result<std::vector<model::HandEdit>> readEdits(const QJsonArray& array, Context& context, const Proposal& proposal)
{
    std::vector<model::HandEdit> edits;
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader reader(array[i].toObject(), QStringLiteral("/edits/%1").arg(i));
        model::HandEdit edit;
        edit.id = HandEditId{newId(context.now)};
        edit.station = proposal.station.id;
        edit.session = reader.id<SessionTag>(QLatin1String("session_id"));
        edit.item = reader.id<ItemTag>(QLatin1String("item_id"));
        edit.kind = reader.parsed<model::HandEditKind>(QLatin1String("kind"), model::handEditKindFromString);
        if (reader.has(QLatin1String("position")))
            edit.position = static_cast<int>(reader.integer(QLatin1String("position"), 0, lastPosition));
        else
            static_cast<void>(reader.given(QLatin1String("position")));
        edit.madeBy = context.user().id;
        edit.madeAt = context.now + Duration(i); // in the order in which they were said
        if (edit.position && edit.kind == model::HandEditKind::Away)
            reader.reject(QLatin1String("position"),
                          {QStringLiteral("chỉ dùng với keep"), QStringLiteral("goes with keep alone")});
        if (std::any_of(edits.begin(), edits.end(), [&](const model::HandEdit& other) {
                return other.session == edit.session && other.item == edit.item;
            }))
            reader.reject(QLatin1String("item_id"), {QStringLiteral("mỗi tin/bài chỉ một lần cho một buổi"),
                                                     QStringLiteral("stands once for a session")});
        if (const auto read = reader.finish(); !read)
            return passOn(read);
        if (const auto known = demandSession(proposal, edit, reader.pathOf(QLatin1String("session_id"))); !known)
            return passOn(known);
        const auto item = context.store.items.find(edit.item);
        if (!item)
            return passOn(item);
        if (const auto readable = context.demand(model::Action::Read, *item); !readable)
            return passOn(readable);
        edits.push_back(std::move(edit));
    }
    if (!edits.empty())
        return edits;
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("cần ít nhất một sửa đổi"), QStringLiteral("at least one edit is needed")},
                QStringLiteral("/edits"));
}

Result<Proposal> readProposal(const QJsonArray& array, const model::Station& station, Context& context)
{
    auto input = context.services.planning.planInput(station.id);
    if (!input)
        return passOn(input);
    Proposal proposal{station, *std::move(input), {}};
    auto edits = readEdits(array, context, proposal);
    if (!edits)
        return passOn(edits);
    proposal.edits = *std::move(edits);
    std::vector<ItemId> asked;
    for (const model::HandEdit& edit : proposal.edits)
        asked.push_back(edit.item);
    auto absences = fleet::absencesOf(context.store, station, proposal.input, asked);
    if (!absences)
        return passOn(absences);
    proposal.absences = *std::move(absences);
    return proposal;
}

QJsonValue indexOf(const Proposal& proposal, const model::HandEdit& edit)
{
    const auto found = std::find_if(proposal.edits.begin(), proposal.edits.end(), [&](const model::HandEdit& other) {
        return other.session == edit.session && other.item == edit.item;
    });
    return found == proposal.edits.end() ? QJsonValue(QJsonValue::Null)
                                         : QJsonValue(qint64(found - proposal.edits.begin()));
}

// What the edits break, and what they change.
struct Verdict {
    bool refused = false; // by a hard rule
    QJsonArray conflicts;
    planner::PlanDifference difference;
};

planner::PlanInput withEdits(const Proposal& proposal)
{
    planner::PlanInput input = proposal.input;
    std::erase_if(input.edits, [&](const model::HandEdit& edit) { return !indexOf(proposal, edit).isNull(); });
    input.edits.insert(input.edits.end(), proposal.edits.begin(), proposal.edits.end());
    return input;
}

// Duties that hold without the edits and do not with them: a person may want that, knowing it.
QJsonArray shortfallConflicts(const planner::Plan& before, const planner::Plan& after)
{
    QJsonArray conflicts;
    for (const planner::Shortfall& shortfall : after.shortfalls) {
        const auto same = std::find_if(before.shortfalls.begin(), before.shortfalls.end(), [&](const auto& other) {
            return other.obligation == shortfall.obligation && other.period == shortfall.period;
        });
        if (same != before.shortfalls.end() &&
            same->completed + same->planned <= shortfall.completed + shortfall.planned)
            continue;
        QJsonObject conflict = textJson(shortfall.reason);
        conflict.insert(QStringLiteral("code"), QStringLiteral("shortfall"));
        conflict.insert(QStringLiteral("hard"), false);
        conflict.insert(QStringLiteral("edit"), QJsonValue::Null);
        conflict.insert(QStringLiteral("resolutions"), remediesJson(shortfall.remedies));
        conflicts.append(conflict);
    }
    return conflicts;
}

Verdict judge(const Proposal& proposal)
{
    Verdict verdict;
    for (const planner::EditConflict& conflict :
         planner::checkEdits(proposal.input, proposal.edits, proposal.absences)) {
        QJsonObject json = textJson(conflict.reason);
        json.insert(QStringLiteral("code"), planner::toString(conflict.obstacle));
        json.insert(QStringLiteral("hard"), conflict.hard);
        json.insert(QStringLiteral("edit"), indexOf(proposal, conflict.edit));
        json.insert(QStringLiteral("resolutions"), remediesJson(conflict.resolutions));
        verdict.conflicts.append(json);
        verdict.refused = verdict.refused || conflict.hard;
    }
    const planner::PlanInput edited = withEdits(proposal);
    const planner::Plan before = planner::plan(proposal.input);
    const planner::Plan after = planner::plan(edited);
    for (const QJsonValue& conflict : shortfallConflicts(before, after))
        verdict.conflicts.append(conflict);
    verdict.difference = planner::difference(before, after, edited);
    return verdict;
}

Result<Response> checkEdits(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Plan);
    if (!station)
        return passOn(station);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QJsonArray array = reader.array(QLatin1String("edits"), mostEdits);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto proposal = readProposal(array, *station, context);
    if (!proposal)
        return passOn(proposal);
    const Verdict verdict = judge(*proposal);
    ItemsById items(context);
    const auto difference = differenceJson(verdict.difference, proposal->input, items);
    if (!difference)
        return passOn(difference);
    return Response::json(200,
                          {{QStringLiteral("conflicts"), verdict.conflicts}, {QStringLiteral("changes"), *difference}});
}

Result<QJsonObject> editJson(Context& context, ItemsById& items, const model::HandEdit& edit)
{
    const auto session = context.store.plans.session(edit.session);
    if (!session)
        return passOn(session);
    const auto item = items.find(edit.item);
    if (!item)
        return passOn(item);
    const auto maker = context.store.users.find(edit.madeBy);
    if (!maker)
        return passOn(maker);
    const bool known = session->has_value();
    return QJsonObject{
        {QStringLiteral("id"), edit.id.value},
        {QStringLiteral("session_id"), edit.session.value},
        {QStringLiteral("session_title"), known ? (*session)->title : QString()},
        {QStringLiteral("session_starts_at"), orNull(known ? std::optional((*session)->startsAt) : std::nullopt)},
        {QStringLiteral("item_id"), edit.item.value},
        {QStringLiteral("title"), (*item)->title},
        {QStringLiteral("kind"), toString(edit.kind)},
        {QStringLiteral("position"), edit.position ? QJsonValue(*edit.position) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("note"), edit.note},
        {QStringLiteral("made_by"), edit.madeBy.value},
        {QStringLiteral("made_by_name"), maker->fullName},
        {QStringLiteral("made_at"), toString(edit.madeAt)}};
}

std::optional<Response> otherPlan(const Request& request, std::int64_t revision)
{
    return otherRevision(request, revision,
                         {QStringLiteral("Lịch của đài vừa thay đổi. Hãy tải lại lịch rồi sửa."),
                          QStringLiteral("The station's plan has changed meanwhile. Load it again, then edit.")});
}

// Whoever saw the plan before this edit must look again, though the planner may leave all as it was.
Result<std::int64_t> plannedAnew(Context& context, const StationId& station)
{
    if (const auto raised = context.store.plans.raiseRevision(station); !raised)
        return passOn(raised);
    if (context.isRehearsed) {
        if (const auto wished = context.wishPlans(std::array{station}); !wished)
            return passOn(wished);
        return context.store.plans.revision(station);
    }
    const auto outcomes = context.services.planning.replanStations(std::vector{station});
    if (!outcomes)
        return passOn(outcomes);
    for (const fleet::StationOutcome& outcome : *outcomes) {
        if (outcome.error)
            return tl::unexpected<Error>(*outcome.error);
    }
    return context.store.plans.revision(station);
}

Result<void> keepEdit(Context& context, const Proposal& proposal, const model::HandEdit& edit)
{
    const auto session = std::find_if(proposal.input.sessions.begin(), proposal.input.sessions.end(),
                                      [&](const model::Session& one) { return one.id == edit.session; });
    if (const auto stored = context.store.edits.put({edit, session->startsAt}); !stored)
        return passOn(stored);
    QJsonObject detail{{QStringLiteral("edit"), edit.id.value},
                       {QStringLiteral("session"), edit.session.value},
                       {QStringLiteral("item"), edit.item.value},
                       {QStringLiteral("kind"), toString(edit.kind)}};
    if (edit.position)
        detail.insert(QStringLiteral("position"), *edit.position);
    if (!edit.note.isEmpty())
        detail.insert(QStringLiteral("note"), edit.note);
    return context.audit(QStringLiteral("plan.edit"), QStringLiteral("station:") + edit.station.value, detail);
}

Result<Response> makeEdits(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Plan);
    if (!station)
        return passOn(station);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QJsonArray array = reader.array(QLatin1String("edits"), mostEdits);
    const QString note =
        reader.has(QLatin1String("note")) ? reader.text(QLatin1String("note"), 500).trimmed() : QString();
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto before = context.store.plans.revision(station->id);
    if (!before)
        return passOn(before);
    if (auto refused = otherPlan(request, *before))
        return *std::move(refused);
    auto proposal = readProposal(array, *station, context);
    if (!proposal)
        return passOn(proposal);
    for (model::HandEdit& edit : proposal->edits)
        edit.note = note;
    const Verdict verdict = judge(*proposal);
    if (verdict.refused)
        return problem(409,
                       Error{ErrorCategory::Conflict,
                             {QStringLiteral("Lịch không thể theo sửa đổi này."),
                              QStringLiteral("The plan cannot follow these edits.")},
                             {}},
                       request.path, {{QStringLiteral("conflicts"), verdict.conflicts}});
    for (const model::HandEdit& edit : proposal->edits) {
        if (const auto kept = keepEdit(context, *proposal, edit); !kept)
            return passOn(kept);
    }
    const auto revision = plannedAnew(context, station->id);
    if (!revision)
        return passOn(revision);
    ItemsById items(context);
    QJsonArray made;
    for (const model::HandEdit& edit : proposal->edits) {
        const auto json = editJson(context, items, edit);
        if (!json)
            return passOn(json);
        made.append(*json);
    }
    Response response = Response::json(201, {{QStringLiteral("revision"), qint64(*revision)},
                                             {QStringLiteral("edits"), made},
                                             {QStringLiteral("conflicts"), verdict.conflicts}});
    response.with("ETag", entityTag(*revision));
    return response;
}

// Those of sessions to come.
Result<Response> listEdits(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    const auto edits = context.store.edits.ofStation(station->id, context.now);
    if (!edits)
        return passOn(edits);
    ItemsById items(context);
    QJsonArray array;
    for (const store::StoredEdit& stored : *edits) {
        const auto json = editJson(context, items, stored.edit);
        if (!json)
            return passOn(json);
        array.append(*json);
    }
    const auto revision = context.store.plans.revision(station->id);
    if (!revision)
        return passOn(revision);
    return Response::json(200, {{QStringLiteral("items"), array}, {QStringLiteral("revision"), qint64(*revision)}});
}

Result<Response> takeBackEdit(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Plan);
    if (!station)
        return passOn(station);
    const auto id = idFromPath<HandEditId>(request, QLatin1String("edit"));
    if (!id)
        return passOn(id);
    const auto found = context.store.edits.find(*id);
    if (!found)
        return passOn(found);
    if (found->edit.station != station->id)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Đài này không có sửa tay ấy."), QStringLiteral("The station has no such edit.")},
                    id->value);
    const auto before = context.store.plans.revision(station->id);
    if (!before)
        return passOn(before);
    if (auto refused = otherPlan(request, *before))
        return *std::move(refused);
    if (const auto removed = context.store.edits.remove(*id); !removed)
        return passOn(removed);
    const auto noted = context.audit(QStringLiteral("plan.edit.remove"), QStringLiteral("station:") + station->id.value,
                                     {{QStringLiteral("edit"), id->value},
                                      {QStringLiteral("session"), found->edit.session.value},
                                      {QStringLiteral("item"), found->edit.item.value},
                                      {QStringLiteral("kind"), toString(found->edit.kind)}});
    if (!noted)
        return passOn(noted);
    const auto revision = plannedAnew(context, station->id);
    if (!revision)
        return passOn(revision);
    Response response = Response::json(200, {{QStringLiteral("revision"), qint64(*revision)}});
    response.with("ETag", entityTag(*revision));
    return response;
}

constexpr Route editTable[] = {
    {"POST", "/stations/{id}/edits/check", Caller::Person, model::Action::Plan, checkEdits},
    {"POST", "/stations/{id}/edits", Caller::Person, model::Action::Plan, makeEdits},
    {"GET", "/stations/{id}/edits", Caller::Person, model::Action::Read, listEdits},
    {"DELETE", "/stations/{id}/edits/{edit}", Caller::Person, model::Action::Plan, takeBackEdit, Commit::Together,
     smallBody, true},
};

} // namespace

std::span<const Route> editRoutes()
{
    return editTable;
}

} // namespace loa::api
