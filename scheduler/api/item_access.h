// What all routes about one item share. Storage thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/http/message.h"

namespace loa::api {

// The item that the path names, when the person may read it and do this to it. NotFound when it may not be read.
[[nodiscard]] Result<model::Item> itemFromPath(const Request& request, Context& context, model::Action action);

// Stores the item, notes who did what, and asks for new plans when what may sound has changed. The answer carries the
// item with its new revision in ETag. `detail` goes to the audit trail.
[[nodiscard]] Result<Response> storedItem(Context& context, const model::Item& before, const model::Item& after,
                                          const QString& action, const QJsonObject& detail = {}, int status = 200);

[[nodiscard]] Response itemResponse(int status, const model::Item& item);

} // namespace loa::api
