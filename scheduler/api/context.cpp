#include "scheduler/api/context.h"

#include "scheduler/planner/sessions.h"

#include <algorithm>

namespace loa::api {

Context::Context(store::Database& database, const Services& given, const ApiSettings& chosen)
    : store(database), services(given), settings(chosen), now(given.clock.now()),
      today(planner::localDateOf(now, QTimeZone(model::Station{}.timeZone)))
{
}

Result<const model::UnitTree*> Context::tree()
{
    if (!m_tree) {
        auto read = store.units.tree();
        if (!read)
            return passOn(read);
        m_tree = *std::move(read);
    }
    return &*m_tree;
}

Result<void> Context::demand(model::Action action, const UnitId& unit)
{
    const auto units = tree();
    if (!units)
        return passOn(units);
    return model::demand(user(), action, unit, **units, today);
}

Result<void> Context::demand(model::Action action, const model::Item& item)
{
    const auto units = tree();
    if (!units)
        return passOn(units);
    return model::demand(user(), action, item, **units, today);
}

Result<void> Context::demandAtRoot(model::Action action)
{
    const auto units = tree();
    if (!units)
        return passOn(units);
    for (const UnitId& unit : model::unitsFor(user(), action)) {
        if ((*units)->find(unit) != nullptr && !(*units)->parentOn(unit, today))
            return {};
    }
    return fail(ErrorCategory::Forbidden, {QStringLiteral("Việc này cần vai trò ở đơn vị cao nhất."),
                                           QStringLiteral("This needs a role at the topmost unit.")});
}

Result<QSet<UnitId>> Context::unitsFor(model::Action action)
{
    const auto units = tree();
    if (!units)
        return passOn(units);
    QSet<UnitId> all;
    for (const UnitId& root : model::unitsFor(user(), action)) {
        for (const UnitId& unit : (*units)->withDescendantsOn(root, today))
            all.insert(unit);
    }
    return all;
}

Result<model::Station> Context::station(const StationId& id, model::Action action)
{
    auto station = store.stations.find(id);
    if (!station)
        return station;
    if (const auto readable = demand(model::Action::Read, station->unit); !readable) {
        if (readable.error().category != ErrorCategory::Forbidden)
            return passOn(readable);
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có đài này."), QStringLiteral("There is no such station.")}, id.value);
    }
    if (const auto allowed = demand(action, station->unit); !allowed)
        return passOn(allowed);
    return station;
}

Result<void> Context::audit(const QString& action, const QString& subject, const QJsonObject& detail)
{
    if (session)
        return store.audit.append(now, session->user, action, subject, detail);
    return store.audit.append(now, nullptr, agent ? agent->name : QString(), action, subject, detail);
}

Result<void> Context::demandKnown(const UnitId& unit, const char* member)
{
    const auto found = store.units.find(unit);
    if (found)
        return {};
    if (found.error().category != ErrorCategory::NotFound)
        return passOn(found);
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có đơn vị \"%1\".").arg(unit.value),
                 QStringLiteral("There is no unit \"%1\".").arg(unit.value)},
                QString::fromLatin1(member));
}

Result<void> Context::wishPlans(std::span<const StationId> stations)
{
    planSoon();
    for (const StationId& station : stations) {
        if (!m_known.contains(station))
            m_concerned.push_back(station);
        m_known.insert(station);
    }
    return services.planning.wish(stations);
}

Result<void> Context::wishPlansUnder(const UnitId& unit)
{
    const auto stations = services.planning.stationsUnder(unit);
    return stations ? wishPlans(*stations) : passOn(stations);
}

Result<void> Context::wishPlansFor(const model::Item& item)
{
    const auto stations = services.planning.stationsConcernedBy(item);
    return stations ? wishPlans(*stations) : passOn(stations);
}

void Context::planSoon()
{
    if (services.planSoon && !m_planAsked)
        store.database.afterCommit(services.planSoon);
    m_planAsked = true;
}

} // namespace loa::api
