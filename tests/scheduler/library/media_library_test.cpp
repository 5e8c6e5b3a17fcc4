#include "scheduler/library/media_library.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::library;

namespace {

QString write(const QTemporaryDir& folder, const char* name, const QByteArray& bytes)
{
    const QString path = folder.filePath(QString::fromUtf8(name));
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    REQUIRE(file.write(bytes) == bytes.size());
    return path;
}

} // namespace

TEST_CASE("A house file is adopted under its hash", "[media-library]")
{
    const QTemporaryDir data;
    const auto library = MediaLibrary::open(data.path());
    REQUIRE(library);
    const QByteArray bytes("not really opus");
    const Sha256 hash = sha256(bytes);
    const QString file = write(data, "new", bytes);
    const auto stored = library->adopt(file, hash);
    REQUIRE(stored);
    CHECK(stored->bytes == bytes.size());
    CHECK(stored->path == library->path(hash));
    CHECK(stored->path.endsWith(u'/' + toString(hash) + QStringLiteral(".opus")));
    CHECK_FALSE(QFile::exists(file));
    CHECK(library->verify(hash));
    REQUIRE(library->list());
    REQUIRE(library->list()->size() == 1);
    CHECK(library->list()->front().sha256 == hash);

    SECTION("again: the newcomer goes")
    {
        const QString again = write(data, "again", bytes);
        CHECK(library->adopt(again, hash));
        CHECK_FALSE(QFile::exists(again));
        CHECK(library->list()->size() == 1);
    }
    SECTION("again, over a damaged one: the damage is repaired")
    {
        QFile damaged(stored->path);
        REQUIRE(damaged.open(QIODevice::ReadWrite));
        REQUIRE(damaged.write("X") == 1);
        damaged.close();
        CHECK(library->verify(hash).error().category == ErrorCategory::InvalidInput);
        CHECK(library->adopt(write(data, "again", bytes), hash));
        CHECK(library->verify(hash));
    }
}

TEST_CASE("A file of another hash is not taken and stays", "[media-library]")
{
    const QTemporaryDir data;
    const auto library = MediaLibrary::open(data.path());
    const QString file = write(data, "new", "one thing");
    const Sha256 other = sha256(QByteArrayView("another thing"));
    CHECK(library->adopt(file, other).error().category == ErrorCategory::InvalidInput);
    CHECK(QFile::exists(file));
    CHECK(library->find(other).error().category == ErrorCategory::NotFound);
    CHECK(library->verify(other).error().category == ErrorCategory::NotFound);
    CHECK(library->adopt(data.filePath(QStringLiteral("none")), other).error().category == ErrorCategory::NotFound);
}

TEST_CASE("Files of other names and links are passed over", "[media-library]")
{
    const QTemporaryDir data;
    const auto library = MediaLibrary::open(data.path());
    const QByteArray bytes("x");
    const Sha256 hash = sha256(bytes);
    REQUIRE(QDir().mkpath(QFileInfo(library->path(hash)).absolutePath()));
    REQUIRE(QFile::link(write(data, "target", bytes), library->path(hash)));
    CHECK(library->find(hash).error().category == ErrorCategory::NotFound);
    write(data, "media/readme.opus", bytes);
    write(data, "media/.new.tmp", bytes);
    const auto listed = library->list();
    REQUIRE(listed);
    CHECK(listed->empty());
}
