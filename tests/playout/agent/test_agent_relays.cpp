// A relay in an agent's day: opened in time, written down as what it was, and its standby item as what that was.
#include "tests/playout/agent/agent_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

// Says what a test tells it to.
class ToldRelays final : public RelayService {
public:
    explicit ToldRelays(const Clock& clock) : m_clock(clock) {}
    void prepare(const RelayPlan& plan) override
    {
        prepared.push_back(plan);
        preparedAt = m_clock.now();
    }
    void close(const AiringId&) override {}
    void forget(const AiringId& airing) override { forgotten.push_back(airing); }
    RelaySound soundOf(const AiringId&, std::span<const IntervalSet::Interval> delivered) override
    {
        std::int64_t frames = 0;
        for (const auto& interval : delivered)
            frames += interval.to - interval.from;
        // The last minute was the standby item's, once that much has been delivered.
        const std::int64_t standby =
            std::min<std::int64_t>(std::max<std::int64_t>(frames - 240 * sampleRate, 0), 60 * sampleRate);
        RelaySound sound;
        sound.shares = {{0, {frames - standby}}};
        if (standby > 0 && !prepared.empty() && prepared.front().standby) {
            sound.shares.push_back({standbyShare, {standby}});
            sound.standby = StandbyPlay{{240 * sampleRate}, {standby}, standby == 60 * sampleRate};
        }
        return sound;
    }
    std::vector<RelayEvent> takeEvents() override { return std::exchange(events, {}); }

    std::vector<RelayPlan> prepared;
    std::vector<AiringId> forgotten;
    std::vector<RelayEvent> events;
    UtcTime preparedAt;

private:
    const Clock& m_clock;
};

// 15 minutes from now: an item of a minute, then a relay of five, for which the item stands by.
struct RelayWorld {
    RelayWorld() : relays(world.clock)
    {
        world.relays = &relays;
        startsAt = world.clock.now() + 15min;
        bundle = world.blank(1);
        World::addSession(bundle, 1, startsAt, {{1}});
        RelayDefinition definition;
        definition.id = {u"relay-a"_s};
        definition.unit = {u"unit-a"_s};
        definition.name = u"VOV1"_s;
        definition.addresses = {u"http://10.0.0.1:8000/vov1?key=secret"_s};
        definition.standby = ItemId{u"item-1"_s};
        bundle.relays = {{definition, hashOf(definition), bundle.media.front().approval, bundle.media.front().sha256}};
        BundleSession& session = bundle.sessions.front();
        airing = relayAiringIdFor(session.id, definition.id, u"vov");
        session.airings.push_back(
            {airing, {}, hashOf(definition), {60 * sampleRate}, {300 * sampleRate}, Priority::Normal, definition.id});
        session.frames = {360 * sampleRate};
        world.offer({1});
    }
    void begin()
    {
        world.publish(bundle);
        world.boot();
    }
    LogEntry entryOf(const AiringId& id)
    {
        const auto all = world.airings();
        const auto found = all.find({id.value, u"loa"_s});
        REQUIRE(found != all.end());
        return found->second;
    }

    World world;
    ToldRelays relays;
    UtcTime startsAt;
    Bundle bundle;
    AiringId airing;
};

} // namespace

TEST_CASE("Promise 3: a relay's entry says what filled it, and the standby item that sounded has its own",
          "[promise-3][agent][relay]")
{
    RelayWorld at;
    at.begin();
    at.world.runUntil(at.startsAt + 29s);
    CHECK(at.relays.prepared.empty());
    at.world.runUntil(at.startsAt + 31s);
    REQUIRE(at.relays.prepared.size() == 1); // half a minute ahead, its standby item with it
    CHECK(at.relays.preparedAt - at.startsAt < 31s);
    CHECK(at.relays.prepared.front().definition == at.bundle.relays.front().definition);
    REQUIRE(at.relays.prepared.front().standby);
    CHECK(at.relays.prepared.front().standby->sha256 == sha256(audioOf(1)));
    at.relays.events.push_back({at.airing, {RelayStep::Kind::Opened, 0, u"mp3"_s}, u"http://10.0.0.1:8000/vov1"_s});
    at.relays.events.push_back({at.airing, {RelayStep::Kind::Standby, 0, {}}, u"http://10.0.0.1:8000/vov1"_s});
    at.relays.events.push_back({{u"another-station's"_s}, {RelayStep::Kind::Back, 0, {}}, {}});
    at.world.runUntil(at.startsAt + 10min);

    const LogEntry relay = at.entryOf(at.airing);
    CHECK(relay.relay.value == u"relay-a"_s);
    CHECK(relay.item.isEmpty());
    CHECK(relay.sha256 == hashOf(at.bundle.relays.front().definition));
    CHECK(relay.outcome == Outcome::Complete);
    CHECK(relay.frames.value == 300 * sampleRate);
    CHECK(relay.shares == std::vector<RelayShare>{{0, {240 * sampleRate}}, {standbyShare, {60 * sampleRate}}});

    const LogEntry standby = at.entryOf(standbyAiringIdFor(at.airing, {u"item-1"_s}));
    CHECK(standby.item.value == u"item-1"_s);
    CHECK(standby.sha256 == sha256(audioOf(1)));
    CHECK(standby.outcome == Outcome::Complete);
    CHECK(standby.reason == u"relay-standby"_s);
    CHECK(standby.plannedStart == at.startsAt + 5min);
    REQUIRE(standby.firstFrameAt);
    CHECK(std::chrono::abs(*standby.firstFrameAt - standby.plannedStart) < 1ms);
    CHECK(at.world.events(u"relay-opened"_s) == 1);
    CHECK(at.world.events(u"relay-standby"_s) == 1);
    CHECK(at.world.events(u"relay-back"_s) == 0);
    for (const LogEntry& entry : at.world.log())
        CHECK_FALSE(entry.detail.contains(u"secret"_s));
    CHECK(at.relays.forgotten == std::vector{at.airing});
}

TEST_CASE("What becomes of a relay's addresses is counted, and what opens after a failure is a reconnect",
          "[agent][relay]")
{
    RelayWorld at;
    at.begin();
    at.world.runUntil(at.startsAt + 31s);
    using Kind = RelayStep::Kind;
    const std::pair<Kind, int> steps[] = {{Kind::Opened, 0}, {Kind::Failed, 0}, {Kind::Opened, 1}, {Kind::Second, 1},
                                          {Kind::Opened, 0}, {Kind::Back, 0},   {Kind::Silent, 0}, {Kind::Opened, 0},
                                          {Kind::Failed, 1}, {Kind::Opened, 1}, {Kind::Failed, 1}};
    for (const auto& [kind, line] : steps)
        at.relays.events.push_back({at.airing, {kind, line, {}}, {}});
    at.relays.events.push_back({{u"another-station's"_s}, {Kind::Failed, 0, {}}, {}});
    at.world.runUntil(at.startsAt + 35s);
    const RelayCount count = at.world.agent->health().stations.at(0).relays;
    CHECK(count.opens == 5);
    CHECK(count.reconnects == 2);
    CHECK(count.failures == 3);
    CHECK(count.silences == 1);
}

TEST_CASE("Promise 7: an item that nobody plans stands by for a relay, also when it comes late",
          "[agent][relay][promise-7]")
{
    RelayWorld at;
    std::erase_if(at.bundle.sessions.front().airings,
                  [](const BundleAiring& airing) { return airing.relay.isEmpty(); });
    const bool comesLate = GENERATE(false, true);
    if (comesLate)
        at.world.scheduler.media.clear();
    at.begin();
    at.world.runFor(15min + 55s);
    REQUIRE(at.relays.prepared.size() == 1);
    const auto isTold = [&] {
        return std::ranges::any_of(at.world.log(), [](const LogEntry& entry) {
            return entry.reason == u"media-refused" && entry.detail.contains(u"relay-a");
        });
    };
    CHECK(at.relays.prepared[0].standby.has_value() == !comesLate);
    CHECK_FALSE(isTold());
    at.world.runFor(30s); // it sounds
    CHECK(isTold() == comesLate);
    if (!comesLate)
        return;
    at.world.offer({1});
    at.world.runFor(4min);
    REQUIRE(at.relays.prepared.size() == 2);
    CHECK(at.relays.prepared[1].airing == at.airing);
    REQUIRE(at.relays.prepared[1].standby);
    CHECK(at.relays.prepared[1].standby->sha256 == sha256(audioOf(1)));
}

TEST_CASE("a power cut in mid-relay leaves what the last checkpoint proves, and the rest is joined",
          "[promise-3][promise-4][agent][relay]")
{
    RelayWorld at;
    at.begin();
    at.world.runUntil(at.startsAt + 4min);
    at.world.cutPower();
    at.relays.prepared.clear();
    at.world.clock.advance(20s);
    at.world.boot();
    at.world.runUntil(at.startsAt + 10min);
    const auto parts = at.world.parts().at({at.airing.value, u"loa"_s});
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].outcome == Outcome::Partial);
    CHECK(parts[0].reason == u"interrupted"_s);
    REQUIRE(parts[0].shares.size() == 1);
    CHECK(parts[0].shares[0].frames <= parts[0].frames);
    CHECK(parts[0].shares[0].frames.value > 150 * sampleRate);
    CHECK(parts[1].reason == u"late-start"_s);
    CHECK(parts[1].relay.value == u"relay-a"_s);
    CHECK(at.relays.prepared.size() == 1);
}

TEST_CASE("Promise 1: a relay that a newer bundle does not hold any more falls silent", "[promise-1][agent][relay]")
{
    RelayWorld at;
    at.begin();
    at.world.runUntil(at.startsAt + 3min);
    at.bundle.version = 2;
    at.bundle.relays.clear();
    at.bundle.sessions.front().airings.pop_back();
    at.bundle.issuedAt = at.bundle.validFrom = at.world.clock.now();
    at.world.publish(at.bundle);
    at.world.runUntil(at.startsAt + 10min);
    const LogEntry relay = at.entryOf(at.airing);
    CHECK(relay.outcome == Outcome::Partial);
    CHECK(relay.reason == u"withdrawn"_s);
    CHECK(relay.frames.value < 130 * sampleRate);
}

} // namespace loa::playout::test
