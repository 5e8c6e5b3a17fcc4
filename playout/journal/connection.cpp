#include "playout/journal/connection.h"

#include <QSqlError>

namespace loa::playout {

Journal::Connection::~Connection()
{
    if (database.isOpen())
        database.close();
    database = QSqlDatabase();
    QSqlDatabase::removeDatabase(name);
}

Result<QSqlQuery> Journal::Connection::run(const QString& sql, const QVariantList& values)
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    bool good = query.prepare(sql);
    if (good) {
        for (const QVariant& value : values)
            query.addBindValue(value);
        good = query.exec();
    }
    if (!good) {
        const QString words = query.lastError().text();
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("Không ghi hoặc đọc được nhật ký phát sóng: %1").arg(words),
                     QStringLiteral("The airing log cannot be written or read: %1").arg(words)},
                    sql.left(120));
    }
    return query;
}

Result<void> Journal::Connection::set(Commits wanted)
{
    auto done = run(wanted == Commits::Durable ? QStringLiteral("PRAGMA synchronous=FULL")
                    : wanted == Commits::Lazy  ? QStringLiteral("PRAGMA synchronous=NORMAL")
                                               : QStringLiteral("PRAGMA synchronous=OFF"));
    if (!done)
        return passOn(done);
    commits = wanted;
    return {};
}

Result<void> Journal::Connection::beginWriting()
{
    if (!isHeld || commits != Commits::Durable)
        return {};
    const auto before = changes();
    if (!before)
        return passOn(before);
    settled = *before;
    return set(Commits::Lazy);
}

Result<QSqlQuery> Journal::Connection::write(const QString& sql, const QVariantList& values)
{
    if (auto begun = beginWriting(); !begun)
        return passOn(begun);
    return run(sql, values);
}

Result<QSqlQuery> Journal::Connection::runLazily(const QString& sql, const QVariantList& values)
{
    if (commits != Commits::Durable)
        return run(sql, values);
    if (auto done = set(Commits::Lazy); !done)
        return passOn(done);
    auto query = run(sql, values);
    if (auto done = set(Commits::Durable); !done)
        return passOn(done);
    return query;
}

Result<qint64> Journal::Connection::changes()
{
    auto found = run(QStringLiteral("SELECT total_changes()"));
    if (!found)
        return passOn(found);
    return found->next() ? found->value(0).toLongLong() : 0;
}

Result<void> Journal::Connection::settle()
{
    if (commits != Commits::Lazy)
        return {};
    const auto now = changes();
    if (!now)
        return passOn(now);
    if (*now == settled)
        return {};
    // One durable commit takes to the disk all that stand before it in the WAL. It must change something: SQLite writes
    // nothing, and waits for nothing, where a row stays as it is.
    if (auto done = set(Commits::Durable); !done)
        return done;
    auto written = run(QStringLiteral("INSERT INTO facts (name, value) VALUES ('settled', '1') "
                                      "ON CONFLICT (name) DO UPDATE SET value = value + 1"));
    if (auto done = set(Commits::Lazy); !done)
        return done;
    if (!written)
        return passOn(written);
    const auto after = changes();
    if (!after)
        return passOn(after);
    settled = *after;
    return {};
}

Journal::Transaction::~Transaction()
{
    if (active)
        journal.m_connection->database.rollback();
}

Result<void> Journal::Transaction::begin()
{
    if (auto begun = journal.m_connection->write(QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return passOn(begun);
    active = true;
    return {};
}

Result<void> Journal::Transaction::commit()
{
    if (auto done = journal.m_connection->run(QStringLiteral("COMMIT")); !done)
        return passOn(done);
    active = false;
    journal.m_standing.lastSequence = sequence;
    journal.m_standing.open += openChange;
    journal.m_lastHash = hash;
    return {};
}

} // namespace loa::playout
