#include "playout/cache/memory_disk.h"
#include "playout/cache/real_disk.h"

#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <functional>

using namespace loa;
using namespace loa::playout;
using namespace Qt::StringLiterals;

namespace {

// `age`: makes a file an hour older, where time counts.
void behaves(Disk& disk, const std::function<void(const QString&)>& age)
{
    CHECK(disk.read(u"a"_s, 10).error().category == ErrorCategory::NotFound);
    CHECK(disk.hash(u"a"_s).error().category == ErrorCategory::NotFound);
    REQUIRE(disk.replace(u"bundles/a"_s, "first"));
    REQUIRE(disk.replace(u"bundles/a"_s, "second"));
    CHECK(disk.read(u"bundles/a"_s, 10).value() == "second");
    CHECK(disk.read(u"bundles/a"_s, 5).error().category == ErrorCategory::LimitExceeded);
    CHECK(disk.hash(u"bundles/a"_s).value() == sha256("second"));

    REQUIRE(disk.write(u"media/x.part"_s, 0, "abc"));
    REQUIRE(disk.write(u"media/x.part"_s, 3, "def"));
    CHECK(disk.write(u"media/x.part"_s, 7, "h").error().category == ErrorCategory::Storage);
    REQUIRE(disk.write(u"media/x.part"_s, 4, "E")); // what lay behind is cut off
    CHECK(disk.list(u"media"_s).value().at(0).bytes == 5);
    REQUIRE(disk.commit(u"media/x.part"_s, u"media/x"_s));
    const auto files = disk.list(u"media"_s);
    REQUIRE(files);
    REQUIRE(files->size() == 1);
    CHECK(files->front().name == u"media/x"_s);
    CHECK(disk.read(u"media/x"_s, 10).value() == "abcdE");
    CHECK_FALSE(disk.commit(u"media/none"_s, u"media/y"_s));
    REQUIRE(disk.write(u"media/b"_s, 0, "b"));
    age(u"media/b"_s);
    disk.touch(u"media/x"_s);
    disk.touch(u"media/none"_s);
    const auto stamped = disk.list(u"media"_s);
    REQUIRE(stamped->size() == 2);
    CHECK(stamped->at(0).stamp < stamped->at(1).stamp); // b, x
    REQUIRE(disk.remove(u"media/b"_s));
    REQUIRE(disk.remove(u"media/x"_s));
    REQUIRE(disk.remove(u"media/x"_s));
    CHECK(disk.list(u"media"_s).value().empty());
    CHECK(disk.list(u"elsewhere"_s).value().empty());
}

} // namespace

TEST_CASE("The real disk and the one in memory behave alike", "[cache]")
{
    SECTION("real")
    {
        QTemporaryDir folder;
        RealDisk disk(folder.path());
        behaves(disk, [&](const QString& name) {
            QFile file(disk.path(name));
            REQUIRE(file.open(QIODevice::ReadWrite));
            REQUIRE(
                file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(-3600), QFileDevice::FileModificationTime));
        });
        CHECK((QFile::permissions(disk.path(u"bundles/a"_s)) & (QFile::ReadGroup | QFile::ReadOther)) ==
              QFile::Permissions());
        CHECK(QFile::exists(disk.path(u"bundles/a"_s)));
        CHECK_FALSE(QFile::exists(disk.path(u"bundles/a.tmp"_s)));
    }
    SECTION("memory")
    {
        MemoryDisk disk;
        behaves(disk, [](const QString&) {});
    }
}

TEST_CASE("Power takes what was not made durable", "[cache]")
{
    MemoryDisk disk;
    REQUIRE(disk.replace(u"a"_s, "kept"));
    REQUIRE(disk.write(u"b"_s, 0, "0123456789"));
    disk.cutPower();
    CHECK(disk.read(u"a"_s, 10).value() == "kept");
    CHECK(disk.read(u"b"_s, 10).value().size() < 10);
    disk.setCapacity(6);
    CHECK_FALSE(disk.replace(u"a"_s, "far too much"));
    CHECK(disk.read(u"a"_s, 10).value() == "kept");
}
