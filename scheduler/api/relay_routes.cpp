// Relay sources: what stations may relay, and who consented to it.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"

#include <algorithm>

namespace loa::api {

namespace {

QJsonObject relayJson(const model::RelaySource& source)
{
    QJsonObject json = toJson(source.definition);
    json.insert(QStringLiteral("revision"), qint64(source.revision));
    json.insert(QStringLiteral("sha256"), loa::toString(hashOf(source.definition)));
    json.insert(QStringLiteral("approved"), isApproved(source));
    json.insert(QStringLiteral("approval"),
                source.approval ? QJsonValue(QJsonObject{
                                      {QStringLiteral("sha256"), loa::toString(source.approval->definition)},
                                      {QStringLiteral("approved_by"), source.approval->approvedByName},
                                      {QStringLiteral("approved_at"), loa::toString(source.approval->approvedAt)}})
                                : QJsonValue());
    return json;
}

// What stays in the log of deeds: the addresses without what may be somebody's token.
QJsonObject auditJson(const model::RelaySource& source)
{
    QJsonArray addresses;
    for (const QString& address : source.definition.addresses)
        addresses.append(shownAddress(address));
    QJsonObject json = relayJson(source);
    json.insert(QStringLiteral("addresses"), addresses);
    return json;
}

Response relayResponse(int status, const model::RelaySource& source)
{
    Response response = Response::json(status, relayJson(source));
    response.with("ETag", entityTag(source.revision));
    return response;
}

std::optional<Response> otherRelay(const Request& request, const model::RelaySource& source)
{
    return otherRevision(request, source.revision,
                         {QStringLiteral("Nguồn tiếp sóng vừa được người khác sửa. Hãy tải lại rồi làm tiếp."),
                          QStringLiteral("The relay source has changed meanwhile. Load it again, then go on.")});
}

Result<void> checkStandby(const RelayDefinition& relay, Context& context)
{
    if (!relay.standby)
        return {};
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const auto item = context.store.items.find(*relay.standby);
    if (item && (*tree)->isWithin(relay.unit, item->scope, context.today))
        return {};
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có tin/bài này, hoặc tin/bài không dành cho đơn vị này."),
                 QStringLiteral("There is no such item, or it is not meant for this unit.")},
                QStringLiteral("/standby_item_id"));
}

// All but id and unit.
Result<void> readRelay(JsonReader& reader, RelayDefinition& relay, Context& context)
{
    relay.name = wordsOf(reader, QLatin1String("name"), 200);
    relay.kind = reader.parsed(QLatin1String("kind"), relayKindFromString);
    relay.addresses.clear();
    for (const QJsonValue address : reader.array(QLatin1String("addresses"), qsizetype(mostRelayAddresses)))
        relay.addresses.push_back(address.toString().trimmed());
    relay.silence = std::chrono::seconds(reader.integer(QLatin1String("silence_seconds"), 0, 86'400));
    relay.standby.reset();
    if (reader.has(QLatin1String("standby_item_id")))
        relay.standby = reader.id<ItemTag>(QLatin1String("standby_item_id"));
    else
        (void)reader.given(QLatin1String("standby_item_id"));
    relay.rtp.reset();
    if (reader.has(QLatin1String("rtpmap")))
        relay.rtp = reader.parsed<media::RtpMap>(QLatin1String("rtpmap"), media::rtpMapFrom);
    else
        (void)reader.given(QLatin1String("rtpmap"));
    if (const auto read = reader.finish(); !read)
        return read;
    if (const auto sound = checkRelay(relay); !sound)
        return sound;
    return checkStandby(relay, context);
}

Result<void> changed(Context& context, const model::RelaySource& source, const QString& action)
{
    const auto noted = context.audit(action, QStringLiteral("relay:") + source.definition.id.value, auditJson(source));
    if (!noted)
        return noted;
    return context.wishPlansUnder(source.definition.unit);
}

Result<Response> listRelays(const Request& request, Context& context)
{
    QueryReader query(request);
    const auto unit = query.id<UnitId>(QLatin1String("unit"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (const auto found = context.store.units.find(unit); !found)
        return passOn(found);
    if (const auto allowed = context.demand(model::Action::Read, unit); !allowed)
        return passOn(allowed);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    std::vector<model::RelaySource> all;
    for (const UnitId& above : (*tree)->pathOn(unit, context.today)) {
        const auto sources = context.store.relays.ofUnit(above);
        if (!sources)
            return passOn(sources);
        all.insert(all.end(), sources->begin(), sources->end());
    }
    return listResponse(all, relayJson);
}

Result<Response> addRelay(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::RelaySource source;
    source.definition.id = RelayId{newId(context.now)};
    source.definition.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    if (!reader.failed()) {
        if (const auto known = context.demandKnown(source.definition.unit, "/unit_id"); !known)
            return passOn(known);
        if (const auto allowed = context.demand(model::Action::ManageSessionRules, source.definition.unit); !allowed)
            return passOn(allowed);
    }
    if (const auto read = readRelay(reader, source.definition, context); !read)
        return passOn(read);
    if (const auto added = context.store.relays.add(source); !added)
        return passOn(added);
    if (const auto told = changed(context, source, QStringLiteral("relay.create")); !told)
        return passOn(told);
    return relayResponse(201, source);
}

// The source of the path, to which the person may do this.
Result<model::RelaySource> ownRelay(const Request& request, Context& context, model::Action action)
{
    const auto id = idFromPath<RelayId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    auto source = context.store.relays.find(*id);
    if (!source)
        return source;
    if (const auto allowed = context.demand(action, source->definition.unit); !allowed)
        return passOn(allowed);
    return source;
}

Result<Response> stored(Context& context, model::RelaySource source, const QString& action)
{
    if (const auto changedRow = context.store.relays.change(source); !changedRow)
        return passOn(changedRow);
    ++source.revision;
    if (const auto told = changed(context, source, action); !told)
        return passOn(told);
    return relayResponse(200, source);
}

// Whatever is changed, the consent was to something else from then on.
Result<Response> changeRelay(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    auto source = ownRelay(request, context, model::Action::ManageSessionRules);
    if (!source)
        return passOn(source);
    if (auto other = otherRelay(request, *source))
        return *std::move(other);
    JsonReader reader(*body);
    if (const auto read = readRelay(reader, source->definition, context); !read)
        return passOn(read);
    return stored(context, *std::move(source), QStringLiteral("relay.change"));
}

Result<Response> removeRelay(const Request& request, Context& context)
{
    const auto source = ownRelay(request, context, model::Action::ManageSessionRules);
    if (!source)
        return passOn(source);
    if (auto other = otherRelay(request, *source))
        return *std::move(other);
    const auto templates = context.store.templates.all();
    if (!templates)
        return passOn(templates);
    for (const model::SessionTemplate& made : *templates) {
        const auto uses = [&](const model::TemplatePart& part) { return part.relay == source->definition.id; };
        if (std::ranges::any_of(made.parts, uses))
            return fail(
                ErrorCategory::Conflict,
                {QStringLiteral("Kết cấu \"%1\" còn dùng nguồn này. Hãy đổi kết cấu trước.").arg(made.name),
                 QStringLiteral("Template \"%1\" still uses this source. Change the template first.").arg(made.name)},
                source->definition.id.value);
    }
    if (const auto removed = context.store.relays.remove(source->definition.id); !removed)
        return passOn(removed);
    if (const auto told = changed(context, *source, QStringLiteral("relay.remove")); !told)
        return passOn(told);
    return Response::empty();
}

Result<Response> approveRelay(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const Sha256 seen = reader.parsed<Sha256>(QLatin1String("sha256"), sha256FromString);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto source = ownRelay(request, context, model::Action::ApproveItems);
    if (!source)
        return passOn(source);
    auto approved = model::approve(*source, seen, context.user().id, context.user().fullName, context.now);
    if (!approved)
        return passOn(approved);
    return stored(context, *std::move(approved), QStringLiteral("relay.approve"));
}

Result<Response> withdrawRelay(const Request& request, Context& context)
{
    auto source = ownRelay(request, context, model::Action::ApproveItems);
    if (!source)
        return passOn(source);
    source->approval.reset();
    return stored(context, *std::move(source), QStringLiteral("relay.withdraw"));
}

constexpr Route relayTable[] = {
    {"GET", "/relays", Caller::Person, model::Action::Read, listRelays},
    {"POST", "/relays", Caller::Person, model::Action::ManageSessionRules, addRelay, Commit::Together, textBody},
    {"PUT", "/relays/{id}", Caller::Person, model::Action::ManageSessionRules, changeRelay, Commit::Together, textBody},
    {"DELETE", "/relays/{id}", Caller::Person, model::Action::ManageSessionRules, removeRelay},
    {"POST", "/relays/{id}/approve", Caller::Person, model::Action::ApproveItems, approveRelay},
    {"POST", "/relays/{id}/withdraw", Caller::Person, model::Action::ApproveItems, withdrawRelay},
};

} // namespace

std::span<const Route> relayRoutes()
{
    return relayTable;
}

} // namespace loa::api
