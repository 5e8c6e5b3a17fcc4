#include "playout/journal/verify_log.h"

#include <QFile>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr std::size_t mostFaults = 100;

void note(LogReport& report, std::int64_t sequence, const Error& error)
{
    ++report.faultCount;
    if (report.faults.size() < mostFaults)
        report.faults.push_back({sequence, error});
}

Result<LogReport> readAll(QSqlDatabase& database, const QString& path, const VerifyKey& key,
                          const std::function<void(const SignedLogEntry&)>& each)
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    if (!database.open() || !query.exec(u"SELECT sequence, body FROM entries ORDER BY sequence"_s))
        return fail(ErrorCategory::Storage,
                    {u"Không đọc được nhật ký: %1"_s.arg(query.lastError().text()),
                     u"The journal cannot be read: %1"_s.arg(query.lastError().text())},
                    path);
    LogReport report;
    std::optional<SignedLogEntry> last;
    while (query.next()) {
        const std::int64_t sequence = query.value(0).toLongLong();
        ++report.entries;
        report.last = sequence;
        if (report.entries == 1)
            report.first = sequence;
        auto entry = signedLogEntryFromJson(QJsonDocument::fromJson(query.value(1).toByteArray()).object());
        if (!entry) {
            note(report, sequence, entry.error());
            continue;
        }
        // A log whose beginning was removed after its retention starts where it starts.
        const bool opening = !last && sequence > 1 && report.entries == 1;
        const auto link = opening ? verifyEntry(*entry, key) : verifyLink(last ? &*last : nullptr, *entry, key);
        if (!link)
            note(report, sequence, link.error());
        else if (entry->entry.sequence != sequence)
            note(report, sequence,
                 {ErrorCategory::Conflict, {u"Số thứ tự không khớp"_s, u"The row's number is not the entry's"_s}, {}});
        ++report.outcomes[entry->entry.kind == EntryKind::Event ? u"event"_s : toString(entry->entry.outcome)];
        if (each)
            each(*entry);
        last = *std::move(entry);
    }
    return report;
}

} // namespace

Result<LogReport> verifyLog(const QString& journalPath, const VerifyKey& agentKey,
                            const std::function<void(const SignedLogEntry&)>& each)
{
    if (!QFile::exists(journalPath))
        return fail(ErrorCategory::NotFound, {u"Không có nhật ký ở đây"_s, u"There is no journal here"_s}, journalPath);
    const QString name = u"loa-verify-log"_s;
    Result<LogReport> report = LogReport{};
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
        database.setDatabaseName(journalPath);
        database.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=5000"_s);
        report = readAll(database, journalPath, agentKey, each);
    }
    QSqlDatabase::removeDatabase(name);
    return report;
}

} // namespace loa::playout
