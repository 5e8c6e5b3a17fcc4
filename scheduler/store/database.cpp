#include "scheduler/store/database.h"

#include "scheduler/contract/clock.h"
#include "scheduler/store/migrations.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QThread>
#include <QUuid>

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <unordered_map>

namespace loa::store {

namespace {

// What only SQLite understands. Everything else that goes through the connection is common SQL.
namespace sqlite {

const QString driver = QStringLiteral("QSQLITE");
const QString connectOptions = QStringLiteral("QSQLITE_BUSY_TIMEOUT=10000");
// At once for writing: a transaction that first reads could otherwise not become a writer when another process wrote
// meanwhile.
const QString begin = QStringLiteral("BEGIN IMMEDIATE");
const QStringList settings{QStringLiteral("PRAGMA foreign_keys = ON"), QStringLiteral("PRAGMA journal_mode = WAL"),
                           QStringLiteral("PRAGMA synchronous = FULL")};
const QString countForeignTables =
    QStringLiteral("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
const QString backUp = QStringLiteral("VACUUM INTO ?");
const QString checkPages = QStringLiteral("PRAGMA integrity_check");
const QString checkReferences = QStringLiteral("PRAGMA foreign_key_check");

constexpr int constraintCode = 19; // primary result code SQLITE_CONSTRAINT; the extended ones carry it in the low byte

} // namespace sqlite

constexpr std::size_t cachedStatements = 300;

// The file holds what is nobody's business on this machine: only its owner reads it. SQLite gives -wal and -shm the
// same mode.
Result<bool> createPrivateFile(const QString& path)
{
    const int file = ::open(QFile::encodeName(path).constData(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) {
        ::close(file);
        return true;
    }
    if (errno == EEXIST)
        return false;
    const QString why = QString::fromLocal8Bit(std::strerror(errno));
    return fail(
        ErrorCategory::Storage,
        {QStringLiteral("Không tạo được tệp: %1.").arg(why), QStringLiteral("Cannot create the file: %1.").arg(why)},
        path);
}

bool syncToDisk(const QString& path)
{
    const int file = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const bool synced = ::fsync(file) == 0;
    ::close(file);
    return synced;
}

tl::unexpected<Error> sqlFailure(const QSqlError& error, const QString& sql)
{
    const QString what = error.databaseText().isEmpty() ? error.text() : error.databaseText();
    bool isNumber = false;
    const int code = error.nativeErrorCode().toInt(&isNumber);
    if (isNumber && (code & 0xff) == sqlite::constraintCode) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Dữ liệu mâu thuẫn với dữ liệu đã có (%1).").arg(what),
                     QStringLiteral("This contradicts what is stored already (%1).").arg(what)},
                    sql);
    }
    return fail(
        ErrorCategory::Storage,
        {QStringLiteral("Cơ sở dữ liệu báo lỗi: %1.").arg(what), QStringLiteral("The database failed: %1.").arg(what)},
        sql);
}

} // namespace

struct Database::Private {
    QString path;
    QString connectionName;
    QSqlDatabase connection;
    std::unordered_map<QString, QSqlQuery> statements;
    QThread* thread = nullptr;
    int depth = 0; // open transactions, the outer one counted
    struct Wish {
        int depth = 0;
        std::function<void()> act;
    };
    std::vector<Wish> afterCommit;

    ~Private()
    {
        statements.clear();
        connection.close();
        connection = QSqlDatabase();
        QSqlDatabase::removeDatabase(connectionName);
    }

    // Executed, positioned before the first row. The caller finishes it.
    Result<QSqlQuery*> run(const QString& sql, const Values& values)
    {
        assert(QThread::currentThread() == thread);
        auto found = statements.find(sql);
        if (found == statements.end()) {
            if (statements.size() >= cachedStatements)
                statements.clear();
            QSqlQuery query(connection);
            query.setForwardOnly(true);
            if (!query.prepare(sql))
                return sqlFailure(query.lastError(), sql);
            found = statements.emplace(sql, std::move(query)).first;
        }
        QSqlQuery& query = found->second;
        for (std::size_t i = 0; i < values.size(); ++i)
            query.bindValue(static_cast<int>(i), values[i]);
        if (!query.exec()) {
            const auto failure = sqlFailure(query.lastError(), sql);
            query.finish();
            return failure;
        }
        return &query;
    }
};

Database::Database(std::unique_ptr<Private> d) : m_d(std::move(d)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const QString& path)
{
    const bool inMemory = path == QStringLiteral(":memory:");
    bool isNew = inMemory;
    if (!inMemory) {
        const auto created = createPrivateFile(path);
        if (!created)
            return passOn(created);
        isNew = *created || QFileInfo(path).size() == 0;
    }
    auto d = std::make_unique<Private>();
    d->path = path;
    d->thread = QThread::currentThread();
    d->connectionName = QStringLiteral("loa-") + QUuid::createUuid().toString(QUuid::WithoutBraces);
    d->connection = QSqlDatabase::addDatabase(sqlite::driver, d->connectionName);
    d->connection.setDatabaseName(path);
    d->connection.setConnectOptions(sqlite::connectOptions);
    if (!d->connection.open())
        return sqlFailure(d->connection.lastError(), path);

    std::unique_ptr<Database> database(new Database(std::move(d)));
    for (const QString& setting : sqlite::settings) {
        const auto set = database->select(setting);
        if (!set)
            return fail(set.error().category, set.error().message, path);
        const bool isJournal = setting.contains(QStringLiteral("journal_mode"));
        const QString wanted = inMemory ? QStringLiteral("memory") : QStringLiteral("wal");
        if (isJournal && (set->empty() || set->front().front().toString() != wanted)) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Hệ thống tệp không cho phép chế độ WAL của SQLite."),
                         QStringLiteral("The file system does not allow SQLite's WAL mode.")},
                        path);
        }
    }
    if (!isNew) {
        const auto known =
            database->select(sqlite::countForeignTables + QStringLiteral(" AND name = 'schema_migrations'"));
        const auto tables = database->select(sqlite::countForeignTables);
        if (!known)
            return passOn(known);
        if (!tables)
            return passOn(tables);
        if (known->front().front().toInt() == 0 && tables->front().front().toInt() > 0) {
            return fail(ErrorCategory::Unsupported,
                        {QStringLiteral("Đây là cơ sở dữ liệu của một chương trình khác."),
                         QStringLiteral("This is another program's database.")},
                        path);
        }
    }
    if (const auto migrated = database->migrate(); !migrated)
        return passOn(migrated);
    return database;
}

QString Database::path() const
{
    return m_d->path;
}

Result<int> Database::schemaVersion()
{
    const auto rows = selectAll(QStringLiteral("SELECT COALESCE(MAX(number), 0) FROM schema_migrations"), {},
                                [](RowReader& row) { return row.smallInteger(); });
    if (!rows)
        return passOn(rows);
    return rows->front();
}

Result<void> Database::migrate()
{
    const auto table =
        execute(QStringLiteral("CREATE TABLE IF NOT EXISTS schema_migrations ("
                               "number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"));
    if (!table)
        return passOn(table);
    const int newest = migrations().back().number;
    for (const Migration& migration : migrations()) {
        // The version is read inside the transaction, so that two programs that start at once do not both apply it.
        const auto applied = transaction([&]() -> Result<void> {
            const auto version = schemaVersion();
            if (!version)
                return passOn(version);
            if (*version > newest) {
                return fail(
                    ErrorCategory::Unsupported,
                    {QStringLiteral(
                         "Cơ sở dữ liệu có phiên bản %1, mới hơn chương trình này (%2). Hãy nâng cấp chương trình.")
                         .arg(*version)
                         .arg(newest),
                     QStringLiteral("The database is of version %1, newer than this program (%2). Upgrade the program.")
                         .arg(*version)
                         .arg(newest)},
                    m_d->path);
            }
            if (*version >= migration.number)
                return {};
            for (const char* statement : migration.statements) {
                if (const auto done = execute(QString::fromUtf8(statement)); !done)
                    return passOn(done);
            }
            const auto noted =
                execute(QStringLiteral("INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)"),
                        {toSql(migration.number), QString::fromUtf8(migration.name), toSql(SystemClock().now())});
            if (!noted)
                return passOn(noted);
            return {};
        });
        if (!applied)
            return passOn(applied);
    }
    return {};
}

Result<int> Database::execute(const QString& sql, const Values& values)
{
    const auto query = m_d->run(sql, values);
    if (!query)
        return passOn(query);
    const int changed = (*query)->numRowsAffected();
    (*query)->finish();
    return changed;
}

Result<std::vector<Row>> Database::select(const QString& sql, const Values& values)
{
    const auto query = m_d->run(sql, values);
    if (!query)
        return passOn(query);
    std::vector<Row> rows;
    const int columns = (*query)->record().count();
    while ((*query)->next()) {
        Row& row = rows.emplace_back();
        row.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column)
            row.push_back((*query)->value(column));
    }
    const QSqlError error = (*query)->lastError();
    (*query)->finish();
    if (error.isValid())
        return sqlFailure(error, sql);
    return rows;
}

Result<void> Database::begin()
{
    const QString sql = m_d->depth == 0 ? sqlite::begin : QStringLiteral("SAVEPOINT level_%1").arg(m_d->depth);
    const auto begun = execute(sql);
    if (!begun)
        return passOn(begun);
    ++m_d->depth;
    return {};
}

Result<void> Database::commit()
{
    const int outer = m_d->depth - 1;
    const auto committed =
        execute(outer == 0 ? QStringLiteral("COMMIT") : QStringLiteral("RELEASE SAVEPOINT level_%1").arg(outer));
    if (!committed) {
        rollBack();
        return passOn(committed);
    }
    m_d->depth = outer;
    for (Private::Wish& wish : m_d->afterCommit)
        wish.depth = std::min(wish.depth, outer);
    if (outer == 0) {
        const std::vector<Private::Wish> wishes = std::exchange(m_d->afterCommit, {});
        for (const Private::Wish& wish : wishes)
            wish.act();
    }
    return {};
}

void Database::rollBack()
{
    const int outer = m_d->depth - 1;
    // A failure here means that the database has rolled back by itself already (disk full): nothing of the work stays
    // either way.
    if (outer == 0) {
        static_cast<void>(execute(QStringLiteral("ROLLBACK")));
    } else {
        static_cast<void>(execute(QStringLiteral("ROLLBACK TO SAVEPOINT level_%1").arg(outer)));
        static_cast<void>(execute(QStringLiteral("RELEASE SAVEPOINT level_%1").arg(outer)));
    }
    m_d->depth = outer;
    std::erase_if(m_d->afterCommit, [outer](const Private::Wish& wish) { return wish.depth > outer; });
}

void Database::afterCommit(std::function<void()> act)
{
    if (m_d->depth == 0)
        act();
    else
        m_d->afterCommit.push_back({m_d->depth, std::move(act)});
}

Result<void> Database::backUpTo(const QString& path)
{
    const auto created = createPrivateFile(path);
    if (!created)
        return passOn(created);
    if (!*created) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Tệp đã có, không ghi đè."),
                     QStringLiteral("The file exists already and is not replaced.")},
                    path);
    }
    const auto copied = execute(sqlite::backUp, {path});
    const bool synced = copied && syncToDisk(path) && syncToDisk(QFileInfo(path).absolutePath());
    if (copied && synced)
        return {};
    QFile::remove(path);
    if (!copied)
        return passOn(copied);
    return fail(
        ErrorCategory::Storage,
        {QStringLiteral("Không ghi được bản sao xuống đĩa."), QStringLiteral("The copy could not be written to disk.")},
        path);
}

Result<void> Database::checkIntegrity()
{
    const auto pages = select(sqlite::checkPages);
    if (!pages)
        return passOn(pages);
    const auto references = select(sqlite::checkReferences);
    if (!references)
        return passOn(references);
    const QString found = pages->empty() ? QString() : pages->front().front().toString();
    if (found == QStringLiteral("ok") && references->empty())
        return {};
    const QString what = found == QStringLiteral("ok") ? references->front().front().toString() : found;
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Cơ sở dữ liệu bị hỏng: %1.").arg(what),
                 QStringLiteral("The database is damaged: %1.").arg(what)},
                m_d->path);
}

} // namespace loa::store
