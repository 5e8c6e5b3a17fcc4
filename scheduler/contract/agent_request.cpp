#include "scheduler/contract/agent_request.h"

#include "scheduler/contract/hash.h"

#include <QRandomGenerator>
#include <QRegularExpression>

#include <array>

namespace loa {

namespace {

constexpr char components[] = R"(("@method" "@path" "@query" "content-digest"))";
constexpr char label[] = "loa=";
constexpr char requestForm[] =
    R"re(\Aloa=(\("@method" "@path" "@query" "content-digest"\);created=(\d{1,12});nonce="([A-Za-z0-9_-]{16,64})";)re"
    R"re(alg="ed25519";keyid="([a-z0-9-]{1,64})")\z)re";

QByteArray digestOf(QByteArrayView body)
{
    const Sha256 hash = sha256(body);
    const QByteArray raw(reinterpret_cast<const char*>(hash.bytes.data()), static_cast<qsizetype>(hash.bytes.size()));
    return "sha-256=:" + raw.toBase64() + ':';
}

// RFC 9421, 2.5: one line a component, the parameters last.
QByteArray signatureBase(const RequestLine& line, QByteArrayView contentDigest, QByteArrayView parameters)
{
    QByteArray base;
    base += "\"@method\": " + line.method + '\n';
    base += "\"@path\": " + line.path + '\n';
    base += "\"@query\": ?" + line.query + '\n';
    base += "\"content-digest\": " + contentDigest.toByteArray() + '\n';
    base += "\"@signature-params\": " + parameters.toByteArray();
    return base;
}

tl::unexpected<Error> unauthorized(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::Unauthorized, {vi, en});
}

} // namespace

std::vector<HttpHeader> signRequest(const RequestLine& line, QByteArrayView body, const AgentId& agent,
                                    const SigningKey& key, UtcTime created, QByteArrayView nonce)
{
    const QByteArray digest = digestOf(body);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(created).time_since_epoch().count();
    const QByteArray parameters = QByteArray(components) +
                                  ";created=" + QByteArray::number(static_cast<qint64>(seconds)) + ";nonce=\"" +
                                  nonce.toByteArray() + "\";alg=\"ed25519\";keyid=\"" + agent.value.toLatin1() + '"';
    const Signature signature = key.sign(domain::request, signatureBase(line, digest, parameters));
    return {{"Content-Digest", digest},
            {"Signature-Input", label + parameters},
            {"Signature", label + (':' + toBase64(signature) + ':')}};
}

Result<RequestClaim> readRequestClaim(QByteArrayView contentDigest, QByteArrayView signatureInput,
                                      QByteArrayView signature)
{
    if (signatureInput.isEmpty() || signature.isEmpty() || contentDigest.isEmpty()) {
        return unauthorized(QStringLiteral("Yêu cầu chưa được máy phát ký."),
                            QStringLiteral("The request is not signed by an agent."));
    }
    static const QRegularExpression form(QString::fromLatin1(requestForm));
    const QRegularExpressionMatch match =
        signatureInput.size() <= 512 ? form.match(QString::fromLatin1(signatureInput)) : QRegularExpressionMatch();
    const bool framed =
        signature.size() <= 200 && signature.startsWith("loa=:") && signature.endsWith(":") && signature.size() > 6;
    if (!match.hasMatch() || !framed || contentDigest.size() > 100) {
        return unauthorized(
            QStringLiteral("Chữ ký của yêu cầu không đúng dạng (RFC 9421, xem PROTOCOL.md)."),
            QStringLiteral("The request's signature is not of the expected form (RFC 9421, see PROTOCOL.md)."));
    }
    const auto bytes = signatureFromBase64(signature.sliced(5, signature.size() - 6));
    if (!bytes)
        return unauthorized(bytes.error().message.vi, bytes.error().message.en);
    RequestClaim claim;
    claim.agent = {match.captured(4)};
    claim.created = UtcTime(std::chrono::seconds(match.captured(2).toLongLong()));
    claim.nonce = match.captured(3).toLatin1();
    claim.contentDigest = contentDigest.toByteArray();
    claim.signatureInput = match.captured(1).toLatin1();
    claim.signature = *bytes;
    return claim;
}

Result<void> verifyRequest(const RequestClaim& claim, const RequestLine& line, QByteArrayView body,
                           const VerifyKey& agentKey)
{
    if (digestOf(body) != claim.contentDigest) {
        return unauthorized(QStringLiteral("Nội dung yêu cầu không khớp mã băm đã ký."),
                            QStringLiteral("The body does not match the digest that was signed."));
    }
    if (!agentKey.verify(domain::request, signatureBase(line, claim.contentDigest, claim.signatureInput),
                         claim.signature)) {
        return unauthorized(QStringLiteral("Chữ ký của yêu cầu không đúng với khóa của máy phát."),
                            QStringLiteral("The request's signature does not hold for this agent's key."));
    }
    return {};
}

QByteArray stationKeyMessage(const AgentId& agent, const StationId& station)
{
    return (agent.value + QLatin1Char('\n') + station.value).toUtf8();
}

QByteArray newNonce()
{
    std::array<quint32, 4> random{};
    QRandomGenerator::system()->fillRange(random.data(), static_cast<qsizetype>(random.size()));
    return QByteArray(reinterpret_cast<const char*>(random.data()), static_cast<qsizetype>(sizeof(random)))
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

} // namespace loa
