#include "scheduler/api/routes.h"
#include "scheduler/imports/apply.h"

#include <QJsonArray>

namespace loa::api {

namespace {

Result<void> demandCsv(const Request& request)
{
    if (request.header("content-type").split(';').front().trimmed().toLower() == "text/csv")
        return {};
    return fail(ErrorCategory::Unsupported,
                {QStringLiteral("Nội dung phải là text/csv."), QStringLiteral("The body must be text/csv.")});
}

imports::ImportContext importContext(Context& context, model::Action action)
{
    imports::ImportContext given;
    given.user = &context.user();
    given.actor = context.user().fullName;
    given.now = context.now;
    given.today = context.today;
    // Units may hang under others of the same file, so the tree is read anew for each.
    given.mayChange = [&context, action](const std::optional<UnitId>& unit) -> Result<void> {
        if (!unit)
            return context.demandAtRoot(action);
        const auto tree = context.store.units.tree();
        if (!tree)
            return passOn(tree);
        return model::demand(context.user(), action, *unit, *tree, context.today);
    };
    return given;
}

Response reportResponse(const imports::ImportReport& report)
{
    QJsonArray errors;
    for (const imports::LineError& error : report.errors)
        errors.append(QJsonObject{{QStringLiteral("line"), error.line},
                                  {QStringLiteral("message"), error.message.en},
                                  {QStringLiteral("message_vi"), error.message.vi}});
    return Response::json(200, {{QStringLiteral("created"), report.created},
                                {QStringLiteral("updated"), report.updated},
                                {QStringLiteral("errors"), errors}});
}

Result<Response> importUnitFile(const Request& request, Context& context)
{
    if (const auto csv = demandCsv(request); !csv)
        return passOn(csv);
    const auto report =
        imports::importUnits(context.store, request.body, importContext(context, model::Action::ManageUnits));
    if (!report)
        return passOn(report);
    if (const auto wished = context.wishPlans(report->concerned); !wished)
        return passOn(wished);
    return reportResponse(*report);
}

Result<Response> importStationFile(const Request& request, Context& context)
{
    if (const auto csv = demandCsv(request); !csv)
        return passOn(csv);
    const auto report =
        imports::importStations(context.store, request.body, importContext(context, model::Action::ManageStations));
    if (!report)
        return passOn(report);
    if (const auto wished = context.wishPlans(report->concerned); !wished)
        return passOn(wished);
    return reportResponse(*report);
}

constexpr Route importTable[] = {
    {"POST", "/import/units", Caller::Person, model::Action::ManageUnits, importUnitFile, Commit::Together, largeBody,
     true},
    {"POST", "/import/stations", Caller::Person, model::Action::ManageStations, importStationFile, Commit::Together,
     largeBody, true},
};

} // namespace

std::span<const Route> importRoutes()
{
    return importTable;
}

} // namespace loa::api
