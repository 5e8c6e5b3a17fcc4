#include "scheduler/api/laid_down.h"

namespace loa::api {

Result<UnitId> readableUnit(QueryReader& query, Context& context)
{
    const auto unit = query.id<UnitId>(QLatin1String("unit"));
    if (const auto read = query.finish(); !read)
        return passOn(read);
    if (const auto found = context.store.units.find(unit); !found)
        return passOn(found);
    if (const auto allowed = context.demand(model::Action::Read, unit); !allowed)
        return passOn(allowed);
    return unit;
}

} // namespace loa::api
