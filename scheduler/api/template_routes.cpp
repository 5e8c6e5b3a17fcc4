// What sessions are made of: templates of units, and which session rule uses which.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"
#include "scheduler/api/routes.h"
#include "scheduler/planner/layout.h"

#include <algorithm>

namespace loa::api {

namespace {

QJsonObject templateJson(const model::SessionTemplate& made)
{
    return {{QStringLiteral("id"), made.id.value},
            {QStringLiteral("unit_id"), made.unit.value},
            {QStringLiteral("name"), made.name},
            {QStringLiteral("parts"), partsToJson(made.parts)},
            {QStringLiteral("revision"), qint64(made.revision)}};
}

Response templateResponse(int status, const model::SessionTemplate& made)
{
    Response response = Response::json(status, templateJson(made));
    response.with("ETag", entityTag(made.revision));
    return response;
}

std::optional<Response> otherTemplate(const Request& request, const model::SessionTemplate& made)
{
    return otherRevision(request, made.revision,
                         {QStringLiteral("Kết cấu vừa được người khác sửa. Hãy tải lại rồi sửa."),
                          QStringLiteral("The template has changed meanwhile. Load it again, then edit.")});
}

// A recording that a template plays is no item of the programme any more, so one that a duty counts on cannot be one.
Result<void> checkTunes(const model::SessionTemplate& made, Context& context)
{
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const auto topics = context.store.topics.all();
    if (!topics)
        return passOn(topics);
    const auto obligations = context.store.obligations.all();
    if (!obligations)
        return passOn(obligations);
    const auto isCounted = [&](const TopicId& topic) {
        const auto known = std::ranges::find(*topics, topic, &model::Topic::id);
        return known != topics->end() && std::ranges::any_of(*obligations, [&](const model::Obligation& obligation) {
                   return std::ranges::find(obligation.topicGroups, known->group) != obligation.topicGroups.end();
               });
    };
    for (std::size_t i = 0; i < made.parts.size(); ++i) {
        if (!made.parts[i].tune)
            continue;
        const QString where = QStringLiteral("/parts/%1/tune_item_id").arg(i);
        const auto item = context.store.items.find(*made.parts[i].tune);
        if (!item || !(*tree)->isWithin(made.unit, item->scope, context.today))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có bản thu này, hoặc bản thu không dành cho đơn vị này."),
                         QStringLiteral("There is no such recording, or it is not meant for this unit.")},
                        where);
        if (std::ranges::any_of(item->topics, isCounted))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("\"%1\" được tính vào chỉ tiêu, nên không làm nhạc hiệu được: nhạc hiệu không "
                                        "được xếp lịch như tin/bài. Hãy tải bản thu riêng, nhóm nội dung khác.")
                             .arg(item->title),
                         QStringLiteral("\"%1\" counts for a quota, so it cannot be a tune: tunes are not scheduled as "
                                        "items. Upload a recording of its own, of another topic.")
                             .arg(item->title)},
                        where);
    }
    return {};
}

Result<void> readTemplate(JsonReader& reader, model::SessionTemplate& made, Context& context)
{
    made.name = wordsOf(reader, QLatin1String("name"), 200);
    const QJsonArray parts = reader.array(QLatin1String("parts"), qsizetype(model::mostTemplateParts));
    if (const auto read = reader.finish(); !read)
        return read;
    auto read = model::templatePartsFromJson(parts);
    if (!read)
        return passOn(read);
    made.parts = *std::move(read);
    if (const auto sound = checkTemplate(made); !sound)
        return sound;
    return checkTunes(made, context);
}

Result<void> changed(Context& context, const model::SessionTemplate& made, const QString& action)
{
    if (const auto noted = context.audit(action, QStringLiteral("template:") + made.id.value, templateJson(made));
        !noted)
        return noted;
    return context.wishPlansUnder(made.unit);
}

Result<Response> listTemplates(const Request& request, Context& context)
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
    std::vector<model::SessionTemplate> all;
    for (const UnitId& above : (*tree)->pathOn(unit, context.today)) {
        const auto templates = context.store.templates.ofUnit(above);
        if (!templates)
            return passOn(templates);
        all.insert(all.end(), templates->begin(), templates->end());
    }
    return listResponse(all, templateJson);
}

Result<Response> addTemplate(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::SessionTemplate made;
    made.id = TemplateId{newId(context.now)};
    made.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    if (!reader.failed()) {
        if (const auto known = context.demandKnown(made.unit, "/unit_id"); !known)
            return passOn(known);
        if (const auto allowed = context.demand(model::Action::ManageSessionRules, made.unit); !allowed)
            return passOn(allowed);
    }
    if (const auto read = readTemplate(reader, made, context); !read)
        return passOn(read);
    if (const auto added = context.store.templates.add(made); !added)
        return passOn(added);
    if (const auto told = changed(context, made, QStringLiteral("template.create")); !told)
        return passOn(told);
    return templateResponse(201, made);
}

// The template of the path, which the person may change.
Result<model::SessionTemplate> ownTemplate(const Request& request, Context& context)
{
    const auto id = idFromPath<TemplateId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    auto made = context.store.templates.find(*id);
    if (!made)
        return made;
    if (const auto allowed = context.demand(model::Action::ManageSessionRules, made->unit); !allowed)
        return passOn(allowed);
    return made;
}

Result<Response> changeTemplate(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    auto made = ownTemplate(request, context);
    if (!made)
        return passOn(made);
    if (auto other = otherTemplate(request, *made))
        return *std::move(other);
    JsonReader reader(*body);
    if (const auto read = readTemplate(reader, *made, context); !read)
        return passOn(read);
    if (const auto stored = context.store.templates.change(*made); !stored)
        return passOn(stored);
    ++made->revision;
    if (const auto told = changed(context, *made, QStringLiteral("template.change")); !told)
        return passOn(told);
    return templateResponse(200, *made);
}

Result<Response> removeTemplate(const Request& request, Context& context)
{
    const auto made = ownTemplate(request, context);
    if (!made)
        return passOn(made);
    if (auto other = otherTemplate(request, *made))
        return *std::move(other);
    if (const auto removed = context.store.templates.remove(made->id); !removed)
        return passOn(removed);
    if (const auto told = changed(context, *made, QStringLiteral("template.remove")); !told)
        return passOn(told);
    return Response::empty();
}

// Whether a session of the rule can be made of it today.
Result<void> checkUse(const model::SessionTemplate& made, const model::SessionRule& rule, const model::Station& station,
                      Context& context)
{
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    if (!(*tree)->isWithin(station.unit, made.unit, context.today))
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("Kết cấu này của đơn vị khác."), QStringLiteral("This template belongs to another unit.")},
            QStringLiteral("/template_id"));
    model::Session session;
    session.localDate = context.today;
    session.frames = toFrames(rule.duration);
    const auto laidOut =
        planner::layOut(made, session, [&](const ItemId& id, QDate date) -> std::optional<planner::TuneRecording> {
            const auto item = context.store.items.find(id);
            return item ? planner::recordingOf(*item, date) : std::nullopt;
        });
    if (!laidOut)
        return fail(ErrorCategory::InvalidInput, laidOut.error().message, QStringLiteral("/template_id"));
    return {};
}

Result<Response> changeRule(const Request& request, Context& context)
{
    const auto id = idFromPath<SessionRuleId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    auto rule = context.store.sessionRules.find(*id);
    if (!rule)
        return passOn(rule);
    const auto station = context.station(rule->station, model::Action::ManageSessionRules);
    if (!station)
        return passOn(station);
    JsonReader reader(*body);
    rule->made.reset();
    if (reader.has(QLatin1String("template_id")))
        rule->made = reader.id<TemplateTag>(QLatin1String("template_id"));
    else if (!reader.given(QLatin1String("template_id")))
        reader.reject(QLatin1String("template_id"), {QStringLiteral("Hãy chọn kết cấu, hoặc null để bỏ."),
                                                     QStringLiteral("Name a template, or null for none.")});
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (rule->made) {
        const auto made = context.store.templates.find(*rule->made);
        if (!made)
            return fail(ErrorCategory::InvalidInput, made.error().message, QStringLiteral("/template_id"));
        if (const auto usable = checkUse(*made, *rule, *station, context); !usable)
            return passOn(usable);
    }
    if (const auto stored = context.store.sessionRules.make(*id, rule->made); !stored)
        return passOn(stored);
    const QJsonObject json = ruleJson(*rule);
    if (const auto noted =
            context.audit(QStringLiteral("session_rule.change"), QStringLiteral("session_rule:") + id->value, json);
        !noted)
        return passOn(noted);
    if (const auto wished = context.wishPlans({&rule->station, 1}); !wished)
        return passOn(wished);
    return Response::json(200, json);
}

constexpr Route templateTable[] = {
    {"GET", "/templates", Caller::Person, model::Action::Read, listTemplates},
    {"POST", "/templates", Caller::Person, model::Action::ManageSessionRules, addTemplate, Commit::Together, textBody},
    {"PUT", "/templates/{id}", Caller::Person, model::Action::ManageSessionRules, changeTemplate, Commit::Together,
     textBody},
    {"DELETE", "/templates/{id}", Caller::Person, model::Action::ManageSessionRules, removeTemplate},
    {"PATCH", "/session-rules/{id}", Caller::Person, model::Action::ManageSessionRules, changeRule},
};

} // namespace

std::span<const Route> templateRoutes()
{
    return templateTable;
}

} // namespace loa::api
