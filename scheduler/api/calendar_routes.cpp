// The schedule of a station for other calendars.
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/routes.h"
#include "scheduler/planner/schedule_calendar.h"

#include <QHash>

namespace loa::api {

namespace {

constexpr int longestCalendar = 92; // days

QString itemLine(const model::Session& session, const planner::Placement& placement, const QString& title,
                 const QTimeZone& zone)
{
    const auto start = session.startsAt + toDuration(placement.offset);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(start.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, zone).toString(QStringLiteral("HH:mm:ss ")) + title;
}

Result<Response> getCalendar(const Request& request, Context& context)
{
    const auto span = plannedSpan(request, context, longestCalendar);
    if (!span)
        return passOn(span);
    QHash<SessionId, qsizetype> index;
    std::vector<planner::CalendarSession> calendar;
    for (const model::Session& session : span->sessions) {
        index.insert(session.id, std::ssize(calendar));
        calendar.push_back({session, {}});
    }
    ItemsById items(context);
    for (const planner::Placement& placement : span->placements) {
        const auto at = index.constFind(placement.session);
        if (at == index.cend())
            continue;
        const auto item = items.find(placement.item);
        if (!item)
            return passOn(item);
        planner::CalendarSession& session = calendar[static_cast<std::size_t>(*at)];
        session.items.append(itemLine(session.session, placement, (*item)->title, span->zone));
    }
    return Response::data(200, "text/calendar; charset=utf-8",
                          planner::scheduleCalendar(span->station.name, calendar, context.now));
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
