#include "scheduler/api/openapi_text.h"
#include "scheduler/api/routes.h"

namespace loa::api {

namespace {

Result<Response> getHealth(const Request&, Context& context)
{
    if (const auto version = context.store.database.schemaVersion(); !version)
        return passOn(version);
    return Response::json(
        200, {{QStringLiteral("status"), QStringLiteral("ok")}, {QStringLiteral("version"), QStringLiteral("0.1.0")}});
}

Result<Response> getOpenapi(const Request&, Context&)
{
    Response response = Response::data(200, "application/yaml", QByteArray(openapiText()));
    response.with("Cache-Control", "no-cache");
    return response;
}

constexpr Route serviceTable[] = {
    {"GET", "/health", Caller::Anyone, std::nullopt, getHealth},
    {"GET", "/openapi.yaml", Caller::Anyone, std::nullopt, getOpenapi},
};

} // namespace

std::span<const Route> serviceRoutes()
{
    return serviceTable;
}

} // namespace loa::api
