// The journal's SQLite connection and its transaction, for the .cpp files of this folder alone. Thread: the one that
// made it.
#pragma once

#include "playout/journal/journal.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>

namespace loa::playout {

struct Journal::Connection {
    explicit Connection(QString connectionName) : name(std::move(connectionName)) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Runs one statement with its values bound in order. Error: Storage with SQLite's words and the SQL.
    [[nodiscard]] Result<QSqlQuery> run(const QString& sql, const QVariantList& values = {});
    // Durable: a commit waits for the disk. Lazy: it does not; a crash of the program loses nothing, a power cut the
    // latest lazy commits, the ones before them standing. Never: for tests, nothing waits. Outside a transaction.
    enum class Commits { Never, Lazy, Durable };
    [[nodiscard]] Result<void> set(Commits wanted);
    // run() of what writes: where commits are held, the first one begins that. A held step that writes nothing so costs
    // nothing.
    [[nodiscard]] Result<QSqlQuery> write(const QString& sql, const QVariantList& values = {});
    [[nodiscard]] Result<void> beginWriting();
    // run(), as a commit that waits for no disk whatever the others do.
    [[nodiscard]] Result<QSqlQuery> runLazily(const QString& sql, const QVariantList& values);
    // What was committed lazily is on the disk; nothing to do when nothing was written since the last time.
    [[nodiscard]] Result<void> settle();
    [[nodiscard]] Result<qint64> changes();

    QString name;
    QSqlDatabase database;
    Commits commits = Commits::Never;
    bool isHeld = false; // what is written is to be lazy
    qint64 settled = 0;  // changes() of when all were on the disk
};

// Rolls back unless committed. Holds where the chain stands inside it.
struct Journal::Transaction {
    Transaction(Journal& owner) : journal(owner), sequence(owner.m_standing.lastSequence), hash(owner.m_lastHash) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] Result<void> begin();
    // Durable on success; on failure nothing of it has happened.
    [[nodiscard]] Result<void> commit();

    Journal& journal;
    std::int64_t sequence;
    Sha256 hash;
    std::int64_t openChange = 0;
    bool active = false;
};

// Qt binds a null string as NULL.
inline QString sqlText(const QString& text)
{
    return text.isNull() ? QString(QLatin1String("")) : text;
}

inline QString sqlTime(UtcTime instant)
{
    return toString(instant);
}

inline QVariant sqlTime(const std::optional<UtcTime>& instant)
{
    return instant ? QVariant(toString(*instant)) : QVariant();
}

} // namespace loa::playout
