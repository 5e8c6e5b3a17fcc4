#include "scheduler/store/database.h"
#include "tests/scheduler/store/sample_store.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

using namespace loa;
using namespace loa::test;
using store::Database;

namespace {

std::unique_ptr<Database> fresh()
{
    auto database = taken(Database::open(text(":memory:")));
    taken(database->execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE)")));
    return database;
}

Result<int> note(Database& database, int id, const char* words)
{
    return database.execute(text("INSERT INTO notes (id, words) VALUES (?, ?)"), {id, text(words)});
}

std::int64_t count(Database& database)
{
    return taken(database.select(text("SELECT COUNT(*) FROM notes"))).front().front().toLongLong();
}

QString pragma(Database& database, const char* name)
{
    return taken(database.select(text("PRAGMA ") + text(name))).front().front().toString();
}

} // namespace

TEST_CASE("A database file is private, durable and minds its references")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    const auto database = taken(Database::open(path));
    CHECK(pragma(*database, "journal_mode") == text("wal"));
    CHECK(pragma(*database, "synchronous") == text("2")); // FULL
    CHECK(pragma(*database, "foreign_keys") == text("1"));
    CHECK(pragma(*database, "busy_timeout").toInt() >= 5000);
    CHECK(database->path() == path);
    for (const QString& name : {path, path + text("-wal"), path + text("-shm")}) {
        INFO(name.toStdString());
        const auto others =
            QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteGroup | QFileDevice::WriteOther;
        CHECK((QFileInfo(name).permissions() & others) == 0);
    }
    CHECK(database->checkIntegrity());
}

TEST_CASE("Migrations run once and a reopened database keeps what it held")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    int version = 0;
    {
        const auto database = taken(Database::open(path));
        version = taken(database->schemaVersion());
        taken(database->execute(
            text("INSERT INTO topics (id, place, topic_group, name_vi, name_en) VALUES ('t', 1, 'g', 'a', 'b')")));
    }
    CHECK(version >= 5);
    const auto database = taken(Database::open(path));
    CHECK(taken(database->schemaVersion()) == version);
    CHECK(taken(database->select(text("SELECT id FROM topics"))).size() == 1);
}

TEST_CASE("A database of a newer program is refused and left alone")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    taken(taken(Database::open(path))
              ->execute(text("INSERT INTO schema_migrations (number, name, applied_at) VALUES (999, 'future', '')")));
    const auto refused = Database::open(path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().category == ErrorCategory::Unsupported);
    CHECK(refused.error().message.en.contains(text("999")));
    CHECK(refused.error().message.vi.contains(text("999")));
}

TEST_CASE("What is not Loa's database is refused and left alone")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    SECTION("another program's")
    {
        {
            const auto database = taken(Database::open(path));
            taken(database->execute(text("DROP TABLE schema_migrations")));
        }
        CHECK(categoryOf(Database::open(path)) == ErrorCategory::Unsupported);
    }
    SECTION("no database at all")
    {
        QFile file(path);
        REQUIRE(file.open(QIODevice::WriteOnly));
        const QByteArray letter(5000, 'x');
        file.write(letter);
        file.close();
        CHECK(categoryOf(Database::open(path)) == ErrorCategory::Storage);
        REQUIRE(file.open(QIODevice::ReadOnly));
        CHECK(file.readAll() == letter);
    }
    SECTION("a folder that is not there")
    {
        const QString nowhere = folder.filePath(text("no/loa.db"));
        const auto refused = Database::open(nowhere);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().category == ErrorCategory::Storage);
        CHECK(refused.error().where == nowhere);
    }
}

TEST_CASE("An error says which SQL failed, and what kind of error it is")
{
    const auto database = fresh();
    taken(note(*database, 1, "one"));
    const auto taken2 = note(*database, 2, "one");
    REQUIRE_FALSE(taken2);
    CHECK(taken2.error().category == ErrorCategory::Conflict);
    CHECK(taken2.error().where.startsWith(text("INSERT INTO notes")));
    const auto nonsense = database->select(text("SELECT nothing FROM nowhere"));
    REQUIRE_FALSE(nonsense);
    CHECK(nonsense.error().category == ErrorCategory::Storage);
    CHECK(nonsense.error().where == text("SELECT nothing FROM nowhere"));
    // A foreign key.
    CHECK(categoryOf(database->execute(text(
              "INSERT INTO plan_wishes (station_id, wished_at) VALUES ('nobody', 'x')"))) == ErrorCategory::Conflict);
    // The statement works again after it failed.
    taken(note(*database, 2, "two"));
}

TEST_CASE("A transaction is all or nothing, and so is each one inside it")
{
    const auto database = fresh();
    const auto failed = database->transaction([&]() -> Result<void> {
        taken(note(*database, 1, "one"));
        return fail(ErrorCategory::InvalidInput, {text("không"), text("no")});
    });
    CHECK(categoryOf(failed) == ErrorCategory::InvalidInput);
    CHECK(count(*database) == 0);

    const auto outer = database->transaction([&]() -> Result<int> {
        taken(note(*database, 1, "one"));
        const auto inner = database->transaction([&]() -> Result<void> {
            taken(note(*database, 2, "two"));
            const auto innermost = database->transaction([&]() -> Result<void> {
                taken(note(*database, 3, "three"));
                return {};
            });
            CHECK(innermost);
            return fail(ErrorCategory::Conflict, {});
        });
        CHECK_FALSE(inner);
        taken(note(*database, 4, "four"));
        return 7;
    });
    CHECK(taken(outer) == 7);
    const auto left = taken(database->select(text("SELECT id FROM notes ORDER BY id")));
    REQUIRE(left.size() == 2);
    CHECK(left[0].front().toInt() == 1);
    CHECK(left[1].front().toInt() == 4);
}

TEST_CASE("What waits for a commit is called after it, and never after a rollback")
{
    const auto database = fresh();
    std::vector<int> called;
    const auto when = [&](int id) {
        database->afterCommit([&called, id, &db = *database] {
            CHECK(count(db) > 0); // the data is there
            called.push_back(id);
        });
    };
    taken(note(*database, 1, "one"));
    when(1);
    CHECK(called == std::vector<int>{1});

    taken(database->transaction([&]() -> Result<void> {
        when(2);
        const auto undone = database->transaction([&]() -> Result<void> {
            when(3);
            taken(database->transaction([&]() -> Result<void> {
                when(4);
                return {};
            }));
            return fail(ErrorCategory::Conflict, {});
        });
        CHECK_FALSE(undone);
        taken(database->transaction([&]() -> Result<void> {
            when(5);
            return {};
        }));
        CHECK(called.size() == 1);
        return {};
    }));
    CHECK(called == std::vector<int>{1, 2, 5});

    CHECK_FALSE(database->transaction([&]() -> Result<void> {
        when(6);
        return fail(ErrorCategory::Conflict, {});
    }));
    taken(database->transaction([&]() -> Result<void> { return {}; }));
    CHECK(called.size() == 3);
}

TEST_CASE("What is rehearsed tells what would be, and leaves nothing behind")
{
    const auto database = fresh();
    bool called = false;
    const auto rehearse = [&] {
        return database->rehearse([&]() -> Result<int> {
            taken(note(*database, 1, "one"));
            database->afterCommit([&] { called = true; });
            return count(*database);
        });
    };
    CHECK(taken(rehearse()) == 1);
    CHECK(count(*database) == 0);
    taken(database->transaction([&]() -> Result<void> {
        taken(note(*database, 2, "two"));
        CHECK(taken(rehearse()) == 2);
        return {};
    }));
    CHECK(count(*database) == 1);
    CHECK_FALSE(called);
}

TEST_CASE("A column that does not hold what it should is an error with the SQL, never a default")
{
    const auto database = fresh();
    taken(note(*database, 1, "not a time"));
    const QString sql = text("SELECT words FROM notes");
    const auto readTime = database->selectAll(sql, {}, [](store::RowReader& row) { return row.time(); });
    REQUIRE_FALSE(readTime);
    CHECK(readTime.error().category == ErrorCategory::Storage);
    CHECK(readTime.error().where == sql);
    CHECK_FALSE(database->selectAll(sql, {}, [](store::RowReader& row) { return row.integer(); }));
    CHECK_FALSE(database->selectAll(sql, {}, [](store::RowReader& row) { return row.hash(); }));
    CHECK_FALSE(database->selectAll(sql, {}, [](store::RowReader& row) { return row.date(); }));
    CHECK_FALSE(database->selectAll(sql, {}, [](store::RowReader& row) {
        static_cast<void>(row.text());
        return row.text(); // there is no second column
    }));
    CHECK_FALSE(database->selectAll(text("SELECT NULL"), {}, [](store::RowReader& row) { return row.text(); }));
    CHECK_FALSE(database->selectAll(text("SELECT 2"), {}, [](store::RowReader& row) { return row.flag(); }));
    CHECK(taken(database->selectAll(text("SELECT NULL"), {}, [](store::RowReader& row) {
              return row.optionalTime();
          })).front() == std::nullopt);
}

TEST_CASE("A backup is a whole database, private, and never replaces a file")
{
    const QTemporaryDir folder;
    const auto database = taken(Database::open(folder.filePath(text("loa.db"))));
    taken(database->execute(
        text("INSERT INTO topics (id, place, topic_group, name_vi, name_en) VALUES ('t', 1, 'g', 'a', 'b')")));
    const QString copy = folder.filePath(text("copy.db"));
    REQUIRE(database->backUpTo(copy));
    CHECK(categoryOf(database->backUpTo(copy)) == ErrorCategory::Conflict);
    CHECK((QFileInfo(copy).permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther)) == 0);
    const auto restored = taken(Database::open(copy));
    CHECK(restored->checkIntegrity());
    CHECK(taken(restored->select(text("SELECT id FROM topics"))).size() == 1);
}

TEST_CASE("Two connections share a file: each sees what the other committed")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    const auto one = taken(Database::open(path));
    const auto other = taken(Database::open(path));
    taken(one->execute(
        text("INSERT INTO topics (id, place, topic_group, name_vi, name_en) VALUES ('t', 1, 'g', 'a', 'b')")));
    CHECK(taken(other->select(text("SELECT id FROM topics"))).size() == 1);
}
