// Answers GET and HEAD from a file: conditions, ranges, caching (RFC 9110 13 and 14). Pure but for the open file, any
// thread.
#pragma once

#include "scheduler/api/http/message.h"

#include <optional>

namespace loa::api {

struct FileHeaders {
    QByteArray contentType;
    QByteArray etag; // with its quotes, strong
    QByteArray cacheControl;
};

// 200, 206, 304 or 416. One range is served; a request for several gets the whole file, as RFC 9110 14.2 allows.
[[nodiscard]] Response fileResponse(const Request& request, const FileSlice& file, const FileHeaders& headers);

struct ByteRange {
    qint64 first = 0;
    qint64 length = 0;
    bool operator==(const ByteRange&) const = default;
};

enum class RangeKind {
    None,
    Satisfiable,
    Unsatisfiable
}; // None: absent, malformed, another unit or several: to be ignored
struct RangeAnswer {
    RangeKind kind = RangeKind::None;
    ByteRange range;
};
[[nodiscard]] RangeAnswer readRange(QByteArrayView header, qint64 length);

// `header` is of If-None-Match (weak comparison): "*" or a list that holds `etag`.
[[nodiscard]] bool matchesNone(QByteArrayView header, QByteArrayView etag);

} // namespace loa::api
