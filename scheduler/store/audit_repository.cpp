#include "scheduler/store/audit_repository.h"

#include "scheduler/contract/canonical_json.h"

namespace loa::store {

namespace {

struct AuditRow {
    model::AuditRecord record;
    Sha256 previous;
    Sha256 hash;
};

AuditRow readAudit(RowReader& row)
{
    AuditRow read;
    read.record.number = row.integer();
    read.record.at = row.time();
    read.record.user = row.optionalId<UserId>();
    read.record.actor = row.text();
    read.record.action = row.text();
    read.record.subject = row.text();
    read.record.detail = row.text();
    read.previous = row.hash();
    read.hash = row.hash();
    return read;
}

const QString auditColumns = QStringLiteral(
    "SELECT number, recorded_at, user_id, actor, action, subject, detail, previous_hash, hash FROM audit ");

Sha256 auditStart()
{
    return sha256("loa-audit-chain/1");
}

Result<Sha256> auditHash(const model::AuditRecord& record, const Sha256& previous)
{
    const auto text = canonicalJson(QJsonObject{{QStringLiteral("number"), static_cast<qint64>(record.number)},
                                                {QStringLiteral("at"), loa::toString(record.at)},
                                                {QStringLiteral("user"), record.user ? record.user->value : QString()},
                                                {QStringLiteral("actor"), record.actor},
                                                {QStringLiteral("action"), record.action},
                                                {QStringLiteral("subject"), record.subject},
                                                {QStringLiteral("detail"), record.detail},
                                                {QStringLiteral("previous"), loa::toString(previous)}});
    if (!text)
        return passOn(text);
    return sha256("loa-audit/1\n" + *text);
}

} // namespace

Result<void> AuditRepository::append(UtcTime at, const model::User* user, const QString& actor, const QString& action,
                                     const QString& subject, const QJsonObject& detail)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto text = canonicalJson(detail);
        if (!text)
            return passOn(text);
        const auto last =
            m_database.selectAll(auditColumns + QStringLiteral("ORDER BY number DESC LIMIT 1"), {}, readAudit);
        if (!last)
            return passOn(last);
        model::AuditRecord record;
        record.number = last->empty() ? 1 : last->front().record.number + 1;
        record.at = at;
        record.user = user == nullptr ? std::nullopt : std::optional(user->id);
        record.actor = actor;
        record.action = action;
        record.subject = subject;
        record.detail = QString::fromUtf8(*text);
        const Sha256 previous = last->empty() ? auditStart() : last->front().hash;
        const auto hash = auditHash(record, previous);
        if (!hash)
            return passOn(hash);
        const auto inserted = m_database.execute(
            QStringLiteral(
                "INSERT INTO audit (number, recorded_at, user_id, actor, action, subject, detail, previous_hash, hash) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            {toSql(record.number), toSql(record.at), toSql(record.user), toSql(record.actor), toSql(record.action),
             toSql(record.subject), toSql(record.detail), toSql(previous), toSql(*hash)});
        if (!inserted)
            return passOn(inserted);
        return {};
    });
}

Result<std::vector<model::AuditRecord>> AuditRepository::latest(int limit)
{
    return m_database.selectAll(auditColumns + QStringLiteral("ORDER BY number DESC LIMIT ?"), {limit},
                                [](RowReader& row) { return readAudit(row).record; });
}

Result<std::vector<model::AuditRecord>> AuditRepository::of(const QString& subject)
{
    return m_database.selectAll(auditColumns + QStringLiteral("WHERE subject = ? ORDER BY number"), {toSql(subject)},
                                [](RowReader& row) { return readAudit(row).record; });
}

Result<std::int64_t> AuditRepository::verify()
{
    constexpr int page = 1000;
    std::int64_t verified = 0;
    Sha256 previous = auditStart();
    for (;;) {
        const auto rows =
            m_database.selectAll(auditColumns + QStringLiteral("WHERE number > ? ORDER BY number LIMIT ?"),
                                 {toSql(verified), page}, readAudit);
        if (!rows)
            return passOn(rows);
        if (rows->empty())
            return verified;
        for (const AuditRow& row : *rows) {
            const auto hash = auditHash(row.record, previous);
            const bool continues = row.record.number == verified + 1 && row.previous == previous;
            if (!continues || !hash || *hash != row.hash) {
                const std::int64_t number = verified + 1;
                return fail(ErrorCategory::Conflict,
                            {QStringLiteral("Nhật ký kiểm tra đã bị sửa hoặc thiếu ở dòng %1.").arg(number),
                             QStringLiteral("The audit trail was altered or lacks a record at number %1.").arg(number)},
                            QStringLiteral("audit %1").arg(number));
            }
            previous = row.hash;
            ++verified;
        }
    }
}

} // namespace loa::store
