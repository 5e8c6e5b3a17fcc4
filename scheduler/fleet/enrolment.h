// How an agent becomes known: an administrator makes a code for certain stations, the agent shows it once together with
// its key; one that carries many stations gives each an identity of its own. And how its requests are believed after
// that. Storage thread.
#pragma once

#include "scheduler/contract/agent_request.h"
#include "scheduler/model/organisation.h"
#include "scheduler/model/user.h"
#include "scheduler/store/store.h"

#include <chrono>
#include <span>

namespace loa::fleet {

inline constexpr std::chrono::hours enrolmentCodeLife{24};
inline constexpr std::chrono::minutes requestTolerance{5}; // between the request's `created` and the scheduler's clock

struct NewEnrolmentCode {
    QString code; // shown once
    UtcTime expiresAt;
};

// Errors: NotFound (station), InvalidInput (no station, no name).
[[nodiscard]] Result<NewEnrolmentCode> makeEnrolmentCode(store::Store& store, std::span<const StationId> stations,
                                                         const QString& name, const model::User& by, UtcTime now);

// The code is used up and the agent carries its stations; one transaction, with audit. The name is the code's unless
// that is empty. Errors: Unauthorized (code), Conflict (the key is enrolled already).
[[nodiscard]] Result<model::Agent> enrol(store::Store& store, const QString& code, const VerifyKey& key,
                                         const QString& name, UtcTime now);

// A station of an agent gets an identity of its own: it is carried by a new agent with this key from now on, and
// `agent` no longer carries it, though its log of it may still come. `proof` is the new key's, over
// stationKeyMessage(). One transaction, with audit; asked again with the same key it is the same agent. Errors:
// Forbidden (station), Unauthorized (proof), Conflict (the key is another's).
[[nodiscard]] Result<model::Agent> separate(store::Store& store, const model::Agent& agent, const StationId& station,
                                            const VerifyKey& key, const Signature& proof, UtcTime now);

struct RefusedRequest {
    Error error; // Unauthorized
    // The signature holds but the request's time is more than requestTolerance away: answer with the scheduler's time,
    // so that the agent can sign again with it (problem type "clock-skew").
    bool clockSkew = false;
    UtcTime serverTime;
};

// Known agent, signature and digest hold, created near `now`, nonce not seen before. Notes that the agent was seen.
[[nodiscard]] tl::expected<model::Agent, RefusedRequest> verifyAgentRequest(store::Store& store,
                                                                            const RequestClaim& claim,
                                                                            const RequestLine& line,
                                                                            QByteArrayView body, UtcTime now);

} // namespace loa::fleet
