#include "scheduler/api/router.h"
#include "tests/scheduler/api/openapi_check.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::test;

TEST_CASE("openapi.yaml describes every route, and no other")
{
    std::set<QString> routes;
    for (const api::Route& route : api::allRoutes()) {
        const QString name = QString::fromLatin1(route.method) + u' ' + QString::fromLatin1(route.pattern);
        CHECK(routes.insert(name).second);
    }
    const std::set<QString> described = OpenApi().operations();
    for (const QString& operation : described)
        CHECK((routes.contains(operation) ? std::string()
                                          : operation.toStdString() + " is described but has no route") == "");
    for (const QString& route : routes)
        CHECK((described.contains(route) ? std::string() : route.toStdString() + " is not described") == "");
}

TEST_CASE("openapi.yaml refers to nothing that is not there")
{
    CHECK(OpenApi().danglingReferences().join(u' ').toStdString() == "");
}
