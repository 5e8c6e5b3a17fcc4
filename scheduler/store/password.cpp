#include "scheduler/store/password.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace loa::store {

namespace {

// Crockford's alphabet: no I, L, O, U.
constexpr char codeAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int codeLength = 20;
constexpr int codeGroup = 5;

} // namespace

Result<void> checkPassword(const QString& password, const QString& username)
{
    const auto bad = [](const char* vi, const char* en) {
        return fail(ErrorCategory::InvalidInput, {QString::fromUtf8(vi), QString::fromUtf8(en)},
                    QStringLiteral("password"));
    };
    if (password.size() < 10)
        return bad("Mật khẩu cần ít nhất 10 ký tự.", "A password needs at least 10 characters.");
    if (password.toUtf8().size() > 1024)
        return bad("Mật khẩu dài quá 1024 byte.", "The password is longer than 1024 bytes.");
    if (!username.isEmpty() && password.contains(username, Qt::CaseInsensitive))
        return bad("Mật khẩu không được chứa tên đăng nhập.", "The password must not contain the username.");
    return {};
}

Result<QString> hashPassword(const QString& password, PasswordCost cost)
{
    const bool testing = cost == PasswordCost::Testing;
    const auto passes = testing ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    const auto memory = testing ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE;
    const QByteArray bytes = password.toUtf8();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (sodium_init() < 0 || crypto_pwhash_str(hash.data(), bytes.constData(),
                                               static_cast<unsigned long long>(bytes.size()), passes, memory) != 0) {
        return fail(ErrorCategory::Internal, {QStringLiteral("Không băm được mật khẩu (thiếu bộ nhớ)."),
                                              QStringLiteral("The password could not be hashed (out of memory).")});
    }
    return QString::fromLatin1(hash.data());
}

bool passwordMatches(const QString& hash, const QString& password)
{
    const QByteArray stored = hash.toLatin1();
    const QByteArray bytes = password.toUtf8();
    return sodium_init() >= 0 && crypto_pwhash_str_verify(stored.constData(), bytes.constData(),
                                                          static_cast<unsigned long long>(bytes.size())) == 0;
}

QString newSecretCode()
{
    // Without randomness there are no secrets, and sodium_init() cannot fail twice: a bug of the machine, not of the
    // caller.
    if (sodium_init() < 0)
        std::abort();
    QString code;
    for (int i = 0; i < codeLength; ++i) {
        if (i > 0 && i % codeGroup == 0)
            code += QLatin1Char('-');
        code += QLatin1Char(codeAlphabet[randombytes_uniform(32)]);
    }
    return code;
}

QString normalisedCode(const QString& typed)
{
    QString code;
    for (const QChar c : typed.toUpper()) {
        if (c == QLatin1Char('O'))
            code += QLatin1Char('0');
        else if (c == QLatin1Char('I') || c == QLatin1Char('L'))
            code += QLatin1Char('1');
        else if (c.isLetterOrNumber())
            code += c;
    }
    return code;
}

} // namespace loa::store
