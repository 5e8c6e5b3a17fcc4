// Decisions about an item: submit, approve, reject, withdraw (promise 1).
#include "scheduler/api/input.h"
#include "scheduler/api/item_access.h"
#include "scheduler/api/routes.h"
#include "scheduler/model/item_workflow.h"

namespace loa::api {

namespace {

Result<Response> submitItem(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    if (const auto read = JsonReader(*body).finish(); !read)
        return passOn(read);
    const auto before = itemFromPath(request, context, model::Action::EditItems);
    if (!before)
        return passOn(before);
    const auto after = model::submit(*before);
    if (!after)
        return passOn(after);
    return storedItem(context, *before, *after, QStringLiteral("item.submit"));
}

Result<Response> approveItem(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const Sha256 heard = reader.parsed<Sha256>(QLatin1String("sha256"), sha256FromString);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    const auto before = itemFromPath(request, context, model::Action::ApproveItems);
    if (!before)
        return passOn(before);
    const auto after = model::approve(*before, heard, context.user().id, context.user().fullName, context.now);
    if (!after)
        return passOn(after);
    return storedItem(context, *before, *after, QStringLiteral("item.approve"),
                      {{QStringLiteral("sha256"), toString(heard)}});
}

Result<QString> readReason(const Request& request)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString reason = wordsOf(reader, QLatin1String("reason"), 2000);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    return reason;
}

Result<Response> rejectItem(const Request& request, Context& context)
{
    const auto reason = readReason(request);
    if (!reason)
        return passOn(reason);
    const auto before = itemFromPath(request, context, model::Action::ApproveItems);
    if (!before)
        return passOn(before);
    const auto after = model::reject(*before, *reason);
    if (!after)
        return passOn(after);
    return storedItem(context, *before, *after, QStringLiteral("item.reject"), {{QStringLiteral("reason"), *reason}});
}

Result<Response> withdrawItem(const Request& request, Context& context)
{
    const auto reason = readReason(request);
    if (!reason)
        return passOn(reason);
    const auto before = itemFromPath(request, context, model::Action::WithdrawItems);
    if (!before)
        return passOn(before);
    const auto after = model::withdraw(*before, *reason);
    if (!after)
        return passOn(after);
    return storedItem(context, *before, *after, QStringLiteral("item.withdraw"), {{QStringLiteral("reason"), *reason}});
}

constexpr Route decisionTable[] = {
    {"POST", "/items/{id}/submit", Caller::Person, model::Action::EditItems, submitItem},
    {"POST", "/items/{id}/approve", Caller::Person, model::Action::ApproveItems, approveItem, Commit::Together,
     smallBody, true},
    {"POST", "/items/{id}/reject", Caller::Person, model::Action::ApproveItems, rejectItem},
    {"POST", "/items/{id}/withdraw", Caller::Person, model::Action::WithdrawItems, withdrawItem, Commit::Together,
     smallBody, true},
};

} // namespace

std::span<const Route> decisionRoutes()
{
    return decisionTable;
}

} // namespace loa::api
