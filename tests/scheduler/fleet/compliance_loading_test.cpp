#include "scheduler/fleet/airing_intake.h"
#include "scheduler/fleet/compliance_loading.h"
#include "tests/scheduler/fleet/sample_planning.h"
#include "tests/scheduler/store/sample_log.h"

using namespace loa;
using namespace loa::test;

namespace {

const model::PeriodDates december{day(1), day(31)};

// Takes in an airing of `item` at station 1, `day` days into December, 6:00.
void sound(LoggingAgent& at, int sequence, const char* item, int dayOfMonth, const char* output = "speakers")
{
    const auto last = sequence == 1 ? std::nullopt : taken(at.store.airings.find(at.agent.id, sequence - 1));
    LogEntry entry = at.airing(sequence, last ? &*last : nullptr);
    entry.item = ItemId{text(item)};
    entry.sha256 = hashOf(item);
    entry.output = text(output);
    entry.plannedStart = morning + std::chrono::hours(1) + std::chrono::days(dayOfMonth - 1);
    entry.firstFrameAt = entry.plannedStart;
    entry.lastFrameAt = entry.plannedStart + std::chrono::seconds(60);
    entry.recordedAt = *entry.lastFrameAt;
    CHECK(taken(fleet::intakeAirings(at.store, at.agent, std::vector{taken(signEntry(entry, at.key))}, morning))
              .accepted == 1);
}

model::Obligation quotaFor(const UnitId& unit)
{
    model::Obligation quota;
    quota.id = ObligationId{text("quota")};
    quota.unit = unit;
    quota.plan = text("KH");
    quota.required = 2;
    quota.topicGroups = {text("cchc-a")};
    quota.evidence = model::ObligationEvidence::Airings;
    quota.validFrom = day(1, 1);
    return quota;
}

} // namespace

TEST_CASE("The store's log gives each station its standing")
{
    LoggingAgent at;
    for (const char* item : {"a", "b"})
        at.approved(item);
    at.approved("other", "other");
    taken(at.store.obligations.put(quotaFor(at.district)));
    sound(at, 1, "a", 1);
    sound(at, 2, "a", 2);
    sound(at, 3, "other", 2);
    sound(at, 4, "b", 3, "archive");
    const model::Station station = taken(at.store.stations.find(at.stations[0]));
    const UtcTime now = morning + std::chrono::days(10);
    const auto standingNow = [&] {
        auto loader = taken(fleet::ComplianceLoader::open(at.store, now));
        const auto owed = taken(loader.obligations(station, december.first, december.last));
        REQUIRE(owed.size() == 1);
        return compliance::standing(taken(loader.input(station, owed[0], december)));
    };
    auto standing = standingNow();
    CHECK(standing.required == 2);
    CHECK(standing.completed == 1);
    CHECK(standing.standing == compliance::Standing::AtRisk);
    REQUIRE_FALSE(standing.items.empty());
    CHECK(standing.items[0].approvedByName == text("approver"));

    sound(at, 5, "b", 4);
    standing = standingNow();
    CHECK(standing.completed == 2);
    CHECK(standing.standing == compliance::Standing::Green);

    // An item withdrawn later has sounded all the same, and who approved it is still known.
    const model::Item item = taken(at.store.items.find(ItemId{text("b")}));
    taken(at.store.items.save(taken(model::withdraw(item, text("cũ")))));
    standing = standingNow();
    CHECK(standing.completed == 2);

    // A cluster that is taken down takes nothing with it.
    model::Station bare = station;
    bare.clusters.clear();
    taken(at.store.stations.update(bare, now));
    CHECK(standingNow().completed == 2);
}

TEST_CASE("What is planned counts as planned")
{
    PlannedDistrict at;
    at.approved("a");
    at.approved("b");
    taken(at.planning.replanAll());
    auto loader = taken(fleet::ComplianceLoader::open(at.store, at.clock.now()));
    const model::Station station = taken(at.store.stations.find(at.stations[0]));
    const auto owed = taken(loader.obligations(station, december.first, december.last));
    REQUIRE(owed.size() == 1);
    const auto input = taken(loader.input(station, owed[0], december));
    CHECK_FALSE(input.planned.empty());
    for (const compliance::PlannedAiring& airing : input.planned)
        CHECK((airing.startsAt >= morning && airing.startsAt < morning + std::chrono::days(31)));
    const auto standing = compliance::standing(input);
    CHECK(standing.completed == 0);
    CHECK(standing.planned == 2);
    CHECK(standing.standing == compliance::Standing::AtRisk);
}

TEST_CASE("Obligations of other units, of other times and of other evidence are not asked of a station")
{
    PlannedDistrict at;
    model::Obligation other = quotaFor(at.communes[1]);
    other.id = ObligationId{text("neighbour")};
    taken(at.store.obligations.put(other));
    other = quotaFor(at.district);
    other.id = ObligationId{text("listed")};
    other.evidence = model::ObligationEvidence::Listed;
    taken(at.store.obligations.put(other));
    other.id = ObligationId{text("past")};
    other.evidence = model::ObligationEvidence::Airings;
    other.validUntil = day(30, 11);
    taken(at.store.obligations.put(other));
    auto loader = taken(fleet::ComplianceLoader::open(at.store, morning));
    const model::Station station = taken(at.store.stations.find(at.stations[0]));
    const auto owed = taken(loader.obligations(station, december.first, december.last));
    REQUIRE(owed.size() == 1);
    CHECK(owed[0].id == ObligationId{text("quota")});
}
