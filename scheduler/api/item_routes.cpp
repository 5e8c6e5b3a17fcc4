// Items and their recordings, as editors make them. What becomes of them is decided in decision_routes.cpp.
#include "scheduler/api/http/problem.h"
#include "scheduler/api/input.h"
#include "scheduler/api/item_access.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"
#include "scheduler/model/item_workflow.h"
#include "scheduler/store/play_rules_json.h"

#include <algorithm>

namespace loa::api {

namespace {

constexpr qsizetype longestTitle = 300;
constexpr qsizetype longestScript = 100'000;

Result<Response> listTopics(const Request&, Context& context)
{
    const auto topics = context.store.topics.all();
    if (!topics)
        return passOn(topics);
    return listResponse(*topics, topicJson);
}

// Units whose items the person may see: his own, what lies below, and what lies above, whose items may reach him.
Result<std::vector<UnitId>> unitsOfItems(Context& context)
{
    auto units = context.unitsFor(model::Action::Read);
    if (!units)
        return passOn(units);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    for (const UnitId& unit : model::unitsFor(context.user(), model::Action::Read)) {
        for (const UnitId& above : (*tree)->pathOn(unit, context.today))
            units->insert(above);
    }
    return std::vector<UnitId>(units->begin(), units->end());
}

Result<Response> listItems(const Request& request, Context& context)
{
    QueryReader query(request);
    store::ItemFilter filter;
    if (query.has(QLatin1String("status"))) {
        const QString word = query.text(QLatin1String("status"));
        const auto status = model::itemStatusFromString(word);
        if (!status)
            query.reject(QLatin1String("status"),
                         {QStringLiteral("không phải một trạng thái"), QStringLiteral("is no status")});
        else
            filter.status = *status;
    }
    if (query.has(QLatin1String("q")))
        filter.text = query.text(QLatin1String("q"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    auto units = unitsOfItems(context);
    if (!units)
        return passOn(units);
    filter.units = *std::move(units);
    auto items = context.store.items.list(filter);
    if (!items)
        return passOn(items);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    std::erase_if(*items, [&](const model::Item& item) {
        return !model::mayDo(context.user(), model::Action::Read, item, **tree, context.today);
    });
    return listResponse(*items, [](const model::Item& item) { return itemJson(item, false); });
}

std::vector<TopicId> readTopics(JsonReader& reader)
{
    std::vector<TopicId> topics;
    const QJsonArray array = reader.array(QLatin1String("topics"), 50);
    for (const QJsonValue& value : array) {
        const TopicId topic{value.toString()};
        if (!isValidId(topic.value))
            reader.reject(QLatin1String("topics"), {QStringLiteral("\"topics\" là danh sách mã chủ đề."),
                                                    QStringLiteral("\"topics\" is a list of topic ids.")});
        topics.push_back(topic);
    }
    return topics;
}

std::optional<model::PlayRules> readPlayRules(JsonReader& reader)
{
    const QLatin1String key("play_rules");
    if (!reader.has(key))
        return std::nullopt;
    auto rules = store::playRulesFromJson(reader.object(key), reader.pathOf(key));
    if (rules)
        return *std::move(rules);
    reader.reject(rules.error());
    return std::nullopt;
}

// Rules may name only what is there: a slip of the pen would bind nothing, unseen.
Result<void> demandNamed(Context& context, const model::Item& item)
{
    const auto refuse = [](const QString& what, const char* member) -> Result<void> {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Không có \"%1\".").arg(what), QStringLiteral("There is no \"%1\".").arg(what)},
                    QStringLiteral("/play_rules/") + QLatin1String(member));
    };
    std::vector<std::pair<ItemId, const char*>> items;
    if (item.playRules.pairWith)
        items.emplace_back(*item.playRules.pairWith, "pair_with");
    for (const ItemId& other : item.playRules.notBeside)
        items.emplace_back(other, "not_beside");
    for (const auto& [other, member] : items) {
        const auto known = context.store.items.find(other);
        if (other == item.id || (!known && known.error().category == ErrorCategory::NotFound))
            return refuse(other.value, member);
        if (!known)
            return passOn(known);
    }
    for (const StationId& station : item.playRules.forbiddenAt) {
        const auto known = context.store.stations.find(station);
        if (!known && known.error().category == ErrorCategory::NotFound)
            return refuse(station.value, "forbidden_at");
        if (!known)
            return passOn(known);
    }
    return {};
}

Result<void> demandTopics(Context& context, const std::vector<TopicId>& topics)
{
    const auto known = context.store.topics.all();
    if (!known)
        return passOn(known);
    for (const TopicId& topic : topics) {
        if (std::none_of(known->begin(), known->end(),
                         [&](const model::Topic& candidate) { return candidate.id == topic; }))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có chủ đề \"%1\".").arg(topic.value),
                         QStringLiteral("There is no topic \"%1\".").arg(topic.value)},
                        QStringLiteral("/topics"));
    }
    return {};
}

Result<void> demandUnits(Context& context, const model::Item& item)
{
    for (const auto& [unit, member] : {std::pair{item.unit, "/unit_id"}, std::pair{item.scope, "/scope_unit_id"}}) {
        if (auto known = context.demandKnown(unit, member); !known)
            return known;
    }
    return context.demand(model::Action::EditItems, item);
}

Result<Response> addItem(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::Item draft;
    draft.id = ItemId{newId(context.now)};
    draft.title = wordsOf(reader, QLatin1String("title"), longestTitle);
    draft.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    draft.scope = reader.id<UnitTag>(QLatin1String("scope_unit_id"));
    if (reader.has(QLatin1String("script")))
        draft.script = reader.text(QLatin1String("script"), longestScript);
    if (reader.has(QLatin1String("topics")))
        draft.topics = readTopics(reader);
    draft.validFrom = reader.date(QLatin1String("valid_from"));
    draft.validUntil = reader.optionalDate(QLatin1String("valid_until"));
    if (reader.has(QLatin1String("priority")))
        draft.priority = reader.parsed<Priority>(QLatin1String("priority"), priorityFromString);
    draft.playRules = readPlayRules(reader).value_or(model::PlayRules{});
    draft.createdBy = context.user().id;
    draft.createdAt = context.now;
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = demandUnits(context, draft); !allowed)
        return passOn(allowed);
    if (const auto known = demandTopics(context, draft.topics); !known)
        return passOn(known);
    if (const auto known = demandNamed(context, draft); !known)
        return passOn(known);
    const auto item = model::newItem(std::move(draft));
    if (!item)
        return passOn(item);
    if (const auto added = context.store.items.add(*item); !added)
        return passOn(added);
    if (const auto noted = context.audit(QStringLiteral("item.create"), QStringLiteral("item:") + item->id.value,
                                         {{QStringLiteral("title"), item->title}});
        !noted)
        return passOn(noted);
    return itemResponse(201, *item);
}

Result<Response> getItem(const Request& request, Context& context)
{
    const auto item = itemFromPath(request, context, model::Action::Read);
    if (!item)
        return passOn(item);
    return itemResponse(200, *item);
}

model::ItemEdit readEdit(JsonReader& reader)
{
    model::ItemEdit edit;
    if (reader.has(QLatin1String("title")))
        edit.title = wordsOf(reader, QLatin1String("title"), longestTitle);
    if (reader.has(QLatin1String("script")))
        edit.script = reader.text(QLatin1String("script"), longestScript);
    if (reader.has(QLatin1String("topics")))
        edit.topics = readTopics(reader);
    if (reader.has(QLatin1String("scope_unit_id")))
        edit.scope = reader.id<UnitTag>(QLatin1String("scope_unit_id"));
    if (reader.has(QLatin1String("valid_from")))
        edit.validFrom = reader.date(QLatin1String("valid_from"));
    if (reader.given(QLatin1String("valid_until")))
        edit.validUntil = reader.optionalDate(QLatin1String("valid_until"));
    if (reader.has(QLatin1String("priority")))
        edit.priority = reader.parsed<Priority>(QLatin1String("priority"), priorityFromString);
    edit.playRules = readPlayRules(reader);
    return edit;
}

Result<Response> changeItem(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    const auto before = itemFromPath(request, context, model::Action::EditItems);
    if (!before)
        return passOn(before);
    if (auto refused = otherRevision(
            request, before->revision,
            {QStringLiteral("Tin/bài đã được sửa sang phiên bản %1. Hãy tải lại rồi sửa.").arg(before->revision),
             QStringLiteral("The item has meanwhile become revision %1. Load it again, then edit.")
                 .arg(before->revision)}))
        return *std::move(refused);
    JsonReader reader(*body);
    const model::ItemEdit edit = readEdit(reader);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto after = model::edit(*before, edit);
    if (!after)
        return passOn(after);
    if (const auto allowed = demandUnits(context, *after); !allowed)
        return passOn(allowed);
    if (edit.topics) {
        if (const auto known = demandTopics(context, after->topics); !known)
            return passOn(known);
    }
    if (edit.playRules) {
        if (const auto known = demandNamed(context, *after); !known)
            return passOn(known);
    }
    if (*after == *before)
        return itemResponse(200, *before);
    return storedItem(context, *before, *after, QStringLiteral("item.change"),
                      {{QStringLiteral("members"), QJsonArray::fromStringList(body->keys())}});
}

Result<Response> addVersion(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const UploadId id = reader.id<UploadTag>(QLatin1String("upload_id"));
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto before = itemFromPath(request, context, model::Action::EditItems);
    if (!before)
        return passOn(before);
    const auto upload = context.store.uploads.find(id);
    if (!upload || upload->owner != context.user().id) {
        if (!upload && upload.error().category != ErrorCategory::NotFound)
            return passOn(upload);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Không có tệp tải lên này."), QStringLiteral("There is no such upload.")},
                    QStringLiteral("/upload_id"));
    }
    if (upload->offset != upload->length)
        return fail(
            ErrorCategory::Conflict,
            {QStringLiteral("Tệp mới tải lên %1 trên %2 byte.").arg(upload->offset).arg(upload->length),
             QStringLiteral("%1 of %2 bytes have been uploaded so far.").arg(upload->offset).arg(upload->length)},
            QStringLiteral("/upload_id"));
    const auto after = model::attachVersion(*before, id, upload->filename, context.now);
    if (!after)
        return passOn(after);
    const model::ItemVersion& version = after->versions.back();
    if (context.services.ingest) {
        context.store.database.afterCommit(
            [ingest = context.services.ingest,
             job = library::IngestJob{after->id, version.number, id, version.sourceName}] { ingest(job); });
    }
    return storedItem(context, *before, *after, QStringLiteral("item.record"),
                      {{QStringLiteral("version"), version.number}, {QStringLiteral("upload"), id.value}}, 202);
}

constexpr Route itemTable[] = {
    {"GET", "/topics", Caller::Person, std::nullopt, listTopics},
    {"GET", "/items", Caller::Person, model::Action::Read, listItems},
    {"POST", "/items", Caller::Person, model::Action::EditItems, addItem, Commit::Together, textBody},
    {"GET", "/items/{id}", Caller::Person, model::Action::Read, getItem},
    {"PATCH", "/items/{id}", Caller::Person, model::Action::EditItems, changeItem, Commit::Together, textBody, true},
    {"POST", "/items/{id}/versions", Caller::Person, model::Action::EditItems, addVersion, Commit::Together, smallBody,
     true},
};

} // namespace

std::span<const Route> itemRoutes()
{
    return itemTable;
}

} // namespace loa::api
