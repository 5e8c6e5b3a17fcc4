// The one place where an Error becomes an HTTP answer: status and problem+json (RFC 9457), in both languages. Pure, any
// thread.
#pragma once

#include "media/error.h"
#include "scheduler/api/http/message.h"

namespace loa::api {

// invalid-input 400, unauthorized 401, forbidden 403, not-found 404, conflict 409, limit-exceeded 413, unsupported 415,
// internal 500, unavailable 503, storage 507.
[[nodiscard]] int statusFor(ErrorCategory category);

// `instance` is the path that was asked for. For storage and internal errors, `where` and the message are for the log
// alone: the caller learns that it was the scheduler's fault and nothing of its insides.
[[nodiscard]] Response problem(const Error& error, const QByteArray& instance);
// With a status that says more than the category does: 405, 412, 416, 428, 429, 431, 460.
// `more`: members beside those of every problem.
[[nodiscard]] Response problem(int status, const Error& error, const QByteArray& instance,
                               const QJsonObject& more = {});

} // namespace loa::api
