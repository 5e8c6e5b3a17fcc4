// What has sounded, what failed and how often, as the log says: the next plan goes by it.
#include "scheduler/fleet/airing_intake.h"
#include "tests/scheduler/fleet/sample_planning.h"

using namespace loa;
using namespace loa::test;

namespace {

// What the station's agent would log about everything in the sessions of one day.
struct Log {
    PlannedDistrict& at;
    SigningKey key = keyOf(42);
    model::Agent agent;
    std::optional<SignedLogEntry> last;

    explicit Log(PlannedDistrict& district) : at(district)
    {
        agent.id = AgentId{text("agent")};
        agent.name = text("agent");
        agent.key = key.verifyKey();
        agent.stations = at.stations;
        agent.enrolledAt = morning;
        taken(at.store.agents.add(agent));
    }

    void sounded(const StationId& station, QDate date, Outcome outcome, const char* output = "speakers")
    {
        std::vector<SignedLogEntry> entries;
        for (const planner::Placement& placement : taken(at.store.plans.placements(station, date, date))) {
            LogEntry entry;
            entry.agent = agent.id;
            entry.sequence = last ? last->entry.sequence + 1 : 1;
            entry.previous = last ? last->hash : chainStart(agent.key);
            entry.station = station;
            entry.session = placement.session;
            entry.airing = placement.airing();
            entry.item = placement.item;
            entry.sha256 = placement.sha256;
            entry.output = text(output);
            entry.clock = ClockState::Synchronised;
            entry.plannedStart =
                taken(at.store.plans.session(placement.session))->startsAt + toDuration(placement.offset);
            entry.plannedFrames = placement.frames;
            entry.recordedAt = entry.plannedStart + toDuration(placement.frames);
            entry.outcome = outcome;
            if (outcome == Outcome::Complete) {
                entry.frames = placement.frames;
                entry.firstFrameAt = entry.plannedStart;
                entry.lastFrameAt = entry.recordedAt;
            }
            last = taken(signEntry(entry, key));
            entries.push_back(*last);
        }
        const auto result = taken(fleet::intakeAirings(at.store, agent, entries, at.clock.now()));
        CHECK(result.rejected.empty());
    }
};

} // namespace

TEST_CASE("Promise 5: an airing that failed is made good, one that sounded is not repeated for the quota",
          "[promise-5]")
{
    PlannedDistrict at;
    at.approved("a");
    at.approved("b");
    taken(at.planning.replanAll());
    Log log(at);
    REQUIRE_FALSE(taken(at.store.plans.placements(at.stations[0], day(1), day(1))).empty());
    at.clock.advance(std::chrono::hours(7)); // after the first session
    log.sounded(at.stations[0], day(1), Outcome::Missed);
    log.sounded(at.stations[1], day(1), Outcome::Complete);

    const auto failed = taken(at.planning.planInput(at.stations[0]));
    REQUIRE_FALSE(failed.past.empty());
    CHECK_FALSE(failed.past[0].completed);
    CHECK(failed.past[0].localDate == day(1));
    CHECK(failed.past[0].topicGroups == std::vector{text("cchc-a")});
    const auto complete = taken(at.planning.planInput(at.stations[1]));
    REQUIRE_FALSE(complete.past.empty());
    CHECK(complete.past[0].completed);
    CHECK(taken(at.planning.planInput(at.stations[2])).past.empty());

    taken(at.planning.replanAll());
    for (const StationId& station : at.stations) {
        CHECK(taken(at.store.plans.shortfalls(station)).empty());
        // The first session's plan stays as it was.
        CHECK_FALSE(taken(at.store.plans.placements(station, day(1), day(1))).empty());
    }
    const auto again = taken(at.store.plans.placements(at.stations[0], day(2), day(31)));
    CHECK(std::any_of(again.begin(), again.end(),
                      [&](const planner::Placement& placement) { return placement.item == failed.past[0].item; }));
}

TEST_CASE("An item has sounded when one output with speakers got all of it; an archive proves nothing")
{
    PlannedDistrict at;
    at.approved("a");
    model::Station station = taken(at.store.stations.find(at.stations[0]));
    station.clusters.push_back({{}, text("Cụm B"), text("horns"), 2});
    taken(at.store.stations.update(station, morning));
    taken(at.planning.replanAll());
    Log log(at);
    at.clock.advance(std::chrono::hours(7));
    const auto past = [&] { return taken(at.planning.planInput(at.stations[0])).past; };
    log.sounded(at.stations[0], day(1), Outcome::Complete, "archive");
    CHECK(past().empty());
    log.sounded(at.stations[0], day(1), Outcome::Partial, "speakers");
    REQUIRE(past().size() == 1);
    CHECK_FALSE(past()[0].completed);
    log.sounded(at.stations[0], day(1), Outcome::Complete, "horns");
    REQUIRE(past().size() == 1);
    CHECK(past()[0].completed);
}

TEST_CASE("A station's record of failure is what its log says of the last 56 days, over a prior of 1 in 50")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    CHECK(taken(at.planning.planInput(at.stations[0])).failureRate == Approx(fleet::failureRateOf(0, 0)));
    CHECK(fleet::failureRateOf(0, 0) == Approx(0.02));
    Log log(at);
    at.clock.advance(std::chrono::hours(6));
    log.sounded(at.stations[0], day(1), Outcome::Missed);
    CHECK(taken(at.planning.planInput(at.stations[0])).failureRate == Approx(2.0 / 51));
    at.clock.advance(std::chrono::hours(24));
    taken(at.planning.replanAll());
    log.sounded(at.stations[0], day(2), Outcome::Complete);
    const auto input = taken(at.planning.planInput(at.stations[0]));
    CHECK(input.failureRate == Approx(2.0 / 52));
    REQUIRE(input.past.size() == 2);
    CHECK_FALSE(input.past[0].completed);
    CHECK(input.past[1].completed);
    CHECK(input.past[1].frames == FrameCount{60 * sampleRate});
    at.clock.advance(fleet::failureRecord);
    CHECK(taken(at.planning.planInput(at.stations[0])).failureRate == Approx(1.0 / 50));
}
