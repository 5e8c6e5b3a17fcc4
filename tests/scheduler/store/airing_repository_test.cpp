#include "tests/scheduler/store/sample_log.h"

using namespace loa;
using namespace loa::test;

TEST_CASE("Log entries come back as they were signed")
{
    LoggingAgent at;
    auto& airings = at.store.airings;
    const auto chain = at.chain(3);
    for (const SignedLogEntry& entry : chain)
        taken(airings.add(entry, morning));
    CHECK(taken(airings.find(at.agent.id, 2)) == chain[1]);
    CHECK(taken(airings.find(at.agent.id, 4)) == std::nullopt);
    CHECK(taken(airings.entries(at.agent.id, 1, 10)) == chain);
    CHECK(taken(airings.entries(at.agent.id, 2, 1)) == std::vector{chain[1]});
    CHECK(verifyEntry(*taken(airings.find(at.agent.id, 3)), at.agent.key));
    CHECK(categoryOf(airings.add(chain[0], morning)) == ErrorCategory::Conflict);
}

TEST_CASE("Airings of a station are found by planned start; events are not airings")
{
    LoggingAgent at;
    auto& airings = at.store.airings;
    const auto chain = at.chain(4);
    for (const SignedLogEntry& entry : chain)
        taken(airings.add(entry, morning));
    const LogEntry event = at.event(5, chain.back());
    taken(airings.add(taken(signEntry(event, at.key)), morning));
    const UtcTime start = chain[0].entry.plannedStart;
    const UtcTime third = chain[2].entry.plannedStart;
    CHECK(taken(airings.ofStation(at.stations[0], start, third)).size() == 2);
    CHECK(taken(airings.ofStation(at.stations[0], start, third + Duration(1))).size() == 3);
    CHECK(taken(airings.ofStation(at.stations[0], start, start + std::chrono::days(99))) == chain);
    CHECK(taken(airings.ofStation(at.stations[1], start, start + std::chrono::days(99))).empty());

    LogEntry heard = at.event(6, chain.back());
    heard.station = at.stations[0];
    HeardProof proof;
    proof.airing = chain[1].entry.airing;
    proof.session = chain[1].entry.session;
    proof.item = chain[1].entry.item;
    proof.sha256 = chain[1].entry.sha256;
    proof.output = chain[1].entry.output;
    proof.plannedStart = chain[1].entry.plannedStart;
    proof.result = Heard::No;
    heard.heard = proof;
    const SignedLogEntry sealed = taken(signEntry(heard, at.key));
    taken(airings.add(sealed, morning));
    CHECK(taken(airings.ofStation(at.stations[0], start, start + std::chrono::days(99))) == chain);
    CHECK(taken(airings.countOfStation(at.stations[0], start)) == 4);
    CHECK(taken(airings.heardAt(at.stations[0], start, third)) == std::vector{sealed});
    CHECK(taken(airings.heardAt(at.stations[0], third, start + std::chrono::days(99))).empty());
}

TEST_CASE("Promise 4: the acknowledgement reaches as far as nothing is missing, and gaps are shown", "[promise-4]")
{
    LoggingAgent at;
    auto& airings = at.store.airings;
    const auto chain = at.chain(10);
    const auto add = [&](int sequence) { taken(airings.add(chain[static_cast<std::size_t>(sequence - 1)], morning)); };
    CHECK(taken(airings.advanceAcknowledgement(at.agent.id)) == 0);
    for (const int sequence : {2, 3, 7, 9, 10})
        add(sequence);
    CHECK(taken(airings.advanceAcknowledgement(at.agent.id)) == 0);
    auto state = taken(airings.state(at.agent.id));
    CHECK(state.last == 10);
    CHECK(state.gaps == std::vector<store::SequenceRange>{{1, 1}, {4, 6}, {8, 8}});
    add(1);
    CHECK(taken(airings.advanceAcknowledgement(at.agent.id)) == 3);
    state = taken(airings.state(at.agent.id));
    CHECK(state.acknowledgedThrough == 3);
    CHECK(state.gaps == std::vector<store::SequenceRange>{{4, 6}, {8, 8}});
    for (const int sequence : {4, 5, 6, 8})
        add(sequence);
    CHECK(taken(airings.advanceAcknowledgement(at.agent.id)) == 10);
    CHECK(taken(airings.state(at.agent.id)).gaps.empty());
    CHECK(categoryOf(airings.state(AgentId{text("nobody")})) == ErrorCategory::NotFound);
}
