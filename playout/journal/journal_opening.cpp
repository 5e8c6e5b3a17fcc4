// The journal's file: made or migrated, found to be this agent's own, and read to where its chain stands.
#include "playout/journal/connection.h"

#include <QFile>
#include <QJsonDocument>

#include <array>
#include <atomic>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

// Numbered from 1, forward only. 2: an airing that was interrupted may be planned again, and has an entry already. 3:
// relays, and the shares of what filled them.
const std::array journalSchemas{
    QStringList{
        u"CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)"_s,
        u"CREATE TABLE entries (sequence INTEGER PRIMARY KEY, recorded_at TEXT NOT NULL, body TEXT NOT NULL)"_s,
        u"CREATE TRIGGER entries_stand BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries never change'); END"_s,
        u"CREATE TABLE airings (airing TEXT NOT NULL, output TEXT NOT NULL, station TEXT NOT NULL, session TEXT NOT "
        u"NULL, "
        "item TEXT NOT NULL, sha256 TEXT NOT NULL, bundle_version INTEGER NOT NULL, planned_start TEXT NOT NULL, "
        "planned_frames INTEGER NOT NULL, state INTEGER NOT NULL, first_frame_at TEXT, last_frame_at TEXT, "
        "frames INTEGER NOT NULL DEFAULT 0, gaps INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (airing, output))"_s,
        u"CREATE INDEX airings_open ON airings (state, planned_start)"_s,
    },
    QStringList{u"ALTER TABLE airings ADD COLUMN told INTEGER NOT NULL DEFAULT 0"_s},
    QStringList{
        u"ALTER TABLE airings ADD COLUMN relay TEXT NOT NULL DEFAULT ''"_s,
        u"ALTER TABLE airings ADD COLUMN sounded TEXT NOT NULL DEFAULT ''"_s,
    },
};
constexpr int journalVersion = 3;

} // namespace

Journal::Journal(JournalSettings settings, const SigningKey& key, std::unique_ptr<Connection> connection)
    : m_settings(std::move(settings)), m_key(key), m_connection(std::move(connection))
{
}

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const JournalSettings& settings, const SigningKey& key)
{
    static std::atomic<int> connections = 0;
    auto connection = std::make_unique<Connection>(u"loa-journal-%1"_s.arg(++connections));
    if (settings.path != u":memory:") {
        QFile file(settings.path);
        if (!file.exists() && (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly) ||
                               !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)))
            return fail(ErrorCategory::Storage,
                        {u"Không tạo được tệp nhật ký: %1"_s.arg(file.errorString()),
                         u"The journal's file cannot be made: %1"_s.arg(file.errorString())},
                        settings.path);
    }
    connection->database = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection->name);
    connection->database.setDatabaseName(settings.path);
    connection->database.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=5000"_s);
    if (!connection->database.open())
        return fail(ErrorCategory::Storage,
                    {u"Không mở được nhật ký phát sóng"_s, u"The airing log cannot be opened"_s}, settings.path);
    // The log of years is read page by page as it is sent; SQLite's own 2 MB of cache would fill up with it in months.
    for (const QString& pragma :
         {u"PRAGMA locking_mode=%1"_s.arg(settings.isAlone ? u"EXCLUSIVE"_s : u"NORMAL"_s),
          u"PRAGMA journal_mode=WAL"_s, u"PRAGMA foreign_keys=ON"_s, u"PRAGMA cache_size=-128"_s}) {
        if (auto set = connection->run(pragma); !set)
            return passOn(set);
    }
    if (auto set = connection->set(settings.durable ? Connection::Commits::Durable : Connection::Commits::Never); !set)
        return passOn(set);
    std::unique_ptr<Journal> journal(new Journal(settings, key, std::move(connection)));
    if (auto migrated = journal->migrate(); !migrated)
        return passOn(migrated);
    if (auto read = journal->readState(); !read)
        return passOn(read);
    journal->readUnwritten();
    return journal;
}

Result<void> Journal::migrate()
{
    auto version = m_connection->run(u"PRAGMA user_version"_s);
    if (!version)
        return passOn(version);
    const int found = version->next() ? version->value(0).toInt() : 0;
    version->finish();
    if (found > journalVersion)
        return fail(ErrorCategory::Conflict,
                    {u"Nhật ký do phiên bản mới hơn ghi"_s, u"The journal was written by a newer version"_s},
                    m_settings.path);
    if (found == journalVersion)
        return {};
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (int next = found; next < journalVersion; ++next) {
        for (const QString& sql : journalSchemas[static_cast<std::size_t>(next)]) {
            if (auto done = m_connection->run(sql); !done)
                return passOn(done);
        }
    }
    const QVariantList owner{u"agent"_s,        m_settings.agent.value,
                             u"key"_s,          QString::fromLatin1(m_key.verifyKey().toBase64()),
                             u"acknowledged"_s, u"0"_s};
    if (found == 0) {
        if (auto done = m_connection->run(u"INSERT INTO facts (name, value) VALUES (?, ?), (?, ?), (?, ?)"_s, owner);
            !done)
            return passOn(done);
    }
    if (auto done = m_connection->run(u"PRAGMA user_version=%1"_s.arg(journalVersion)); !done)
        return passOn(done);
    return transaction.commit();
}

Result<void> Journal::readState()
{
    auto facts = m_connection->run(u"SELECT name, value FROM facts WHERE name IN ('agent', 'key', 'acknowledged')"_s);
    if (!facts)
        return passOn(facts);
    const QString key = QString::fromLatin1(m_key.verifyKey().toBase64());
    while (facts->next()) {
        const QString name = facts->value(0).toString();
        const QString value = facts->value(1).toString();
        if ((name == u"agent" && value != m_settings.agent.value) || (name == u"key" && value != key))
            return fail(ErrorCategory::Conflict,
                        {u"Nhật ký này của máy phát khác"_s, u"This journal is another agent's"_s}, m_settings.path);
        if (name == u"acknowledged")
            m_standing.acknowledged = value.toLongLong();
    }
    const auto lostBefore = mark(u"records-lost"_s);
    if (!lostBefore)
        return passOn(lostBefore);
    m_lostBefore = *lostBefore;
    m_lastHash = chainStart(m_key.verifyKey());
    m_standing.lastSequence = 0;
    auto last = m_connection->run(u"SELECT body FROM entries ORDER BY sequence DESC LIMIT 1"_s);
    if (!last)
        return passOn(last);
    if (last->next()) {
        const auto entry = signedLogEntryFromJson(QJsonDocument::fromJson(last->value(0).toByteArray()).object());
        if (!entry)
            return passOn(entry);
        if (auto holds = verifyEntry(*entry, m_key.verifyKey()); !holds)
            return holds;
        m_standing.lastSequence = entry->entry.sequence;
        m_lastHash = entry->hash;
    }
    last->finish();
    auto open = m_connection->run(u"SELECT count(*) FROM airings WHERE state IN (1, 2)"_s);
    if (!open)
        return passOn(open);
    m_standing.open = open->next() ? open->value(0).toLongLong() : 0;
    return {};
}

} // namespace loa::playout
