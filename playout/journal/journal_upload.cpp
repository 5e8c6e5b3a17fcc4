// The journal's other half: events, marks, what could not be written, and the entries as they are read, acknowledged
// and kept.
#include "playout/journal/connection.h"

#include <QFile>
#include <QJsonDocument>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loa::playout {

using namespace Qt::StringLiterals;

Result<void> Journal::alive(UtcTime now)
{
    return setMark(u"alive"_s, now);
}

Result<std::optional<UtcTime>> Journal::mark(const QString& name) const
{
    auto found = m_connection->run(u"SELECT value FROM facts WHERE name = ?"_s, {u"mark/"_s + name});
    if (!found)
        return passOn(found);
    if (!found->next())
        return std::optional<UtcTime>();
    const auto instant = utcTimeFromString(found->value(0).toString());
    if (!instant)
        return passOn(instant);
    return std::optional(*instant);
}

Result<void> Journal::setMark(const QString& name, UtcTime value)
{
    auto done = m_connection->write(
        u"INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"_s,
        {u"mark/"_s + name, sqlTime(value)});
    if (!done)
        return passOn(done);
    return {};
}

Result<void> Journal::event(const StationId& station, const QString& reason, const QString& detail, const Stamp& stamp)
{
    LogEntry entry;
    entry.kind = EntryKind::Event;
    entry.station = station;
    entry.reason = reason;
    entry.detail = detail;
    return appendAlone(std::move(entry), stamp);
}

Result<void> Journal::heard(const StationId& station, const HeardProof& proof, const Stamp& stamp)
{
    LogEntry entry;
    entry.kind = EntryKind::Event;
    entry.station = station;
    entry.reason = u"heard"_s;
    entry.heard = proof;
    return appendAlone(std::move(entry), stamp);
}

Result<void> Journal::appendAlone(LogEntry entry, const Stamp& stamp)
{
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto appended = append(transaction, std::move(entry), stamp); !appended)
        return appended;
    return transaction.commit();
}

QByteArray Journal::unwrittenPath() const
{
    return QFile::encodeName(m_settings.path + u".unwritten"_s);
}

void Journal::unwritten(UtcTime now)
{
    // Some disks keep whole seconds alone.
    const auto until = std::chrono::ceil<std::chrono::seconds>(now.time_since_epoch()).count();
    const timespec time{static_cast<time_t>(until), 0};
    const timespec times[2]{time, time};
    static_cast<void>(::utimensat(AT_FDCWD, unwrittenPath().constData(), times, 0));
}

void Journal::readUnwritten()
{
    if (m_settings.path == u":memory:")
        return;
    struct stat status {};
    if (::stat(unwrittenPath().constData(), &status) == 0) {
        if (status.st_mtim.tv_sec > 0)
            m_unwrittenUntil = UtcTime(std::chrono::seconds(status.st_mtim.tv_sec));
        return;
    }
    const int made = ::open(unwrittenPath().constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0)
        return; // no room even for that: made the next time
    ::close(made);
    unwritten(UtcTime());
}

void Journal::hold()
{
    m_connection->isHeld = true;
}

Result<void> Journal::release()
{
    if (m_connection->commits == Connection::Commits::Lazy) {
        if (auto done = m_connection->settle(); !done)
            return done;
        if (auto done = m_connection->set(Connection::Commits::Durable); !done)
            return done;
    }
    m_connection->isHeld = false;
    return {};
}

JournalStanding Journal::standing() const
{
    return m_standing;
}

Result<std::vector<SignedLogEntry>> Journal::entries(std::int64_t first, int limit) const
{
    // What the scheduler has been given may not be taken back by a power cut here.
    if (auto done = m_connection->settle(); !done)
        return passOn(done);
    auto found = m_connection->run(u"SELECT body FROM entries WHERE sequence >= ? ORDER BY sequence LIMIT ?"_s,
                                   {qlonglong{first}, limit});
    if (!found)
        return passOn(found);
    std::vector<SignedLogEntry> read;
    while (found->next()) {
        auto entry = signedLogEntryFromJson(QJsonDocument::fromJson(found->value(0).toByteArray()).object());
        if (!entry)
            return passOn(entry);
        read.push_back(*std::move(entry));
    }
    return read;
}

Result<void> Journal::acknowledge(std::int64_t through)
{
    if (through > m_standing.lastSequence)
        return fail(
            ErrorCategory::Conflict,
            {u"Máy chủ xác nhận nhiều mục hơn số đã ghi"_s, u"The scheduler acknowledges more than was written"_s},
            u"sequence %1"_s.arg(through));
    if (through <= m_standing.acknowledged)
        return {};
    // Not worth a wait for the disk: one that a power cut takes is told again, and the next entry's commit covers it.
    auto done = m_connection->runLazily(u"UPDATE facts SET value = ? WHERE name = 'acknowledged'"_s,
                                        {QString::number(through)});
    if (!done)
        return passOn(done);
    m_standing.acknowledged = through;
    return {};
}

Result<int> Journal::prune(UtcTime now)
{
    if (m_settings.retention.count() == 0)
        return 0;
    const UtcTime oldest = now - m_settings.retention;
    // The chain loses its beginning alone, never a link in the middle, whatever the clock said when an entry was
    // written.
    auto entries = m_connection->write(u"DELETE FROM entries WHERE sequence <= ? AND sequence < ? AND sequence < "
                                       "coalesce((SELECT min(sequence) FROM entries WHERE recorded_at >= ?), ?)"_s,
                                       {qlonglong{m_standing.acknowledged}, qlonglong{m_standing.lastSequence},
                                        sqlTime(oldest), qlonglong{m_standing.lastSequence}});
    if (!entries)
        return passOn(entries);
    const int removed = entries->numRowsAffected();
    // An airing's name may not be used again before no bundle can hold it.
    auto airings = m_connection->write(u"DELETE FROM airings WHERE state >= 3 AND planned_start < ?"_s,
                                       {sqlTime(oldest - std::chrono::days(70))});
    if (!airings)
        return passOn(airings);
    return removed;
}

} // namespace loa::playout
