#include "scheduler/contract/sealed.h"

#include "scheduler/contract/canonical_json.h"

#include <algorithm>

namespace loa {

Result<QByteArray> seal(const char* domain, const QJsonObject& payload, const SigningKey& key)
{
    auto bytes = canonicalJson(payload);
    if (!bytes)
        return passOn(bytes);
    const Signature signature = key.sign(domain, *bytes);
    return QByteArray(domain) + ' ' + key.verifyKey().keyId().toLatin1() + ' ' + toBase64(signature) + '\n' + *bytes;
}

Result<QJsonObject> openSealed(const char* domain, QByteArrayView sealed, const VerifyKey& scheduler,
                               const Text& notOne, const Text& notSigned)
{
    const QByteArray bytes = QByteArray::fromRawData(sealed.data(), sealed.size());
    const qsizetype endOfHeader = bytes.left(256).indexOf('\n');
    const QList<QByteArray> words = bytes.left(std::max<qsizetype>(endOfHeader, 0)).split(' ');
    if (endOfHeader < 0 || words.size() != 3 || words.at(0) != domain)
        return fail(ErrorCategory::InvalidInput, notOne, QStringLiteral("byte 0"));
    const auto signature = signatureFromBase64(words.at(2));
    const QByteArrayView payload = sealed.sliced(endOfHeader + 1);
    if (!signature || !scheduler.verify(domain, payload, *signature))
        return fail(ErrorCategory::Unauthorized, notSigned);
    return parseCanonicalJson(payload);
}

} // namespace loa
