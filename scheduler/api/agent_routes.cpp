// What agents call: see scheduler/contract/PROTOCOL.md.
#include "scheduler/api/http/file_response.h"
#include "scheduler/api/http/problem.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/fleet/airing_intake.h"
#include "scheduler/fleet/enrolment.h"

#include <algorithm>

namespace loa::api {

namespace {

Response enrolled(const model::Agent& agent, const Context& context)
{
    return Response::json(
        201, {{QStringLiteral("agent_id"), agent.id.value},
              {QStringLiteral("scheduler_key"), QString::fromLatin1(context.services.schedulerKey.toBase64())},
              {QStringLiteral("stations"), idsJson(agent.stations)}});
}

Result<VerifyKey> keyFrom(const QString& text)
{
    auto key = VerifyKey::fromBase64(text.toLatin1());
    if (!key)
        return fail(ErrorCategory::InvalidInput, key.error().message, QStringLiteral("/public_key"));
    return key;
}

Result<Response> enrolAgent(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString code = reader.text(QLatin1String("code"), 100);
    const QString keyText = reader.text(QLatin1String("public_key"), 100);
    const QString name = wordsOf(reader, QLatin1String("name"), 200);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto key = keyFrom(keyText);
    if (!key)
        return passOn(key);
    const auto agent = fleet::enrol(context.store, code, *key, name, context.now);
    if (!agent)
        return passOn(agent);
    // The bundle names outputs and policies of the stations; who carries them now wants one that is fresh.
    if (const auto wished = context.wishPlans(agent->stations); !wished)
        return passOn(wished);
    return enrolled(*agent, context);
}

Result<Response> separateStation(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("station"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString keyText = reader.text(QLatin1String("public_key"), 100);
    const QString proofText = reader.text(QLatin1String("proof"), 100);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto key = keyFrom(keyText);
    if (!key)
        return passOn(key);
    const auto proof = signatureFromBase64(proofText.toLatin1());
    if (!proof)
        return fail(ErrorCategory::InvalidInput, proof.error().message, QStringLiteral("/proof"));
    const auto agent = fleet::separate(context.store, *context.agent, *id, *key, *proof, context.now);
    if (!agent)
        return passOn(agent);
    return enrolled(*agent, context);
}

Result<Response> getBundle(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("station"));
    if (!id)
        return passOn(id);
    const auto& carried = context.agent->stations;
    if (std::find(carried.begin(), carried.end(), *id) == carried.end())
        return fail(ErrorCategory::Forbidden,
                    {QStringLiteral("Máy phát này không phục vụ đài đó."),
                     QStringLiteral("This agent does not carry that station.")},
                    id->value);
    // Agents ask often and seldom need the bytes.
    const auto version = context.store.bundles.latestVersion(*id);
    if (!version)
        return passOn(version);
    if (*version == 0)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Đài này chưa có bản kê phát."),
                     QStringLiteral("There is no bundle for this station yet.")},
                    id->value);
    const QByteArray etag = '"' + QByteArray::number(qint64(*version)) + '"';
    if (request.hasHeader("if-none-match") && matchesNone(request.header("if-none-match"), etag)) {
        Response unchanged = Response::empty(304);
        unchanged.with("ETag", etag);
        return unchanged;
    }
    const auto bundle = context.store.bundles.latest(*id);
    if (!bundle)
        return passOn(bundle);
    if (!*bundle)
        return fail(ErrorCategory::Internal,
                    {QStringLiteral("Bản kê phát đã mất."), QStringLiteral("The bundle is lost.")}, id->value);
    Response response = Response::data(200, "application/vnd.loa.bundle", (*bundle)->sealed);
    response.with("ETag", etag);
    return response;
}

QJsonObject rejectedJson(std::int64_t sequence, const Error& error)
{
    return {{QStringLiteral("sequence"), qint64(sequence)},
            {QStringLiteral("category"), toString(error.category)},
            {QStringLiteral("message"), error.message.en},
            {QStringLiteral("message_vi"), error.message.vi}};
}

Result<Response> takeAirings(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QJsonArray array = reader.array(QLatin1String("entries"), qsizetype(fleet::maxEntriesPerIntake));
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    QJsonArray rejected;
    std::vector<SignedLogEntry> entries;
    for (const QJsonValue& value : array) {
        auto entry = signedLogEntryFromJson(value.toObject());
        if (entry)
            entries.push_back(*std::move(entry));
        else
            rejected.append(rejectedJson(
                value.toObject().value(QLatin1String("entry")).toObject().value(QLatin1String("sequence")).toInteger(0),
                entry.error()));
    }
    const auto taken = fleet::intakeAirings(context.store, *context.agent, entries, context.now,
                                            context.services.planning.leastMatch());
    if (!taken)
        return passOn(taken);
    for (const fleet::RejectedEntry& refused : taken->rejected)
        rejected.append(rejectedJson(refused.sequence, refused.error));
    // What failed may be made good.
    if (!taken->stations.empty()) {
        if (const auto wished = context.wishPlans(taken->stations); !wished)
            return passOn(wished);
    }
    return Response::json(200, {{QStringLiteral("acknowledged_through"), qint64(taken->acknowledgedThrough)},
                                {QStringLiteral("accepted"), taken->accepted},
                                {QStringLiteral("rejected"), rejected}});
}

Result<Response> takeStatus(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    store::AgentReport report;
    report.software = reader.text(QLatin1String("software"), 200);
    report.clock = reader.parsed<ClockState>(QLatin1String("clock_state"), clockStateFromString);
    report.journalBacklog = reader.integer(QLatin1String("journal_backlog"), 0, std::int64_t(1) << 53);
    const QJsonArray bundles = reader.array(QLatin1String("bundles"), 1000);
    for (qsizetype i = 0; i < bundles.size(); ++i) {
        JsonReader entry(bundles[i].toObject(), QStringLiteral("/bundles/%1").arg(i));
        const StationId station = entry.id<StationTag>(QLatin1String("station_id"));
        const std::int64_t version = entry.integer(QLatin1String("version"), 0, std::int64_t(1) << 53);
        if (const auto read = entry.finish(); !read)
            reader.reject(read.error());
        const auto& carried = context.agent->stations;
        if (std::find(carried.begin(), carried.end(), station) != carried.end())
            report.bundles.emplace_back(station, version);
    }
    if (reader.given(QLatin1String("stations"))) {
        const QJsonArray stations = reader.array(QLatin1String("stations"), 1000);
        for (qsizetype i = 0; i < stations.size(); ++i) {
            auto condition = stationConditionFromJson(stations[i].toObject(), QStringLiteral("/stations/%1").arg(i));
            if (condition)
                report.stations.push_back(*std::move(condition));
            else
                reader.reject(condition.error());
        }
    }
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto noted = context.store.agents.report(context.agent->id, report, context.now); !noted)
        return passOn(noted);
    return Response::empty();
}

Result<Response> openEvents(const Request& request, Context& context)
{
    if (request.header("upgrade").toLower() != "websocket") {
        Response response = problem(426,
                                    Error{ErrorCategory::InvalidInput,
                                          {QStringLiteral("Địa chỉ này chỉ dùng qua WebSocket."),
                                           QStringLiteral("This address is for WebSockets alone.")},
                                          {}},
                                    request.path);
        response.with("Upgrade", "websocket");
        return response;
    }
    Subscription subscription;
    subscription.subscriber = context.agent->id.value;
    for (const StationId& station : context.agent->stations)
        subscription.topics.append(station.value);
    Response response;
    response.status = 101;
    response.upgrade = subscription;
    return response;
}

constexpr Route agentTable[] = {
    {"POST", "/agent/enrol", Caller::Anyone, std::nullopt, enrolAgent},
    {"POST", "/agent/stations/{station}/identity", Caller::Agent, std::nullopt, separateStation},
    {"GET", "/agent/bundles/{station}", Caller::Agent, std::nullopt, getBundle},
    {"POST", "/agent/airings", Caller::Agent, std::nullopt, takeAirings, Commit::Together, largeBody},
    {"POST", "/agent/status", Caller::Agent, std::nullopt, takeStatus},
    {"GET", "/agent/events", Caller::Agent, std::nullopt, openEvents},
};

} // namespace

std::span<const Route> agentRoutes()
{
    return agentTable;
}

} // namespace loa::api
