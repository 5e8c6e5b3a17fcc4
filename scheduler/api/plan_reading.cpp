#include "scheduler/api/plan_reading.h"

#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/station_access.h"

namespace loa::api {

namespace {

// Where a placement sounds; null when its session has gone.
QJsonValue placeJson(const planner::Placement* placement, const QHash<SessionId, const model::Session*>& sessions)
{
    const model::Session* session = placement == nullptr ? nullptr : sessions.value(placement->session);
    if (session == nullptr)
        return QJsonValue::Null;
    return QJsonObject{{QStringLiteral("session_id"), session->id.value},
                       {QStringLiteral("session_title"), session->title},
                       {QStringLiteral("local_date"), dateText(session->localDate)},
                       {QStringLiteral("starts_at"), toString(session->startsAt + toDuration(placement->offset))},
                       {QStringLiteral("duration_ms"), milliseconds(placement->frames)}};
}

} // namespace

Result<PlannedSpan> plannedSpan(const Request& request, Context& context, int mostDays)
{
    QueryReader query(request);
    PlannedSpan span;
    span.from = query.date(QLatin1String("from"));
    span.to = query.date(QLatin1String("to"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (span.to < span.from || span.from.daysTo(span.to) >= mostDays)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khoảng ngày phải từ 1 đến %1 ngày.").arg(mostDays),
                     QStringLiteral("From 1 to %1 days can be asked for.").arg(mostDays)},
                    QStringLiteral("to"));
    auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    auto sessions = context.store.plans.sessions(station->id, span.from, span.to);
    if (!sessions)
        return passOn(sessions);
    auto placements = context.store.plans.placements(station->id, span.from, span.to);
    if (!placements)
        return passOn(placements);
    span.station = *std::move(station);
    span.zone = QTimeZone(span.station.timeZone);
    span.sessions = *std::move(sessions);
    span.placements = *std::move(placements);
    return span;
}

Result<const model::Item*> ItemsById::find(const ItemId& id)
{
    auto found = m_items.constFind(id);
    if (found == m_items.cend()) {
        auto item = m_context.store.items.find(id);
        if (!item)
            return passOn(item);
        for (model::ItemVersion& version : item->versions)
            version.report.clear();
        found = m_items.insert(id, std::make_shared<const model::Item>(*std::move(item)));
    }
    return found->get();
}

Result<QJsonObject> differenceJson(const planner::PlanDifference& difference, const planner::PlanInput& input,
                                   ItemsById& items, std::span<const model::Session> gone)
{
    QHash<SessionId, const model::Session*> sessions;
    for (const model::Session& session : gone)
        sessions.insert(session.id, &session);
    for (const planner::RefusedSession& refused : input.refused)
        sessions.insert(refused.session.id, &refused.session);
    for (const model::Session& session : input.sessions)
        sessions.insert(session.id, &session);
    std::optional<Error> failed;
    const auto change = [&](const planner::Placement* from, const planner::Placement* to, const Text& reason) {
        const ItemId& id = (to != nullptr ? to : from)->item;
        const auto item = items.find(id);
        if (!item && !failed)
            failed = item.error();
        return QJsonObject{{QStringLiteral("item_id"), id.value},
                           {QStringLiteral("title"), item ? (*item)->title : QString()},
                           {QStringLiteral("reason"), textJson(reason)},
                           {QStringLiteral("from"), placeJson(from, sessions)},
                           {QStringLiteral("to"), placeJson(to, sessions)}};
    };
    QJsonArray added;
    for (const planner::AddedPlay& play : difference.added)
        added.append(change(nullptr, &play.placement, play.reason));
    QJsonArray moved;
    for (const planner::MovedPlay& play : difference.moved)
        moved.append(change(&play.before, &play.after, play.reason));
    QJsonArray removed;
    for (const planner::RemovedPlay& play : difference.removed)
        removed.append(change(&play.placement, nullptr, play.reason));
    if (failed)
        return tl::unexpected<Error>(*failed);
    return QJsonObject{
        {QStringLiteral("added"), added}, {QStringLiteral("moved"), moved}, {QStringLiteral("removed"), removed}};
}

} // namespace loa::api
