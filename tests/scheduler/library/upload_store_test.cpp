#include "scheduler/library/upload_store.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

using namespace loa;
using namespace loa::library;

namespace {

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

const UploadId one{QStringLiteral("01jupload")};

} // namespace

TEST_CASE("An upload grows by appended pieces", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    REQUIRE(store);
    REQUIRE(store->create(one));
    CHECK(store->append(one, 0, "hello ").value() == 6);
    CHECK(store->append(one, 6, "world").value() == 11);
    CHECK(store->size(one).value() == 11);
    CHECK(contentOf(store->path(one)) == "hello world");
    CHECK(QFileInfo(store->path(one)).permissions() ==
          (QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser));
    CHECK(store->create(one).error().category == ErrorCategory::Conflict);
    CHECK(contentOf(store->path(one)) == "hello world");
}

TEST_CASE("Bytes that were written but never recorded are cut off", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    REQUIRE(store->create(one));
    REQUIRE(store->append(one, 0, "kept"));
    REQUIRE(store->append(one, 4, "lost in the crash before its offset was recorded"));
    CHECK(store->append(one, 4, "!").value() == 5);
    CHECK(contentOf(store->path(one)) == "kept!");
}

TEST_CASE("An offset beyond the bytes on disk is a conflict and changes nothing", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    REQUIRE(store->create(one));
    REQUIRE(store->append(one, 0, "abc"));
    CHECK(store->append(one, 4, "x").error().category == ErrorCategory::Conflict);
    CHECK(store->append(one, -1, "x").error().category == ErrorCategory::Conflict);
    CHECK(contentOf(store->path(one)) == "abc");
}

TEST_CASE("A disk that fills up keeps the recorded bytes", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    REQUIRE(store->create(one));
    REQUIRE(store->append(one, 0, "recorded"));

    // The limit on file size stands in for the full disk: a write stops half way in the same manner.
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto ignore = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small{1000, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto result = store->append(one, 8, QByteArray(5000, 'x'));
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, ignore);

    REQUIRE_FALSE(result);
    CHECK(result.error().category == ErrorCategory::Storage);
    CHECK(contentOf(store->path(one)) == "recorded");
    CHECK(store->append(one, 8, "!").value() == 9);
}

TEST_CASE("Ids cannot name files elsewhere", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    for (const char* id : {"", "../x", "a/b", "A", "a.b", ".."}) {
        const UploadId bad{QString::fromUtf8(id)};
        CHECK(store->create(bad).error().category == ErrorCategory::InvalidInput);
        CHECK(store->append(bad, 0, "x").error().category == ErrorCategory::InvalidInput);
        CHECK(store->remove(bad).error().category == ErrorCategory::InvalidInput);
        CHECK(store->size(bad).error().category == ErrorCategory::InvalidInput);
    }
}

TEST_CASE("Removing is idempotent, and tidying spares the known", "[uploads]")
{
    const QTemporaryDir data;
    const auto store = UploadStore::open(data.path());
    const UploadId two{QStringLiteral("two")};
    const UploadId three{QStringLiteral("three")};
    for (const UploadId& id : {one, two, three})
        REQUIRE(store->create(id));
    CHECK(store->remove(two));
    CHECK(store->remove(two));
    CHECK(store->append(two, 0, "x").error().category == ErrorCategory::NotFound);
    const std::vector<UploadId> known{one};
    CHECK(store->removeAllBut(known).value() == 1);
    CHECK(store->size(one).value() == 0);
    CHECK(store->size(three).error().category == ErrorCategory::NotFound);
}
