#include "scheduler/fleet/airing_intake.h"
#include "tests/scheduler/store/sample_log.h"

#include <algorithm>
#include <random>
#include <set>

using namespace loa;
using namespace loa::test;
using fleet::intakeAirings;

namespace {

fleet::IntakeResult take(LoggingAgent& at, const std::vector<SignedLogEntry>& entries)
{
    return taken(intakeAirings(at.store, at.agent, entries, morning));
}

} // namespace

TEST_CASE("A log that comes in order is taken and acknowledged")
{
    LoggingAgent at;
    const auto chain = at.chain(5);
    const auto result = take(at, chain);
    CHECK(result.acknowledgedThrough == 5);
    CHECK(result.accepted == 5);
    CHECK(result.known == 0);
    CHECK(result.rejected.empty());
    CHECK(result.stations == std::vector{at.stations[0]});
    CHECK(taken(at.store.airings.entries(at.agent.id, 1, 10)) == chain);
    CHECK(taken(at.store.airings.state(at.agent.id)).incidents.empty());

    const auto again = take(at, chain);
    CHECK(again.acknowledgedThrough == 5);
    CHECK(again.accepted == 0);
    CHECK(again.known == 5);
    CHECK(again.stations.empty());
    CHECK(take(at, {}).acknowledgedThrough == 5);
}

TEST_CASE(
    "Promise 4: whatever the order and however often, the same log is stored and as much acknowledged as is whole",
    "[promise-4][property]")
{
    std::mt19937 random(20261201);
    for (int round = 0; round < 25; ++round) {
        LoggingAgent at;
        const int length = 1 + static_cast<int>(random() % 40);
        const auto chain = at.chain(length);
        // Every entry at least once, some several times, in any order, in calls of any size.
        std::vector<int> order;
        for (int i = 0; i < length; ++i) {
            for (unsigned copies = 1 + static_cast<unsigned>(random() % 3); copies > 0; --copies)
                order.push_back(i);
        }
        std::shuffle(order.begin(), order.end(), random);
        std::set<int> arrived; // the oracle
        for (std::size_t from = 0; from < order.size();) {
            const std::size_t size = std::min<std::size_t>(1 + random() % 12, order.size() - from);
            std::vector<SignedLogEntry> call;
            for (std::size_t i = from; i < from + size; ++i) {
                call.push_back(chain[static_cast<std::size_t>(order[i])]);
                arrived.insert(order[i]);
            }
            from += size;
            int whole = 0;
            while (arrived.contains(whole))
                ++whole;
            const auto result = take(at, call);
            REQUIRE(result.rejected.empty());
            REQUIRE(result.acknowledgedThrough == whole);
            const auto state = taken(at.store.airings.state(at.agent.id));
            REQUIRE(state.incidents.empty());
            std::int64_t missing = 0;
            for (const store::SequenceRange& gap : state.gaps)
                missing += gap.last - gap.first + 1;
            REQUIRE(missing == *arrived.rbegin() + 1 - static_cast<std::int64_t>(arrived.size()));
        }
        REQUIRE(taken(at.store.airings.entries(at.agent.id, 1, 100)) == chain);
    }
}

TEST_CASE("Promise 4: an entry whose hash or signature does not hold is not taken", "[promise-4]")
{
    LoggingAgent at;
    auto chain = at.chain(3);
    SECTION("a frame too many")
    {
        chain[1].entry.frames.value += 1;
    }
    SECTION("another outcome")
    {
        chain[1].entry.outcome = Outcome::Missed;
    }
    SECTION("another signature")
    {
        chain[1].signature[5] ^= 1;
    }
    SECTION("signed with another key")
    {
        chain[1] = taken(signEntry(chain[1].entry, keyOf(3)));
    }
    const auto result = take(at, chain);
    REQUIRE(result.rejected.size() == 1);
    CHECK(result.rejected[0].sequence == 2);
    CHECK(result.rejected[0].error.category == ErrorCategory::Unauthorized);
    CHECK(result.acknowledgedThrough == 1);
    CHECK(taken(at.store.airings.state(at.agent.id)).gaps == std::vector<store::SequenceRange>{{2, 2}});
}

TEST_CASE("An entry that contradicts itself is not taken, signed as it may be")
{
    LoggingAgent at;
    LogEntry entry = at.airing(1, nullptr);
    entry.outcome = Outcome::Missed; // with all its frames
    const auto result = take(at, {taken(signEntry(entry, at.key))});
    REQUIRE(result.rejected.size() == 1);
    CHECK(result.rejected[0].error.category == ErrorCategory::InvalidInput);
    CHECK(result.acknowledgedThrough == 0);
}

TEST_CASE("An agent logs for itself, and for stations that it carries or carried")
{
    LoggingAgent at;
    LogEntry foreign = at.airing(1, nullptr);
    foreign.station = at.stations[1];
    auto result = take(at, {taken(signEntry(foreign, at.key))});
    REQUIRE(result.rejected.size() == 1);
    CHECK(result.rejected[0].error.category == ErrorCategory::Forbidden);

    LogEntry impostor = at.airing(1, nullptr);
    impostor.agent = AgentId{text("another")};
    result = take(at, {taken(signEntry(impostor, at.key))});
    REQUIRE(result.rejected.size() == 1);
    CHECK(result.rejected[0].error.category == ErrorCategory::Forbidden);

    LogEntry nowhere = at.airing(1, nullptr);
    nowhere.station = {};
    result = take(at, {taken(signEntry(nowhere, at.key))});
    REQUIRE(result.rejected.size() == 1);

    // The station went to another agent; what this one logged before comes late, and is taken.
    model::Agent successor;
    successor.id = AgentId{text("successor")};
    successor.name = text("successor");
    successor.key = keyOf(9).verifyKey();
    successor.stations = {at.stations[0]};
    successor.enrolledAt = morning;
    taken(at.store.agents.add(successor));
    const auto chain = at.chain(2);
    result = take(at, {chain[0], taken(signEntry(at.event(2, chain[0]), at.key))});
    CHECK(result.rejected.empty());
    CHECK(result.acknowledgedThrough == 2);
}

TEST_CASE("Promise 4: two entries with one number are a fork: the first stays, both are kept and shown", "[promise-4]")
{
    LoggingAgent at;
    const auto chain = at.chain(4);
    take(at, chain);
    LogEntry other = chain[2].entry;
    other.detail = text("written anew");
    const SignedLogEntry fork = taken(signEntry(other, at.key));
    for (int twice = 0; twice < 2; ++twice) {
        const auto result = take(at, {fork});
        REQUIRE(result.rejected.size() == 1);
        CHECK(result.rejected[0].error.category == ErrorCategory::Conflict);
        CHECK(result.acknowledgedThrough == 4);
    }
    CHECK(taken(at.store.airings.entries(at.agent.id, 1, 10)) == chain);
    const auto incidents = taken(at.store.airings.state(at.agent.id)).incidents;
    REQUIRE(incidents.size() == 1);
    CHECK(incidents[0].kind == store::LogIncident::Kind::Fork);
    CHECK(incidents[0].sequence == 3);
    CHECK(incidents[0].entry == fork);
    CHECK(incidents[0].noticedAt == morning);
}

TEST_CASE("Promise 4: an entry that does not continue the one before it is shown, whichever comes first", "[promise-4]")
{
    for (const bool laterFirst : {false, true}) {
        LoggingAgent at;
        const auto chain = at.chain(3);
        LogEntry grafted = chain[2].entry;
        grafted.previous = hashOf("another log");
        const SignedLogEntry graft = taken(signEntry(grafted, at.key));
        if (laterFirst) {
            take(at, {graft});
            take(at, {chain[0], chain[1]});
        } else {
            take(at, {chain[0], chain[1]});
            take(at, {graft});
        }
        const auto state = taken(at.store.airings.state(at.agent.id));
        CHECK(state.acknowledgedThrough == 3); // nothing is thrown away
        REQUIRE(state.incidents.size() == 1);
        CHECK(state.incidents[0].kind == store::LogIncident::Kind::BrokenLink);
        CHECK(state.incidents[0].sequence == 3);
    }
    LoggingAgent at;
    LogEntry first = at.airing(1, nullptr);
    first.previous = chainStart(keyOf(3).verifyKey()); // begun under another key
    take(at, {taken(signEntry(first, at.key))});
    CHECK(taken(at.store.airings.state(at.agent.id)).incidents.size() == 1);
}

TEST_CASE("A call that fails in the midst stores nothing")
{
    LoggingAgent at;
    const auto chain = at.chain(3);
    taken(at.database->execute(text("DROP TABLE log_incidents")));
    auto broken = chain;
    broken[2].entry.previous = hashOf("another log");
    broken[2] = taken(signEntry(broken[2].entry, at.key));
    CHECK(categoryOf(intakeAirings(at.store, at.agent, broken, morning)) == ErrorCategory::Storage);
    CHECK(taken(at.store.airings.entries(at.agent.id, 1, 10)).empty());
}

TEST_CASE("Too much at once, and a revoked agent, are refused")
{
    LoggingAgent at;
    const std::vector<SignedLogEntry> many(fleet::maxEntriesPerIntake + 1, at.chain(1).front());
    CHECK(categoryOf(intakeAirings(at.store, at.agent, many, morning)) == ErrorCategory::LimitExceeded);
    at.agent.revoked = true;
    CHECK(categoryOf(intakeAirings(at.store, at.agent, at.chain(1), morning)) == ErrorCategory::Forbidden);
}
