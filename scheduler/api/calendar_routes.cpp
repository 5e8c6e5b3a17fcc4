// The schedule of a station for other calendars.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/planner/schedule_calendar.h"
#include "scheduler/planner/sessions.h"

#include <QHash>

namespace loa::api {

namespace {

constexpr qint64 longestCalendar = 92; // days

QString itemLine(const model::Session& session, const planner::Placement& placement, const QString& title,
                 const QTimeZone& zone)
{
    const auto start = session.startsAt + toDuration(placement.offset);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(start.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, zone).toString(QStringLiteral("HH:mm:ss ")) + title;
}

Result<Response> getCalendar(const Request& request, Context& context)
{
    QueryReader query(request);
    const QDate from = query.date(QLatin1String("from"));
    const QDate to = query.date(QLatin1String("to"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (to < from || from.daysTo(to) >= longestCalendar)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khoảng ngày phải từ 1 đến %1 ngày.").arg(longestCalendar),
                     QStringLiteral("From 1 to %1 days can be asked for.").arg(longestCalendar)},
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
    const QTimeZone zone(station->timeZone);
    QHash<SessionId, qsizetype> index;
    std::vector<planner::CalendarSession> calendar;
    for (const model::Session& session : *sessions) {
        index.insert(session.id, std::ssize(calendar));
        calendar.push_back({session, {}});
    }
    QHash<ItemId, QString> titles;
    for (const planner::Placement& placement : *placements) {
        const auto at = index.constFind(placement.session);
        if (at == index.cend())
            continue;
        if (!titles.contains(placement.item)) {
            const auto item = context.store.items.find(placement.item);
            if (!item)
                return passOn(item);
            titles.insert(placement.item, item->title);
        }
        planner::CalendarSession& session = calendar[static_cast<std::size_t>(*at)];
        session.items.append(itemLine(session.session, placement, titles.value(placement.item), zone));
    }
    return Response::data(200, "text/calendar; charset=utf-8",
                          planner::scheduleCalendar(station->name, calendar, context.now));
}

constexpr Route calendarTable[] = {
    {"GET", "/stations/{id}/schedule.ics", Caller::Person, model::Action::Read, getCalendar},
};

} // namespace

std::span<const Route> calendarRoutes()
{
    return calendarTable;
}

} // namespace loa::api
