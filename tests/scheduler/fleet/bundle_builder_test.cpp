#include "scheduler/fleet/bundle_builder.h"
#include "tests/scheduler/fleet/sample_planning.h"

using namespace loa;
using namespace loa::test;
using fleet::buildBundle;

namespace {

// One session at 5:30 on 1 December with one approved item in it.
struct Material {
    District at;
    fleet::BundleMaterial material;
    std::vector<model::Item> items;
    UtcTime now = morning;

    Material()
    {
        at.settle();
        material.station = taken(at.store.stations.find(at.stations[0]));
        material.policies = {PlannedDistrict::hours("p", 300, 1260)};
        items = {at.approved("one"), at.approved("two")};
        material.sessions = {session(1)};
        material.placements = {placement(material.sessions[0], 0, 0)};
    }

    static model::Session session(int dayOfMonth)
    {
        const UtcTime start = morning + std::chrono::minutes(30) + std::chrono::days(dayOfMonth - 1);
        const StationId station{text("station-1")};
        const SessionRuleId rule{text("r")};
        return {sessionIdFor(station, rule, start), rule,  station,           text("Sáng"),
                day(1).addDays(dayOfMonth - 1),     start, {900 * sampleRate}};
    }

    planner::Placement placement(const model::Session& session, std::size_t item, std::int64_t second)
    {
        const model::Item& placed = items[item];
        const model::ItemVersion& version = placed.versions.back();
        return {session.id,       placed.id, version.number, *version.sha256, {second * sampleRate}, version.frames,
                Priority::Normal, {}};
    }

    Result<fleet::BuiltBundle> build()
    {
        material.items = items;
        return buildBundle(material, now);
    }

    Bundle built()
    {
        fleet::BuiltBundle made = taken(build());
        made.bundle.version = 1;
        taken(checkBundle(made.bundle));
        return made.bundle;
    }

    std::vector<AiringId> leftOut() { return taken(build()).leftOut; }
};

} // namespace

TEST_CASE("A bundle says what the plan says")
{
    Material at;
    at.material.placements.push_back(at.placement(at.material.sessions[0], 1, 60));
    const Bundle bundle = at.built();
    CHECK(bundle.station == at.material.station.id);
    CHECK(bundle.timeZone == "Asia/Ho_Chi_Minh");
    CHECK(bundle.policies == at.material.policies);
    REQUIRE(bundle.outputs.size() == 1);
    CHECK(bundle.outputs[0] == BundleOutput{text("speakers"), {text("Cụm A")}});
    REQUIRE(bundle.sessions.size() == 1);
    CHECK(bundle.sessions[0].airings.size() == 2);
    REQUIRE(bundle.media.size() == 2);
    CHECK(bundle.media[0].sha256 < bundle.media[1].sha256);
    for (const BundleMedia& media : bundle.media) {
        CHECK(media.approval.approvedByName == text("approver"));
        CHECK(media.bytes == 8000 * 60);
    }
    CHECK(at.leftOut().empty());
}

TEST_CASE("Clusters on one output are one output")
{
    Material at;
    at.material.station.clusters = {
        {{}, text("A"), text("main"), 1}, {{}, text("B"), text("side"), 1}, {{}, text("C"), text("main"), 1}};
    const Bundle bundle = at.built();
    REQUIRE(bundle.outputs.size() == 2);
    CHECK(bundle.outputs[0] == BundleOutput{text("main"), {text("A"), text("C")}});
}

TEST_CASE("Promise 1: what is not approved with exactly this audio is not in the bundle, whatever the plan says",
          "[promise-1]")
{
    Material at;
    const AiringId airing = at.material.placements[0].airing();
    SECTION("never approved")
    {
        at.items[0] = at.at.submitted("new");
        at.material.placements = {at.placement(at.material.sessions[0], 0, 0)};
    }
    SECTION("edited since")
    {
        model::ItemEdit change;
        change.title = text("khác");
        at.items[0] = taken(model::edit(at.items[0], change));
    }
    SECTION("withdrawn since")
    {
        at.items[0] = taken(model::withdraw(at.items[0], text("sai")));
    }
    SECTION("other audio than approved")
    {
        at.material.placements[0].sha256 = hashOf("other");
    }
    SECTION("a status set without an approval")
    {
        at.items[0].approval.reset();
    }
    SECTION("an approval of another recording")
    {
        at.items[0].approval->sha256 = hashOf("other");
    }
    SECTION("an item nobody knows")
    {
        at.items.erase(at.items.begin());
    }
    SECTION("another length")
    {
        at.material.placements[0].frames = {1};
    }
    const Bundle bundle = at.built();
    CHECK(bundle.media.empty());
    REQUIRE(bundle.sessions.size() == 1);
    CHECK(bundle.sessions[0].airings.empty());
    CHECK(at.leftOut().size() == 1);
    CHECK((at.leftOut()[0] == airing || at.leftOut()[0] == at.material.placements[0].airing()));
}

TEST_CASE("Promise 2: what would sound outside the hours is not in the bundle, an emergency is", "[promise-2]")
{
    Material at;
    SECTION("hours that begin later")
    {
        at.material.policies = {PlannedDistrict::hours("p", 331, 1260)};
    }
    SECTION("hours that end in the midst")
    {
        at.material.policies = {PlannedDistrict::hours("p", 0, 330)};
    }
    SECTION("no policy at all")
    {
        at.material.policies.clear();
    }
    SECTION("a silent day")
    {
        at.material.policies[0].exceptions = {{day(1), {}, text("Quốc tang")}};
    }
    CHECK(at.built().media.empty());
    CHECK(at.leftOut().size() == 1);
    at.material.placements[0].priority = Priority::Emergency;
    CHECK(at.built().media.size() == 1);
}

TEST_CASE("An item sounds on its valid days alone")
{
    Material at;
    at.items[0].validUntil = day(30, 11);
    CHECK(at.built().media.empty());
    at.items[0].validUntil = day(1);
    CHECK(at.built().media.size() == 1);
    at.items[0].validFrom = day(2);
    CHECK(at.built().media.empty());
}

TEST_CASE("One recording under two items is listed once")
{
    Material at;
    at.items[1].versions[0].sha256 = at.items[0].versions[0].sha256;
    at.items[1].approval->sha256 = at.items[0].approval->sha256;
    at.material.placements.push_back(at.placement(at.material.sessions[0], 1, 60));
    const Bundle bundle = at.built();
    CHECK(bundle.media.size() == 1);
    CHECK(at.leftOut() == std::vector{at.material.placements[1].airing()});
}

TEST_CASE("Promise 6: a bundle holds more than 35 days, from the session under way on", "[promise-6]")
{
    Material at;
    at.material.sessions.clear();
    for (int dayOfMonth = 0; dayOfMonth <= 60; ++dayOfMonth)
        at.material.sessions.push_back(Material::session(dayOfMonth));
    at.material.placements.clear();
    for (const model::Session& session : at.material.sessions)
        at.material.placements.push_back(at.placement(session, 0, 0));
    at.now = at.material.sessions[1].startsAt + std::chrono::minutes(5); // the first of December's is under way
    const Bundle bundle = at.built();
    CHECK(bundle.sessions.front().id == at.material.sessions[1].id);
    CHECK(bundle.validUntil - bundle.issuedAt >= std::chrono::days(36));
    CHECK(bundle.sessions.size() == 37);
    CHECK(bundle.sessions.back().startsAt >= at.now + std::chrono::days(35) - std::chrono::minutes(5));
    CHECK(bundle.media.size() == 1);
}

TEST_CASE("Bundles say the same when only what is over, or beyond the last, differs")
{
    Material at;
    at.material.sessions = {Material::session(1), Material::session(2), Material::session(36), Material::session(37)};
    at.material.placements = {at.placement(at.material.sessions[0], 0, 0), at.placement(at.material.sessions[1], 1, 0),
                              at.placement(at.material.sessions[2], 1, 0), at.placement(at.material.sessions[3], 1, 0)};
    const Bundle first = at.built();
    at.now += std::chrono::hours(20);
    const Bundle second = at.built();
    CHECK(first != second);
    CHECK(second.media.size() == 1); // the item of the session that is over is not listed any more
    CHECK(fleet::saysTheSame(first, second, at.now));

    Bundle changed = second;
    changed.sessions[0].title = text("Khác");
    CHECK_FALSE(fleet::saysTheSame(first, changed, at.now));
    changed = second;
    changed.policies[0].sessionsPerDay = 1;
    CHECK_FALSE(fleet::saysTheSame(first, changed, at.now));
    changed = second;
    changed.media[0].approval.approvedByName = text("Khác");
    CHECK_FALSE(fleet::saysTheSame(first, changed, at.now));
    changed = second;
    changed.sessions.erase(changed.sessions.begin());
    CHECK_FALSE(fleet::saysTheSame(first, changed, at.now));
}

TEST_CASE("A station in a zone that does not exist gets no bundle")
{
    Material at;
    at.material.station.timeZone = "Nowhere/Land";
    CHECK(categoryOf(at.build()) == ErrorCategory::Unsupported);
}

TEST_CASE("Promise 1: a relay is in the bundle while its exact definition is approved, with its standby item",
          "[promise-1][relay]")
{
    Material at;
    model::RelaySource source;
    source.definition.id = {text("relay-a")};
    source.definition.unit = {text("district")};
    source.definition.name = text("VOV1");
    source.definition.addresses = {text("https://phat.example.vn/vov1.mp3")};
    source.definition.standby = at.items[1].id;
    source.approval = model::RelayApproval{hashOf(source.definition), {text("approver")}, text("approver"), morning};
    at.material.sessions[0].relays = {
        {text("vov"), text("VOV1"), {300 * sampleRate}, {300 * sampleRate}, source.definition.id},
        {text("fm"), text("FM"), {700 * sampleRate}, {100 * sampleRate}}};
    const auto withRelay = [&](const model::RelaySource& one) {
        at.material.relays = {&one, 1};
        return at.built();
    };

    const Bundle bundle = withRelay(source);
    REQUIRE(bundle.sessions[0].airings.size() == 2); // what another device fills is not the agent's
    const BundleAiring& relay = bundle.sessions[0].airings[1];
    CHECK(relay.relay == source.definition.id);
    CHECK(relay.sha256 == hashOf(source.definition));
    CHECK(relay.offset.value == 300 * sampleRate);
    REQUIRE(bundle.relays.size() == 1);
    CHECK(bundle.relays[0].approval.approvedByName == text("approver"));
    REQUIRE(bundle.relays[0].standby);
    CHECK(*bundle.relays[0].standby == *at.items[1].versions.back().sha256);
    CHECK(bundle.media.size() == 2);
    CHECK(fleet::saysTheSame(bundle, withRelay(source), at.now));

    model::RelaySource edited = source;
    edited.definition.addresses.push_back(text("http://10.0.0.1/vov1"));
    const Bundle without = withRelay(edited);
    CHECK(without.relays.empty());
    CHECK(without.sessions[0].airings.size() == 1);
    CHECK(at.leftOut() == std::vector{relay.id});
    CHECK_FALSE(fleet::saysTheSame(bundle, without, at.now));

    at.items[1].approval.reset();
    const Bundle alone = withRelay(source);
    CHECK_FALSE(alone.relays.at(0).standby);
    CHECK(alone.media.size() == 1);
}
