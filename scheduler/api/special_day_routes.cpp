// Days that replace session rules: calendars of units, and the days that bind a unit's stations.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"

namespace loa::api {

namespace {

constexpr int mostDaysAsked = 800;

QJsonObject calendarJson(const model::SpecialCalendar& calendar)
{
    return {{QStringLiteral("id"), calendar.id.value},
            {QStringLiteral("unit_id"), calendar.unit.value},
            {QStringLiteral("name"), calendar.name},
            {QStringLiteral("decision"), calendar.decision},
            {QStringLiteral("days"), daysToJson(calendar.days)},
            {QStringLiteral("revision"), qint64(calendar.revision)}};
}

Response calendarResponse(int status, const model::SpecialCalendar& calendar)
{
    Response response = Response::json(status, calendarJson(calendar));
    response.with("ETag", entityTag(calendar.revision));
    return response;
}

std::optional<Response> otherCalendar(const Request& request, const model::SpecialCalendar& calendar)
{
    return otherRevision(request, calendar.revision,
                         {QStringLiteral("Lịch vừa được người khác sửa. Hãy tải lại rồi sửa."),
                          QStringLiteral("The calendar has changed meanwhile. Load it again, then edit.")});
}

Result<void> readCalendar(JsonReader& reader, model::SpecialCalendar& calendar)
{
    calendar.name = wordsOf(reader, QLatin1String("name"), 200);
    calendar.decision =
        reader.given(QLatin1String("decision")) ? reader.text(QLatin1String("decision"), 400).trimmed() : QString();
    const QJsonArray days = reader.array(QLatin1String("days"), qsizetype(model::mostSpecialDays));
    if (const auto read = reader.finish(); !read)
        return read;
    auto read = model::specialDaysFromJson(days);
    if (!read)
        return passOn(read);
    calendar.days = *std::move(read);
    return checkCalendar(calendar);
}

Result<void> changed(Context& context, const model::SpecialCalendar& calendar, const QString& action)
{
    if (const auto noted =
            context.audit(action, QStringLiteral("special_calendar:") + calendar.id.value, calendarJson(calendar));
        !noted)
        return noted;
    return context.wishPlansUnder(calendar.unit);
}

// The unit that the query names, when the person may read there.
Result<UnitId> readableUnit(QueryReader& query, Context& context)
{
    const auto unit = query.id<UnitId>(QLatin1String("unit"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (const auto found = context.store.units.find(unit); !found)
        return passOn(found);
    if (const auto allowed = context.demand(model::Action::Read, unit); !allowed)
        return passOn(allowed);
    return unit;
}

Result<Response> listCalendars(const Request& request, Context& context)
{
    QueryReader query(request);
    const auto unit = readableUnit(query, context);
    if (!unit)
        return passOn(unit);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    std::vector<model::SpecialCalendar> all;
    for (const UnitId& above : (*tree)->pathOn(*unit, context.today)) {
        const auto calendars = context.store.specialCalendars.ofUnit(above);
        if (!calendars)
            return passOn(calendars);
        all.insert(all.end(), calendars->begin(), calendars->end());
    }
    return listResponse(all, calendarJson);
}

QJsonObject dayJson(const model::SpecialDayInForce& day)
{
    QJsonObject json = model::daysToJson({day.day}).at(0).toObject();
    json.insert(QStringLiteral("calendar_id"), day.calendar.value);
    json.insert(QStringLiteral("calendar_name"), day.calendarName);
    return json;
}

Result<Response> listDays(const Request& request, Context& context)
{
    QueryReader query(request);
    const QDate from = query.date(QLatin1String("from"));
    const QDate to = query.date(QLatin1String("to"));
    if (from.isValid() && to.isValid() && (to < from || from.daysTo(to) >= mostDaysAsked))
        query.reject(QLatin1String("to"),
                     {QStringLiteral("phải sau \"from\", không quá %1 ngày").arg(mostDaysAsked),
                      QStringLiteral("must follow \"from\" by less than %1 days").arg(mostDaysAsked)});
    const auto unit = readableUnit(query, context);
    if (!unit)
        return passOn(unit);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const auto calendars = context.store.specialCalendars.all();
    if (!calendars)
        return passOn(calendars);
    return listResponse(model::specialDaysInForce(*unit, **tree, *calendars, from, to), dayJson);
}

Result<Response> addCalendar(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::SpecialCalendar calendar;
    calendar.id = SpecialCalendarId{newId(context.now)};
    calendar.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    if (!reader.failed()) {
        if (const auto known = context.demandKnown(calendar.unit, "/unit_id"); !known)
            return passOn(known);
        if (const auto allowed = context.demand(model::Action::ManageSessionRules, calendar.unit); !allowed)
            return passOn(allowed);
    }
    if (const auto read = readCalendar(reader, calendar); !read)
        return passOn(read);
    if (const auto added = context.store.specialCalendars.add(calendar); !added)
        return passOn(added);
    if (const auto told = changed(context, calendar, QStringLiteral("special_calendar.create")); !told)
        return passOn(told);
    return calendarResponse(201, calendar);
}

// The calendar of the path, which the person may change.
Result<model::SpecialCalendar> ownCalendar(const Request& request, Context& context)
{
    const auto id = idFromPath<SpecialCalendarId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    auto calendar = context.store.specialCalendars.find(*id);
    if (!calendar)
        return calendar;
    if (const auto allowed = context.demand(model::Action::ManageSessionRules, calendar->unit); !allowed)
        return passOn(allowed);
    return calendar;
}

Result<Response> changeCalendar(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    auto calendar = ownCalendar(request, context);
    if (!calendar)
        return passOn(calendar);
    if (auto other = otherCalendar(request, *calendar))
        return *std::move(other);
    JsonReader reader(*body);
    if (const auto read = readCalendar(reader, *calendar); !read)
        return passOn(read);
    if (const auto stored = context.store.specialCalendars.change(*calendar); !stored)
        return passOn(stored);
    ++calendar->revision;
    if (const auto told = changed(context, *calendar, QStringLiteral("special_calendar.change")); !told)
        return passOn(told);
    return calendarResponse(200, *calendar);
}

Result<Response> removeCalendar(const Request& request, Context& context)
{
    const auto calendar = ownCalendar(request, context);
    if (!calendar)
        return passOn(calendar);
    if (auto other = otherCalendar(request, *calendar))
        return *std::move(other);
    if (const auto removed = context.store.specialCalendars.remove(calendar->id); !removed)
        return passOn(removed);
    if (const auto told = changed(context, *calendar, QStringLiteral("special_calendar.remove")); !told)
        return passOn(told);
    return Response::empty();
}

constexpr Route specialDayTable[] = {
    {"GET", "/special-days", Caller::Person, model::Action::Read, listDays},
    {"GET", "/special-calendars", Caller::Person, model::Action::Read, listCalendars},
    {"POST", "/special-calendars", Caller::Person, model::Action::ManageSessionRules, addCalendar, Commit::Together,
     textBody},
    {"PUT", "/special-calendars/{id}", Caller::Person, model::Action::ManageSessionRules, changeCalendar,
     Commit::Together, textBody},
    {"DELETE", "/special-calendars/{id}", Caller::Person, model::Action::ManageSessionRules, removeCalendar},
};

} // namespace

std::span<const Route> specialDayRoutes()
{
    return specialDayTable;
}

} // namespace loa::api
