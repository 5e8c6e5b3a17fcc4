#include "scheduler/fleet/enrolment.h"
#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

namespace {

struct Enrolling : District {
    SigningKey key = keyOf(42);

    Enrolling() { settle(); }

    QString code(std::vector<StationId> wanted)
    {
        return taken(fleet::makeEnrolmentCode(store, wanted, text("Máy xã 1"), administrator, morning)).code;
    }

    model::Agent enrolled()
    {
        return taken(fleet::enrol(store, code({stations[0], stations[1]}), key.verifyKey(), {}, morning));
    }
};

struct SignedRequest {
    RequestLine line{"POST", "/api/v1/agent/airings", "a=b"};
    QByteArray body = "{}";
    std::vector<HttpHeader> headers;

    SignedRequest(const AgentId& agent, const SigningKey& key, UtcTime created, const QByteArray& nonce = newNonce())
        : headers(signRequest(line, body, agent, key, created, nonce))
    {
    }

    RequestClaim claim() const
    {
        const auto value = [&](const char* name) {
            for (const auto& [key, text] : headers) {
                if (key.toLower() == name)
                    return text;
            }
            return QByteArray();
        };
        return taken(readRequestClaim(value("content-digest"), value("signature-input"), value("signature")));
    }
};

} // namespace

TEST_CASE("An agent enrols with a code and carries its stations")
{
    Enrolling at;
    const auto made =
        taken(fleet::makeEnrolmentCode(at.store, at.stations, text("Máy xã 1"), at.administrator, morning));
    CHECK(made.expiresAt == morning + fleet::enrolmentCodeLife);
    const model::Agent agent = taken(fleet::enrol(at.store, made.code, at.key.verifyKey(), text("own name"), morning));
    CHECK(agent.name == text("Máy xã 1"));
    CHECK(agent.stations.size() == 3);
    CHECK(taken(at.store.stations.find(at.stations[2])).agent == agent.id);
    const auto audit = taken(at.store.audit.latest(10));
    REQUIRE(audit.size() == 2);
    CHECK(audit[0].action == text("agent.enrol"));
    CHECK(audit[1].user == at.administrator.id);
    CHECK_FALSE(audit[1].detail.contains(made.code));
}

TEST_CASE("Promise 10: a code works once, in time, for one key", "[promise-10]")
{
    Enrolling at;
    const QString code = at.code({at.stations[0]});
    const VerifyKey key = at.key.verifyKey();
    CHECK(categoryOf(fleet::enrol(at.store, text("wrong"), key, {}, morning)) == ErrorCategory::Unauthorized);
    CHECK(categoryOf(fleet::enrol(at.store, code, key, {}, morning + fleet::enrolmentCodeLife)) ==
          ErrorCategory::Unauthorized);
    const model::Agent agent = taken(fleet::enrol(at.store, code, key, {}, morning));
    CHECK(categoryOf(fleet::enrol(at.store, code, keyOf(1).verifyKey(), {}, morning)) == ErrorCategory::Unauthorized);
    // The answer was lost and the agent asks again: it is the same agent.
    CHECK(taken(fleet::enrol(at.store, code, key, {}, morning)).id == agent.id);
    CHECK(taken(at.store.agents.all()).size() == 1);
    // A known key does not enrol as another agent, and the code is not used up by the attempt.
    const QString second = at.code({at.stations[1]});
    CHECK(categoryOf(fleet::enrol(at.store, second, key, {}, morning)) == ErrorCategory::Conflict);
    CHECK(fleet::enrol(at.store, second, keyOf(2).verifyKey(), {}, morning));
}

TEST_CASE("A code needs stations that exist")
{
    Enrolling at;
    const auto make = [&](std::vector<StationId> stations, const char* name) {
        return categoryOf(fleet::makeEnrolmentCode(at.store, stations, text(name), at.administrator, morning));
    };
    CHECK(make({}, "x") == ErrorCategory::InvalidInput);
    CHECK(make({at.stations[0]}, " ") == ErrorCategory::InvalidInput);
    CHECK(make({StationId{text("nowhere")}}, "x") == ErrorCategory::NotFound);
}

TEST_CASE("A signed request is believed once")
{
    Enrolling at;
    const model::Agent agent = at.enrolled();
    const SignedRequest request(agent.id, at.key, morning);
    const auto believed = fleet::verifyAgentRequest(at.store, request.claim(), request.line, request.body, morning);
    REQUIRE(believed);
    CHECK(believed->id == agent.id);
    CHECK(taken(at.store.agents.find(agent.id)).lastSeenAt == morning);

    const auto again = fleet::verifyAgentRequest(at.store, request.claim(), request.line, request.body,
                                                 morning + std::chrono::minutes(4));
    REQUIRE_FALSE(again);
    CHECK(again.error().error.category == ErrorCategory::Unauthorized);
    CHECK_FALSE(again.error().clockSkew);
}

TEST_CASE("A request from the wrong time is told the time, when its signature holds")
{
    Enrolling at;
    const model::Agent agent = at.enrolled();
    for (const auto off : {-std::chrono::minutes(6), std::chrono::minutes(6)}) {
        const SignedRequest request(agent.id, at.key, morning + off);
        const auto refused = fleet::verifyAgentRequest(at.store, request.claim(), request.line, request.body, morning);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().clockSkew);
        CHECK(refused.error().serverTime == morning);
        const SignedRequest forged(agent.id, keyOf(1), morning + off);
        const auto stranger = fleet::verifyAgentRequest(at.store, forged.claim(), forged.line, forged.body, morning);
        REQUIRE_FALSE(stranger);
        CHECK_FALSE(stranger.error().clockSkew);
    }
    for (const auto off : {-std::chrono::minutes(5), std::chrono::minutes(5)}) {
        const SignedRequest request(agent.id, at.key, morning + off);
        CHECK(fleet::verifyAgentRequest(at.store, request.claim(), request.line, request.body, morning));
    }
}

TEST_CASE("A nonce is remembered for as long as its request could be repeated")
{
    Enrolling at;
    const model::Agent agent = at.enrolled();
    const SignedRequest ahead(agent.id, at.key, morning + fleet::requestTolerance);
    CHECK(fleet::verifyAgentRequest(at.store, ahead.claim(), ahead.line, ahead.body, morning));
    for (int minute = 1; minute <= 20; ++minute) {
        const UtcTime now = morning + std::chrono::minutes(minute);
        const SignedRequest other(agent.id, at.key, now);
        CHECK(fleet::verifyAgentRequest(at.store, other.claim(), other.line, other.body, now));
        CHECK_FALSE(fleet::verifyAgentRequest(at.store, ahead.claim(), ahead.line, ahead.body, now));
    }
    CHECK(taken(at.database->select(text("SELECT * FROM agent_nonces"))).size() < 14);
}

TEST_CASE("Another body, another path, an unknown or revoked agent are refused")
{
    Enrolling at;
    const model::Agent agent = at.enrolled();
    const SignedRequest request(agent.id, at.key, morning);
    const auto refusedWith = [&](const RequestLine& line, QByteArrayView body) {
        return !fleet::verifyAgentRequest(at.store, request.claim(), line, body, morning);
    };
    CHECK(refusedWith(request.line, "{ }"));
    RequestLine elsewhere = request.line;
    elsewhere.path = "/api/v1/agent/status";
    CHECK(refusedWith(elsewhere, request.body));
    const SignedRequest unknown(AgentId{text("nobody")}, at.key, morning);
    CHECK_FALSE(fleet::verifyAgentRequest(at.store, unknown.claim(), unknown.line, unknown.body, morning));
    taken(at.store.agents.revoke(agent.id, morning));
    CHECK(refusedWith(request.line, request.body));
}

TEST_CASE("Promise 10: a station of a hub gets an identity of its own, which falls alone", "[promise-10]")
{
    Enrolling at;
    const model::Agent hub = at.enrolled();
    const StationId station = at.stations[0];
    const SigningKey own = keyOf(7);
    const auto ask = [&](const model::Agent& agent, const StationId& which, const SigningKey& key) {
        return fleet::separate(at.store, agent, which, key.verifyKey(),
                               key.sign(domain::stationKey, stationKeyMessage(hub.id, which)), morning);
    };
    CHECK(categoryOf(ask(hub, at.stations[2], own)) == ErrorCategory::Forbidden); // not one of its own
    CHECK(categoryOf(ask(hub, station, at.key)) == ErrorCategory::Conflict);      // the hub's own key
    CHECK(categoryOf(fleet::separate(at.store, hub, station, own.verifyKey(),
                                     at.key.sign(domain::stationKey, stationKeyMessage(hub.id, station)), morning)) ==
          ErrorCategory::Unauthorized); // somebody else's key
    CHECK(taken(at.store.agents.all()).size() == 1);

    const model::Agent apart = taken(ask(hub, station, own));
    CHECK(apart.stations == std::vector{station});
    CHECK(taken(at.store.stations.find(station)).agent == apart.id);
    const model::Agent rest = taken(at.store.agents.find(hub.id));
    CHECK(rest.stations == std::vector{at.stations[1]});
    CHECK(taken(at.store.agents.hasCarried(hub.id, station))); // its log may still come
    CHECK(taken(at.store.audit.latest(1))[0].action == text("agent.separate"));
    // The answer was lost.
    CHECK(taken(ask(rest, station, own)).id == apart.id);
    CHECK(categoryOf(ask(rest, station, keyOf(8))) == ErrorCategory::Forbidden);
    CHECK(taken(at.store.agents.all()).size() == 2);

    // Either can be revoked without the other.
    REQUIRE(at.store.agents.revoke(apart.id, morning));
    CHECK_FALSE(taken(at.store.agents.find(hub.id)).revoked);
    CHECK(categoryOf(ask(rest, station, own)) == ErrorCategory::Conflict); // a revoked key does not come back
    // And enrolled anew with a code of its own, the others as they were.
    const model::Agent anew = taken(fleet::enrol(at.store, at.code({station}), keyOf(9).verifyKey(), {}, morning));
    CHECK(taken(at.store.stations.find(station)).agent == anew.id);
    CHECK(taken(at.store.agents.find(hub.id)).stations == std::vector{at.stations[1]});
}
