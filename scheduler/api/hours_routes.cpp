// When stations go on air: their session rules, and the hours policies of units.
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/api/station_access.h"
#include "scheduler/planner/sessions.h"

namespace loa::api {

namespace {

Result<Response> listRules(const Request& request, Context& context)
{
    const auto station = stationFromPath(request, context, model::Action::Read);
    if (!station)
        return passOn(station);
    const auto rules = context.store.sessionRules.ofStation(station->id);
    if (!rules)
        return passOn(rules);
    return listResponse(*rules, ruleJson);
}

std::vector<model::LocalStart> readStarts(JsonReader& reader, QLatin1String key)
{
    std::vector<model::LocalStart> starts;
    if (!reader.given(key))
        return starts;
    for (const QJsonValue& word : reader.array(key, qsizetype(planner::maxListedStarts))) {
        const auto start = model::localStartFromString(word.toString());
        if (!start) {
            reader.reject(key, start.error().message);
            break;
        }
        starts.push_back(*start);
    }
    return starts;
}

Result<Response> addRule(const Request& request, Context& context)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    if (const auto station = context.station(*id, model::Action::ManageSessionRules); !station)
        return passOn(station);
    JsonReader reader(*body);
    model::SessionRule rule;
    rule.id = SessionRuleId{newId(context.now)};
    rule.station = *id;
    rule.title = wordsOf(reader, QLatin1String("title"), 200);
    rule.rrule = reader.text(QLatin1String("rrule"), 500).trimmed();
    rule.startDate = reader.date(QLatin1String("start_date"));
    rule.startTime = clockOf(reader, QLatin1String("start_time"));
    rule.duration = std::chrono::seconds(reader.integer(QLatin1String("duration_seconds"), 1, 86'400));
    rule.validFrom = reader.date(QLatin1String("valid_from"));
    rule.validUntil = reader.optionalDate(QLatin1String("valid_until"));
    rule.added = readStarts(reader, QLatin1String("rdates"));
    rule.removed = readStarts(reader, QLatin1String("exdates"));
    if (!reader.failed() && rule.validUntil && *rule.validUntil < rule.validFrom)
        reader.reject(QLatin1String("valid_until"), {QStringLiteral("Ngày kết thúc đứng trước ngày bắt đầu."),
                                                     QStringLiteral("The last day is before the first.")});
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto sound = planner::checkRule(rule); !sound)
        return fail(ErrorCategory::InvalidInput, sound.error().message,
                    u'/' + (sound.error().where.endsWith(QLatin1String("dates")) ? sound.error().where
                                                                                 : QStringLiteral("rrule")));
    if (const auto added = context.store.sessionRules.add(rule); !added)
        return passOn(added);
    const QJsonObject json = ruleJson(rule);
    if (const auto noted =
            context.audit(QStringLiteral("session_rule.create"), QStringLiteral("session_rule:") + rule.id.value, json);
        !noted)
        return passOn(noted);
    if (const auto wished = context.wishPlans({&*id, 1}); !wished)
        return passOn(wished);
    return Response::json(201, json);
}

Result<Response> removeRule(const Request& request, Context& context)
{
    const auto id = idFromPath<SessionRuleId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto rule = context.store.sessionRules.find(*id);
    if (!rule)
        return passOn(rule);
    if (const auto station = context.station(rule->station, model::Action::ManageSessionRules); !station)
        return passOn(station);
    if (const auto removed = context.store.sessionRules.remove(*id); !removed)
        return passOn(removed);
    if (const auto noted = context.audit(QStringLiteral("session_rule.remove"),
                                         QStringLiteral("session_rule:") + id->value, ruleJson(*rule));
        !noted)
        return passOn(noted);
    if (const auto wished = context.wishPlans({&rule->station, 1}); !wished)
        return passOn(wished);
    return Response::empty();
}

QJsonObject policyJson(const store::UnitPolicy& policy)
{
    return {{QStringLiteral("unit_id"), policy.unit.value}, {QStringLiteral("policy"), toJson(policy.policy)}};
}

Result<Response> listPolicies(const Request& request, Context& context)
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
    std::vector<store::UnitPolicy> all;
    for (const UnitId& above : (*tree)->pathOn(unit, context.today)) {
        const auto policies = context.store.policies.ofUnit(above);
        if (!policies)
            return passOn(policies);
        all.insert(all.end(), policies->begin(), policies->end());
    }
    return listResponse(all, policyJson);
}

Result<Response> addPolicy(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    store::UnitPolicy added;
    added.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
    QJsonObject policy = reader.object(QLatin1String("policy"));
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (!policy.contains(QLatin1String("id")))
        policy.insert(QLatin1String("id"), newId(context.now));
    auto read = hoursPolicyFromJson(policy);
    if (!read)
        return fail(read.error().category, read.error().message, QStringLiteral("/policy") + read.error().where);
    added.policy = *std::move(read);
    if (const auto known = context.demandKnown(added.unit, "/unit_id"); !known)
        return passOn(known);
    if (const auto allowed = context.demand(model::Action::ManagePolicies, added.unit); !allowed)
        return passOn(allowed);
    if (const auto stored = context.store.policies.add(added); !stored)
        return passOn(stored);
    const QJsonObject json = policyJson(added);
    if (const auto noted =
            context.audit(QStringLiteral("policy.create"), QStringLiteral("policy:") + added.policy.id.value, json);
        !noted)
        return passOn(noted);
    if (const auto wished = context.wishPlansUnder(added.unit); !wished)
        return passOn(wished);
    return Response::json(201, json);
}

constexpr Route hoursTable[] = {
    {"GET", "/stations/{id}/session-rules", Caller::Person, model::Action::Read, listRules},
    {"POST", "/stations/{id}/session-rules", Caller::Person, model::Action::ManageSessionRules, addRule,
     Commit::Together, smallBody, true},
    {"DELETE", "/session-rules/{id}", Caller::Person, model::Action::ManageSessionRules, removeRule, Commit::Together,
     smallBody, true},
    {"GET", "/policies", Caller::Person, model::Action::Read, listPolicies},
    {"POST", "/policies", Caller::Person, model::Action::ManagePolicies, addPolicy, Commit::Together, textBody, true},
};

} // namespace

std::span<const Route> hoursRoutes()
{
    return hoursTable;
}

} // namespace loa::api
