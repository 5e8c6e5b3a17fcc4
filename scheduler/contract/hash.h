// SHA-256 as a value. On the wire and as a file name: 64 lower-case hexadecimal digits. Values, any thread.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QHashFunctions>
#include <QString>
#include <QStringView>

#include <array>
#include <compare>
#include <cstdint>

namespace loa {

struct Sha256 {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(const Sha256&) const = default;
    friend size_t qHash(const Sha256& hash, size_t seed = 0)
    {
        return qHashBits(hash.bytes.data(), hash.bytes.size(), seed);
    }
};

[[nodiscard]] Sha256 sha256(QByteArrayView data);
// Reads the file in blocks. Error: NotFound or Storage, with the path.
[[nodiscard]] Result<Sha256> sha256OfFile(const QString& path);
[[nodiscard]] QString toString(const Sha256& hash);
[[nodiscard]] Result<Sha256> sha256FromString(QStringView hex);

} // namespace loa
