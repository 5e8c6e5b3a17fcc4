// The schedule of a station for other calendars, and its session rules for them and back.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/station_access.h"
#include "scheduler/planner/rule_calendar.h"
#include "scheduler/planner/schedule_calendar.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTimeZone>

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

// Of all that a file of rules is compared with: the rules, and the zone in which it is read.
QByteArray revisionOf(const model::Station& station, const std::vector<model::SessionRule>& rules)
{
    QJsonArray array;
    for (const model::SessionRule& rule : rules)
        array.append(ruleJson(rule));
    const QJsonObject whole{{QStringLiteral("time_zone"), QString::fromUtf8(station.timeZone)},
                            {QStringLiteral("rules"), array}};
    constexpr qsizetype digits = 16; // of 64: it guards against mishaps, not against forgers
    return toString(sha256(QJsonDocument(whole).toJson(QJsonDocument::Compact))).left(digits).toLatin1();
}

Result<Response> getRuleCalendar(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    const auto rules = context.store.sessionRules.ofStation(station->id);
    if (!rules)
        return passOn(rules);
    auto file = planner::ruleCalendar(*rules, QTimeZone(station->timeZone), context.now);
    if (!file)
        return passOn(file);
    Response response = Response::data(200, "text/calendar; charset=utf-8", *std::move(file));
    response.with("ETag", entityTag(revisionOf(*station, *rules)));
    response.with("Content-Disposition", "attachment; filename=\"" + station->id.value.toLatin1() + ".ics\"");
    return response;
}

Result<void> applyChanges(const planner::RuleChanges& changes, Context& context)
{
    const auto note = [&](const char* action, const model::SessionRule& rule) {
        return context.audit(QLatin1String(action), QStringLiteral("session_rule:") + rule.id.value, ruleJson(rule));
    };
    for (const model::SessionRule& rule : changes.removed) {
        if (auto removed = context.store.sessionRules.remove(rule.id); !removed)
            return removed;
        if (auto noted = note("session_rule.remove", rule); !noted)
            return noted;
    }
    for (const planner::RuleChange& change : changes.changed) {
        if (auto changed = context.store.sessionRules.change(change.after); !changed)
            return changed;
        if (auto noted = note("session_rule.change", change.after); !noted)
            return noted;
    }
    for (const model::SessionRule& rule : changes.added) {
        if (auto added = context.store.sessionRules.add(rule); !added)
            return added;
        if (auto noted = note("session_rule.create", rule); !noted)
            return noted;
    }
    return {};
}

Response report(const QByteArray& revision, const std::vector<planner::CalendarProblem>& problems,
                const planner::RuleChanges& changes, bool applied)
{
    QJsonArray told;
    for (const planner::CalendarProblem& problem : problems)
        told.append(QJsonObject{{QStringLiteral("line"), problem.line},
                                {QStringLiteral("event"), problem.event},
                                {QStringLiteral("message"), problem.message.en},
                                {QStringLiteral("message_vi"), problem.message.vi}});
    const auto rulesJson = [](const std::vector<model::SessionRule>& rules) {
        QJsonArray array;
        for (const model::SessionRule& rule : rules)
            array.append(ruleJson(rule));
        return array;
    };
    QJsonArray changed;
    for (const planner::RuleChange& change : changes.changed)
        changed.append(QJsonObject{{QStringLiteral("before"), ruleJson(change.before)},
                                   {QStringLiteral("after"), ruleJson(change.after)}});
    Response response = Response::json(200, {{QStringLiteral("revision"), QString::fromLatin1(revision)},
                                             {QStringLiteral("applied"), applied},
                                             {QStringLiteral("added"), rulesJson(changes.added)},
                                             {QStringLiteral("changed"), changed},
                                             {QStringLiteral("removed"), rulesJson(changes.removed)},
                                             {QStringLiteral("problems"), told}});
    response.with("ETag", entityTag(revision));
    return response;
}

// The file's rules become the station's, when they are still those that the caller compared it with.
Result<Response> importRules(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    QueryReader query(request);
    const QString dry =
        query.has(QLatin1String("dry_run")) ? query.text(QLatin1String("dry_run")) : QStringLiteral("false");
    if (dry != QLatin1String("true") && dry != QLatin1String("false"))
        query.reject(QLatin1String("dry_run"),
                     {QStringLiteral("phải là true hoặc false"), QStringLiteral("must be true or false")});
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (request.header("content-type").split(';').front().trimmed().toLower() != "text/calendar")
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Nội dung phải là text/calendar."),
                                                 QStringLiteral("The body must be text/calendar.")});
    const auto station = context.station(*id, model::Action::ManageSessionRules);
    if (!station)
        return passOn(station);
    const auto present = context.store.sessionRules.ofStation(*id);
    if (!present)
        return passOn(present);
    const QByteArray revision = revisionOf(*station, *present);
    const bool apply = dry == QLatin1String("false");
    if (apply) {
        if (auto refused = otherRevision(
                request, revision,
                {QStringLiteral("Khung giờ của đài vừa thay đổi. Hãy xem lại tệp này sẽ thay những gì rồi xác nhận."),
                 QStringLiteral("The station's session rules have changed meanwhile. Look again at what this file "
                                "would change, then confirm.")}))
            return *std::move(refused);
    }
    const auto read = planner::rulesFromCalendar(request.body, *id, QTimeZone(station->timeZone));
    if (!read)
        return passOn(read);
    if (!read->problems.empty())
        return report(revision, read->problems, {}, false);
    const planner::RuleChanges changes = planner::ruleChanges(*present, read->rules);
    if (!apply)
        return report(revision, {}, changes, false);
    if (const auto applied = applyChanges(changes, context); !applied)
        return passOn(applied);
    if (const auto wished = context.wishPlans({&*id, 1}); !wished)
        return passOn(wished);
    const auto after = context.store.sessionRules.ofStation(*id);
    if (!after)
        return passOn(after);
    return report(revisionOf(*station, *after), {}, changes, true);
}

constexpr Route calendarTable[] = {
    {"GET", "/stations/{id}/schedule.ics", Caller::Person, model::Action::Read, getCalendar},
    {"GET", "/stations/{id}/session-rules.ics", Caller::Person, model::Action::Read, getRuleCalendar},
    {"POST", "/stations/{id}/session-rules.ics", Caller::Person, model::Action::ManageSessionRules, importRules,
     Commit::Together, textBody, true},
};

} // namespace

std::span<const Route> calendarRoutes()
{
    return calendarTable;
}

} // namespace loa::api
