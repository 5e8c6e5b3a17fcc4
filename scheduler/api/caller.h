// Who sends a request: a person by cookie, CSRF token and Origin, or an agent by signature. Storage thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/http/message.h"

namespace loa::api {

inline constexpr char sessionCookie[] = "loa_session";

// Sets context.session. Errors: Unauthorized (no session), Forbidden (a write without token).
[[nodiscard]] Result<void> recognisePerson(const Request& request, Context& context);

// Sets context.agent. The answer to send instead when it fails: 401, of type clock-skew when only the agent's clock is
// wrong.
[[nodiscard]] std::optional<Response> recogniseAgent(const Request& request, Context& context);

// Set-Cookie for a session that begins, or an empty one for a session that ends.
[[nodiscard]] QByteArray cookieFor(const QByteArray& token, const Request& request, const ApiSettings& settings);

// A browser's Origin, when it is sent, is the scheduler's own. Error: Forbidden.
[[nodiscard]] Result<void> checkOrigin(const Request& request, const ApiSettings& settings);

// Takes the same time wherever they differ.
[[nodiscard]] bool equalSecret(QByteArrayView one, QByteArrayView other);

} // namespace loa::api
