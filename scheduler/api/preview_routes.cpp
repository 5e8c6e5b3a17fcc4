// What plans would become, before anything is published: of replanning now, or of a change of what is planned from,
// such as a rule, a policy or an approval. The change is made, planned and undone in one transaction, by the route that
// would make it, so that it is judged as it will be.
#include "scheduler/api/http/head_parser.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/plan_reading.h"
#include "scheduler/api/router.h"
#include "scheduler/api/routes.h"

#include <QJsonDocument>

#include <algorithm>

namespace loa::api {

namespace {

constexpr qsizetype mostStationsShown = 12; // each is a plan to make and a page to read

// A request as it would come by itself.
struct Change {
    Request request;
    const Route* route = nullptr;
};

Result<Change> readChange(const Request& outer, const QJsonObject& object)
{
    JsonReader reader(object, QStringLiteral("/change"));
    Change change;
    Request& request = change.request;
    request.method = reader.text(QLatin1String("method"), 10).toLatin1();
    request.path = reader.text(QLatin1String("path"), 500).toUtf8();
    request.peer = outer.peer;
    request.secure = outer.secure;
    if (reader.has(QLatin1String("if_match")))
        request.headers.emplace_back("if-match", reader.text(QLatin1String("if_match"), 100).toUtf8());
    if (reader.has(QLatin1String("body"))) {
        request.headers.emplace_back("content-type", "application/json");
        request.body = QJsonDocument(reader.object(QLatin1String("body"))).toJson(QJsonDocument::Compact);
    } else if (reader.has(QLatin1String("calendar"))) {
        request.headers.emplace_back("content-type", "text/calendar");
        request.body = reader.text(QLatin1String("calendar"), textBody).toUtf8();
    } else if (reader.has(QLatin1String("csv"))) {
        request.headers.emplace_back("content-type", "text/csv");
        request.body = reader.text(QLatin1String("csv"), textBody).toUtf8();
    }
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto segments =
        request.path.startsWith('/') ? decodePath(QByteArray(apiPrefix) + request.path) : std::nullopt;
    if (segments) {
        request.segments = *segments;
        change.route = routeOf(request);
    }
    if (change.route == nullptr || !change.route->previewed)
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("Không xem trước được việc này; chỉ xem trước được thay đổi về khung giờ, giờ phát, "
                            "kết cấu, ngày đặc biệt, tin/bài và bản ghi âm, đài và đơn vị, và việc bỏ sửa tay."),
             QStringLiteral("This cannot be previewed: only changes of session rules, hours, templates, special "
                            "days, items and their recordings, stations and units, and taking an edit by hand "
                            "back can.")},
            reader.pathOf(QLatin1String("path")));
    return change;
}

QJsonObject sessionJson(const model::Session& session)
{
    return {{QStringLiteral("session_id"), session.id.value},
            {QStringLiteral("session_title"), session.title},
            {QStringLiteral("local_date"), dateText(session.localDate)},
            {QStringLiteral("starts_at"), toString(session.startsAt)},
            {QStringLiteral("duration_ms"), milliseconds(session.frames)}};
}

// Those of `sessions` to come that `others` does not have at all.
QJsonArray sessionsMissingIn(const std::vector<model::Session>& others, const std::vector<model::Session>& sessions,
                             UtcTime now)
{
    QSet<SessionId> known;
    for (const model::Session& session : others)
        known.insert(session.id);
    QJsonArray missing;
    for (const model::Session& session : sessions) {
        if (session.startsAt >= now && !known.contains(session.id))
            missing.append(sessionJson(session));
    }
    return missing;
}

// Those of `shortfalls` that `others` has not, or has less of.
QJsonArray shortfallsBeyond(const std::vector<planner::Shortfall>& others,
                            const std::vector<planner::Shortfall>& shortfalls)
{
    QJsonArray beyond;
    for (const planner::Shortfall& shortfall : shortfalls) {
        const auto isAsGreat = [&](const planner::Shortfall& other) {
            return other.obligation == shortfall.obligation && other.period == shortfall.period &&
                   other.completed + other.planned <= shortfall.completed + shortfall.planned;
        };
        if (std::ranges::none_of(others, isAsGreat))
            beyond.append(shortfallJson(shortfall));
    }
    return beyond;
}

Result<QJsonObject> previewJson(const fleet::PlanPreview& preview, Context& context, ItemsById& items)
{
    auto object = differenceJson(preview.difference, preview.input, items, preview.standing);
    if (!object)
        return object;
    const auto& sessions = preview.input.sessions;
    object->insert(QStringLiteral("station_id"), preview.station.id.value);
    object->insert(QStringLiteral("station_name"), preview.station.name);
    object->insert(QStringLiteral("time_zone"), QString::fromLatin1(preview.station.timeZone));
    object->insert(QStringLiteral("sessions_added"), sessionsMissingIn(preview.standing, sessions, context.now));
    object->insert(QStringLiteral("sessions_removed"), sessionsMissingIn(sessions, preview.standing, context.now));
    object->insert(QStringLiteral("shortfalls_added"), shortfallsBeyond(preview.lacked, preview.plan.shortfalls));
    object->insert(QStringLiteral("shortfalls_removed"), shortfallsBeyond(preview.plan.shortfalls, preview.lacked));
    return object;
}

// Of the stations that the person may read the first few, by name.
Result<Response> previewsOf(const std::vector<StationId>& concerned, Context& context)
{
    std::vector<model::Station> readable;
    for (const StationId& id : concerned) {
        auto station = context.store.stations.find(id);
        if (!station)
            return passOn(station);
        if (context.demand(model::Action::Read, station->unit))
            readable.push_back(*std::move(station));
    }
    std::ranges::sort(readable, {}, [](const model::Station& station) { return std::pair(station.name, station.id); });
    std::vector<StationId> shown;
    for (const model::Station& station : readable) {
        if (std::ssize(shown) < mostStationsShown)
            shown.push_back(station.id);
    }
    const auto previews = context.services.planning.preview(shown);
    if (!previews)
        return passOn(previews);
    ItemsById items(context);
    QJsonArray stations;
    for (const fleet::PlanPreview& preview : *previews) {
        const auto json = previewJson(preview, context, items);
        if (!json)
            return passOn(json);
        stations.append(*json);
    }
    return Response::json(
        200, {{QStringLiteral("concerned"), qint64(std::ssize(concerned))}, {QStringLiteral("stations"), stations}});
}

// The mistake lies in the body of the change.
Error ofTheChange(Error error)
{
    if (error.where.startsWith(u'/'))
        error.where.prepend(QStringLiteral("/change/body"));
    return error;
}

// A file with mistakes is taken by nobody: what it would change is not asked then.
Result<void> demandNoMistake(const Response& made)
{
    const QJsonArray mistakes = QJsonDocument::fromJson(made.bytes()).object()[QLatin1String("errors")].toArray();
    if (mistakes.isEmpty())
        return {};
    const QJsonObject first = mistakes[0].toObject();
    const qint64 line = first[QLatin1String("line")].toInteger();
    return fail(
        ErrorCategory::InvalidInput,
        {QStringLiteral("Tệp có %1 lỗi; dòng %2: %3")
             .arg(QString::number(mistakes.size()), QString::number(line),
                  first[QLatin1String("message_vi")].toString()),
         QStringLiteral("The file has %1 mistakes; line %2: %3")
             .arg(QString::number(mistakes.size()), QString::number(line), first[QLatin1String("message")].toString())},
        QStringLiteral("/change/csv"));
}

Result<Response> previewChange(const Change& change, Context& context)
{
    if (change.route->action) {
        if (const auto allowed = demandSomewhere(context.user(), *change.route->action); !allowed)
            return passOn(allowed);
    }
    context.isRehearsed = true;
    return context.store.database.rehearse([&]() -> Result<Response> {
        auto made = change.route->handler(change.request, context);
        if (!made)
            return tl::unexpected<Error>(ofTheChange(made.error()));
        if (made->status >= 400)
            return made;
        if (const auto whole = demandNoMistake(*made); !whole)
            return passOn(whole);
        return previewsOf(context.concerned(), context);
    });
}

Result<Response> previewPlan(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    if (reader.has(QLatin1String("change"))) {
        const QJsonObject object = reader.object(QLatin1String("change"));
        if (const auto read = reader.finish(); !read)
            return passOn(read);
        const auto change = readChange(request, object);
        return change ? previewChange(*change, context) : passOn(change);
    }
    std::vector<StationId> stations;
    for (const QJsonValue& value : reader.array(QLatin1String("station_ids"), mostStationsNamed)) {
        const auto station = context.station(StationId{value.toString()}, model::Action::Read);
        if (!station)
            return passOn(station);
        stations.push_back(station->id);
    }
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    return previewsOf(stations, context);
}

constexpr Route previewTable[] = {
    // Undoes by itself what it tries.
    {"POST", "/plan/preview", Caller::Person, std::nullopt, previewPlan, Commit::BySteps, textBody},
};

} // namespace

std::span<const Route> previewRoutes()
{
    return previewTable;
}

} // namespace loa::api
