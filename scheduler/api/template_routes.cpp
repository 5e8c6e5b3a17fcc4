// What sessions are made of: templates of units, and which session rule uses which.
#include "scheduler/api/laid_down.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/template_use.h"

#include <algorithm>

namespace loa::api {

namespace {

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
        const model::ItemVersion* sounding = soundingVersion(*item);
        if (sounding != nullptr && made.parts[i].mark >= sounding->frames)
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Mốc giờ nằm sau khi bản thu đã hết."),
                         QStringLiteral("The mark lies beyond the end of the recording.")},
                        QStringLiteral("/parts/%1/mark_frames").arg(i));
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

// A relay is called by its source's name.
Result<void> nameRelays(model::SessionTemplate& made, Context& context)
{
    for (std::size_t i = 0; i < made.parts.size(); ++i) {
        model::TemplatePart& part = made.parts[i];
        if (!part.relay)
            continue;
        const auto tree = context.tree();
        if (!tree)
            return passOn(tree);
        const auto source = context.store.relays.find(*part.relay);
        if (!source || !(*tree)->isWithin(made.unit, source->definition.unit, context.today))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có nguồn tiếp sóng này, hoặc nguồn của đơn vị khác."),
                         QStringLiteral("There is no such relay source, or it is another unit's.")},
                        QStringLiteral("/parts/%1/relay_id").arg(i));
        part.source = source->definition.name;
    }
    return {};
}

struct Templates {
    using Value = model::SessionTemplate;
    static constexpr const char* name = "template";

    static Text changedMeanwhile()
    {
        return {QStringLiteral("Kết cấu vừa được người khác sửa. Hãy tải lại rồi sửa."),
                QStringLiteral("The template has changed meanwhile. Load it again, then edit.")};
    }
    static auto& repository(store::Store& store) { return store.templates; }
    static QJsonObject json(const Value& made)
    {
        return {{QStringLiteral("id"), made.id.value},
                {QStringLiteral("unit_id"), made.unit.value},
                {QStringLiteral("name"), made.name},
                {QStringLiteral("parts"), partsToJson(made.parts)},
                {QStringLiteral("revision"), qint64(made.revision)}};
    }
    static Result<void> read(JsonReader& reader, Value& made, Context& context)
    {
        made.name = wordsOf(reader, QLatin1String("name"), 200);
        const QJsonArray parts = reader.array(QLatin1String("parts"), qsizetype(model::mostTemplateParts));
        if (const auto read = reader.finish(); !read)
            return read;
        auto read = model::templatePartsFromJson(parts);
        if (!read)
            return passOn(read);
        made.parts = *std::move(read);
        if (const auto named = nameRelays(made, context); !named)
            return named;
        if (const auto sound = checkTemplate(made); !sound)
            return sound;
        return checkTunes(made, context);
    }
};

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
        const auto usable = checkTemplateUse(*rule->made, station->unit, rule->duration, context.today,
                                             QStringLiteral("/template_id"), context);
        if (!usable)
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
    {"GET", "/templates", Caller::Person, model::Action::Read, LaidDown<Templates>::list},
    {"POST", "/templates", Caller::Person, model::Action::ManageSessionRules, LaidDown<Templates>::add,
     Commit::Together, textBody, true},
    {"PUT", "/templates/{id}", Caller::Person, model::Action::ManageSessionRules, LaidDown<Templates>::change,
     Commit::Together, textBody, true},
    {"DELETE", "/templates/{id}", Caller::Person, model::Action::ManageSessionRules, LaidDown<Templates>::remove,
     Commit::Together, smallBody, true},
    {"PATCH", "/session-rules/{id}", Caller::Person, model::Action::ManageSessionRules, changeRule, Commit::Together,
     smallBody, true},
};

} // namespace

std::span<const Route> templateRoutes()
{
    return templateTable;
}

} // namespace loa::api
