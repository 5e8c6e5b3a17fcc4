#include "playout/link/http_exchange.h"

#include <QEventLoop>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkReply>

namespace loa::playout {

using namespace Qt::StringLiterals;

Result<Enrolment> enrol(const HttpSettings& settings, const QString& code, const VerifyKey& agentKey,
                        const QString& name)
{
    auto request = plainRequest(settings, "/agent/enrol");
    if (!request)
        return passOn(request);
    request->setRawHeader("Content-Type", "application/json");
    const QJsonObject body{
        {u"code"_s, code}, {u"public_key"_s, QString::fromLatin1(agentKey.toBase64())}, {u"name"_s, name}};
    QNetworkAccessManager manager;
    QEventLoop loop;
    Result<HttpAnswer> answer = HttpAnswer{};
    collect(manager.post(*request, QJsonDocument(body).toJson(QJsonDocument::Compact)), 64 * 1024, settings.longest,
            false, [&](Result<HttpAnswer> got, std::optional<UtcTime>) {
                answer = std::move(got);
                loop.quit();
            });
    loop.exec();
    if (!answer)
        return passOn(answer);

    const QJsonObject object = QJsonDocument::fromJson(answer->body).object();
    const auto schedulerKey = VerifyKey::fromBase64(object.value(u"scheduler_key"_s).toString().toLatin1());
    Enrolment enrolment;
    enrolment.agent = {object.value(u"agent_id"_s).toString()};
    bool good = schedulerKey.has_value() && isValidId(enrolment.agent.value);
    for (const QJsonValue& value : object.value(u"stations"_s).toArray()) {
        enrolment.stations.push_back({value.toString()});
        good = good && isValidId(value.toString());
    }
    if (!good || enrolment.stations.empty())
        return fail(ErrorCategory::Unavailable,
                    {u"Không hiểu câu trả lời của máy chủ"_s, u"The scheduler's answer makes no sense"_s},
                    request->url().toString());
    enrolment.schedulerKey = *schedulerKey;
    return enrolment;
}

} // namespace loa::playout
