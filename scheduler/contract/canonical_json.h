// The one byte form of a signed JSON value (RFC 8785 without fractions): UTF-8, no white space, keys sorted by UTF-16
// code unit, integers within +-2^53, no other numbers. Values, any thread.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QJsonObject>

namespace loa {

// Error: InvalidInput when a number is not an integer within +-2^53; `where` is the JSON path.
[[nodiscard]] Result<QByteArray> canonicalJson(const QJsonObject& object);

// Parses and refuses (InvalidInput, with the byte offset) whatever is not already in canonical form: duplicate keys,
// spaces, fractions, other escapes. So equal meaning is equal bytes.
[[nodiscard]] Result<QJsonObject> parseCanonicalJson(QByteArrayView bytes);

} // namespace loa
