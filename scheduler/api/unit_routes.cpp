#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"

#include <algorithm>

namespace loa::api {

namespace {

struct UnitChange {
    bool parentGiven = false;
};

// Reads what is there into `unit`; `whole`: everything that a new unit needs must be.
UnitChange readUnit(JsonReader& reader, model::Unit& unit, bool whole)
{
    UnitChange change;
    change.parentGiven = reader.given(QLatin1String("parent_id"));
    if (change.parentGiven)
        unit.parent = reader.has(QLatin1String("parent_id"))
                          ? std::optional(reader.id<UnitTag>(QLatin1String("parent_id")))
                          : std::nullopt;
    if (whole || reader.has(QLatin1String("code")))
        unit.code = wordsOf(reader, QLatin1String("code"), 64);
    if (whole || reader.has(QLatin1String("name")))
        unit.name = wordsOf(reader, QLatin1String("name"), 200);
    if (whole || reader.has(QLatin1String("kind")))
        unit.kind = wordsOf(reader, QLatin1String("kind"), 64);
    if (whole || reader.has(QLatin1String("valid_from")))
        unit.validFrom = reader.date(QLatin1String("valid_from"));
    if (whole || reader.given(QLatin1String("valid_until")))
        unit.validUntil = reader.optionalDate(QLatin1String("valid_until"));
    if (!reader.failed() && unit.validUntil && *unit.validUntil < unit.validFrom)
        reader.reject(QLatin1String("valid_until"), {QStringLiteral("Ngày kết thúc đứng trước ngày bắt đầu."),
                                                     QStringLiteral("The last day is before the first.")});
    return change;
}

// A unit is made and moved by who governs the place where it hangs; a root by who governs a root.
Result<void> demandOverPlace(Context& context, const std::optional<UnitId>& parent)
{
    if (!parent)
        return context.demandAtRoot(model::Action::ManageUnits);
    if (const auto known = context.demandKnown(*parent, "/parent_id"); !known)
        return known;
    return context.demand(model::Action::ManageUnits, *parent);
}

QString unitSubject(const model::Unit& unit)
{
    return QStringLiteral("unit:") + unit.id.value;
}

Result<Response> listUnits(const Request&, Context& context)
{
    auto readable = context.unitsFor(model::Action::Read);
    if (!readable)
        return passOn(readable);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    // Ancestors too: a commune's officer sees where his commune hangs.
    QSet<UnitId> shown = *readable;
    for (const UnitId& unit : *readable) {
        for (const UnitId& above : (*tree)->pathOn(unit, context.today))
            shown.insert(above);
    }
    std::vector<std::pair<std::size_t, const model::Unit*>> ordered;
    for (const model::Unit& unit : (*tree)->units()) {
        if (shown.contains(unit.id))
            ordered.emplace_back((*tree)->pathOn(unit.id, context.today).size(), &unit);
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return listResponse(ordered, [](const auto& entry) { return unitJson(*entry.second); });
}

Result<Response> addUnit(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::Unit unit;
    unit.id = UnitId{newId(context.now)};
    static_cast<void>(readUnit(reader, unit, true));
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = demandOverPlace(context, unit.parent); !allowed)
        return passOn(allowed);
    if (const auto added = context.store.units.add(unit); !added)
        return passOn(added);
    const QJsonObject json = unitJson(unit);
    if (const auto noted = context.audit(QStringLiteral("unit.create"), unitSubject(unit), json); !noted)
        return passOn(noted);
    return Response::json(201, json);
}

Result<Response> changeUnit(const Request& request, Context& context)
{
    const auto id = idFromPath<UnitId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    const auto before = context.store.units.find(*id);
    if (!before)
        return passOn(before);
    JsonReader reader(*body);
    model::Unit unit = *before;
    const UnitChange change = readUnit(reader, unit, false);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = context.demand(model::Action::ManageUnits, unit.id); !allowed)
        return passOn(allowed);
    if (change.parentGiven && unit.parent != before->parent) {
        for (const auto& place : {before->parent, unit.parent}) {
            if (const auto allowed = demandOverPlace(context, place); !allowed)
                return passOn(allowed);
        }
    }
    if (const auto stored = context.store.units.update(unit); !stored)
        return passOn(stored);
    const QJsonObject json = unitJson(unit);
    if (const auto noted = context.audit(QStringLiteral("unit.change"), unitSubject(unit), json); !noted)
        return passOn(noted);
    // Where a unit hangs and how long it stands decides which policies, duties and items reach its stations.
    if (const auto wished = context.wishPlansUnder(unit.id); !wished)
        return passOn(wished);
    return Response::json(200, json);
}

constexpr Route unitTable[] = {
    {"GET", "/units", Caller::Person, model::Action::Read, listUnits},
    {"POST", "/units", Caller::Person, model::Action::ManageUnits, addUnit},
    {"PATCH", "/units/{id}", Caller::Person, model::Action::ManageUnits, changeUnit, Commit::Together, smallBody, true},
};

} // namespace

std::span<const Route> unitRoutes()
{
    return unitTable;
}

} // namespace loa::api
