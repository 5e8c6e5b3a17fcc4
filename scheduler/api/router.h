// The table that binds method, path and right to a function, and the one way through it: find the route, learn who
// asks, check that he may, call, turn errors into problems. No sockets: a request goes in, an answer comes out. Storage
// thread (bodyLimit() and routes(): any).
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/http/message.h"

#include <span>
#include <vector>

namespace loa::api {

using Handler = Result<Response> (*)(const Request&, Context&);

enum class Caller { Anyone, Person, Agent, PersonOrAgent };

// How a write meets the database.
enum class Commit {
    Together, // the function's work is one transaction, undone when it fails
    BySteps,  // it commits by itself: what it noted stays although it fails (failed sign-ins, bytes on disk)
};

inline constexpr qsizetype smallBody = 64 * 1024;
inline constexpr qsizetype textBody = 2 * 1024 * 1024;
inline constexpr qsizetype largeBody = 16 * 1024 * 1024;

struct Route {
    const char* method;
    const char* pattern; // "/items/{id}"; GET answers HEAD too
    Caller caller = Caller::Person;
    std::optional<model::Action> action; // the person holds it somewhere; where, the function asks
    Handler handler = nullptr;
    Commit commit = Commit::Together;
    qsizetype bodyLimit = smallBody;
    bool previewed = false; // a change of what is planned from: what it would do to plans can be asked first
};

// All routes of /api/v1, without that prefix.
[[nodiscard]] const std::vector<Route>& allRoutes();

// The route of the request's method and segments, whose captures it sets; null when there is none.
[[nodiscard]] const Route* routeOf(Request& request);
// Error: Forbidden, naming the roles of which the person needs one somewhere.
[[nodiscard]] Result<void> demandSomewhere(const model::User& user, model::Action action);

inline constexpr char apiPrefix[] = "/api/v1";

class Router {
public:
    Router(const Services& services, ApiSettings settings);

    [[nodiscard]] Response handle(Request request, store::Database& database) const;
    [[nodiscard]] static qsizetype bodyLimit(const Request& request);

private:
    [[nodiscard]] Result<Response> authorised(const Route& route, const Request& request, Context& context) const;

    const Services& m_services;
    ApiSettings m_settings;
};

// Headers that every answer carries, pages and problems too.
void addSecurityHeaders(Response& response);

} // namespace loa::api
