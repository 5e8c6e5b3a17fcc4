// A canonical JSON object with the scheduler's signature in front, as it stands on disk and wire:
//
//   <domain> <key id> <signature, base64>\n<canonical JSON, to the last byte>
//
// Values, any thread. Source: PROTOCOL.md.
#pragma once

#include "scheduler/contract/signature.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QJsonObject>

namespace loa {

// `domain` is also the first word. Error: InvalidInput when the object has no canonical form.
[[nodiscard]] Result<QByteArray> seal(const char* domain, const QJsonObject& payload, const SigningKey& key);

// Verifies the signature before it reads the payload. Errors: InvalidInput with the words of `notOne` (the first line
// is another's), Unauthorized with those of `notSigned`, InvalidInput (not canonical).
[[nodiscard]] Result<QJsonObject> openSealed(const char* domain, QByteArrayView sealed, const VerifyKey& scheduler,
                                             const Text& notOne, const Text& notSigned);

} // namespace loa
