// How an agent signs its HTTP requests, and how the scheduler checks them: HTTP Message Signatures (RFC 9421), one
// fixed profile, see PROTOCOL.md. Covers method, path, query and the body's digest. Values, any thread.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/signature.h"
#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QByteArrayView>

#include <utility>
#include <vector>

namespace loa {

struct RequestLine {
    QByteArray method; // upper case
    QByteArray path;   // as sent, percent-encoded, without query
    QByteArray query;  // without '?'; may be empty
};

using HttpHeader = std::pair<QByteArray, QByteArray>;

// Headers Content-Digest, Signature-Input and Signature to add to the request. `created` should be the scheduler's time
// as the agent knows it; `nonce` is fresh for every request (16 random bytes).
[[nodiscard]] std::vector<HttpHeader> signRequest(const RequestLine& line, QByteArrayView body, const AgentId& agent,
                                                  const SigningKey& key, UtcTime created, QByteArrayView nonce);

// What a request claims, read from its headers before anything is believed. Error: Unauthorized when absent or not of
// the profile.
struct RequestClaim {
    AgentId agent;
    UtcTime created;
    QByteArray nonce;
    QByteArray contentDigest;  // header value
    QByteArray signatureInput; // the part that is signed again
    Signature signature{};
};
[[nodiscard]] Result<RequestClaim> readRequestClaim(QByteArrayView contentDigest, QByteArrayView signatureInput,
                                                    QByteArrayView signature);

// Digest and signature hold. The caller judges `created` and remembers nonces. Error: Unauthorized.
[[nodiscard]] Result<void> verifyRequest(const RequestClaim& claim, const RequestLine& line, QByteArrayView body,
                                         const VerifyKey& agentKey);

// What a key of a station's own signs (domain::stationKey), so that the scheduler knows that who asks holds it: the
// agent that carries the station so far, and the station.
[[nodiscard]] QByteArray stationKeyMessage(const AgentId& agent, const StationId& station);

// A nonce for signRequest().
[[nodiscard]] QByteArray newNonce();

} // namespace loa
