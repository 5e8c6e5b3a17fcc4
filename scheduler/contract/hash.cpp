#include "scheduler/contract/hash.h"

#include <QCryptographicHash>
#include <QFile>

#include <algorithm>
#include <vector>

namespace loa {

namespace {

Sha256 digestOf(const QCryptographicHash& hasher)
{
    Sha256 hash;
    const QByteArray result = hasher.result();
    std::copy(result.begin(), result.end(), hash.bytes.begin());
    return hash;
}

} // namespace

Sha256 sha256(QByteArrayView data)
{
    QCryptographicHash hasher(QCryptographicHash::Sha256);
    hasher.addData(data);
    return digestOf(hasher);
}

Result<Sha256> sha256OfFile(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        const auto category = file.exists() ? ErrorCategory::Storage : ErrorCategory::NotFound;
        return fail(category,
                    {QStringLiteral("Không mở được tệp: %1.").arg(file.errorString()),
                     QStringLiteral("Cannot open the file: %1.").arg(file.errorString())},
                    path);
    }
    QCryptographicHash hasher(QCryptographicHash::Sha256);
    std::vector<char> block(256 * 1024);
    for (;;) {
        const qint64 got = file.read(block.data(), static_cast<qint64>(block.size()));
        if (got < 0) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Lỗi khi đọc tệp: %1.").arg(file.errorString()),
                         QStringLiteral("Reading the file failed: %1.").arg(file.errorString())},
                        path);
        }
        if (got == 0)
            return digestOf(hasher);
        hasher.addData(QByteArrayView(block.data(), got));
    }
}

QString toString(const Sha256& hash)
{
    static constexpr char16_t digits[] = u"0123456789abcdef";
    QString text(64, Qt::Uninitialized);
    QChar* at = text.data();
    for (const std::uint8_t byte : hash.bytes) {
        *at++ = QChar(digits[byte >> 4]);
        *at++ = QChar(digits[byte & 15]);
    }
    return text;
}

Result<Sha256> sha256FromString(QStringView hex)
{
    const auto nibble = [](QChar digit) -> int {
        const char16_t code = digit.unicode();
        if (code >= u'0' && code <= u'9')
            return code - u'0';
        if (code >= u'a' && code <= u'f')
            return code - u'a' + 10;
        return -1;
    };
    Sha256 hash;
    bool valid = hex.size() == 64;
    for (std::size_t index = 0; valid && index < hash.bytes.size(); ++index) {
        const auto at = static_cast<qsizetype>(index);
        const int high = nibble(hex[2 * at]);
        const int low = nibble(hex[2 * at + 1]);
        valid = high >= 0 && low >= 0;
        hash.bytes[index] = static_cast<std::uint8_t>(high * 16 + low);
    }
    if (!valid) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Mã SHA-256 phải gồm đúng 64 chữ số thập lục phân viết thường."),
                     QStringLiteral("A SHA-256 must be exactly 64 lower-case hexadecimal digits.")},
                    hex.left(80).toString());
    }
    return hash;
}

} // namespace loa
