#include "scheduler/contract/hash.h"
#include "scheduler/contract/signature.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using loa::test::testKey;

TEST_CASE("a signature made in one domain does not hold in another", "[signature]")
{
    const SigningKey key = testKey(1);
    const Signature signature = key.sign(domain::bundle, "message");
    CHECK(key.verifyKey().verify(domain::bundle, "message", signature));
    CHECK_FALSE(key.verifyKey().verify(domain::logEntry, "message", signature));
    CHECK_FALSE(key.verifyKey().verify(domain::bundle, "massage", signature));
}

TEST_CASE("a key file is private, never overwritten, and its damage is told", "[signature]")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("key"));
    const SigningKey key = SigningKey::generate();
    REQUIRE(key.save(path));
    CHECK(QFile::permissions(path) ==
          (QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser));
    const auto loaded = SigningKey::load(path);
    REQUIRE(loaded);
    CHECK(loaded->verifyKey() == key.verifyKey());
    CHECK(SigningKey::generate().save(path).error().category == ErrorCategory::Conflict);

    QFile::setPermissions(path, QFile::permissions(path) | QFileDevice::ReadOther);
    CHECK(SigningKey::load(path).error().category == ErrorCategory::Forbidden);
    QFile::setPermissions(path, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("AAAA\n");
    file.close();
    CHECK(SigningKey::load(path).error().category == ErrorCategory::InvalidInput);
    CHECK(SigningKey::load(folder.filePath(QStringLiteral("none"))).error().category == ErrorCategory::NotFound);
}

TEST_CASE("keys and hashes have one spelling", "[signature]")
{
    const QByteArray text = testKey(1).verifyKey().toBase64();
    REQUIRE(VerifyKey::fromBase64(text));
    CHECK_FALSE(VerifyKey::fromBase64(text.chopped(1)));
    CHECK_FALSE(VerifyKey::fromBase64(text + '\n'));
    // The last sextet has unused bits: another letter there decodes to the same bytes.
    QByteArray other = text;
    other[42] = static_cast<char>(other[42] + 1);
    CHECK_FALSE(VerifyKey::fromBase64(other));

    const QString hex = toString(sha256("abc"));
    CHECK(hex == QStringLiteral("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    CHECK(*sha256FromString(hex) == sha256("abc"));
    CHECK_FALSE(sha256FromString(hex.toUpper()));
    CHECK_FALSE(sha256FromString(hex.chopped(1)));
}
