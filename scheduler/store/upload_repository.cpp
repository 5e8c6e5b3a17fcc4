#include "scheduler/store/upload_repository.h"

namespace loa::store {

namespace {

tl::unexpected<Error> uploadNotFound(const UploadId& id)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có lần tải lên này."), QStringLiteral("There is no such upload.")}, id.value);
}

} // namespace

Result<std::vector<Upload>> UploadRepository::select(const QString& where, const Values& values)
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, owner_id, filename, length, received, created_at, expires_at FROM uploads ") +
            where + QStringLiteral(" ORDER BY created_at, id"),
        values, [](RowReader& row) {
            Upload upload;
            upload.id = row.id<UploadId>();
            upload.owner = row.id<UserId>();
            upload.filename = row.text();
            upload.length = row.integer();
            upload.offset = row.integer();
            upload.createdAt = row.time();
            upload.expiresAt = row.time();
            return upload;
        });
}

Result<void> UploadRepository::add(const Upload& upload)
{
    const auto inserted = m_database.execute(
        QStringLiteral("INSERT INTO uploads (id, owner_id, filename, length, received, created_at, expires_at) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)"),
        {toSql(upload.id), toSql(upload.owner), toSql(upload.filename), toSql(upload.length), toSql(upload.offset),
         toSql(upload.createdAt), toSql(upload.expiresAt)});
    if (!inserted)
        return passOn(inserted);
    return {};
}

Result<Upload> UploadRepository::find(const UploadId& id)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return uploadNotFound(id);
    return found->front();
}

Result<void> UploadRepository::advance(const UploadId& id, std::int64_t from, std::int64_t to, UtcTime expiresAt)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto upload = find(id);
        if (!upload)
            return passOn(upload);
        if (upload->offset != from || to < from) {
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Phần tải lên không nối tiếp phần đã có."),
                         QStringLiteral("This part does not continue what has arrived.")},
                        QStringLiteral("offset %1, given %2").arg(upload->offset).arg(from));
        }
        if (to > upload->length) {
            return fail(
                ErrorCategory::LimitExceeded,
                {QStringLiteral("Nhiều byte hơn độ dài đã khai."), QStringLiteral("More bytes than announced.")},
                QStringLiteral("length %1, offset %2").arg(upload->length).arg(to));
        }
        const auto moved =
            m_database.execute(QStringLiteral("UPDATE uploads SET received = ?, expires_at = ? WHERE id = ?"),
                               {toSql(to), toSql(expiresAt), toSql(id)});
        if (!moved)
            return passOn(moved);
        return {};
    });
}

Result<void> UploadRepository::remove(const UploadId& id)
{
    const auto removed = m_database.execute(QStringLiteral("DELETE FROM uploads WHERE id = ?"), {toSql(id)});
    if (!removed)
        return passOn(removed);
    if (*removed == 0)
        return uploadNotFound(id);
    return {};
}

Result<std::vector<Upload>> UploadRepository::expired(UtcTime now)
{
    return select(QStringLiteral("WHERE received < length AND expires_at <= ?"), {toSql(now)});
}

Result<std::vector<Upload>> UploadRepository::all()
{
    return select(QString(), {});
}

} // namespace loa::store
