// Orders of the moment: play now, stop, volume, test tone, and what came of each at every station; and what agents call
// for them, see scheduler/contract/PROTOCOL.md.
#include "scheduler/api/caller.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/speech.h"

#include <QJsonDocument>

#include <algorithm>

namespace loa::api {

using namespace Qt::StringLiterals;

namespace {

constexpr int mostListed = 50;
constexpr int mostAnswers = 200;
constexpr std::chrono::minutes speechValidity{1}; // who was not there when it began does not come in later

QJsonObject commandJson(const store::CommandRecord& command, const model::Station& station)
{
    return {{u"id"_s, command.id.value},
            {u"station_id"_s, station.id.value},
            {u"station_name"_s, station.name},
            {u"standing"_s, toString(command.standing)},
            {u"reason"_s, command.reason},
            {u"detail"_s, command.detail},
            {u"airing_id"_s, idOrNull(command.airing)},
            {u"answered_at"_s, orNull(command.answeredAt)}};
}

QJsonObject orderJson(const store::OrderRecord& order, const QJsonArray& stations)
{
    return {{u"id"_s, order.id.value},
            {u"kind"_s, order.kind},
            {u"title"_s, order.title},
            {u"details"_s, QJsonDocument::fromJson(order.details).object()},
            {u"item_id"_s, idOrNull(order.item)},
            {u"unit_id"_s, idOrNull(order.unit)},
            {u"station_id"_s, idOrNull(order.station)},
            {u"ordered_by_name"_s, order.orderedByName},
            {u"ordered_at"_s, toString(order.orderedAt)},
            {u"valid_until"_s, toString(order.validUntil)},
            {u"stations"_s, stations}};
}

// Stations whose orders the person may see, by id.
Result<QHash<StationId, model::Station>> visibleStations(Context& context)
{
    const auto units = context.unitsFor(model::Action::Read);
    if (!units)
        return passOn(units);
    auto stations = context.store.stations.ofUnits(std::vector<UnitId>(units->begin(), units->end()));
    if (!stations)
        return passOn(stations);
    QHash<StationId, model::Station> byId;
    for (model::Station& station : *stations)
        byId.insert(station.id, std::move(station));
    return byId;
}

// None: it concerns no station that the person may see.
Result<std::optional<QJsonObject>> readOrder(Context& context, const store::OrderRecord& order,
                                             const QHash<StationId, model::Station>& visible)
{
    const auto commands = context.store.commands.ofOrder(order.id, context.now);
    if (!commands)
        return passOn(commands);
    QJsonArray stations;
    for (const store::CommandRecord& command : *commands) {
        if (const auto station = visible.constFind(command.station); station != visible.cend())
            stations.append(commandJson(command, *station));
    }
    return stations.isEmpty() ? std::nullopt : std::optional(orderJson(order, stations));
}

Result<Response> answerWith(Context& context, const OrderId& id, int status)
{
    const auto order = context.store.commands.findOrder(id);
    if (!order)
        return passOn(order);
    const auto visible = visibleStations(context);
    if (!visible)
        return passOn(visible);
    const auto object = readOrder(context, *order, *visible);
    if (!object)
        return passOn(object);
    if (!*object)
        return fail(ErrorCategory::NotFound, {u"Không có lệnh này."_s, u"There is no such order."_s}, id.value);
    return Response::json(status, **object);
}

// The stations that the order names, when the person may give it to each.
Result<std::vector<model::Station>> stationsFor(Context& context, const fleet::NewOrder& order)
{
    const bool isPlay =
        std::holds_alternative<PlayOrder>(order.order) || std::holds_alternative<StopOrder>(order.order);
    const model::Action action = std::holds_alternative<SpeechOrder>(order.order) ? model::Action::SpeakLive
                                 : isPlay                                         ? model::Action::PlayNow
                                                                                  : model::Action::ControlStations;
    if (order.station) {
        auto station = context.station(*order.station, action);
        if (!station)
            return passOn(station);
        return std::vector{*std::move(station)};
    }
    if (auto known = context.demandKnown(*order.unit, "/unit_id"); !known)
        return passOn(known);
    if (auto allowed = context.demand(action, *order.unit); !allowed)
        return passOn(allowed);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const auto units = (*tree)->withDescendantsOn(*order.unit, context.today);
    return context.store.stations.ofUnits(std::vector<UnitId>(units.begin(), units.end()));
}

CommandOrder orderOf(JsonReader& reader, Context& context, fleet::NewOrder& order)
{
    const QString kind = reader.text("kind"_L1, 20);
    const auto until = [&](QLatin1String key) {
        return context.now + std::chrono::minutes(reader.integer(key, 1, 7 * 24 * 60));
    };
    if (kind == u"play") {
        PlayOrder play;
        order.item = reader.id<ItemTag>("item_id"_L1);
        play.priority = reader.parsed<Priority>("priority"_L1, priorityFromString);
        return play;
    }
    if (kind == u"stop") {
        StopOrder stop;
        if (reader.has("airing_id"_L1))
            stop.airing = reader.id<AiringTag>("airing_id"_L1);
        else
            static_cast<void>(reader.given("airing_id"_L1));
        stop.until = until("minutes"_L1);
        return stop;
    }
    if (kind == u"volume") {
        VolumeOrder volume;
        volume.decibels = static_cast<int>(reader.integer("decibels"_L1, -60, 12));
        volume.until = until("minutes"_L1);
        return volume;
    }
    if (kind == u"tone") {
        ToneOrder tone;
        tone.level = static_cast<int>(reader.integer("level"_L1, -60, -6));
        tone.frames = {reader.integer("seconds"_L1, 1, 30) * sampleRate};
        return tone;
    }
    if (kind == u"speech") {
        SpeechOrder speech;
        speech.priority = reader.parsed<Priority>("priority"_L1, priorityFromString);
        speech.longest = {reader.integer("minutes"_L1, 1, 60) * 60 * sampleRate};
        speech.stream = {QStringLiteral("-")}; // the order's own, once it has a name
        order.validity = speechValidity;
        return speech;
    }
    if (kind != u"refresh")
        reader.reject("kind"_L1, {u"Loại lệnh phải là play, stop, volume, tone, speech hoặc refresh."_s,
                                  u"The kind must be play, stop, volume, tone, speech or refresh."_s});
    return RefreshOrder{};
}

Result<Response> giveOrder(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    fleet::NewOrder order;
    if (reader.has("unit_id"_L1))
        order.unit = reader.id<UnitTag>("unit_id"_L1);
    if (reader.has("station_id"_L1))
        order.station = reader.id<StationTag>("station_id"_L1);
    static_cast<void>(reader.given("unit_id"_L1));
    static_cast<void>(reader.given("station_id"_L1));
    if (order.unit.has_value() == order.station.has_value())
        reader.reject("unit_id"_L1, {u"Chọn một đơn vị hoặc một đài."_s, u"Name one unit or one station."_s});
    order.order = orderOf(reader, context, order);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto stations = stationsFor(context, order);
    if (!stations)
        return passOn(stations);
    if (auto* play = std::get_if<PlayOrder>(&order.order)) {
        const auto item = context.store.items.find(*order.item);
        if (!item)
            return passOn(item);
        if (auto readable = context.demand(model::Action::Read, *item); !readable)
            return passOn(readable);
        auto media = fleet::mediaToPlay(*item, context.today);
        if (!media)
            return passOn(media);
        play->media = *std::move(media);
    }
    const auto given = context.services.commanding.give(context.store, order, context.user(), *stations);
    if (!given)
        return passOn(given);
    QJsonObject detail = *body;
    detail.insert(u"stations"_s, qint64(stations->size()));
    if (const auto noted = context.audit(u"order.give"_s, u"order:"_s + given->value, detail); !noted)
        return passOn(noted);
    return answerWith(context, *given, 201);
}

Result<Response> listOrders(const Request&, Context& context)
{
    const auto orders = context.store.commands.latestOrders(mostListed);
    if (!orders)
        return passOn(orders);
    const auto visible = visibleStations(context);
    if (!visible)
        return passOn(visible);
    QJsonArray items;
    for (const store::OrderRecord& order : *orders) {
        const auto object = readOrder(context, order, *visible);
        if (!object)
            return passOn(object);
        if (*object)
            items.append(**object);
    }
    return Response::json(200, {{u"items"_s, items}});
}

Result<Response> getOrder(const Request& request, Context& context)
{
    const auto id = idFromPath<OrderId>(request, "id"_L1);
    if (!id)
        return passOn(id);
    return answerWith(context, *id, 200);
}

Result<store::OrderRecord> orderFromPath(const Request& request, Context& context)
{
    const auto id = idFromPath<OrderId>(request, "id"_L1);
    if (!id)
        return passOn(id);
    return context.store.commands.findOrder(*id);
}

Result<Response> cancelOrder(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    if (const auto read = JsonReader(*body).finish(); !read)
        return passOn(read);
    const auto order = orderFromPath(request, context);
    if (!order)
        return passOn(order);
    const UnitId unit = order->unit.value_or(UnitId{});
    if (order->station) {
        if (const auto station = context.station(*order->station, model::Action::PlayNow); !station)
            return passOn(station);
    } else if (auto allowed = context.demand(model::Action::PlayNow, unit); !allowed) {
        return passOn(allowed);
    }
    const auto stop = context.services.commanding.cancel(context.store, order->id, context.user());
    if (!stop)
        return passOn(stop);
    if (const auto noted = context.audit(u"order.cancel"_s, u"order:"_s + order->id.value); !noted)
        return passOn(noted);
    return answerWith(context, order->id, 200);
}

// The WebSocket of the person who gave the order, and speaks.
Result<Response> openSpeechSocket(const Request& request, Context& context)
{
    if (auto own = checkOrigin(request, context.settings); !own)
        return passOn(own);
    const auto order = orderFromPath(request, context);
    if (!order)
        return passOn(order);
    const bool isNow = context.now < order->validUntil;
    if (order->kind != u"speech" || order->orderedBy != context.user().id || !isNow)
        return fail(ErrorCategory::Forbidden,
                    {u"Chỉ người vừa ra lệnh phát biểu trực tiếp mới nói được, trong vòng một phút."_s,
                     u"Only who has just ordered live speech may speak, within a minute."_s},
                    order->id.value);
    if (request.header("upgrade").toLower() != "websocket")
        return fail(ErrorCategory::InvalidInput,
                    {u"Địa chỉ này chỉ dùng qua WebSocket."_s, u"This address is for WebSockets alone."_s});
    const auto commands = context.store.commands.ofOrder(order->id, context.now);
    if (!commands)
        return passOn(commands);
    Subscription subscription;
    subscription.subscriber = order->id.value;
    subscription.speaker = context.user().id.value;
    for (const store::CommandRecord& command : *commands) {
        if (command.sequence)
            subscription.topics.append(command.station.value);
    }
    const qint64 frames = QJsonDocument::fromJson(order->details).object().value("frames"_L1).toInteger();
    subscription.frames = static_cast<std::uint32_t>(std::clamp<qint64>(frames / speechFrame, 1, mostSpeechFrames));
    Response response;
    response.status = 101;
    response.upgrade = subscription;
    return response;
}

Result<Response> getSheet(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, "station"_L1);
    if (!id)
        return passOn(id);
    const auto& carried = context.agent->stations;
    if (std::find(carried.begin(), carried.end(), *id) == carried.end())
        return fail(ErrorCategory::Forbidden,
                    {u"Máy phát này không phục vụ đài đó."_s, u"This agent does not carry that station."_s}, id->value);
    const auto claim = readRequestClaim(request.header("content-digest"), request.header("signature-input"),
                                        request.header("signature"));
    if (!claim)
        return passOn(claim);
    const auto sheet = context.services.commanding.sheet(context.store, *id, claim->nonce);
    if (!sheet)
        return passOn(sheet);
    return Response::data(200, "application/vnd.loa.command-sheet", *sheet);
}

Result<Response> takeAnswers(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    std::vector<Acknowledgement> answers;
    const QJsonArray array = reader.array("acknowledgements"_L1, mostAnswers);
    for (qsizetype index = 0; index < array.size(); ++index) {
        auto answer = acknowledgementFromJson(array.at(index).toObject(), u"/acknowledgements/%1"_s.arg(index));
        if (answer)
            answers.push_back(*std::move(answer));
        else
            reader.reject(answer.error());
    }
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto noted = context.services.commanding.takeAnswers(context.store, *context.agent, answers); !noted)
        return passOn(noted);
    return Response::empty();
}

constexpr Route commandTable[] = {
    {"POST", "/orders", Caller::Person, std::nullopt, giveOrder},
    {"GET", "/orders", Caller::Person, model::Action::Read, listOrders},
    {"GET", "/orders/{id}", Caller::Person, model::Action::Read, getOrder},
    {"GET", "/orders/{id}/speech", Caller::Person, model::Action::SpeakLive, openSpeechSocket},
    {"POST", "/orders/{id}/cancel", Caller::Person, model::Action::PlayNow, cancelOrder},
    {"GET", "/agent/commands/{station}", Caller::Agent, std::nullopt, getSheet},
    {"POST", "/agent/commands", Caller::Agent, std::nullopt, takeAnswers},
};

} // namespace

std::span<const Route> commandRoutes()
{
    return commandTable;
}

} // namespace loa::api
