// Reads the head of an HTTP/1.x request (RFC 9112), strictly: whatever two readers could understand in two ways is
// refused, because between them a request is smuggled. Pure functions on bytes, any thread.
#pragma once

#include "scheduler/api/http/message.h"

#include <QByteArrayView>

#include <optional>
#include <tl/expected.hpp>

namespace loa::api {

struct Refusal {
    int status = 400;
    Error error;
};

[[nodiscard]] inline tl::unexpected<Refusal> refuse(int status, ErrorCategory category, Text message)
{
    return tl::unexpected<Refusal>(Refusal{status, Error{category, std::move(message), {}}});
}

struct Head {
    Request request; // all but body and peer
    std::optional<qint64> contentLength;
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;
    bool webSocket = false; // asks for an upgrade to WebSocket

    [[nodiscard]] bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
};

// Where the head ends in `bytes` (behind the empty line); empty when it does not yet. Looks from `from` on only.
[[nodiscard]] std::optional<qsizetype> findHeadEnd(QByteArrayView bytes, qsizetype from);

// `bytes` is a whole head, with its empty line. Refusals: 400, 414, 417, 431 (too many fields), 501 (transfer coding),
// 505.
[[nodiscard]] tl::expected<Head, Refusal> parseHead(QByteArrayView bytes);

// Parts of a target, decoded. Absent for a broken escape, a control character, bytes that are not UTF-8 or, in a path,
// an escaped '/' or a dot segment.
[[nodiscard]] std::optional<std::vector<QString>> decodePath(QByteArrayView path);
[[nodiscard]] std::optional<std::vector<std::pair<QString, QString>>> decodeQuery(QByteArrayView query);

} // namespace loa::api
