// One HTTP request and its answer as values, for the .cpp files of this folder: limits, problem documents, redirects.
// Thread: the network's.
#pragma once

#include "playout/link/http_link.h"

#include <QNetworkAccessManager>
#include <QNetworkRequest>

#include <optional>

class QNetworkReply;

namespace loa::playout {

struct HttpAnswer {
    int status = 0;
    QByteArray body;
    QByteArray contentRange;
    bool whole = true; // false: the connection broke in mid-body; the beginning is here
};

// A request without headers of its own yet: TLS, time limits, no redirects.
[[nodiscard]] Result<QNetworkRequest> plainRequest(const HttpSettings& settings, const QByteArray& path);

using AnswerHandler = std::function<void(Result<HttpAnswer>, std::optional<UtcTime> date)>;

// Calls `done` once, from the reply's event loop: an answer with status 2xx or 304, or an error. More than `most` bytes
// of body is LimitExceeded. `takePart`: a body that broke off counts, with `whole` false. Deletes the reply.
void collect(QNetworkReply* reply, qint64 most, std::chrono::milliseconds longest, bool takePart, AnswerHandler done);

// IMF-fixdate, as in "Mon, 23 Nov 2026 19:00:00 GMT".
[[nodiscard]] std::optional<UtcTime> readHttpDate(const QByteArray& text);

} // namespace loa::playout
