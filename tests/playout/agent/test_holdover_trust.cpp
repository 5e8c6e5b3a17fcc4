#include "playout/agent/holdover_trust.h"
#include "playout/cache/memory_disk.h"
#include "tests/playout/agent/test_board.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

TEST_CASE("Promise 9: a clock that lost its teacher holds over, one that was set or never taught does not",
          "[agent][promise-9][promise-6]")
{
    ManualClock clock{UtcTime(std::chrono::seconds(1'796'000'000))};
    ManualClockTrust kernel(ClockState::Untrusted);
    const HoldoverClockTrust trust(kernel, clock, std::chrono::days(40));
    CHECK(trust.state() == ClockState::Untrusted);
    kernel.set(ClockState::Synchronised);
    CHECK(trust.state() == ClockState::Synchronised);
    kernel.set(ClockState::Untrusted);
    CHECK(trust.state() == ClockState::Assumed);
    SECTION("35 days alone")
    {
        for (int i = 0; i < 35; ++i) {
            clock.advance(std::chrono::days(1));
            CHECK(trust.state() == ClockState::Assumed);
        }
        clock.advance(std::chrono::days(6));
        CHECK(trust.state() == ClockState::Untrusted);
    }
    SECTION("set by thirty seconds, and set back: distrusted until the kernel vouches again")
    {
        clock.advance(1h);
        clock.step(clock.now() + 30s);
        CHECK(trust.state() == ClockState::Untrusted);
        clock.step(clock.now() - 30s);
        CHECK(trust.state() == ClockState::Untrusted);
        kernel.set(ClockState::Synchronised);
        CHECK(trust.state() == ClockState::Synchronised);
    }
}

TEST_CASE("Promise 6: a restart while the network is gone keeps the trust, a reboot does not by itself",
          "[agent][promise-6][promise-9]")
{
    ManualClock clock{UtcTime(std::chrono::seconds(1'796'000'000))};
    ManualClockTrust kernel(ClockState::Synchronised);
    MemoryDisk disk;
    TestBoard board(clock);
    const QString boot = QStringLiteral("boot-1");
    {
        const HoldoverClockTrust trust(kernel, clock, std::chrono::days(40));
        CHECK(trust.state() == ClockState::Synchronised);
        REQUIRE(keepAnchor(disk, boot, board, clock, trust));
    }
    kernel.set(ClockState::Untrusted);
    clock.advance(std::chrono::days(3));
    HoldoverClockTrust restarted(kernel, clock, std::chrono::days(40));
    restoreAnchor(disk, QStringLiteral("boot-2"), board, restarted);
    CHECK(restarted.state() == ClockState::Untrusted);
    restoreAnchor(disk, boot, board, restarted);
    CHECK(restarted.state() == ClockState::Assumed);
    clock.step(clock.now() + std::chrono::minutes(10));
    CHECK(restarted.state() == ClockState::Untrusted);
    CHECK(currentBootId().size() == 36);
}

TEST_CASE("Promise 9: over a power cut a battery clock is believed within bounds, and what is missing is said",
          "[agent][promise-9][promise-6]")
{
    const UtcTime start(std::chrono::seconds(1'796'000'000));
    ManualClock clock(start);
    ManualClockTrust kernel(ClockState::Synchronised);
    MemoryDisk disk;
    TestBoard board(clock);
    const auto kept = [&](const QString& boot, HoldoverClockTrust& trust) {
        static_cast<void>(trust.state());
        REQUIRE(keepAnchor(disk, boot, board, clock, trust));
    };
    const auto booted = [&](const char* boot) {
        auto trust = std::make_unique<HoldoverClockTrust>(kernel, clock, std::chrono::days(40), std::chrono::days(7));
        restoreAnchor(disk, QString::fromLatin1(boot), board, *trust);
        return trust;
    };
    SECTION("it agrees: held, cut after cut, until somebody vouches again or 40 days are over")
    {
        kept(u"boot-1"_s, *booted("boot-1"));
        kernel.set(ClockState::Untrusted);
        clock.advance(5 * 24h);
        auto second = booted("boot-2");
        CHECK(second->state() == ClockState::Held);
        CHECK(second->reason().startsWith(u"by the board's battery clock"_s));
        kept(u"boot-2"_s, *second);
        CHECK(booted("boot-2")->state() == ClockState::Held); // the agent alone was restarted
        clock.advance(6 * 24h);
        auto third = booted("boot-3");
        CHECK(third->state() == ClockState::Held);
        SECTION("vouched for")
        {
            kernel.set(ClockState::Synchronised);
            CHECK(third->state() == ClockState::Synchronised);
            kernel.set(ClockState::Untrusted);
            CHECK(third->state() == ClockState::Assumed);
            CHECK(third->reason().isEmpty());
        }
        SECTION("too long alone, all cuts together")
        {
            clock.advance(28 * 24h);
            CHECK(third->state() == ClockState::Held);
            kept(u"boot-3"_s, *third);
            clock.advance(2 * 24h);
            CHECK(third->state() == ClockState::Untrusted);
            CHECK(booted("boot-4")->state() == ClockState::Untrusted);
        }
        SECTION("set by hand: not held at the next boot either")
        {
            clock.step(clock.now() + 10min);
            CHECK(third->state() == ClockState::Untrusted);
            kept(u"boot-3"_s, *third);
            CHECK(booted("boot-4")->state() == ClockState::Untrusted);
        }
    }
    SECTION("what is not believed, and why")
    {
        QString why;
        SECTION("no such clock, or one that stopped")
        {
            kept(u"boot-1"_s, *booted("boot-1"));
            board.works = false;
            why = u"the board has no clock"_s;
        }
        SECTION("none before")
        {
            board.works = false;
            kept(u"boot-1"_s, *booted("boot-1"));
            board.works = true;
            why = u"was not known before"_s;
        }
        SECTION("one that keeps local time")
        {
            board.ahead = 7h;
            kept(u"boot-1"_s, *booted("boot-1"));
            clock.advance(1h);
            clock.step(clock.now() + 7h); // as the kernel sets it at boot
            board.ahead = {};
            why = u"was 25200.0 s ahead before"_s;
        }
        SECTION("the system's clock goes on from a saved time")
        {
            kept(u"boot-1"_s, *booted("boot-1"));
            clock.advance(1h);
            clock.step(start + 5min);
            board.ahead = 55min;
            why = u"ahead of the system's"_s;
        }
        SECTION("1970")
        {
            kept(u"boot-1"_s, *booted("boot-1"));
            clock.step(UtcTime(5s));
            why = u"it was later before the power cut"_s;
        }
        SECTION("an hour before the last trusted instant")
        {
            kept(u"boot-1"_s, *booted("boot-1"));
            clock.step(start - 1h);
            why = u"it was later before the power cut"_s;
        }
        SECTION("dark for too long")
        {
            kept(u"boot-1"_s, *booted("boot-1"));
            clock.advance(7 * 24h + 1min);
            why = u"the power was gone for too long"_s;
        }
        kernel.set(ClockState::Untrusted);
        const auto trust = booted("boot-2");
        CHECK(trust->state() == ClockState::Untrusted);
        INFO(trust->reason().toStdString());
        CHECK(trust->reason().contains(why));
        // It waits; what is known stays for the next boot, which may find the board's clock again.
        REQUIRE(keepAnchor(disk, u"boot-2"_s, board, clock, *trust));
        CHECK(disk.read(u"clock.json"_s, 4096));
    }
}

TEST_CASE("The board's clock is the one that set the system's, and none when it cannot be read", "[agent]")
{
    const QTemporaryDir folder;
    const SystemBoardClock board(folder.path());
    CHECK_FALSE(board.now());
    const auto put = [&](const QString& name, const QByteArray& bytes) {
        QDir(folder.path()).mkpath(name.section(u'/', 0, 0));
        QFile file(folder.filePath(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    };
    put(u"rtc0/hctosys"_s, "0\n");
    put(u"rtc0/since_epoch"_s, "5\n");
    CHECK(board.now() == UtcTime(5s));
    put(u"rtc1/hctosys"_s, "1\n");
    put(u"rtc1/since_epoch"_s, "1796000000\n");
    CHECK(board.now() == UtcTime(1'796'000'000s));
    QFile::remove(folder.filePath(u"rtc1/since_epoch"_s)); // as a driver says that it stopped
    CHECK_FALSE(board.now());
}
