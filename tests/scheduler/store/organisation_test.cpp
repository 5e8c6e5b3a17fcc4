#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

namespace {

model::Agent agentOf(const char* id, std::uint8_t seed, std::vector<StationId> stations)
{
    model::Agent agent;
    agent.id = AgentId{text(id)};
    agent.name = text(id);
    agent.key = keyOf(seed).verifyKey();
    agent.stations = std::move(stations);
    agent.enrolledAt = morning;
    return agent;
}

} // namespace

TEST_CASE("Units come back as they were stored")
{
    District at;
    at.settle();
    const model::Unit commune = taken(at.store.units.find(at.communes[0]));
    CHECK(commune == at.unit(at.communes[0], at.district, "commune"));
    CHECK(taken(at.store.units.all()).size() == 5);
    CHECK(taken(at.store.units.findByCode(text("DISTRICT")))->id == at.district);
    CHECK(taken(at.store.units.findByCode(text("?"))) == std::nullopt);
    CHECK(categoryOf(at.store.units.find(UnitId{text("nowhere")})) == ErrorCategory::NotFound);
}

TEST_CASE("A unit that makes no sense is refused")
{
    District at;
    at.settle();
    auto& units = at.store.units;
    model::Unit unit = at.unit(UnitId{text("new")}, at.district, "commune");
    unit.code = text("COMMUNE-1");
    CHECK(categoryOf(units.add(unit)) == ErrorCategory::Conflict);
    unit.code = text(" ");
    CHECK(categoryOf(units.add(unit)) == ErrorCategory::InvalidInput);
    unit = at.unit(UnitId{text("new")}, UnitId{text("nowhere")}, "commune");
    CHECK(categoryOf(units.add(unit)) == ErrorCategory::NotFound);
    unit = at.unit(UnitId{text("new")}, at.district, "commune");
    unit.validUntil = day(1, 1, 2019);
    CHECK(categoryOf(units.add(unit)) == ErrorCategory::InvalidInput);
    CHECK(taken(units.all()).size() == 5);
}

TEST_CASE("A unit never comes to lie below itself")
{
    District at;
    at.settle();
    CHECK(categoryOf(at.store.units.move(at.city, at.communes[0], day(1))) == ErrorCategory::Conflict);
    CHECK(categoryOf(at.store.units.move(at.district, at.district, day(1))) == ErrorCategory::Conflict);
    model::Unit district = taken(at.store.units.find(at.district));
    district.parent = at.communes[1];
    CHECK(categoryOf(at.store.units.update(district)) == ErrorCategory::Conflict);
    CHECK(taken(at.store.units.find(at.district)).parent == at.city);
}

TEST_CASE("A move and a merge change the tree from a day on and keep what was")
{
    District at;
    at.settle();
    auto& units = at.store.units;
    taken(units.move(at.communes[0], at.city, day(1)));
    auto tree = taken(units.tree());
    CHECK(tree.parentOn(at.communes[0], day(30, 11)) == at.district);
    CHECK(tree.parentOn(at.communes[0], day(1)) == at.city);

    const UnitId merged{text("merged")};
    model::Unit unit = at.unit(merged, at.city, "ward");
    unit.validFrom = day(1, 7, 2027);
    taken(units.add(unit));
    taken(units.merge(std::vector{at.communes[1], at.communes[2]}, merged, day(1, 7, 2027)));
    tree = taken(units.tree());
    CHECK(tree.find(at.communes[1])->validUntil == day(30, 6, 2027));
    CHECK(tree.isWithin(at.communes[1], at.district, day(30, 6, 2027)));
    CHECK(tree.isWithin(at.communes[1], merged, day(1, 7, 2027)));
    CHECK_FALSE(tree.isWithin(at.communes[1], at.district, day(1, 7, 2027)));
    // Once ended, a unit is not merged again.
    CHECK(categoryOf(units.merge(std::vector{at.communes[1]}, merged, day(1, 8, 2027))) == ErrorCategory::InvalidInput);
    CHECK(categoryOf(units.merge(std::vector{merged}, merged, day(1, 8, 2027))) == ErrorCategory::InvalidInput);
}

TEST_CASE("Stations come back with their clusters")
{
    District at;
    at.settle();
    auto& stations = at.store.stations;
    model::Station station = taken(stations.find(at.stations[0]));
    CHECK(station.unit == at.communes[0]);
    CHECK(station.clusters.size() == 1);
    CHECK(station.agent == std::nullopt);
    station.clusters.push_back({{}, text("Cụm B"), text("horns"), 2});
    station.name = text("Đài xã 1");
    taken(stations.update(station, morning));
    const model::Station after = taken(stations.find(at.stations[0]));
    CHECK(after.name == text("Đài xã 1"));
    REQUIRE(after.clusters.size() == 2);
    CHECK_FALSE(after.clusters[1].id.isEmpty());
    CHECK(after.clusters[0] == station.clusters[0]);
    CHECK(taken(stations.all()).size() == 3);
    CHECK(taken(stations.ofUnits(std::vector{at.communes[1], at.district})).size() == 1);
    CHECK(taken(stations.findByCode(text("STATION-2")))->id == at.stations[1]);
}

TEST_CASE("A cluster taken down, or moved to another output, stays known for what it has sounded")
{
    District at;
    at.settle();
    model::Station station = taken(at.store.stations.find(at.stations[0]));
    station.clusters[0].output = text("other");
    taken(at.store.stations.update(station, morning));
    station = taken(at.store.stations.find(at.stations[0]));
    REQUIRE(station.clusters.size() == 1);
    CHECK(station.clusters[0].output == text("other"));
    station.clusters.clear();
    taken(at.store.stations.update(station, morning));
    CHECK(taken(at.store.stations.find(at.stations[0])).clusters.empty());
    const auto every = taken(at.store.stations.everyCluster(at.stations[0]));
    REQUIRE(every.size() == 2);
    CHECK(every[0].output != every[1].output);
}

TEST_CASE("A station that makes no sense is refused")
{
    District at;
    at.settle();
    model::Station station;
    station.id = StationId{text("s")};
    station.unit = at.communes[0];
    station.code = text("S");
    station.name = text("S");
    station.timeZone = "Asia/Atlantis";
    CHECK(categoryOf(at.store.stations.add(station, morning)) == ErrorCategory::InvalidInput);
    station.timeZone = "Asia/Ho_Chi_Minh";
    station.unit = UnitId{text("nowhere")};
    CHECK(categoryOf(at.store.stations.add(station, morning)) == ErrorCategory::Conflict);
    station.unit = at.communes[0];
    station.code = text("STATION-1");
    CHECK(categoryOf(at.store.stations.add(station, morning)) == ErrorCategory::Conflict);
    CHECK(categoryOf(at.store.stations.find(StationId{text("s")})) == ErrorCategory::NotFound);
}

TEST_CASE("An agent carries its stations until another takes them over, and is remembered for what it carried")
{
    District at;
    at.settle();
    auto& agents = at.store.agents;
    taken(agents.add(agentOf("one", 1, {at.stations[0], at.stations[1]})));
    CHECK(taken(at.store.stations.find(at.stations[0])).agent == AgentId{text("one")});
    taken(agents.add(agentOf("two", 2, {at.stations[1]})));
    CHECK(taken(at.store.stations.find(at.stations[1])).agent == AgentId{text("two")});
    CHECK(taken(agents.find(AgentId{text("one")})).stations == std::vector{at.stations[0]});
    CHECK(taken(agents.hasCarried(AgentId{text("one")}, at.stations[1])));
    CHECK_FALSE(taken(agents.hasCarried(AgentId{text("two")}, at.stations[0])));
    CHECK(categoryOf(agents.add(agentOf("three", 1, {}))) == ErrorCategory::Conflict); // the key is known
    CHECK(taken(agents.findByKey(keyOf(2).verifyKey()))->id == AgentId{text("two")});
    // Carrying again what it carries changes nothing.
    taken(agents.carry(AgentId{text("two")}, std::vector{at.stations[1]}, morning + std::chrono::hours(1)));
    CHECK(taken(agents.find(AgentId{text("two")})).stations == std::vector{at.stations[1]});

    taken(agents.revoke(AgentId{text("two")}, morning));
    CHECK(taken(agents.find(AgentId{text("two")})).revoked);
    CHECK(taken(at.store.stations.find(at.stations[1])).agent == std::nullopt);
}

TEST_CASE("What an agent says of itself is kept")
{
    District at;
    at.settle();
    auto& agents = at.store.agents;
    const AgentId id{text("one")};
    taken(agents.add(agentOf("one", 1, {at.stations[0]})));
    CHECK(taken(agents.find(id)).lastSeenAt == std::nullopt);
    CHECK(taken(agents.bundleVersionOnAgent(at.stations[0])) == std::nullopt);
    taken(agents.report(id, {text("loa-playout 0.1"), ClockState::Synchronised, 12, {{at.stations[0], 7}}}, morning));
    const model::Agent agent = taken(agents.find(id));
    CHECK(agent.lastSeenAt == morning);
    CHECK(agent.software == text("loa-playout 0.1"));
    CHECK(agent.clock == ClockState::Synchronised);
    CHECK(agent.journalBacklog == 12);
    CHECK(taken(agents.bundleVersionOnAgent(at.stations[0])) == 7);
    taken(agents.seen(id, morning + std::chrono::minutes(1)));
    CHECK(taken(agents.all()).front().lastSeenAt == morning + std::chrono::minutes(1));
}

TEST_CASE("An enrolment code works once, in time, however it is typed, and is not stored")
{
    District at;
    at.settle();
    auto& agents = at.store.agents;
    const UtcTime end = morning + std::chrono::hours(24);
    const QString code = taken(agents.addCode({text("Xã 1"), {at.stations[0]}, at.administrator.id, morning, end}));
    CHECK(code.size() == 23);
    for (const store::Row& row : taken(at.database->select(text("SELECT * FROM enrolment_codes")))) {
        for (const QVariant& value : row)
            CHECK_FALSE(value.toString().contains(code));
    }
    taken(agents.add(agentOf("one", 1, {})));
    const AgentId one{text("one")};
    CHECK(categoryOf(agents.useCode(text("AAAAA-AAAAA-AAAAA-AAAAA"), one, morning)) == ErrorCategory::Unauthorized);
    CHECK(categoryOf(agents.useCode(code, one, end)) == ErrorCategory::Unauthorized);
    CHECK(taken(agents.codeUsedBy(code)) == std::nullopt);
    const auto use =
        taken(agents.useCode(code.toLower().replace(text("-"), text(" ")), one, end - std::chrono::seconds(1)));
    CHECK(use.stations == std::vector{at.stations[0]});
    CHECK(use.name == text("Xã 1"));
    CHECK(categoryOf(agents.useCode(code, one, morning)) == ErrorCategory::Unauthorized);
    CHECK(taken(agents.codeUsedBy(code)) == one);
}

TEST_CASE("A nonce is taken once by each agent, and forgotten in time")
{
    District at;
    at.settle();
    auto& agents = at.store.agents;
    taken(agents.add(agentOf("one", 1, {})));
    taken(agents.add(agentOf("two", 2, {})));
    const AgentId one{text("one")};
    const UtcTime before = morning - std::chrono::minutes(11);
    CHECK(taken(agents.takeNonce(one, "n", morning, before)));
    CHECK_FALSE(taken(agents.takeNonce(one, "n", morning, before)));
    CHECK(taken(agents.takeNonce(AgentId{text("two")}, "n", morning, before)));
    CHECK_FALSE(taken(agents.takeNonce(one, "n", morning + std::chrono::minutes(11), morning)));
    CHECK(taken(agents.takeNonce(one, "n", morning + std::chrono::minutes(30), morning + std::chrono::minutes(1))));
    CHECK(taken(at.database->select(text("SELECT * FROM agent_nonces"))).size() == 1);
}
