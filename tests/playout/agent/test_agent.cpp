// An agent's day: what is fetched, approved, played, written down and sent back.
#include "scheduler/contract/station_condition.h"
#include "tests/playout/agent/agent_world.h"
#include "tests/support/audio_signals.h"

#include <QJsonArray>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

// 8:00 to 8:03 at the station, on the world's first day: three items of a minute.
constexpr std::chrono::seconds untilFirst = 15min;

std::unique_ptr<World> worldWithSession(UtcTime& startsAt)
{
    auto world = std::make_unique<World>();
    startsAt = world->clock.now() + untilFirst;
    Bundle bundle = world->blank(1);
    World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}});
    world->publish(bundle);
    world->offer({1, 2, 3});
    return world;
}

} // namespace

TEST_CASE("A session is fetched, played, written down and sent back", "[agent]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    world->boot();
    world->runUntil(startsAt + 10min);
    for (const int item : {1, 2, 3}) {
        const LogEntry entry = world->airing(1, item);
        CHECK(entry.outcome == Outcome::Complete);
        CHECK(entry.frames == FrameCount{60 * sampleRate});
        CHECK(entry.plannedStart == startsAt + (item - 1) * minute);
        REQUIRE(entry.firstFrameAt);
        CHECK(std::chrono::abs(*entry.firstFrameAt - entry.plannedStart) < 1ms);
        CHECK(entry.bundleVersion == 1);
        CHECK(entry.clock == ClockState::Synchronised);
    }
    CHECK(world->scheduler.entries.size() == world->log().size());
    CHECK(world->scheduler.forks == 0);
    CHECK(world->journal->standing().acknowledged == world->journal->standing().lastSequence);
    CHECK(world->journal->standing().open == 0);
    const auto told =
        stationConditionFromJson(world->scheduler.statuses.back().value(u"stations"_s).toArray().at(0).toObject());
    REQUIRE(told);
    CHECK(told->station == world->station);
    CHECK_FALSE(told->silent);
    CHECK(told->mediaMissing == 0);
    REQUIRE(told->outputs.size() == 1);
    CHECK(told->outputs[0].starts == 3);
    CHECK(told->outputs[0].startErrorP99 < 1ms);
    CHECK(world->scheduler.statuses.back()
              .value(u"bundles"_s)
              .toArray()
              .at(0)
              .toObject()
              .value(u"version"_s)
              .toInteger() == 1);
    world->agent->stop();
    CHECK(world->log().back().reason == u"agent-stopped"_s);
}

TEST_CASE("Promise 4: when the scheduler answers again, the log goes there at once", "[agent][promise-4]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    world->boot();
    world->runUntil(startsAt - 1min);
    world->scheduler.online = false;
    world->scheduler.closeEvents({ErrorCategory::Unavailable, {u"đứt"_s, u"cut"_s}, {}});
    world->runFor(6h); // tried ever more rarely
    REQUIRE(world->airing(1, 1).outcome == Outcome::Complete);
    const std::size_t before = world->scheduler.entries.size();
    world->scheduler.online = true;
    world->runFor(100ms);
    CHECK(world->scheduler.entries.size() == before);
    world->scheduler.openEvents();
    world->runFor(100ms);
    CHECK(world->scheduler.entries.size() == world->log().size());
    CHECK(world->scheduler.duplicates == 0);
}

TEST_CASE("Promise 4: two identical items back to back are two entries", "[agent][promise-4]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime startsAt = world.clock.now() + 1h;
    World::addSession(bundle, 1, startsAt, {{1, 60}, {2, 60}});
    std::vector<BundleAiring>& airings = bundle.sessions[0].airings;
    airings[1].item = airings[0].item;
    airings[1].sha256 = airings[0].sha256;
    world.offer({1, 2});
    world.publish(bundle);
    world.boot();
    world.runUntil(startsAt + 10min);
    for (const int number : {1, 2}) {
        const LogEntry entry = world.airing(1, number);
        CHECK(entry.item == airings[0].item);
        CHECK(entry.outcome == Outcome::Complete);
        CHECK(entry.frames == FrameCount{60 * sampleRate});
        CHECK(entry.plannedStart == startsAt + (number - 1) * minute);
        CHECK(entry.gaps == 0);
    }
    CHECK(world.airings().size() == 2);
    CHECK(world.scheduler.entries.size() == world.log().size());
}

TEST_CASE("Promise 3: an item that is silent on the air is an event of the log", "[promise-3]")
{
    QTemporaryDir folder;
    UtcTime startsAt;
    auto world = worldWithSession(startsAt); // its sources give silence
    world->settings.stations.front().outputs.front().device = u"wav"_s;
    world->settings.stations.front().outputs.front().url = folder.path();
    world->boot();
    world->runUntil(startsAt + 10s);
    const auto eventsNamed = [&](const QString& reason) {
        const auto entries = world->log();
        return std::count_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.reason == reason; });
    };
    CHECK(eventsNamed(u"programme-silent"_s) == 0);
    world->runUntil(startsAt + 20s);
    CHECK(eventsNamed(u"programme-silent"_s) == 1);
    CHECK(world->agent->health().stations.front().silence.now);
    world->runUntil(startsAt + 5min);
    CHECK(eventsNamed(u"programme-silent"_s) == 1);
    CHECK(eventsNamed(u"programme-sounds"_s) == 1);
}

TEST_CASE("Promise 3: each entry says how the mix matched the item, on every output alike", "[promise-3]")
{
    const auto print = std::make_shared<Reference>();
    media::SoundPrinter printer;
    printer.add(support::babble(-12.0, 60.0, 1).samples, print->print);
    Prover prover([&](const Sha256& hash) { return hash == sha256(audioOf(2)) ? nullptr : print; },
                  Prover::Mode::InFlush);
    QTemporaryDir folder;
    UtcTime startsAt;
    auto world = worldWithSession(startsAt); // its sources give silence: not what was approved
    OutputConfig first = world->settings.stations.front().outputs.front();
    first.device = u"wav"_s;
    first.url = folder.path();
    OutputConfig second = first;
    second.name = u"luu-tru"_s;
    QTemporaryDir secondFolder;
    second.url = secondFolder.path();
    world->settings.stations.front().outputs = {first, second};
    world->prover = &prover;
    world->boot();
    world->runUntil(startsAt + 5s);
    CHECK(world->wantedReferences == std::set{sha256(audioOf(1)), sha256(audioOf(2)), sha256(audioOf(3))});
    world->runUntil(startsAt + 90s);
    world->boot(); // power cut in the second item
    world->runUntil(startsAt + 10min);
    for (const QString& output : {first.name, second.name}) {
        const LogEntry silent = world->airing(1, 1, output);
        CHECK(silent.outcome == Outcome::Complete);
        REQUIRE(silent.mix);
        CHECK(silent.mix->frames == FrameCount{60 * sampleRate});
        CHECK(silent.mix->match == 0);
        CHECK_FALSE(silent.mix->loudness);
        CHECK(world->airing(1, 3, output).mix->match == 0);
    }
    const auto parts = world->parts();
    const auto& cut = parts.at({World::airingId(1, 2).value, first.name});
    REQUIRE(cut.size() == 2);
    CHECK_FALSE(cut[0].mix); // recovered: only the last checkpoint is known
    REQUIRE(cut[1].mix);     // joined
    CHECK_FALSE(cut[1].mix->match);
    CHECK(cut[1].mix->frames <= FrameCount{31 * sampleRate});
}

TEST_CASE("The scheduler hears at once which bundle is obeyed, also when a status was under way", "[agent]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    world->boot(); // asks for the bundle and sends its first status in one breath
    world->runFor(2s);
    const auto bundles = world->scheduler.statuses.back().value(u"bundles"_s).toArray();
    CHECK(bundles.at(0).toObject().value(u"version"_s).toInteger() == 1);
    CHECK(world->scheduler.statuses.size() == 2);
}

TEST_CASE("Promise 1: unapproved, altered and missing audio stays silent and is logged with its reason",
          "[agent][promise-1]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    Bundle bundle = world->blank(2);
    World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}, {4}});
    for (BundleMedia& media : bundle.media) {
        if (media.item.value == u"item-1")
            media.approval.approvedByName.clear();
    }
    const auto sealed = sealBundle(bundle, world->schedulerKey);
    if (sealed)
        world->publish(bundle);
    else // the contract itself refuses it: leave the approval in, and check the other ways
        world->publish([&] {
            Bundle fine = world->blank(2);
            World::addSession(fine, 1, startsAt, {{1}, {2}, {3}, {4}});
            return fine;
        }());
    world->scheduler.media[sha256(audioOf(3))] = QByteArray("other audio entirely") + audioOf(3).mid(20); // same length
    world->boot();
    world->runUntil(startsAt - 5min);
    // Someone alters a file on the disk after it was fetched.
    REQUIRE(world->disk.replace(u"media/"_s + toString(sha256(audioOf(2))), audioOf(2).replace(100, 1, "#")));
    world->scheduler.online = false;
    world->runUntil(startsAt + 10min);

    if (sealed)
        CHECK(world->airing(1, 1).reason == u"not-approved"_s);
    CHECK(world->airing(1, 2).outcome == Outcome::Missed);
    CHECK(world->airing(1, 2).reason == u"media-altered"_s);
    CHECK(world->airing(1, 3).reason == u"media-missing"_s); // what came under its name was thrown away
    CHECK(world->airing(1, 4).reason == u"media-missing"_s); // never came
    CHECK(world->events(u"media-refused"_s) == 2);
    for (const auto& [key, entry] : world->airings())
        CHECK((entry.outcome == Outcome::Missed) == (entry.frames.value == 0));
}

TEST_CASE("Promise 1: what a new bundle withdraws falls silent at once, its neighbours play on", "[agent][promise-1]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    world->boot();
    SECTION("the item that sounds now")
    {
        world->runUntil(startsAt + 90s);
        Bundle bundle = world->blank(2);
        World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}});
        auto& airings = bundle.sessions[0].airings;
        airings.erase(airings.begin() + 1);
        std::erase_if(bundle.media, [](const BundleMedia& media) { return media.item.value == u"item-2"; });
        bundle.validFrom = startsAt; // sessions under way included
        world->publish(bundle);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).outcome == Outcome::Complete);
        const LogEntry withdrawn = world->airing(1, 2);
        CHECK(withdrawn.outcome == Outcome::Partial);
        CHECK(withdrawn.reason == u"withdrawn"_s);
        CHECK(withdrawn.frames.value >= 30 * sampleRate);
        CHECK(withdrawn.frames.value <= 33 * sampleRate);
        CHECK(world->airing(1, 3).outcome == Outcome::Complete);
    }
    SECTION("an item yet to come, by a bundle that is valid only from now")
    {
        world->runUntil(startsAt + 30s);
        Bundle bundle = world->blank(2);
        World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}});
        bundle.sessions[0].airings.pop_back();
        std::erase_if(bundle.media, [](const BundleMedia& media) { return media.item.value == u"item-3"; });
        world->publish(bundle);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).outcome == Outcome::Complete);
        CHECK(world->airing(1, 2).outcome == Outcome::Complete);
        CHECK(world->airing(1, 3).outcome == Outcome::Missed);
        CHECK(world->airing(1, 3).reason == u"withdrawn"_s);
    }
    SECTION("and another item takes its place, while the session runs")
    {
        world->runUntil(startsAt + 70s);
        Bundle bundle = world->blank(2);
        World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}, {5}});
        World::addSession(bundle, 2, startsAt + 2min + 10s, {{4, 40}}); // for its media; its airing goes into session 1
        BundleAiring added = bundle.sessions[1].airings[0];
        added.offset = {130 * sampleRate};
        bundle.sessions.pop_back();
        auto& airings = bundle.sessions[0].airings;
        airings.erase(airings.begin() + 2);
        airings.insert(airings.begin() + 2, added);
        std::erase_if(bundle.media, [](const BundleMedia& media) { return media.item.value == u"item-3"; });
        world->offer({4, 5});
        world->publish(bundle);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 2).outcome == Outcome::Complete);
        CHECK(world->airing(1, 3).reason == u"withdrawn"_s);
        CHECK(world->airing(2, 4).outcome == Outcome::Complete);
        CHECK(world->airing(2, 4).firstFrameAt == startsAt + 130s);
        CHECK(world->airing(2, 4).bundleVersion == 2);
        CHECK(world->airing(1, 5).outcome == Outcome::Complete);
        CHECK(world->airing(1, 5).firstFrameAt == startsAt + 3min);
    }
    SECTION("nothing of this session: a newer bundle seconds before the start does not touch it")
    {
        world->runUntil(startsAt - 1s);
        Bundle bundle = world->blank(2);
        World::addSession(bundle, 1, startsAt, {{1}, {2}, {3}});
        World::addSession(bundle, 2, startsAt + 1h, {{4}});
        world->publish(bundle);
        world->scheduler.media.erase(sha256(audioOf(1)));
        REQUIRE(world->disk.remove(u"media/"_s + toString(sha256(audioOf(1))))); // not even looked at again
        world->runUntil(startsAt + 10min);
        CHECK(world->cache->version(world->station) == 2);
        CHECK(world->airing(1, 1).outcome == Outcome::Complete);
        CHECK(world->airing(1, 3).outcome == Outcome::Complete);
    }
    SECTION("a whole session that was handed over but has not begun")
    {
        world->runUntil(startsAt - 10s);
        Bundle bundle = world->blank(2);
        World::addSession(bundle, 1, startsAt, {{1}, {4}});
        world->offer({4});
        world->publish(bundle);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).outcome == Outcome::Complete);
        CHECK(world->airing(1, 1).bundleVersion == 2);
        CHECK(world->airing(1, 4).outcome == Outcome::Complete);
        CHECK(world->airing(1, 2).reason == u"withdrawn"_s);
        CHECK(world->airing(1, 3).outcome == Outcome::Missed);
    }
    CHECK(world->journal->standing().open == 0);
}

TEST_CASE("Promise 2: the agent keeps quiet hours by itself", "[agent][promise-2]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime evening = world.clock.now() + 13h - 30s; // 20:59:30 at the station; silence from 21:00
    World::addSession(bundle, 1, evening, {{1, 20}, {2, 20}, {3, 20, Priority::Emergency}});
    world.publish(bundle);
    world.offer({1, 2, 3});
    world.boot();
    world.runUntil(evening + 10min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    CHECK(world.airing(1, 2).reason == u"outside-hours"_s);
    CHECK(world.airing(1, 3).outcome == Outcome::Complete);
}

TEST_CASE("Promise 10: forged, foreign and older bundles are refused, and the log says so once", "[agent][promise-10]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    world->boot();
    world->runFor(1min);
    REQUIRE(world->cache->version(world->station) == 1);
    Bundle hostile = world->blank(9);
    World::addSession(hostile, 7, startsAt, {{9}});
    world->offer({9});
    SECTION("another key's")
    {
        world->scheduler.bundles[world->station] = *sealBundle(hostile, SigningKey::fromSeed({66}));
    }
    SECTION("another station's")
    {
        hostile.station = {u"station-2"_s};
        world->scheduler.bundles[world->station] = *sealBundle(hostile, world->schedulerKey);
    }
    SECTION("an older version")
    {
        hostile.version = 1;
        world->scheduler.bundles[world->station] = *sealBundle(hostile, world->schedulerKey);
    }
    SECTION("altered in one byte")
    {
        QByteArray sealed = *sealBundle(hostile, world->schedulerKey);
        sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
        world->scheduler.bundles[world->station] = sealed;
    }
    world->scheduler.versions[world->station] = 9;
    world->scheduler.announce(world->station, 9);
    world->runUntil(startsAt + 10min);
    CHECK(world->events(u"bundle-refused"_s) == 1);
    CHECK(world->cache->version(world->station) == 1);
    CHECK(world->airings().size() == 3);
    CHECK(world->airing(1, 1).outcome == Outcome::Complete);
}

TEST_CASE("Promise 9: nothing starts on an untrusted clock, and the log says why", "[agent][promise-9]")
{
    UtcTime startsAt;
    auto world = worldWithSession(startsAt);
    SECTION("trust lost before the session, also when it is handed over already, and back later")
    {
        world->boot();
        world->runUntil(startsAt - 10s);
        world->trust.set(ClockState::Untrusted);
        world->runUntil(startsAt + 90s);
        CHECK(world->events(u"clock-untrusted"_s) == 1);
        CHECK(world->airings().empty());
        world->trust.set(ClockState::Synchronised);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).reason == u"clock-untrusted"_s);
        CHECK(world->airing(1, 2).reason == u"clock-untrusted"_s);
        CHECK(world->airing(1, 3).outcome == Outcome::Complete);
        CHECK(world->events(u"clock-trusted"_s) == 2);
    }
    SECTION("a board without a battery clock wakes in 1970")
    {
        world->boot();
        world->runUntil(startsAt - 10min);
        world->cutPower();
        const UtcTime truth = world->clock.now();
        world->clock.step(UtcTime(5s));
        world->boot();
        world->runFor(5min);
        CHECK(world->airings().empty());
        CHECK(world->events(u"clock-untrusted"_s) == 1);
        CHECK(world->log().back().clock == ClockState::Untrusted);
        world->clock.step(truth + 5min);
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).outcome == Outcome::Complete);
        CHECK(world->airings().size() == 3);
    }
    SECTION("a clock that configuration trusts is written down as such")
    {
        world->trust.set(ClockState::Assumed);
        world->boot();
        world->runUntil(startsAt + 10min);
        CHECK(world->airing(1, 1).clock == ClockState::Assumed);
    }
    CHECK(world->journal->standing().open == 0);
}

TEST_CASE("Outputs that the bundle names but nobody configured, and those that only the agent has, are all in the log",
          "[agent]")
{
    World world;
    OutputConfig archive;
    archive.name = u"luu-tru"_s;
    archive.device = u"null"_s;
    world.settings.stations[0].outputs.push_back(archive);
    Bundle bundle = world.blank(1);
    bundle.outputs.push_back({u"cum-2"_s, {u"cluster-2"_s}});
    const UtcTime begin = world.clock.now() + 5min;
    World::addSession(bundle, 1, begin, {{1}});
    world.publish(bundle);
    world.offer({1, 2});
    world.boot();
    SECTION("") {}
    SECTION("and the others sound when the session is taken back in its last seconds and given anew")
    {
        world.runUntil(begin - 10s);
        REQUIRE(world.agent->health().stations.front().player == PlayerState::Waiting);
        Bundle next = world.blank(2);
        next.outputs = bundle.outputs;
        World::addSession(next, 1, begin, {{1}, {2}});
        world.publish(next);
        world.runUntil(begin + 5min);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    }
    SECTION("and the others sound again when the agent comes back in mid-item")
    {
        world.runUntil(begin + 20s);
        world.cutPower();
        world.clock.advance(10s);
        world.boot();
        world.runUntil(begin + 5min);
        for (const QString& output : {u"loa"_s, u"luu-tru"_s}) {
            const auto entries = world.parts().at({World::airingId(1, 1).value, output});
            REQUIRE(entries.size() == 2);
            CHECK(entries[1].reason == u"late-start"_s);
            CHECK(entries[1].frames == FrameCount{30 * sampleRate});
        }
        CHECK(world.airing(1, 1, u"cum-2"_s).reason == u"output-not-configured"_s);
        return;
    }
    world.runUntil(begin + 5min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    CHECK(world.airing(1, 1, u"luu-tru"_s).outcome == Outcome::Complete);
    CHECK(world.airing(1, 1, u"cum-2"_s).reason == u"output-not-configured"_s);
}

} // namespace loa::playout::test
