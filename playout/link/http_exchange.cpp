#include "playout/link/http_exchange.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QNetworkReply>
#include <QSslConfiguration>
#include <QTimeZone>
#include <QTimer>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 mostProblem = 64 * 1024;

ErrorCategory categoryOf(int status)
{
    switch (status) {
    case 401:
        return ErrorCategory::Unauthorized;
    case 403:
        return ErrorCategory::Forbidden;
    case 404:
    case 410:
        return ErrorCategory::NotFound;
    case 409:
    case 412:
        return ErrorCategory::Conflict;
    case 413:
        return ErrorCategory::LimitExceeded;
    case 408:
    case 429:
        return ErrorCategory::Unavailable;
    default:
        return status >= 500 ? ErrorCategory::Unavailable : ErrorCategory::InvalidInput;
    }
}

// RFC 9457, as far as the scheduler speaks it; another server's words are not repeated.
Error problemOf(int status, const QByteArray& body, const QString& where)
{
    const QJsonObject problem = QJsonDocument::fromJson(body).object();
    auto words = [&](const QString& title, const QString& detail) {
        const QString text = problem.value(title).toString().left(200);
        const QString more = problem.value(detail).toString().left(500);
        return more.isEmpty() ? text : text + u": "_s + more;
    };
    Text message{words(u"title_vi"_s, u"detail_vi"_s), words(u"title"_s, u"detail"_s)};
    if (message.en.isEmpty())
        message.en = u"The scheduler answered %1"_s.arg(status);
    if (message.vi.isEmpty())
        message.vi = u"Máy chủ trả lời %1"_s.arg(status);
    return {categoryOf(status), message, where};
}

Error unreachable(const QString& words, const QString& where)
{
    return {ErrorCategory::Unavailable,
            {u"Không liên lạc được với máy chủ: %1"_s.arg(words), u"The scheduler cannot be reached: %1"_s.arg(words)},
            where};
}

Result<QList<QSslCertificate>> certificatesIn(const QString& path)
{
    QFile file(path);
    auto certificates = file.open(QIODevice::ReadOnly) ? QSslCertificate::fromDevice(&file) : QList<QSslCertificate>();
    if (certificates.isEmpty())
        return fail(ErrorCategory::InvalidInput,
                    {u"Không đọc được chứng thư trong tệp này"_s, u"There is no certificate to read in this file"_s},
                    path);
    return certificates;
}

} // namespace

Result<void> checkHttpSettings(const HttpSettings& settings)
{
    const QUrl& url = settings.scheduler;
    const bool scheme = url.scheme() == u"https" || url.scheme() == u"http";
    if (!url.isValid() || !scheme || url.host().isEmpty() || !url.userInfo().isEmpty() || url.hasQuery() ||
        url.hasFragment())
        return fail(ErrorCategory::InvalidInput,
                    {u"Địa chỉ máy chủ phải có dạng https://tên-máy[:cổng]"_s,
                     u"The scheduler's address must be like https://host[:port]"_s},
                    url.toString(QUrl::RemoveUserInfo));
    return {};
}

Result<QNetworkRequest> plainRequest(const HttpSettings& settings, const QByteArray& path)
{
    if (auto good = checkHttpSettings(settings); !good)
        return passOn(good);
    QUrl url = settings.scheduler;
    QString prefix = url.path(QUrl::FullyEncoded);
    while (prefix.endsWith(u'/'))
        prefix.chop(1);
    url.setPath(prefix + u"/api/v1"_s + QString::fromLatin1(path), QUrl::StrictMode);
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setTransferTimeout(static_cast<int>(settings.silence.count()));
    request.setRawHeader("Accept-Encoding", "identity");
    if (!settings.caFile.isEmpty()) {
        const auto certificates = certificatesIn(settings.caFile);
        if (!certificates)
            return passOn(certificates);
        QSslConfiguration tls = request.sslConfiguration();
        tls.setCaCertificates(*certificates);
        request.setSslConfiguration(tls);
    }
    return request;
}

Result<void> checkAuthorities(const QString& path)
{
    const auto read = certificatesIn(path);
    return read ? Result<void>() : passOn(read);
}

std::optional<UtcTime> readHttpDate(const QByteArray& text)
{
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(text), u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
    if (!date.isValid())
        return std::nullopt;
    date.setTimeSpec(Qt::UTC);
    return UtcTime(std::chrono::seconds(date.toSecsSinceEpoch()));
}

void collect(QNetworkReply* reply, qint64 most, std::chrono::milliseconds longest, bool takePart, AnswerHandler done)
{
    struct State {
        QByteArray body;
        bool tooLarge = false;
        bool tooLong = false;
    };
    auto state = std::make_shared<State>();
    reply->setReadBufferSize(256 * 1024);
    QObject::connect(reply, &QNetworkReply::readyRead, reply, [reply, state, most] {
        state->body += reply->readAll();
        const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        if (state->body.size() > (status < 300 ? most : std::max(most, mostProblem))) {
            state->tooLarge = true;
            reply->abort();
        }
    });
    QTimer::singleShot(longest, reply, [reply, state] {
        state->tooLong = true;
        reply->abort();
    });
    QObject::connect(reply, &QNetworkReply::finished, reply, [reply, state, takePart, done = std::move(done)] {
        reply->deleteLater();
        if (reply->isOpen())
            state->body += reply->readAll();
        const QString where = reply->url().toString(QUrl::RemoveUserInfo);
        const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const auto date = readHttpDate(reply->rawHeader("Date"));
        const bool broken =
            reply->error() != QNetworkReply::NoError && (status == 0 || (status < 400 && status != 304));
        if (state->tooLarge)
            done(fail(ErrorCategory::LimitExceeded,
                      {u"Câu trả lời của máy chủ quá lớn"_s, u"The scheduler's answer is too large"_s}, where),
                 date);
        else if ((state->tooLong || broken) && takePart && (status == 200 || status == 206) && !state->body.isEmpty())
            done(HttpAnswer{status, state->body, reply->rawHeader("Content-Range"), false}, date);
        else if (state->tooLong || broken)
            done(tl::unexpected(unreachable(state->tooLong ? u"too slow"_s : reply->errorString(), where)), date);
        else if (status >= 300 && status != 304)
            done(tl::unexpected(problemOf(status, state->body, where)), date);
        else
            done(HttpAnswer{status, state->body, reply->rawHeader("Content-Range"), true}, date);
    });
}

} // namespace loa::playout
