#include "playout/journal/reserve.h"
#include "tests/playout/journal/journal_fixture.h"
#include "tests/support/full_disk.h"

#include <QFile>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlQuery>

#include <algorithm>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

TEST_CASE("Each airing gets one entry, and the chain holds", "[journal]")
{
    JournalFolder folder;
    auto journal = folder.open();
    const PlannedAiring one = planned(1, 0);
    REQUIRE(journal->plan({one, planned(1, 0, QStringLiteral("wav")), planned(2, 10)}));
    CHECK(journal->standing().open == 3);
    REQUIRE(journal->begin(one.key, at(0)));
    REQUIRE(journal->close(one.key, complete(one), stampAt(10)).value());
    CHECK_FALSE(journal->close(one.key, complete(one), stampAt(11)).value());
    REQUIRE(journal->event({}, QStringLiteral("agent-started"), QStringLiteral("x"), stampAt(12)));
    CHECK(journal->standing().lastSequence == 2);
    CHECK(journal->standing().open == 2);
    CHECK(journal->state(one.key).value() == AiringState::Closed);

    const auto entries = verifiedEntries(*journal);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].entry.outcome == Outcome::Complete);
    CHECK(entries[0].entry.frames == one.plannedFrames);
    CHECK(entries[0].entry.bundleVersion == 3);
    CHECK(entries[1].entry.kind == EntryKind::Event);
}

TEST_CASE("A plan may change until the airing begins", "[journal]")
{
    JournalFolder folder;
    auto journal = folder.open();
    REQUIRE(journal->plan({planned(1, 100)}));
    PlannedAiring moved = planned(1, 200);
    moved.bundleVersion = 4;
    REQUIRE(journal->plan({moved}));
    CHECK(journal->openAirings(moved.station).value().at(0).plannedStart == at(200));
    REQUIRE(journal->begin(moved.key, at(200)));
    REQUIRE(journal->plan({planned(1, 300)}));
    CHECK(journal->openAirings(moved.station).value().at(0).plannedStart == at(200));
    CHECK(journal->standing().open == 1);
}

TEST_CASE("Promise 3: after a crash the journal claims no more than its last checkpoint", "[journal][promise-3]")
{
    JournalFolder folder;
    {
        auto journal = folder.open();
        REQUIRE(journal->plan({planned(1, 0), planned(2, 10), planned(3, 20), planned(4, 60), planned(5, 3600)}));
        REQUIRE(journal->begin(planned(1, 0).key, at(0)));
        REQUIRE(journal->progress(planned(1, 0).key, {{480'000}, 0, at(10)}));
        REQUIRE(journal->begin(planned(2, 10).key, at(10)));
        REQUIRE(journal->progress(planned(2, 10).key, {{96'000}, 1, at(12)}));
        REQUIRE(journal->progress(planned(2, 10).key, {{48'000}, 0, at(11)})); // late word lowers nothing
        REQUIRE(journal->alive(at(12)));
    }
    auto journal = folder.open();
    const auto recovery = journal->recover(stampAt(100));
    REQUIRE(recovery);
    const auto entries = verifiedEntries(*journal);
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].entry.outcome == Outcome::Complete); // every frame was checkpointed
    CHECK(entries[1].entry.outcome == Outcome::Partial);
    CHECK(entries[1].entry.frames == FrameCount{96'000});
    CHECK(entries[1].entry.gaps == 1);
    CHECK(entries[1].entry.reason == QStringLiteral("interrupted"));
    CHECK(entries[1].entry.lastFrameAt == at(12));
    CHECK(entries[2].entry.outcome == Outcome::Unknown); // due within the slack: may have begun
    CHECK(entries[3].entry.outcome == Outcome::Missed);
    CHECK(entries[3].entry.reason == QStringLiteral("agent-not-running"));
    CHECK(journal->state(planned(5, 3600).key).value() == AiringState::Planned);
    // And once only.
    CHECK(journal->recover(stampAt(101)).value().missed == 0);
    CHECK(journal->standing().lastSequence == 4);
}

TEST_CASE("Promise 3: what was interrupted can be joined, and gets an entry for that part alone",
          "[journal][promise-3]")
{
    JournalFolder folder;
    auto journal = folder.open();
    const PlannedAiring running = planned(1, 10);
    const PlannedAiring whole = planned(2, 0);
    const PlannedAiring later = planned(3, 95); // planned while the agent was gone, and not over when it is back
    REQUIRE(journal->plan({running, whole, later}));
    for (const PlannedAiring& airing : {running, whole}) {
        REQUIRE(journal->begin(airing.key, airing.plannedStart));
        REQUIRE(journal->progress(airing.key, {{96'000}, 0, at(12)}));
    }
    REQUIRE(journal->close(whole.key, complete(whole), stampAt(11)).value());
    journal.reset();
    journal = folder.open();
    REQUIRE(journal->recover(stampAt(100)));
    CHECK(journal->state(running.key).value() == AiringState::Interrupted);
    CHECK(journal->state(whole.key).value() == AiringState::Closed);
    CHECK(journal->state(later.key).value() == AiringState::Planned);
    CHECK_FALSE(journal->close(running.key, complete(running), stampAt(100)).value()); // not before it is planned again

    REQUIRE(journal->plan({running, whole}));
    CHECK(journal->state(whole.key).value() == AiringState::Closed);
    CHECK(journal->standing().open == 2);
    REQUIRE(journal->begin(running.key, at(101)));
    REQUIRE(journal->progress(running.key, {{48'000}, 0, at(102)}));
    journal.reset();
    journal = folder.open();
    REQUIRE(journal->recover(stampAt(103))); // and cut once more
    const auto entries = verifiedEntries(*journal);
    REQUIRE(entries.size() == 3);
    CHECK(entries[1].entry.frames == FrameCount{96'000});
    CHECK(entries[2].entry.airing == running.key.airing);
    CHECK(entries[2].entry.outcome == Outcome::Partial);
    CHECK(entries[2].entry.frames == FrameCount{48'000});
    CHECK(entries[2].entry.firstFrameAt == at(101));
}

TEST_CASE("Promise 3: the rest of what was interrupted says nothing more when none of it sounds",
          "[journal][promise-3]")
{
    JournalFolder folder;
    auto journal = folder.open();
    const PlannedAiring running = planned(1, 10);
    REQUIRE(journal->plan({running}));
    REQUIRE(journal->begin(running.key, running.plannedStart));
    REQUIRE(journal->progress(running.key, {{96'000}, 0, at(12)}));
    journal.reset();
    journal = folder.open();
    REQUIRE(journal->recover(stampAt(15)));
    REQUIRE(journal->plan({running}));
    AiringEnd missed;
    missed.outcome = Outcome::Missed;
    missed.reason = QStringLiteral("output-down");
    SECTION("its output stayed down")
    {
        REQUIRE(journal->close(running.key, missed, stampAt(20)).value());
    }
    SECTION("it was given up")
    {
        REQUIRE(journal->closeUnplayed({running}, missed, stampAt(20)).value() == 1);
    }
    SECTION("the agent was cut off again, and came back when all was over")
    {
        journal.reset();
        journal = folder.open();
        REQUIRE(journal->recover(stampAt(10'000)));
    }
    CHECK(journal->state(running.key).value() == AiringState::Closed);
    CHECK(journal->standing().open == 0);
    const auto entries = verifiedEntries(*journal);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].entry.reason == QStringLiteral("interrupted"));
    CHECK(entries[0].entry.frames == FrameCount{96'000});
}

TEST_CASE("Promise 4: a journal refuses another agent, another key and an altered last entry", "[journal][promise-4]")
{
    JournalFolder folder;
    {
        auto journal = folder.open();
        REQUIRE(journal->event({}, QStringLiteral("a"), {}, stampAt(1)));
        REQUIRE(journal->event({}, QStringLiteral("b"), {}, stampAt(2)));
    }
    JournalSettings other = folder.settings;
    other.agent = {QStringLiteral("agent-2")};
    CHECK(Journal::open(other, folder.key).error().category == ErrorCategory::Conflict);
    const SigningKey stranger = SigningKey::fromSeed({8});
    CHECK(Journal::open(folder.settings, stranger).error().category == ErrorCategory::Conflict);
    CHECK((QFile::permissions(folder.settings.path) & (QFile::ReadOther | QFile::ReadGroup)) == QFile::Permissions());
}

TEST_CASE("Promise 4: acknowledgements never run ahead of the log, and pruning never breaks it", "[journal][promise-4]")
{
    JournalFolder folder;
    folder.settings.retention = std::chrono::days(30);
    auto journal = folder.open();
    constexpr std::int64_t day = 86'400;
    for (const std::int64_t when : {day, 2 * day, 0 * day, 40 * day, 41 * day})
        REQUIRE(journal->event({}, QStringLiteral("e"), {}, stampAt(when)));
    CHECK(journal->acknowledge(6).error().category == ErrorCategory::Conflict);
    REQUIRE(journal->acknowledge(2));
    REQUIRE(journal->acknowledge(1));
    CHECK(journal->standing().acknowledged == 2);
    CHECK(journal->prune(at(60 * day)).value() == 2); // the third is old, but the scheduler has not got it
    REQUIRE(journal->acknowledge(5));
    CHECK(journal->prune(at(100 * day)).value() == 2); // the last stays: the chain goes on from it
    journal.reset();
    journal = folder.open();
    REQUIRE(journal->event({}, QStringLiteral("next"), {}, stampAt(101 * day)));
    const auto entries = journal->entries(1, 10);
    REQUIRE(entries);
    REQUIRE(entries->size() == 2);
    CHECK(verifyLink(&entries->at(0), entries->at(1), folder.key.verifyKey()));
    CHECK(journal->standing().acknowledged == 5);
}

TEST_CASE("Promise 4: a disk that is full at any write loses nothing that was confirmed",
          "[journal][promise-4][promise-7]")
{
    int refusals = 0;
    for (rlim_t room = 0; room < 60'000; room += 2'000) {
        JournalFolder folder(true);
        auto journal = folder.open();
        REQUIRE(journal->plan({planned(1, 0), planned(2, 10)}));
        const auto walBytes = static_cast<rlim_t>(QFile(folder.settings.path + QStringLiteral("-wal")).size());
        std::int64_t confirmed = 0;
        {
            const loa::test::FullDisk full(walBytes + room);
            for (int i = 0; i < 4; ++i) {
                const auto event = journal->event({}, QStringLiteral("e"), QString(900, u'x'), stampAt(i));
                confirmed += event ? 1 : 0;
                refusals += event ? 0 : 1;
                if (!event)
                    CHECK(event.error().category == ErrorCategory::Storage);
                CHECK(journal->standing().lastSequence == confirmed);
            }
            if (journal->close(planned(1, 0).key, complete(planned(1, 0)), stampAt(10)).value_or(false))
                ++confirmed;
        }
        // Room again: it goes on where it stood.
        REQUIRE(journal->event({}, QStringLiteral("after"), {}, stampAt(20)));
        CHECK(verifiedEntries(*journal).size() == static_cast<std::size_t>(confirmed) + 1);
        journal.reset();
        journal = folder.open();
        CHECK(verifiedEntries(*journal).size() == static_cast<std::size_t>(confirmed) + 1);
    }
    CHECK(refusals > 10);
}

TEST_CASE("Promise 4: on a disk that is full at any write each step of an airing is whole or not there",
          "[journal][promise-4][promise-7]")
{
    const PlannedAiring first = planned(1, 0);
    const PlannedAiring later = planned(2, 10);
    int done = 0;
    int refused = 0;
    for (rlim_t room = 0; room < 50'000; room += 2'000) {
        JournalFolder folder(true);
        folder.settings.retention = std::chrono::days(30);
        auto journal = folder.open();
        REQUIRE(journal->plan({first}));
        for (int i = 0; i < 3; ++i)
            REQUIRE(journal->event({}, QStringLiteral("e"), {}, stampAt(i)));
        const auto walBytes = static_cast<rlim_t>(QFile(folder.settings.path + QStringLiteral("-wal")).size());
        const auto isDone = [&](const auto& result) {
            ++(result ? done : refused);
            if (!result)
                CHECK(result.error().category == ErrorCategory::Storage);
            return result.has_value();
        };
        bool isPlanned = false;
        bool hasBegun = false;
        bool hasProgress = false;
        bool isAcknowledged = false;
        bool isPruned = false;
        {
            const loa::test::FullDisk full(walBytes + room);
            isPlanned = isDone(journal->plan({later}));
            hasBegun = isDone(journal->begin(first.key, at(0)));
            hasProgress = isDone(journal->progress(first.key, {{96'000}, 0, at(2)}));
            isAcknowledged = isDone(journal->acknowledge(2));
            isPruned = isDone(journal->prune(at(60 * 86'400)));
        }
        CAPTURE(room, isPlanned, hasBegun, hasProgress, isAcknowledged, isPruned);
        const auto check = [&] {
            CHECK(journal->state(later.key).value() == (isPlanned ? AiringState::Planned : AiringState::None));
            CHECK(journal->state(first.key).value() == (hasBegun ? AiringState::Sounding : AiringState::Planned));
            CHECK(journal->standing().open == (isPlanned ? 2 : 1));
            CHECK(journal->standing().acknowledged == (isAcknowledged ? 2 : 0));
            CHECK(journal->entries(1, 10).value().size() == (isAcknowledged && isPruned ? 1U : 3U));
        };
        check();
        journal.reset();
        journal = folder.open();
        check();
        REQUIRE(journal->recover(stampAt(5)));
        const auto recovered = journal->entries(4, 10);
        REQUIRE(recovered);
        const auto entry = std::ranges::find_if(
            *recovered, [&](const SignedLogEntry& one) { return one.entry.airing == first.key.airing; });
        REQUIRE((entry != recovered->end() || !hasBegun));
        if (hasBegun)
            CHECK(entry->entry.frames == FrameCount{hasProgress ? 96'000 : 0});
    }
    CHECK(done > 20);
    CHECK(refused > 10);
}

TEST_CASE("The reserve is whole or not there", "[journal][promise-7]")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("journal.reserve"));
    JournalReserve reserve(path, 100'000);
    CHECK_FALSE(reserve.release());
    REQUIRE(reserve.fill());
    CHECK(QFile(path).size() == 100'000);
    REQUIRE(reserve.fill());
    CHECK(reserve.release());
    {
        const loa::test::FullDisk full(50'000);
        CHECK(reserve.fill().error().category == ErrorCategory::Storage);
    }
    CHECK_FALSE(QFile::exists(path));
}

namespace {

// A journal as agents wrote it before there was a proof: its tables, one entry, and one airing that was sounding.
const QStringList journalOfThen{
    QStringLiteral("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)"),
    QStringLiteral(
        "CREATE TABLE entries (sequence INTEGER PRIMARY KEY, recorded_at TEXT NOT NULL, body TEXT NOT NULL)"),
    QStringLiteral("CREATE TRIGGER entries_stand BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries never "
                   "change'); END"),
    QStringLiteral(
        "CREATE TABLE airings (airing TEXT NOT NULL, output TEXT NOT NULL, station TEXT NOT NULL, session TEXT NOT "
        "NULL, item TEXT NOT NULL, sha256 TEXT NOT NULL, bundle_version INTEGER NOT NULL, planned_start TEXT NOT NULL, "
        "planned_frames INTEGER NOT NULL, state INTEGER NOT NULL, first_frame_at TEXT, last_frame_at TEXT, frames "
        "INTEGER NOT NULL DEFAULT 0, gaps INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (airing, output))"),
    QStringLiteral("CREATE INDEX airings_open ON airings (state, planned_start)"),
    QStringLiteral("INSERT INTO facts (name, value) VALUES ('agent', 'agent-1'), ('acknowledged', '0'), "
                   "('mark/alive', '2026-11-30T00:53:35.000000Z')"),
    QStringLiteral("INSERT INTO airings VALUES ('airing-1', 'icecast', 'station-1', 'session-1', 'item-1', '%1', 3, "
                   "'2026-11-30T00:53:30.000000Z', 480000, 2, '2026-11-30T00:53:30.000000Z', "
                   "'2026-11-30T00:53:34.000000Z', 192000, 0)")
        .arg(toString(sha256("1"))),
    QStringLiteral("PRAGMA user_version=1"),
};
constexpr const char* entryOfThen =
    R"({"entry":{"agent":"agent-1","airing":"airing-0","bundle_version":3,"clock":"synchronised","detail":"","first_frame_at":"2026-11-30T00:53:20.000000Z","frames":480000,"gaps":0,"item":"item-0","kind":"airing","last_frame_at":"2026-11-30T00:53:30.000000Z","outcome":"complete","output":"icecast","planned_frames":480000,"planned_start":"2026-11-30T00:53:20.000000Z","previous":"fe3a05ae95f36ba031c245d2f0256f523a341ed538e325a65d2b2a46b6909e91","reason":"","recorded_at":"2026-11-30T00:53:30.000000Z","sequence":1,"session":"session-1","sha256":"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9","station":"station-1"},"hash":"377f28fde85ec1d36ec56f95501243f7ddb2c52dfce24d9292a26049c40b621a","signature":"CbDQA17Ic4aqOYthYJBtI7dBETNTZv7df8QJKjBeYfdIH+O5pkXacZlpPhxCoL7p4Dymmch9xA0qkV5on32oCQ=="})";

} // namespace

TEST_CASE("Promise 4: a journal from before the proof is gone on with, nothing lost", "[promise-4][journal]")
{
    JournalFolder folder;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("then"));
        database.setDatabaseName(folder.settings.path);
        REQUIRE(database.open());
        QSqlQuery query(database);
        for (const QString& sql : journalOfThen)
            REQUIRE(query.exec(sql));
        REQUIRE(query.prepare(QStringLiteral("INSERT INTO facts (name, value) VALUES ('key', ?)")));
        query.addBindValue(QString::fromLatin1(folder.key.verifyKey().toBase64()));
        REQUIRE(query.exec());
        REQUIRE(query.prepare(QStringLiteral("INSERT INTO entries VALUES (1, '2026-11-30T00:53:30.000000Z', ?)")));
        query.addBindValue(QString::fromLatin1(entryOfThen));
        REQUIRE(query.exec());
    }
    QSqlDatabase::removeDatabase(QStringLiteral("then"));

    auto journal = folder.open();
    const auto recovery = journal->recover(stampAt(100));
    REQUIRE(recovery);
    CHECK(recovery->partial == 1);
    const PlannedAiring next = planned(2, 200);
    REQUIRE(journal->plan({next}));
    REQUIRE(journal->begin(next.key, at(200)));
    AiringEnd end = complete(next);
    end.mix = MixProof{{480'000}, 998, -1612};
    REQUIRE(journal->close(next.key, end, stampAt(210)).value());
    HeardProof heard;
    heard.airing = next.key.airing;
    heard.session = next.session;
    heard.item = next.item;
    heard.sha256 = next.sha256;
    heard.output = next.key.output;
    heard.plannedStart = next.plannedStart;
    heard.result = Heard::Yes;
    heard.frames = {470'000};
    heard.match = 870;
    heard.delay = std::chrono::milliseconds(3'120);
    REQUIRE(journal->heard(next.station, heard, stampAt(220)));

    const auto entries = verifiedEntries(*journal);
    REQUIRE(entries.size() == 4);
    CHECK(QJsonDocument(toJson(entries[0])).toJson(QJsonDocument::Compact) == entryOfThen);
    CHECK_FALSE(entries[0].entry.mix);
    CHECK(entries[1].entry.frames == FrameCount{192'000});
    CHECK_FALSE(entries[1].entry.mix); // what a crash left open was not measured
    CHECK(entries[2].entry.mix == end.mix);
    CHECK(entries[3].entry.reason == QStringLiteral("heard"));
    CHECK(entries[3].entry.heard == heard);
}

TEST_CASE("Promise 4: a station's own journal takes over what the common one knew, nothing lost, nothing twice",
          "[journal][promise-4]")
{
    JournalFolder folder;
    auto common = folder.open();
    JournalSettings settings = folder.settings;
    settings.path = folder.folder.filePath(QStringLiteral("own.db"));
    settings.agent = {QStringLiteral("agent-own")};
    const SigningKey key = SigningKey::fromSeed({9});
    const StationId station{QStringLiteral("station-1")};
    PlannedAiring other = planned(9, 0);
    other.station = {QStringLiteral("station-2")};
    // One that is over, one that sounds, one to come; and another station's.
    REQUIRE(common->plan({planned(1, 0), planned(2, 20), planned(3, 60), other}));
    REQUIRE(common->begin(planned(1, 0).key, at(0)));
    REQUIRE(common->close(planned(1, 0).key, complete(planned(1, 0)), stampAt(10)));
    REQUIRE(common->begin(planned(2, 20).key, at(20)));
    REQUIRE(common->checkpoint({{planned(2, 20).key, {{96'000}, 0, at(22)}}}, at(22)));
    REQUIRE(common->setMark(QStringLiteral("settled/station-1"), at(5)));
    const std::int64_t entries = common->standing().lastSequence;

    const bool isCutBetween = GENERATE(false, true);
    auto own = Journal::open(settings, key);
    REQUIRE(own);
    if (isCutBetween) {
        // Durable in the new one, not yet gone from the old: as a copy of the old file from before has it.
        REQUIRE(QFile::copy(folder.settings.path, folder.settings.path + QStringLiteral(".copy")));
        QFile::copy(folder.settings.path + QStringLiteral("-wal"), folder.settings.path + QStringLiteral(".copy-wal"));
        REQUIRE((*own)->inherit(*common, station, stampAt(30)));
        own->reset();
        JournalSettings before = folder.settings;
        before.path += QStringLiteral(".copy");
        common = *Journal::open(before, folder.key);
        own = Journal::open(settings, key);
        REQUIRE(own);
        REQUIRE(common->openAirings(station)->size() == 2);
        CHECK(*(*own)->inherit(*common, station, stampAt(31)) == false);
    } else {
        CHECK(*(*own)->hasInherited(common->agent()) == false);
        CHECK(*(*own)->inherit(*common, station, stampAt(30)) == true);
    }
    CHECK(*(*own)->hasInherited(common->agent()) == true);
    // The old one knows of the other station alone, and its entries are as they were.
    CHECK(common->openAirings(station)->empty());
    CHECK(common->openAirings(other.station)->size() == 1);
    CHECK(common->standing().open == 1);
    CHECK(common->standing().lastSequence == entries);
    // The new one goes on from there.
    CHECK((*own)->standing().open == 2);
    CHECK(*(*own)->state(planned(1, 0).key) == AiringState::Closed);
    CHECK(*(*own)->state(other.key) == AiringState::None);
    CHECK(*(*own)->mark(QStringLiteral("settled/station-1")) == at(5));
    REQUIRE((*own)->recover(stampAt(40)));
    CHECK(*(*own)->state(planned(2, 20).key) == AiringState::Interrupted);
    CHECK(*(*own)->state(planned(3, 60).key) == AiringState::Planned);
    const auto written = (*own)->entries(1, 10);
    REQUIRE(written);
    REQUIRE(written->size() == 2);
    CHECK(written->at(0).entry.reason == QStringLiteral("journal-inherited"));
    CHECK(written->at(1).entry.outcome == Outcome::Partial);
    CHECK(written->at(1).entry.frames == FrameCount{96'000});
    CHECK(verifyLink(nullptr, written->at(0), key.verifyKey()));
    CHECK(verifyLink(&written->at(0), written->at(1), key.verifyKey()));
}
