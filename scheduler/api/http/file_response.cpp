#include "scheduler/api/http/file_response.h"

#include <algorithm>

namespace loa::api {

namespace {

std::optional<qint64> numberOf(QByteArrayView digits)
{
    const bool plain = !digits.isEmpty() && digits.size() <= 18 &&
                       std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return plain ? std::optional(digits.toLongLong()) : std::nullopt;
}

} // namespace

RangeAnswer readRange(QByteArrayView header, qint64 length)
{
    header = header.trimmed();
    if (!header.startsWith("bytes=") || header.contains(','))
        return {};
    const QByteArrayView spec = header.sliced(6).trimmed();
    const qsizetype dash = spec.indexOf('-');
    if (dash < 0)
        return {};
    const QByteArrayView before = spec.first(dash);
    const QByteArrayView after = spec.sliced(dash + 1);
    const auto first = numberOf(before);
    const auto last = numberOf(after);
    if ((!before.isEmpty() && !first) || (!after.isEmpty() && !last) || (!first && !last))
        return {};
    if (!first) { // the last so many bytes
        if (*last == 0 || length == 0)
            return {RangeKind::Unsatisfiable, {}};
        const qint64 count = std::min(*last, length);
        return {RangeKind::Satisfiable, {length - count, count}};
    }
    if (last && *last < *first)
        return {};
    if (*first >= length)
        return {RangeKind::Unsatisfiable, {}};
    const qint64 end = last ? std::min(*last, length - 1) : length - 1;
    return {RangeKind::Satisfiable, {*first, end - *first + 1}};
}

bool matchesNone(QByteArrayView header, QByteArrayView etag)
{
    if (header.trimmed() == "*")
        return true;
    const QByteArray list = header.toByteArray();
    for (const QByteArray& entry : list.split(',')) {
        QByteArrayView tag = QByteArrayView(entry).trimmed();
        if (tag.startsWith("W/"))
            tag = tag.sliced(2);
        if (tag == etag)
            return true;
    }
    return false;
}

Response fileResponse(const Request& request, const FileSlice& file, const FileHeaders& headers)
{
    Response response;
    response.with("ETag", headers.etag).with("Cache-Control", headers.cacheControl).with("Accept-Ranges", "bytes");
    if (request.hasHeader("if-none-match") && matchesNone(request.header("if-none-match"), headers.etag)) {
        response.status = 304;
        return response;
    }
    const bool mayRange =
        request.method == "GET" && (!request.hasHeader("if-range") || request.header("if-range") == headers.etag);
    const RangeAnswer range = mayRange ? readRange(request.header("range"), file.length()) : RangeAnswer{};
    if (range.kind == RangeKind::Unsatisfiable) {
        response.status = 416;
        response.with("Content-Range", "bytes */" + QByteArray::number(file.length()));
        return response;
    }
    response.with("Content-Type", headers.contentType);
    response.body = file;
    if (range.kind == RangeKind::Satisfiable) {
        const ByteRange& part = range.range;
        response.status = 206;
        response.with("Content-Range", "bytes " + QByteArray::number(part.first) + '-' +
                                           QByteArray::number(part.first + part.length - 1) + '/' +
                                           QByteArray::number(file.length()));
        response.body = file.part(part.first, part.length);
    }
    return response;
}

} // namespace loa::api
