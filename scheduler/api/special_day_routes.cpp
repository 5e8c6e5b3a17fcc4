// Days that replace session rules: calendars of units, and the days that bind a unit's stations.
#include "scheduler/api/laid_down.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/template_use.h"

namespace loa::api {

namespace {

constexpr int mostDaysAsked = 800;

struct SpecialCalendars {
    using Value = model::SpecialCalendar;
    static constexpr const char* name = "special_calendar";

    static Text changedMeanwhile()
    {
        return {QStringLiteral("Lịch vừa được người khác sửa. Hãy tải lại rồi sửa."),
                QStringLiteral("The calendar has changed meanwhile. Load it again, then edit.")};
    }
    static auto& repository(store::Store& store) { return store.specialCalendars; }
    static QJsonObject json(const Value& calendar)
    {
        return {{QStringLiteral("id"), calendar.id.value},
                {QStringLiteral("unit_id"), calendar.unit.value},
                {QStringLiteral("name"), calendar.name},
                {QStringLiteral("decision"), calendar.decision},
                {QStringLiteral("days"), daysToJson(calendar.days)},
                {QStringLiteral("revision"), qint64(calendar.revision)}};
    }
    static Result<void> read(JsonReader& reader, Value& calendar, Context& context)
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
        if (const auto sound = checkCalendar(calendar); !sound)
            return sound;
        return checkTemplates(calendar, context);
    }

private:
    // Each session of its own can be made of the template that it names.
    static Result<void> checkTemplates(const Value& calendar, Context& context)
    {
        for (std::size_t d = 0; d < calendar.days.size(); ++d) {
            const model::SpecialDay& day = calendar.days[d];
            for (std::size_t s = 0; s < day.sessions.size(); ++s) {
                const model::SpecialSession& session = day.sessions[s];
                if (!session.made)
                    continue;
                const QString where = QStringLiteral("/days/%1/sessions/%2/template_id").arg(d).arg(s);
                if (auto usable =
                        checkTemplateUse(*session.made, calendar.unit, session.duration, day.date, where, context);
                    !usable)
                    return usable;
            }
        }
        return {};
    }
};

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

constexpr Route specialDayTable[] = {
    {"GET", "/special-days", Caller::Person, model::Action::Read, listDays},
    {"GET", "/special-calendars", Caller::Person, model::Action::Read, LaidDown<SpecialCalendars>::list},
    {"POST", "/special-calendars", Caller::Person, model::Action::ManageSessionRules, LaidDown<SpecialCalendars>::add,
     Commit::Together, textBody, true},
    {"PUT", "/special-calendars/{id}", Caller::Person, model::Action::ManageSessionRules,
     LaidDown<SpecialCalendars>::change, Commit::Together, textBody, true},
    {"DELETE", "/special-calendars/{id}", Caller::Person, model::Action::ManageSessionRules,
     LaidDown<SpecialCalendars>::remove, Commit::Together, smallBody, true},
};

} // namespace

std::span<const Route> specialDayRoutes()
{
    return specialDayTable;
}

} // namespace loa::api
