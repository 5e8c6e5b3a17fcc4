#include "scheduler/api/caller.h"

#include "scheduler/api/http/problem.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/fleet/enrolment.h"

#include <QJsonDocument>
#include <QUrl>

namespace loa::api {

namespace {

bool isRead(const QByteArray& method)
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

} // namespace

bool equalSecret(QByteArrayView one, QByteArrayView other)
{
    if (one.size() != other.size())
        return false;
    unsigned difference = 0;
    for (qsizetype i = 0; i < one.size(); ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]));
    return difference == 0;
}

Result<void> checkOrigin(const Request& request, const ApiSettings& settings)
{
    if (!request.hasHeader("origin"))
        return {};
    const QByteArray origin = request.header("origin");
    const QUrl url(QString::fromUtf8(origin), QUrl::StrictMode);
    const bool own = settings.publicOrigin.isEmpty()
                         ? url.isValid() && !url.host().isEmpty() &&
                               url.authority().toUtf8().toLower() == request.header("host").toLower()
                         : QString::fromUtf8(origin) == settings.publicOrigin;
    if (own)
        return {};
    return fail(ErrorCategory::Forbidden,
                {QStringLiteral("Yêu cầu đến từ một trang web khác nên bị từ chối."),
                 QStringLiteral("The request comes from another web site, so it is refused.")});
}

Result<void> recognisePerson(const Request& request, Context& context)
{
    const QByteArray token = request.cookie(sessionCookie);
    auto session =
        token.isEmpty()
            ? Result<store::PersonSession>(fail(ErrorCategory::Unauthorized, {QStringLiteral("Bạn cần đăng nhập."),
                                                                              QStringLiteral("Please sign in.")}))
            : store::SignIn(context.store.database, context.settings.signIn).resume(token, context.now);
    if (!session)
        return passOn(session);
    if (!isRead(request.method)) {
        if (auto origin = checkOrigin(request, context.settings); !origin)
            return origin;
        if (!equalSecret(request.header("x-csrf-token"), session->csrfToken))
            return fail(ErrorCategory::Forbidden,
                        {QStringLiteral("Thiếu hoặc sai mã X-CSRF-Token. Hãy tải lại trang."),
                         QStringLiteral("The X-CSRF-Token is missing or wrong. Load the page again.")});
    }
    context.session = *std::move(session);
    return {};
}

std::optional<Response> recogniseAgent(const Request& request, Context& context)
{
    const auto claim = readRequestClaim(request.header("content-digest"), request.header("signature-input"),
                                        request.header("signature"));
    if (!claim)
        return problem(claim.error(), request.path);
    auto agent = fleet::verifyAgentRequest(context.store, *claim, {request.method, request.path, request.query},
                                           request.body, context.now);
    if (agent) {
        context.agent = *std::move(agent);
        return std::nullopt;
    }
    Response response = problem(agent.error().error, request.path);
    if (agent.error().clockSkew) {
        QJsonObject object = QJsonDocument::fromJson(response.bytes()).object();
        object.insert(QStringLiteral("type"), QStringLiteral("/problems/clock-skew"));
        object.insert(QStringLiteral("server_time"), toString(agent.error().serverTime));
        response.body = QJsonDocument(object).toJson(QJsonDocument::Compact);
    }
    return response;
}

QByteArray cookieFor(const QByteArray& token, const Request& request, const ApiSettings& settings)
{
    QByteArray cookie = QByteArray(sessionCookie) + '=' + token + "; Path=/; HttpOnly; SameSite=Strict";
    if (settings.secureCookies || request.secure)
        cookie += "; Secure";
    if (token.isEmpty())
        cookie += "; Max-Age=0";
    return cookie;
}

} // namespace loa::api
