// Planning every station of a district: what it reads, which plans and bundles it makes, and whom it tells.
#include "tests/scheduler/fleet/sample_planning.h"

#include <set>

using namespace loa;
using namespace loa::test;

TEST_CASE("Every station gets a plan that keeps its quota, and a bundle, and is told of it")
{
    PlannedDistrict at;
    for (const char* item : {"a", "b", "c"})
        at.approved(item);
    const auto outcomes = taken(at.planning.replanAll());
    REQUIRE(outcomes.size() == 3);
    for (const fleet::StationOutcome& outcome : outcomes) {
        REQUIRE_FALSE(outcome.error);
        CHECK(outcome.shortfalls.empty());
        CHECK(outcome.refusals.empty());
        CHECK(outcome.leftOut.empty());
        CHECK(outcome.sessions >= 62); // this month and the next
        CHECK(outcome.placements > 0);
        CHECK(outcome.bundleVersion == 1);
        CHECK(outcome.issued);
        const Bundle bundle = at.bundleOf(outcome.station);
        CHECK(bundle.station == outcome.station);
        CHECK(bundle.version == 1);
        CHECK(bundle.sessions.size() >= 35);
        CHECK(bundle.media.size() == 3);
    }
    CHECK(at.told.size() == 3);
    // Nothing changed: nothing is issued.
    for (const fleet::StationOutcome& outcome : taken(at.planning.replanAll()))
        CHECK_FALSE(outcome.issued);
    CHECK(at.told.size() == 3);
}

TEST_CASE("Planning again without news writes nothing")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    at.clock.advance(std::chrono::hours(7)); // a session has been
    const auto writes = [&] {
        return taken(at.database->select(text("SELECT total_changes()"))).front().front().toInt();
    };
    const int before = writes();
    taken(at.planning.replanAll());
    CHECK(writes() == before);
}

TEST_CASE("Promise 1: after an edit the next bundle does not hold the item", "[promise-1]")
{
    PlannedDistrict at;
    const model::Item item = at.approved("a");
    at.approved("b");
    taken(at.planning.replanAll());
    REQUIRE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "a"));
    model::ItemEdit change;
    change.script = text("sửa một chữ");
    taken(at.store.items.save(taken(model::edit(item, change))));
    const auto outcomes = taken(at.planning.replanStations(std::vector{at.stations[0]}));
    CHECK(only(outcomes).issued);
    const Bundle bundle = at.bundleOf(at.stations[0]);
    CHECK(bundle.version == 2);
    CHECK_FALSE(PlannedDistrict::holds(bundle, "a"));
    CHECK(PlannedDistrict::holds(bundle, "b"));
    CHECK(only(outcomes).shortfalls.size() >= 1); // and the lack shows
}

TEST_CASE("Promise 1: an edit while a session runs takes the item out of what is still to come", "[promise-1]")
{
    PlannedDistrict at;
    const model::Item item = at.approved("a");
    taken(at.planning.replanAll());
    at.clock.advance(std::chrono::minutes(5 * 60 + 31)); // the first session is under way
    taken(at.store.items.save(taken(model::withdraw(item, text("sai")))));
    const auto outcomes = taken(at.planning.replanStations(std::vector{at.stations[0]}));
    const Bundle bundle = at.bundleOf(at.stations[0]);
    CHECK(bundle.media.empty());
    // The plan of the running session is history and stays; the bundle leaves it out and says so.
    CHECK(only(outcomes).leftOut.size() == 1);
    CHECK(taken(at.store.plans.placements(at.stations[0], day(1), day(1))).size() == 1);
}

TEST_CASE("An item plays within its scope")
{
    PlannedDistrict at;
    at.approved("mine", "cchc-a", at.communes[1]);
    at.approved("all");
    taken(at.planning.replanAll());
    CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[1]), "mine"));
    CHECK_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "mine"));
    CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "all"));
}

TEST_CASE("The same recording under a second item is not a second thing to hear")
{
    PlannedDistrict at;
    at.approved("a");
    model::Item copy = at.draft("copy");
    taken(at.store.items.add(copy));
    copy = taken(model::attachVersion(copy, UploadId{text("u")}, text("a.mp3"), morning));
    copy = taken(model::submit(taken(model::ingestFinished(copy, 1, District::audio("a")))));
    copy = taken(model::approve(copy, hashOf("a"), at.approver.id, text("A"), morning + std::chrono::hours(1)));
    taken(at.store.items.save(copy));
    const auto input = taken(at.planning.planInput(at.stations[0]));
    REQUIRE(input.items.size() == 1);
    CHECK(input.items[0].id == ItemId{text("a")});
    for (const fleet::StationOutcome& outcome : taken(at.planning.replanAll())) {
        CHECK_FALSE(outcome.error);
        CHECK_FALSE(outcome.shortfalls.empty()); // one distinct item is not two
    }
}

TEST_CASE("Promise 6: an agent always has more than 35 days before it", "[promise-6]")
{
    PlannedDistrict at;
    at.approved("a");
    for (int hour = 0; hour < 24 * 4; hour += 3) {
        taken(at.planning.replanAll());
        for (const StationId& station : at.stations) {
            const Bundle bundle = at.bundleOf(station);
            CHECK(bundle.validUntil >= at.clock.now() + fleet::bundleDays);
            CHECK(bundle.sessions.back().startsAt >= at.clock.now() + std::chrono::days(34));
        }
        at.clock.advance(std::chrono::hours(3));
    }
    // Renewed once a day, not every time.
    CHECK(taken(at.store.bundles.latestVersion(at.stations[0])) == 4);
}

TEST_CASE("Promise 10: the bundle is the station's own, sealed with the scheduler's key", "[promise-10]")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    const auto sealed = taken(at.store.bundles.latest(at.stations[0]))->sealed;
    CHECK(openBundle(sealed, at.key.verifyKey())->station == at.stations[0]);
    CHECK(categoryOf(openBundle(sealed, keyOf(8).verifyKey())) == ErrorCategory::Unauthorized);

    // With another key the version goes on rising, so that agents take what is new.
    const SigningKey other = keyOf(8);
    fleet::Planning planning(*at.database, other, at.clock);
    const auto outcomes = taken(planning.replanStations(std::vector{at.stations[0]}));
    CHECK(only(outcomes).issued);
    CHECK(taken(openBundle(taken(at.store.bundles.latest(at.stations[0]))->sealed, other.verifyKey())).version == 2);
}

TEST_CASE("A wish is kept until it is fulfilled, and each concerns whom it concerns")
{
    PlannedDistrict at;
    const model::Item item = at.approved("a", "cchc-a", at.communes[2]);
    CHECK(taken(at.planning.replanWished()).empty());
    taken(at.planning.wishFor(item));
    const auto outcomes = taken(at.planning.replanWished());
    CHECK(only(outcomes).station == at.stations[2]);
    CHECK(taken(at.planning.replanWished()).empty());
    taken(at.planning.wishUnder(at.city));
    CHECK(taken(at.planning.replanWished(2)).size() == 2);
    CHECK(taken(at.planning.replanWished(2)).size() == 1);
    CHECK(taken(at.planning.replanWished(2)).empty());
    // Undone with the transaction that made it.
    CHECK_FALSE(at.database->transaction([&]() -> Result<void> {
        taken(at.planning.wishUnder(at.city));
        return fail(ErrorCategory::Conflict, {});
    }));
    CHECK(taken(at.planning.replanWished()).empty());
}

TEST_CASE("Where an item is forbidden and not planned, a change of it is no news")
{
    PlannedDistrict at;
    at.approved("b");
    model::Item item = at.approved("a");
    const auto wishes = [&](const model::Item& changed) {
        taken(at.planning.wishFor(changed));
        std::vector<StationId> wished;
        for (const fleet::StationOutcome& outcome : taken(at.planning.replanWished()))
            wished.push_back(outcome.station);
        return wished;
    };
    CHECK(wishes(item) == at.stations);
    REQUIRE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "a"));

    SECTION("What newly forbids it takes it out of the plan")
    {
        item.playRules.forbiddenAt = {at.stations[0]};
        item = taken(at.store.items.save(item));
        CHECK(wishes(item) == at.stations);
        CHECK_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "a"));
        CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[1]), "a"));

        const std::vector<StationId> others(at.stations.begin() + 1, at.stations.end());
        CHECK(wishes(item) == others);
        // Allowed again.
        item.playRules.forbiddenAt = {};
        item = taken(at.store.items.save(item));
        CHECK(wishes(item) == at.stations);
        CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "a"));
    }
    SECTION("Where it has sounded it goes on to count, so the station is planned")
    {
        at.clock.advance(std::chrono::hours(24 * 40));
        taken(at.planning.replanAll());
        item.playRules.forbiddenAt = {at.stations[0]};
        item = taken(at.store.items.save(item));
        taken(at.planning.replanAll());
        CHECK(wishes(item) == at.stations);
    }
    SECTION("A second item with its recording waits for what becomes of it")
    {
        item.playRules.forbiddenAt = {at.stations[0]};
        item = taken(at.store.items.save(item));
        CHECK(wishes(item) == at.stations);
        model::Item twin = at.draft("twin");
        taken(at.store.items.add(twin));
        twin = taken(model::attachVersion(twin, UploadId{text("upload")}, text("tin.mp3"), morning));
        twin = taken(model::submit(taken(model::ingestFinished(twin, 1, at.audio("a")))));
        twin = taken(model::approve(twin, *twin.versions.back().sha256, at.approver.id, at.approver.fullName,
                                    morning + std::chrono::minutes(1)));
        taken(at.store.items.save(twin));
        taken(at.planning.replanAll());
        REQUIRE_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "twin"));
        taken(at.store.items.save(taken(model::withdraw(item, text("sai")))));
        CHECK(wishes(item) == at.stations);
        CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "twin"));
    }
}

TEST_CASE("A station that cannot be planned keeps its bundle, is named, and does not hold up the others")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    taken(at.database->execute(text("UPDATE bundles SET sealed = 'damaged' WHERE station_id = 'station-2'")));
    at.approved("b");
    at.told.clear();
    taken(at.planning.wishUnder(at.city));
    const auto outcomes = taken(at.planning.replanWished());
    REQUIRE(outcomes.size() == 3);
    for (const fleet::StationOutcome& outcome : outcomes) {
        const bool damaged = outcome.station == at.stations[1];
        CHECK(outcome.error.has_value() == damaged);
        CHECK(outcome.issued != damaged);
    }
    CHECK(at.told.size() == 2);
    CHECK(taken(at.store.bundles.latestVersion(at.stations[1])) == 1);
    CHECK(taken(at.planning.replanWished()).empty()); // not at once again
    at.clock.advance(fleet::Planning::retryAfter);
    CHECK(taken(at.planning.replanWished()).size() == 1);
}

TEST_CASE("What agents hold for the next two hours stays as it is, but for what may not sound any more")
{
    PlannedDistrict at;
    const model::Item first = at.approved("first");
    taken(at.planning.replanAll());
    const auto heldOn = [&](QDate date) { return taken(at.store.plans.placements(at.stations[0], date, date)); };
    const auto before = heldOn(day(1));
    REQUIRE(before.size() == 1);

    at.clock.advance(std::chrono::hours(4)); // 4:00; the session is at 5:30
    at.approved("second");
    taken(at.planning.replanAll());
    CHECK(heldOn(day(1)) == before);
    CHECK(heldOn(day(2)).size() == 2);

    taken(at.store.items.save(taken(model::withdraw(first, text("sai")))));
    taken(at.planning.replanAll());
    CHECK(heldOn(day(1)).empty());
    CHECK(heldOn(day(2)).size() == 1);
}

TEST_CASE("A freeze of nothing lets the next session take what was approved just now")
{
    PlannedDistrict at;
    fleet::Planning planning(*at.database, at.key, at.clock, {}, std::chrono::minutes(0));
    at.approved("first");
    taken(planning.replanAll());
    at.clock.advance(std::chrono::hours(4));
    at.approved("second");
    taken(planning.replanAll());
    CHECK(taken(at.store.plans.placements(at.stations[0], day(1), day(1))).size() == 2);
}

TEST_CASE("The planner is told of play rules, edits by hand and the station's zone")
{
    PlannedDistrict at;
    model::Item item = at.approved("a");
    item.playRules.mostPlaysADay = 1;
    taken(at.store.items.save(item));
    taken(at.planning.replanAll());
    const auto session = taken(at.store.plans.nextSession(at.stations[0], at.clock.now()));
    REQUIRE(session);
    const model::HandEdit edit{
        HandEditId{text("e")}, at.stations[0], session->id,   item.id, model::HandEditKind::Away, {},
        text("họp"),           at.editor.id,   at.clock.now()};
    taken(at.store.edits.put({edit, session->startsAt}));
    const auto input = taken(at.planning.planInput(at.stations[0]));
    CHECK(input.edits == std::vector{edit});
    CHECK(input.items.front().rules.mostPlaysADay == 1);
    CHECK(input.zone.id() == QByteArray("Asia/Ho_Chi_Minh"));
    CHECK(taken(at.planning.planInput(at.stations[1])).edits.empty());
}

TEST_CASE("Stations of several scopes each get their own items from what is read once for all")
{
    PlannedDistrict at;
    at.approved("everyone");
    const model::Station own = taken(at.store.stations.find(at.stations[1]));
    model::Item narrow = at.approved("narrow");
    narrow.scope = own.unit;
    taken(at.store.items.save(narrow));
    taken(at.planning.replanAll());
    for (const StationId& station : at.stations) {
        CHECK(PlannedDistrict::holds(at.bundleOf(station), "everyone"));
        CHECK(PlannedDistrict::holds(at.bundleOf(station), "narrow") == (station == own.id));
    }
    const planner::PlanInput input = taken(at.planning.planInput(own.id));
    CHECK(input.items.size() == 2);
    CHECK(taken(at.planning.planInput(at.stations[0])).items.size() == 1);
}

TEST_CASE("What changes beyond the bundle's end changes the plan and issues nothing")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    const StationId station = at.stations[0];
    const auto plays = [&] {
        const auto placements = taken(at.store.plans.placements(station, day(1), day(31, 1, 2027)));
        return std::any_of(placements.begin(), placements.end(),
                           [](const planner::Placement& placement) { return placement.item == ItemId{text("late")}; });
    };
    REQUIRE_FALSE(plays());
    model::Item late = at.approved("late");
    late.validFrom = day(20, 1, 2027);
    taken(at.store.items.save(late));
    const auto outcomes = taken(at.planning.replanStations(std::vector{station}));
    CHECK_FALSE(only(outcomes).issued);
    CHECK(plays());
    CHECK_FALSE(only(outcomes).forecasts.empty());
}

TEST_CASE("Promise 5: next month's plan uses what binds then", "[promise-5]")
{
    PlannedDistrict at;
    const UnitId other{text("other-district")};
    taken(at.store.units.add(at.unit(other, at.city, "district")));
    taken(at.store.units.move(at.communes[0], other, day(15, 12)));
    at.approved("a");
    at.approved("b");
    taken(at.planning.replanAll());
    const auto days = [&](const char* item) {
        std::set<QDate> on;
        for (const planner::Placement& placement :
             taken(at.store.plans.placements(at.stations[0], day(1, 12), day(31, 12)))) {
            if (placement.item == ItemId{text(item)})
                on.insert(taken(at.store.plans.session(placement.session))->localDate);
        }
        return on;
    };
    // The old district's items end with it, and December is not owed to it any more.
    REQUIRE_FALSE(days("a").empty());
    CHECK(*days("a").rbegin() < day(15, 12));
    const auto input = taken(at.planning.planInput(at.stations[0]));
    CHECK(input.obligations.empty());
    CHECK(taken(at.planning.planInput(at.stations[1])).obligations.size() == 1);
    for (const planner::PlannableItem& item : input.items)
        CHECK(item.validUntil == day(14, 12));
    CHECK_FALSE(taken(at.planning.planInput(at.stations[1])).items.front().validUntil);
}

TEST_CASE("Bundles that another program issued are told once, and those that were told are not told again")
{
    PlannedDistrict at;
    taken(at.planning.replanAll());
    const auto own = at.told.size();
    REQUIRE(own > 0);
    CHECK(taken(at.planning.announceOthers()) == 0); // what is there at the first look
    CHECK(at.told.size() == own);

    // The next day, by another program on the same data.
    at.clock.advance(std::chrono::hours(24));
    fleet::Planning other{*at.database, at.key, at.clock};
    const auto outcomes = taken(other.replanStations(std::array{at.stations[0]}));
    REQUIRE(outcomes[0].issued);
    CHECK(taken(at.planning.announceOthers()) == 1);
    REQUIRE(at.told.size() == own + 1);
    CHECK(at.told.back() == std::pair(at.stations[0], outcomes[0].bundleVersion));
    CHECK(taken(at.planning.announceOthers()) == 0);

    // Its own are told as they are issued, and then no more.
    taken(at.planning.replanAll());
    const auto all = at.told.size();
    CHECK(all > own + 1);
    CHECK(taken(at.planning.announceOthers()) == 0);
    CHECK(at.told.size() == all);
}
