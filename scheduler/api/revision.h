// Optimistic locking: who changes a thing names the revision that he saw. Pure functions, any thread.
#pragma once

#include "media/error.h"
#include "scheduler/api/http/message.h"

#include <optional>

namespace loa::api {

// "7", as ETag and If-Match have it. What has no count of its changes is named by a hash of it.
[[nodiscard]] QByteArray entityTag(QByteArrayView revision);
[[nodiscard]] QByteArray entityTag(std::int64_t revision);

// Empty when the caller names the revision as it stands; else 428 without If-Match, 412 with another, of which
// `changed` says what to do.
[[nodiscard]] std::optional<Response> otherRevision(const Request& request, QByteArrayView revision,
                                                    const Text& changed);
[[nodiscard]] std::optional<Response> otherRevision(const Request& request, std::int64_t revision, const Text& changed);

} // namespace loa::api
