#include "playout/link/http_exchange.h"
#include "scheduler/contract/agent_request.h"

#include <QEventLoop>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkReply>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

struct Asked {
    Result<HttpAnswer> answer = HttpAnswer{};
    std::optional<UtcTime> date; // the scheduler's
};

Asked ask(QNetworkRequest request, const QByteArray& body, std::chrono::milliseconds longest)
{
    request.setRawHeader("Content-Type", "application/json");
    QNetworkAccessManager manager;
    QEventLoop loop;
    Asked asked;
    collect(manager.post(request, body), 64 * 1024, longest, false,
            [&](Result<HttpAnswer> got, std::optional<UtcTime> date) {
                asked = {std::move(got), date};
                loop.quit();
            });
    loop.exec();
    return asked;
}

Result<Enrolment> readEnrolment(const HttpAnswer& answer, const QString& where)
{
    const QJsonObject object = QJsonDocument::fromJson(answer.body).object();
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
                    {u"Không hiểu câu trả lời của máy chủ"_s, u"The scheduler's answer makes no sense"_s}, where);
    enrolment.schedulerKey = *schedulerKey;
    return enrolment;
}

} // namespace

Result<Enrolment> enrol(const HttpSettings& settings, const QString& code, const VerifyKey& agentKey,
                        const QString& name)
{
    const auto request = plainRequest(settings, "/agent/enrol");
    if (!request)
        return passOn(request);
    const QJsonObject body{
        {u"code"_s, code}, {u"public_key"_s, QString::fromLatin1(agentKey.toBase64())}, {u"name"_s, name}};
    const Asked asked = ask(*request, QJsonDocument(body).toJson(QJsonDocument::Compact), settings.longest);
    if (!asked.answer)
        return passOn(asked.answer);
    return readEnrolment(*asked.answer, request->url().toString());
}

Result<Enrolment> separate(const HttpSettings& settings, const AgentId& agent, const SigningKey& key,
                           const StationId& station, const SigningKey& own, const Clock& clock)
{
    const auto plain = plainRequest(settings, "/agent/stations/" + station.value.toLatin1() + "/identity");
    if (!plain)
        return passOn(plain);
    const QByteArray proof = toBase64(own.sign(domain::stationKey, stationKeyMessage(agent, station)));
    const QByteArray body =
        QJsonDocument(QJsonObject{{u"public_key"_s, QString::fromLatin1(own.verifyKey().toBase64())},
                                  {u"proof"_s, QString::fromLatin1(proof)}})
            .toJson(QJsonDocument::Compact);
    const auto askAt = [&](UtcTime time) {
        QNetworkRequest request = *plain;
        const RequestLine line{"POST", request.url().path(QUrl::FullyEncoded).toLatin1(), {}};
        for (const auto& [name, value] : signRequest(line, body, agent, key, time, newNonce()))
            request.setRawHeader(name, value);
        return ask(request, body, settings.longest);
    };
    Asked asked = askAt(clock.now());
    // A clock that is wrong can still ask, by the scheduler's time.
    if (!asked.answer && asked.answer.error().category == ErrorCategory::Unauthorized && asked.date)
        asked = askAt(*asked.date);
    if (!asked.answer)
        return passOn(asked.answer);
    auto enrolment = readEnrolment(*asked.answer, plain->url().toString());
    if (enrolment && enrolment->stations != std::vector{station})
        return fail(ErrorCategory::Unavailable,
                    {u"Máy chủ cấp danh tính cho đài khác"_s, u"The scheduler gave an identity of another station"_s},
                    station.value);
    return enrolment;
}

} // namespace loa::playout
