#include "scheduler/contract/signature.h"

#include "scheduler/contract/hash.h"

#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace loa {

namespace {

static_assert(crypto_sign_PUBLICKEYBYTES == 32);
static_assert(crypto_sign_SECRETKEYBYTES == 64);
static_assert(crypto_sign_SEEDBYTES == std::tuple_size_v<std::array<std::uint8_t, 32>>);
static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);

// Without libsodium's random source no key may be made at all.
void requireSodium()
{
    static const bool ready = sodium_init() >= 0;
    if (!ready)
        std::abort();
}

QByteArray inDomain(const char* domain, QByteArrayView message)
{
    QByteArray bytes(domain);
    bytes.reserve(bytes.size() + 1 + message.size());
    bytes += '\n';
    bytes += message;
    return bytes;
}

template <std::size_t Size>
bool decodeBase64(QByteArrayView text, std::array<std::uint8_t, Size>& into)
{
    const auto decoded = QByteArray::fromBase64Encoding(
        text.toByteArray(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.size() != static_cast<qsizetype>(Size))
        return false;
    // One key, one text: a second spelling of the same bytes would pass where texts are compared.
    if (decoded.decoded.toBase64() != text)
        return false;
    std::copy(decoded.decoded.begin(), decoded.decoded.end(), into.begin());
    return true;
}

template <std::size_t Size>
QByteArray encodeBase64(const std::array<std::uint8_t, Size>& bytes)
{
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(Size)).toBase64();
}

tl::unexpected<Error> keyFileError(ErrorCategory category, const QString& vi, const QString& en, const QString& path)
{
    return fail(category, {vi, en}, path);
}

} // namespace

Result<VerifyKey> VerifyKey::fromBase64(QByteArrayView text)
{
    VerifyKey key;
    if (!decodeBase64(text, key.m_bytes)) {
        return fail(ErrorCategory::InvalidInput, {QStringLiteral("Khóa công khai phải là 32 byte viết bằng base64."),
                                                  QStringLiteral("A public key must be 32 bytes in base64.")});
    }
    return key;
}

QByteArray VerifyKey::toBase64() const
{
    return encodeBase64(m_bytes);
}

QByteArray VerifyKey::raw() const
{
    return QByteArray(reinterpret_cast<const char*>(m_bytes.data()), static_cast<qsizetype>(m_bytes.size()));
}

QString VerifyKey::keyId() const
{
    return toString(sha256(raw())).left(16);
}

bool VerifyKey::verify(const char* domain, QByteArrayView message, const Signature& signature) const
{
    requireSodium();
    const QByteArray bytes = inDomain(domain, message);
    return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char*>(bytes.constData()),
                                       static_cast<unsigned long long>(bytes.size()), m_bytes.data()) == 0;
}

SigningKey SigningKey::generate()
{
    requireSodium();
    std::array<std::uint8_t, 32> seed{};
    randombytes_buf(seed.data(), seed.size());
    SigningKey key = fromSeed(seed);
    sodium_memzero(seed.data(), seed.size());
    return key;
}

SigningKey SigningKey::fromSeed(const std::array<std::uint8_t, 32>& seed)
{
    requireSodium();
    SigningKey key;
    key.m_seed = seed;
    crypto_sign_seed_keypair(key.m_public.data(), key.m_secret.data(), seed.data());
    return key;
}

Result<SigningKey> SigningKey::load(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        const bool exists = QFileInfo::exists(path);
        return keyFileError(exists ? ErrorCategory::Storage : ErrorCategory::NotFound,
                            QStringLiteral("Không mở được tệp khóa ký: %1.").arg(file.errorString()),
                            QStringLiteral("Cannot open the signing key: %1.").arg(file.errorString()), path);
    }
    const auto others =
        QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    if (file.permissions() & others) {
        return keyFileError(
            ErrorCategory::Forbidden, QStringLiteral("Người khác đọc được tệp khóa ký. Chạy: chmod 600 rồi thử lại."),
            QStringLiteral("Others may read the signing key. Run chmod 600 on it and try again."), path);
    }
    QByteArray text = file.read(256).trimmed();
    std::array<std::uint8_t, 32> seed{};
    const bool valid = decodeBase64(text, seed);
    sodium_memzero(text.data(), static_cast<std::size_t>(text.size()));
    if (!valid) {
        return keyFileError(
            ErrorCategory::InvalidInput,
            QStringLiteral("Tệp khóa ký bị hỏng: cần đúng 32 byte base64. Khôi phục từ bản sao lưu."),
            QStringLiteral("The signing key is damaged: it must be 32 bytes in base64. Restore it from the backup."),
            path);
    }
    SigningKey key = fromSeed(seed);
    sodium_memzero(seed.data(), seed.size());
    return key;
}

Result<void> SigningKey::save(const QString& path) const
{
    const int descriptor = ::open(QFile::encodeName(path).constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        if (errno == EEXIST) {
            return keyFileError(ErrorCategory::Conflict, QStringLiteral("Đã có tệp khóa ký; không ghi đè."),
                                QStringLiteral("A signing key is there already; it is not overwritten."), path);
        }
        const QString why = QString::fromLocal8Bit(strerror(errno));
        return keyFileError(ErrorCategory::Storage, QStringLiteral("Không tạo được tệp khóa ký: %1.").arg(why),
                            QStringLiteral("Cannot create the signing key file: %1.").arg(why), path);
    }
    QByteArray text = encodeBase64(m_seed) + '\n';
    const bool written = ::write(descriptor, text.constData(), static_cast<std::size_t>(text.size())) == text.size() &&
                         ::fsync(descriptor) == 0;
    const QString why = QString::fromLocal8Bit(strerror(errno));
    ::close(descriptor);
    sodium_memzero(text.data(), static_cast<std::size_t>(text.size()));
    if (!written) {
        QFile::remove(path);
        return keyFileError(ErrorCategory::Storage, QStringLiteral("Không ghi được tệp khóa ký: %1.").arg(why),
                            QStringLiteral("Cannot write the signing key: %1.").arg(why), path);
    }
    return {};
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : m_seed(other.m_seed), m_secret(other.m_secret), m_public(other.m_public)
{
    sodium_memzero(other.m_seed.data(), other.m_seed.size());
    sodium_memzero(other.m_secret.data(), other.m_secret.size());
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept
{
    if (this != &other) {
        m_seed = other.m_seed;
        m_secret = other.m_secret;
        m_public = other.m_public;
        sodium_memzero(other.m_seed.data(), other.m_seed.size());
        sodium_memzero(other.m_secret.data(), other.m_secret.size());
    }
    return *this;
}

SigningKey::~SigningKey()
{
    sodium_memzero(m_seed.data(), m_seed.size());
    sodium_memzero(m_secret.data(), m_secret.size());
}

VerifyKey SigningKey::verifyKey() const
{
    VerifyKey key;
    key.m_bytes = m_public;
    return key;
}

Signature SigningKey::sign(const char* domain, QByteArrayView message) const
{
    const QByteArray bytes = inDomain(domain, message);
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(bytes.constData()),
                         static_cast<unsigned long long>(bytes.size()), m_secret.data());
    return signature;
}

QByteArray toBase64(const Signature& signature)
{
    return encodeBase64(signature);
}

Result<Signature> signatureFromBase64(QByteArrayView text)
{
    Signature signature{};
    if (!decodeBase64(text, signature)) {
        return fail(ErrorCategory::InvalidInput, {QStringLiteral("Chữ ký phải là 64 byte viết bằng base64."),
                                                  QStringLiteral("A signature must be 64 bytes in base64.")});
    }
    return signature;
}

} // namespace loa
