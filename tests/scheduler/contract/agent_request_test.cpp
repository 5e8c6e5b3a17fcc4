#include "scheduler/contract/agent_request.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using loa::test::testKey;

namespace {

const RequestLine line{"POST", "/api/v1/agent/airings", "batch=1"};
const QByteArray body = R"({"entries":[]})";

QByteArray headerOf(const std::vector<HttpHeader>& headers, const char* name)
{
    for (const auto& [key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

} // namespace

TEST_CASE("a signed request is known again, and only it", "[agent_request]")
{
    const SigningKey key = testKey(5);
    const UtcTime created{std::chrono::seconds(1'796'162'400)};
    const QByteArray nonce = newNonce();
    const auto headers = signRequest(line, body, {QStringLiteral("agent-a")}, key, created, nonce);
    const auto claim = readRequestClaim(headerOf(headers, "Content-Digest"), headerOf(headers, "Signature-Input"),
                                        headerOf(headers, "Signature"));
    REQUIRE(claim);
    CHECK(claim->agent.value == QStringLiteral("agent-a"));
    CHECK(claim->created == created);
    CHECK(claim->nonce == nonce);
    CHECK(verifyRequest(*claim, line, body, key.verifyKey()));

    CHECK_FALSE(verifyRequest(*claim, line, body + ' ', key.verifyKey()));
    CHECK_FALSE(verifyRequest(*claim, {"GET", line.path, line.query}, body, key.verifyKey()));
    CHECK_FALSE(verifyRequest(*claim, {line.method, "/api/v1/agent/status", line.query}, body, key.verifyKey()));
    CHECK_FALSE(verifyRequest(*claim, {line.method, line.path, {}}, body, key.verifyKey()));
    CHECK_FALSE(verifyRequest(*claim, line, body, testKey(6).verifyKey()));
}

TEST_CASE("signature headers out of form are refused before anything is computed", "[agent_request]")
{
    const SigningKey key = testKey(5);
    const auto headers = signRequest(line, body, {QStringLiteral("agent-a")}, key, UtcTime{}, newNonce());
    const QByteArray digest = headerOf(headers, "Content-Digest");
    const QByteArray input = headerOf(headers, "Signature-Input");
    const QByteArray signature = headerOf(headers, "Signature");
    REQUIRE(readRequestClaim(digest, input, signature));
    CHECK_FALSE(readRequestClaim({}, input, signature));
    CHECK_FALSE(readRequestClaim(digest, {}, signature));
    CHECK_FALSE(readRequestClaim(digest, input, {}));
    CHECK_FALSE(readRequestClaim(digest, input + '\n', signature));
    CHECK_FALSE(readRequestClaim(digest, QByteArray(input).replace("ed25519", "hmac-sha256"), signature));
    CHECK_FALSE(readRequestClaim(digest, QByteArray(input).replace("\"content-digest\"", ""), signature));
    CHECK_FALSE(readRequestClaim(digest, input, "loa=:AAAA:"));
    CHECK_FALSE(readRequestClaim(digest, QByteArray(100'000, 'a'), signature));
}

TEST_CASE("no two nonces are alike", "[agent_request]")
{
    std::set<QByteArray> nonces;
    for (int round = 0; round < 1000; ++round)
        nonces.insert(newNonce());
    CHECK(nonces.size() == 1000);
}
