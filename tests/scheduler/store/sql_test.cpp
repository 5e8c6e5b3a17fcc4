// Keeps the SQL common to SQLite and PostgreSQL: what only one of them takes stays in database.cpp.
#include "scheduler/store/migrations.h"
#include "tests/scheduler/store/sample_store.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

using namespace loa;
using namespace loa::test;

namespace {

// The SQL of a source file: its string literals.
QString literalsOf(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QString source = QString::fromUtf8(file.readAll());
    static const QRegularExpression literal(text(R"re(R"\((.*?)\)"|"((?:[^"\\\n]|\\.)*)")re"),
                                            QRegularExpression::DotMatchesEverythingOption);
    QString literals;
    auto matches = literal.globalMatch(source);
    while (matches.hasNext()) {
        const auto match = matches.next();
        literals += match.captured(1) + match.captured(2) + QLatin1Char('\n');
    }
    return literals;
}

const QRegularExpression onlyOneDialect(text(
    R"(\b(AUTOINCREMENT|PRAGMA|GLOB|IFNULL|STRFTIME|JULIANDAY|ROWID|SQLITE_\w+|ATTACH|VACUUM|DATETIME|BLOB|WITHOUT\s+ROWID|)"
    R"(INSERT\s+OR|UPDATE\s+OR|REPLACE\s+INTO|SERIAL|BIGSERIAL|ILIKE|JSONB|BYTEA|TIMESTAMPTZ|NOW\(\)|LIMIT\s+-1|LIMIT\s+\d+\s*,)\b|::)"));

} // namespace

TEST_CASE("The SQL outside database.cpp is what SQLite and PostgreSQL both take")
{
    const QDir folder(qEnvironmentVariable("LOA_SOURCE_DIR") + text("/scheduler/store"));
    const QStringList files = folder.entryList({text("*.cpp")});
    REQUIRE(files.size() > 10);
    int statements = 0;
    for (const QString& file : files) {
        if (file == text("database.cpp"))
            continue;
        const QString literals = literalsOf(folder.filePath(file));
        statements +=
            static_cast<int>(literals.count(QRegularExpression(text("\\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\\b"))));
        const auto found = onlyOneDialect.match(literals);
        INFO(file.toStdString() << ": " << found.captured().toStdString());
        CHECK_FALSE(found.hasMatch());
    }
    CHECK(statements > 100); // the search reads what it is meant to read
    // And it finds what it looks for.
    CHECK(onlyOneDialect.match(text("INSERT OR REPLACE INTO x")).hasMatch());
    CHECK(onlyOneDialect.match(text("id INTEGER PRIMARY KEY AUTOINCREMENT")).hasMatch());
}

TEST_CASE("Migrations are numbered from 1 without gaps, and every column has a type that both take")
{
    int expected = 1;
    for (const store::Migration& migration : store::migrations()) {
        CHECK(migration.number == expected++);
        CHECK_FALSE(migration.statements.empty());
    }
    const auto database = taken(store::Database::open(text(":memory:")));
    const auto tables = taken(database->select(text("SELECT name FROM sqlite_master WHERE type = 'table'")));
    CHECK(tables.size() > 25);
    const QStringList types{text("TEXT"), text("BIGINT"), text("INTEGER"), text("DOUBLE PRECISION")};
    for (const store::Row& table : tables) {
        for (const store::Row& column : taken(database->select(
                 text("SELECT name, type FROM pragma_table_info('%1')").arg(table.front().toString())))) {
            INFO(table.front().toString().toStdString() << "." << column[0].toString().toStdString());
            CHECK(types.contains(column[1].toString()));
        }
    }
}
