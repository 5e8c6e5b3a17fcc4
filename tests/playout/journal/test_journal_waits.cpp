// When the journal waits for the disk: for what must stand after a power cut, once, and for nothing else.
#include "tests/playout/journal/journal_fixture.h"
#include "tests/support/disk_waits.h"

#include <QFile>
#include <QFileInfo>

#include <set>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

TEST_CASE("An entry waits for the disk, an acknowledgement does not, and holds with the entry behind it", "[journal]")
{
    JournalFolder folder(true);
    auto journal = folder.open();
    REQUIRE(journal->event({}, QStringLiteral("one"), {}, stampAt(0)));
    REQUIRE(journal->event({}, QStringLiteral("two"), {}, stampAt(1)));
    int before = loa::test::diskWaits();
    REQUIRE(journal->acknowledge(1));
    CHECK(loa::test::diskWaits() == before);
    before = loa::test::diskWaits();
    REQUIRE(journal->event({}, QStringLiteral("three"), {}, stampAt(2)));
    CHECK(loa::test::diskWaits() > before);
    CHECK(journal->acknowledge(9).error().category == ErrorCategory::Conflict);
    before = loa::test::diskWaits();
    REQUIRE(journal->event({}, QStringLiteral("four"), {}, stampAt(3))); // durable after a refusal too
    CHECK(loa::test::diskWaits() > before);
    journal.reset();
    CHECK(folder.open()->standing().acknowledged == 1);
}

TEST_CASE("Promise 4: what is held waits for the disk once, and before any of it is given to the scheduler",
          "[journal][promise-4]")
{
    JournalFolder folder(true);
    auto journal = folder.open();
    int before = loa::test::diskWaits();
    journal->hold();
    REQUIRE(journal->release()); // nothing to wait for
    CHECK(loa::test::diskWaits() == before);
    journal->hold();
    const PlannedAiring one = planned(1, 0);
    REQUIRE(journal->plan({one}));
    REQUIRE(journal->begin(one.key, at(0)));
    REQUIRE(journal->close(one.key, complete(one), stampAt(10)).value());
    REQUIRE(journal->setMark(QStringLiteral("settled"), at(10)));
    CHECK(loa::test::diskWaits() == before);
    CHECK(journal->entries(1, 10).value().size() == 1);
    const int once = loa::test::diskWaits();
    CHECK(once > before);
    CHECK(journal->entries(1, 10).value().size() == 1); // it is there already
    CHECK(loa::test::diskWaits() == once);
    REQUIRE(journal->event({}, QStringLiteral("two"), {}, stampAt(11)));
    REQUIRE(journal->acknowledge(1));
    CHECK(loa::test::diskWaits() == once);
    REQUIRE(journal->release());
    CHECK(loa::test::diskWaits() > once);
    before = loa::test::diskWaits();
    REQUIRE(journal->event({}, QStringLiteral("three"), {}, stampAt(12))); // as before
    CHECK(loa::test::diskWaits() > before);
    journal.reset();
    journal = folder.open();
    CHECK(journal->standing().lastSequence == 3);
    CHECK(journal->standing().acknowledged == 1);
}

TEST_CASE("Promise 4: a power cut between two waits leaves the log of one moment, with all that was given away",
          "[journal][promise-4]")
{
    JournalFolder folder(true);
    auto journal = folder.open();
    const QString wal = folder.settings.path + QStringLiteral("-wal");
    REQUIRE(journal->event({}, QStringLiteral("agent-started"), {}, stampAt(0)));
    journal->hold();
    std::size_t given = 0;
    qint64 onDisk = 0;
    for (int number = 1; number <= 14; ++number) {
        const PlannedAiring airing = planned(number, number);
        REQUIRE(journal->plan({airing}));
        REQUIRE(journal->begin(airing.key, at(number)));
        REQUIRE(journal->close(airing.key, complete(airing), stampAt(number)).value());
        if (number == 7) {
            given = journal->entries(1, 100).value().size();
            onDisk = QFileInfo(wal).size();
        }
    }
    REQUIRE(given == 8);
    const qint64 all = QFileInfo(wal).size();
    REQUIRE(all > onDisk);
    std::vector<SignedLogEntry> whole; // what is left of it all
    std::set<std::size_t> left;
    for (qint64 bytes = all; bytes >= onDisk; bytes -= 2053) {
        QTemporaryDir copy;
        JournalSettings settings = folder.settings;
        settings.path = copy.filePath(QStringLiteral("journal.db"));
        REQUIRE(QFile::copy(folder.settings.path, settings.path));
        REQUIRE(QFile::copy(wal, settings.path + QStringLiteral("-wal")));
        REQUIRE(QFile::resize(settings.path + QStringLiteral("-wal"), bytes));
        auto after = Journal::open(settings, folder.key);
        REQUIRE(after);
        const auto entries = (*after)->entries(1, 100);
        REQUIRE(entries);
        if (bytes == all)
            whole = *entries;
        CHECK(entries->size() >= given);
        CHECK(entries->size() <= whole.size());
        CHECK(std::equal(entries->begin(), entries->end(), whole.begin()));
        left.insert(entries->size());
        REQUIRE((*after)->recover(stampAt(100)));
        REQUIRE((*after)->event({}, QStringLiteral("agent-started"), {}, stampAt(101)));
    }
    CHECK(whole.size() == 15);
    CHECK(left.size() == 8); // each moment since, and the one with all
}
