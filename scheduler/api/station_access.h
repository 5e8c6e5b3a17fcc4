// What all routes about one station share. Storage thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/http/message.h"

namespace loa::api {

// The station that the path's {id} names, when the person may read it and do this to it. NotFound when it may not be
// read.
[[nodiscard]] Result<model::Station> stationFromPath(const Request& request, Context& context, model::Action action);

} // namespace loa::api
