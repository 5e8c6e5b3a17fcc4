#include "scheduler/api/caller.h"
#include "scheduler/api/http/problem.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"

namespace loa::api {

namespace {

Response sessionResponse(const store::PersonSession& session)
{
    return Response::json(200, {{QStringLiteral("user"), userJson(session.user)},
                                {QStringLiteral("csrf_token"), QString::fromLatin1(session.csrfToken)},
                                {QStringLiteral("expires_at"), toString(session.expiresAt)}});
}

Response opened(const store::PersonSession& session, const Request& request, const Context& context)
{
    Response response = sessionResponse(session);
    response.with("Set-Cookie", cookieFor(session.token, request, context.settings));
    return response;
}

Response tooManyAttempts(const Error& error, const Request& request, const Context& context)
{
    Response response = problem(429, error, request.path);
    response.with("Retry-After",
                  QByteArray::number(qint64(
                      std::chrono::duration_cast<std::chrono::seconds>(context.settings.signIn.window).count())));
    return response;
}

Result<Response> getSession(const Request&, Context& context)
{
    return sessionResponse(*context.session);
}

Result<Response> signIn(const Request& request, Context& context)
{
    // A page of another site must not sign a browser in as somebody else.
    if (const auto origin = checkOrigin(request, context.settings); !origin)
        return passOn(origin);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString username = reader.text(QLatin1String("username"), 200);
    const QString password = reader.text(QLatin1String("password"), 1024);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    store::SignIn signIn(context.store.database, context.settings.signIn);
    const auto session = signIn.signIn(username, password, request.peer.toString(), context.now);
    if (!session) {
        if (session.error().category == ErrorCategory::LimitExceeded)
            return tooManyAttempts(session.error(), request, context);
        return passOn(session);
    }
    if (const auto noted = context.store.audit.append(context.now, session->user, QStringLiteral("session.open"),
                                                      QStringLiteral("user:") + session->user.id.value,
                                                      {{QStringLiteral("address"), request.peer.toString()}});
        !noted)
        return passOn(noted);
    return opened(*session, request, context);
}

Result<Response> signOut(const Request& request, Context& context)
{
    const auto ended = store::SignIn(context.store.database, context.settings.signIn).signOut(context.session->token);
    if (!ended)
        return passOn(ended);
    if (const auto noted =
            context.audit(QStringLiteral("session.close"), QStringLiteral("user:") + context.user().id.value);
        !noted)
        return passOn(noted);
    Response response = Response::empty();
    response.with("Set-Cookie", cookieFor({}, request, context.settings));
    return response;
}

Result<Response> changePassword(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    const QString current = reader.text(QLatin1String("current"), 1024);
    const QString next = reader.text(QLatin1String("new"), 1024);
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    store::SignIn signIn(context.store.database, context.settings.signIn);
    const auto session = signIn.changePassword(*context.session, current, next, request.peer.toString(), context.now);
    if (!session) {
        if (session.error().category == ErrorCategory::LimitExceeded)
            return tooManyAttempts(session.error(), request, context);
        // The session holds; it is the password that is wrong.
        if (session.error().category == ErrorCategory::Unauthorized)
            return fail(ErrorCategory::Forbidden, session.error().message, QStringLiteral("/current"));
        return passOn(session);
    }
    if (const auto noted =
            context.audit(QStringLiteral("user.password"), QStringLiteral("user:") + context.user().id.value);
        !noted)
        return passOn(noted);
    return opened(*session, request, context);
}

constexpr Route sessionTable[] = {
    {"GET", "/session", Caller::Person, std::nullopt, getSession},
    // What a failed attempt leaves behind must stay.
    {"POST", "/session", Caller::Anyone, std::nullopt, signIn, Commit::BySteps},
    {"DELETE", "/session", Caller::Person, std::nullopt, signOut},
    {"POST", "/session/password", Caller::Person, std::nullopt, changePassword, Commit::BySteps},
};

} // namespace

std::span<const Route> sessionRoutes()
{
    return sessionTable;
}

} // namespace loa::api
