#include "scheduler/api/station_access.h"

#include "scheduler/api/input.h"

namespace loa::api {

Result<model::Station> stationFromPath(const Request& request, Context& context, model::Action action)
{
    const auto id = idFromPath<StationId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    return context.station(*id, action);
}

} // namespace loa::api
