#include "scheduler/api/router.h"

#include "scheduler/api/caller.h"
#include "scheduler/api/http/problem.h"
#include "scheduler/api/routes.h"

#include <QLoggingCategory>

namespace loa::api {

namespace {

Q_LOGGING_CATEGORY(apiLog, "loa.api")

constexpr qsizetype prefixSegments = 2; // "api", "v1"

// "/items/{id}" against segments behind the prefix; fills captures when it fits.
bool patternFits(const char* pattern, const std::vector<QString>& segments,
                 std::vector<std::pair<QString, QString>>& captures)
{
    std::vector<std::pair<QString, QString>> found;
    const QList<QByteArray> parts = QByteArray(pattern).split('/'); // the first is empty
    if (parts.size() - 1 != std::ssize(segments) - prefixSegments)
        return false;
    for (qsizetype i = 1; i < parts.size(); ++i) {
        const QString& segment = segments[static_cast<std::size_t>(i - 1 + prefixSegments)];
        if (parts[i].startsWith('{'))
            found.emplace_back(QString::fromLatin1(parts[i].mid(1).chopped(1)), segment);
        else if (segment != QLatin1String(parts[i]))
            return false;
    }
    captures = std::move(found);
    return true;
}

bool isApiPath(const std::vector<QString>& segments)
{
    return std::ssize(segments) > prefixSegments && segments[0] == QLatin1String("api") &&
           segments[1] == QLatin1String("v1");
}

struct Found {
    const Route* route = nullptr;
    QByteArray allowed; // methods of the path
};

Found findRoute(Request& request)
{
    Found found;
    if (!isApiPath(request.segments))
        return found;
    for (const Route& route : allRoutes()) {
        std::vector<std::pair<QString, QString>> captures;
        if (!patternFits(route.pattern, request.segments, captures))
            continue;
        const bool fits =
            request.method == route.method || (request.method == "HEAD" && qstrcmp(route.method, "GET") == 0);
        if (fits && (found.route == nullptr || request.method == route.method)) {
            found.route = &route;
            request.captures = std::move(captures);
        }
        found.allowed += (found.allowed.isEmpty() ? "" : ", ") + QByteArray(route.method);
    }
    return found;
}

} // namespace

Result<void> demandSomewhere(const model::User& user, model::Action action)
{
    if (!model::unitsFor(user, action).empty())
        return {};
    QStringList words;
    for (const model::Role role : model::rolesFor(action))
        words.append(toString(role));
    const QString names = words.join(QStringLiteral(", "));
    return fail(ErrorCategory::Forbidden,
                {QStringLiteral("Bạn không có quyền này. Cần một trong các vai trò: %1.").arg(names),
                 QStringLiteral("You may not do this. It takes one of the roles: %1.").arg(names)});
}

const Route* routeOf(Request& request)
{
    return findRoute(request).route;
}

const std::vector<Route>& allRoutes()
{
    static const std::vector<Route> routes = [] {
        std::vector<Route> all;
        for (const std::span<const Route> topic :
             {serviceRoutes(),    sessionRoutes(),  userRoutes(),     unitRoutes(),     stationRoutes(),
              importRoutes(),     hoursRoutes(),    calendarRoutes(), templateRoutes(), relayRoutes(),
              specialDayRoutes(), presetRoutes(),   itemRoutes(),     decisionRoutes(), uploadRoutes(),
              mediaRoutes(),      scheduleRoutes(), planRoutes(),     previewRoutes(),  editRoutes(),
              complianceRoutes(), auditRoutes(),    fleetRoutes(),    commandRoutes(),  agentRoutes()})
            all.insert(all.end(), topic.begin(), topic.end());
        return all;
    }();
    return routes;
}

Router::Router(const Services& services, ApiSettings settings) : m_services(services), m_settings(std::move(settings))
{
}

qsizetype Router::bodyLimit(const Request& request)
{
    Request copy;
    copy.method = request.method;
    copy.segments = request.segments;
    const Found found = findRoute(copy);
    return found.route != nullptr ? found.route->bodyLimit : smallBody;
}

Response Router::handle(Request request, store::Database& database) const
{
    const Found found = findRoute(request);
    if (found.route == nullptr) {
        if (found.allowed.isEmpty())
            return problem(Error{ErrorCategory::NotFound,
                                 {QStringLiteral("Không có địa chỉ này."), QStringLiteral("There is no such address.")},
                                 {}},
                           request.path);
        Response response =
            problem(405,
                    Error{ErrorCategory::Unsupported,
                          {QStringLiteral("Địa chỉ này nhận: %1.").arg(QString::fromLatin1(found.allowed)),
                           QStringLiteral("This address takes: %1.").arg(QString::fromLatin1(found.allowed))},
                          {}},
                    request.path);
        response.with("Allow", found.allowed);
        return response;
    }

    Context context(database, m_services, m_settings);
    auto answer = authorised(*found.route, request, context);
    if (answer) {
        if (answer->header("Cache-Control").isEmpty())
            answer->with("Cache-Control", "no-store");
        return *std::move(answer);
    }
    const Error& error = answer.error();
    if (statusFor(error.category) >= 500)
        qCWarning(apiLog).noquote() << QStringLiteral("method=%1 path=%2 error=%3")
                                           .arg(QString::fromLatin1(request.method), QString::fromLatin1(request.path),
                                                describe(error));
    return problem(error, request.path);
}

Result<Response> Router::authorised(const Route& route, const Request& request, Context& context) const
{
    const bool signedRequest = request.hasHeader("signature-input");
    if (route.caller == Caller::Agent || (route.caller == Caller::PersonOrAgent && signedRequest)) {
        if (auto refused = recogniseAgent(request, context))
            return *std::move(refused);
    } else if (route.caller != Caller::Anyone) {
        if (const auto known = recognisePerson(request, context); !known)
            return passOn(known);
        if (route.action) {
            if (const auto allowed = demandSomewhere(context.user(), *route.action); !allowed)
                return passOn(allowed);
        }
    }
    const bool reads = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
    if (reads || route.commit == Commit::BySteps)
        return route.handler(request, context);
    return context.store.database.transaction([&] { return route.handler(request, context); });
}

void addSecurityHeaders(Response& response)
{
    response.with("X-Content-Type-Options", "nosniff")
        .with("Referrer-Policy", "same-origin")
        .with("X-Frame-Options", "DENY")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("Cross-Origin-Resource-Policy", "same-origin")
        .with("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
        // Ant Design writes its styles into the page; nothing else is inline and nothing comes from another host.
        .with("Content-Security-Policy",
              "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
              "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
              "form-action 'self'; frame-ancestors 'none'");
}

} // namespace loa::api
