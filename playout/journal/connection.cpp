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

Journal::Transaction::~Transaction()
{
    if (active)
        journal.m_connection->database.rollback();
}

Result<void> Journal::Transaction::begin()
{
    if (auto begun = journal.m_connection->run(QStringLiteral("BEGIN IMMEDIATE")); !begun)
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
