#include "scheduler/api/revision.h"

#include "scheduler/api/http/problem.h"

namespace loa::api {

QByteArray entityTag(QByteArrayView revision)
{
    return '"' + revision.toByteArray() + '"';
}

QByteArray entityTag(std::int64_t revision)
{
    return entityTag(QByteArray::number(qint64(revision)));
}

std::optional<Response> otherRevision(const Request& request, std::int64_t revision, const Text& changed)
{
    return otherRevision(request, QByteArray::number(qint64(revision)), changed);
}

std::optional<Response> otherRevision(const Request& request, QByteArrayView revision, const Text& changed)
{
    const QByteArray match = request.header("if-match").trimmed();
    if (match.isEmpty())
        return problem(428,
                       Error{ErrorCategory::InvalidInput,
                             {QStringLiteral("Cần gửi If-Match với phiên bản đang sửa, ví dụ \"3\"."),
                              QStringLiteral("If-Match with the revision that you edit is needed, such as \"3\".")},
                             QStringLiteral("If-Match")},
                       request.path);
    if (match == entityTag(revision))
        return std::nullopt;
    return problem(412, Error{ErrorCategory::Conflict, changed, QStringLiteral("If-Match")}, request.path);
}

} // namespace loa::api
