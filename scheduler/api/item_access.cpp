#include "scheduler/api/item_access.h"

#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"

namespace loa::api {

Response itemResponse(int status, const model::Item& item)
{
    Response response = Response::json(status, itemJson(item, true));
    response.with("ETag", entityTag(item.revision));
    return response;
}

Result<model::Item> itemFromPath(const Request& request, Context& context, model::Action action)
{
    const auto id = idFromPath<ItemId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    auto item = context.store.items.find(*id);
    if (!item)
        return item;
    if (const auto readable = context.demand(model::Action::Read, *item); !readable) {
        if (readable.error().category != ErrorCategory::Forbidden)
            return passOn(readable);
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có tin/bài này."), QStringLiteral("There is no such item.")}, id->value);
    }
    if (const auto allowed = context.demand(action, *item); !allowed)
        return passOn(allowed);
    return item;
}

Result<Response> storedItem(Context& context, const model::Item& before, const model::Item& after,
                            const QString& action, const QJsonObject& detail, int status)
{
    const auto saved = context.store.items.save(after);
    if (!saved)
        return passOn(saved);
    QJsonObject noted = detail;
    noted.insert(QStringLiteral("revision"), qint64(saved->revision));
    if (before.status != saved->status)
        noted.insert(QStringLiteral("status"), toString(saved->status));
    if (const auto audited = context.audit(action, QStringLiteral("item:") + saved->id.value, noted); !audited)
        return passOn(audited);
    // Whoever may play it before or after plans anew; a draft concerns nobody yet.
    const bool concernsPlans = model::soundingVersion(before) != nullptr || model::soundingVersion(*saved) != nullptr;
    if (concernsPlans) {
        for (const model::Item* item : {&before, &*saved}) {
            if (const auto wished = context.wishPlansFor(*item); !wished)
                return passOn(wished);
        }
    }
    return itemResponse(status, *saved);
}

} // namespace loa::api
