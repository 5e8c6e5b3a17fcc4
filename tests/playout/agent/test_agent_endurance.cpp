// Power, network and disk: what an agent must outlive.
#include "playout/agent/holdover_trust.h"
#include "tests/playout/agent/agent_world.h"
#include "tests/playout/agent/test_board.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <random>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

void addMedia(World& world, int from, int until)
{
    for (int item = from; item < until; ++item)
        world.scheduler.media[sha256(audioOf(item))] = audioOf(item);
}

// Two sessions a day, three items each, for `days` days from tomorrow.
Bundle fullBundle(const World& world, std::int64_t version, int days)
{
    Bundle bundle = world.blank(version);
    const UtcTime morning = std::chrono::floor<std::chrono::days>(world.clock.now()) + 22h; // 5:00 tomorrow
    for (int i = 0; i < days; ++i) {
        World::addSession(bundle, 2 * i, morning + i * day, {{3 * i, 60}, {3 * i + 1, 30}, {3 * i + 2, 20}});
        World::addSession(bundle, 2 * i + 1, morning + i * day + 12h, {{3 * i, 60}, {3 * i + 1, 30}});
    }
    return bundle;
}

// While it lives no file takes another byte, as on a full disk.
class FullDisk {
public:
    FullDisk()
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{0, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
};

} // namespace

TEST_CASE("Promise 7: a journal that cannot be written stops no sound, and is made good when it can",
          "[agent][promise-7][promise-4]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {3}});
    World::addSession(bundle, 2, begin + 20min, {{1}, {2}});
    world.publish(bundle);
    addMedia(world, 1, 4);
    auto full = std::unique_ptr<FullDisk>();
    int asked = 0;
    SECTION("nothing set aside: what happened is kept in mind")
    {
        world.boot();
        world.runUntil(begin + 30s);
        full = std::make_unique<FullDisk>();
        world.runUntil(begin + 30min);
        CHECK(world.airings().empty());
        full.reset();
        world.runFor(1min);
    }
    SECTION("the reserve carries it")
    {
        world.makeRoom = [&] {
            full.reset();
            return ++asked == 1;
        };
        world.boot();
        world.runUntil(begin + 30s);
        full = std::make_unique<FullDisk>();
        world.runUntil(begin + 30min);
        CHECK(asked == 1);
    }
    CHECK(world.airings().size() == 5);
    for (const auto& [key, entry] : world.airings())
        CHECK(entry.outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 6: offline for 35 days, every session plays without a frame of error; then the log goes out once",
          "[agent][promise-6][promise-4][promise-8]")
{
    World world;
    world.settings.checkpoint = 30s;
    world.publish(fullBundle(world, 1, 35));
    addMedia(world, 0, 105);
    world.boot();
    world.runFor(5min);
    REQUIRE(world.cache->missing(world.clock.now()).empty());
    world.scheduler.online = false;
    world.runFor(20 * day);
    world.boot(); // a power cut half way, with no network
    world.runFor(15 * day + 12h);
    const auto airings = world.airings();
    CHECK(airings.size() == 35 * 5);
    for (const auto& [key, entry] : airings) {
        CHECK(entry.outcome == Outcome::Complete);
        CHECK(entry.frames == entry.plannedFrames);
        CHECK(entry.gaps == 0);
        REQUIRE(entry.firstFrameAt);
        CHECK(toFrames(*entry.firstFrameAt - entry.plannedStart) == FrameCount{}); // on the last day as on the first
    }

    world.scheduler.online = true;
    world.runFor(1h);
    CHECK(world.journal->standing().acknowledged == world.journal->standing().lastSequence);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

namespace {

// A world whose agent asks a clock that nobody teaches when the network is gone.
struct DarkWorld : World {
    TestBoard board{clock};
    std::unique_ptr<HoldoverClockTrust> held;
    int boots = 0;

    // The machine starts, from its own disk and battery clock.
    void powerUp()
    {
        if (agent)
            cutPower();
        held = std::make_unique<HoldoverClockTrust>(trust, clock, 40 * day, 7 * day);
        agentTrust = held.get();
        restoreAnchor(disk, u"boot-%1"_s.arg(++boots), board, *held);
        boot();
    }
    // What was kept last is up to ten minutes old by then.
    void powerDown(Duration dark)
    {
        REQUIRE(keepAnchor(disk, u"boot-%1"_s.arg(boots), board, clock, *held));
        runFor(10min);
        cutPower();
        clock.advance(dark);
    }
    void goOffline()
    {
        scheduler.online = false;
        trust.set(ClockState::Untrusted);
    }
};

} // namespace

TEST_CASE("Promise 6: 35 days offline with power cuts: a battery clock carries over, and every entry says held",
          "[agent][promise-6][promise-9]")
{
    DarkWorld world;
    world.settings.checkpoint = 30s;
    world.publish(fullBundle(world, 1, 35));
    addMedia(world, 0, 105);
    world.powerUp();
    world.runFor(5min);
    world.goOffline();
    // Six power cuts in the small hours; the third lasts over the session at 10:00 of that day.
    for (int cut = 1; cut <= 6; ++cut) {
        const Duration dark = cut == 3 ? 12h : 3h;
        world.powerDown(dark);
        world.powerUp();
        world.runFor(5 * day - dark - 10min);
    }
    world.runFor(5 * day + 12h);
    CHECK(world.agent->health().clock == ClockState::Held);
    const auto airings = world.airings();
    CHECK(airings.size() == 35 * 5);
    int missed = 0;
    for (const auto& [key, entry] : airings) {
        CHECK(entry.clock == ClockState::Held); // the first cut came before the first session
        if (entry.outcome == Outcome::Complete)
            continue;
        ++missed;
        CHECK(entry.outcome == Outcome::Missed);
        CHECK(entry.reason == u"agent-not-running"_s);
    }
    CHECK(missed == 2);

    // Somebody vouches for it again.
    world.trust.set(ClockState::Synchronised);
    world.scheduler.online = true;
    world.runFor(1h);
    CHECK(world.agent->health().clock == ClockState::Synchronised);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

TEST_CASE("Promise 9: a board without a battery clock wakes in 1970, waits and says why, until the time is known",
          "[agent][promise-9]")
{
    DarkWorld world;
    world.publish(fullBundle(world, 1, 3));
    addMedia(world, 0, 9);
    world.powerUp();
    world.runFor(5min);
    world.goOffline();
    world.powerDown(1h);
    const UtcTime truly = world.clock.now();
    world.board.works = false;
    world.clock.step(UtcTime(20s));
    world.powerUp();
    world.runFor(day);
    CHECK(world.airings().empty());
    CHECK(world.agent->health().clock == ClockState::Untrusted);
    const auto log = world.log();
    CHECK(std::any_of(log.begin(), log.end(), [](const LogEntry& entry) {
        return entry.reason == u"clock-untrusted"_s && entry.detail.contains(u"the board has no clock"_s);
    }));
    world.clock.step(truly + day);
    world.trust.set(ClockState::Synchronised);
    world.scheduler.online = true;
    world.runFor(day);
    const auto airings = world.airings();
    CHECK(std::count_if(airings.begin(), airings.end(), [](const auto& one) {
              return one.second.outcome == Outcome::Complete;
          }) == 5); // of the second day
}

TEST_CASE(
    "Promise 4: power cuts at random instants of 12 sessions: one entry for each airing, claiming no more than sounded",
    "[agent][promise-4][promise-3]")
{
    for (unsigned seed = 1; seed <= 24; ++seed) { // over 200 cuts
        CAPTURE(seed);
        std::mt19937 random(seed);
        World world;
        Bundle bundle = world.blank(1);
        const UtcTime begin = world.clock.now() + 10min;
        for (int i = 0; i < 12; ++i)
            World::addSession(bundle, i, begin + i * 30min, {{1, 60}, {2, 45}, {3, 30}});
        world.publish(bundle);
        addMedia(world, 1, 4);
        world.boot();
        std::vector<std::pair<UtcTime, UtcTime>> dark;
        for (int i = 0; i < 12; ++i) {
            const UtcTime cut =
                begin + i * 30min + Duration(1'000'000LL * static_cast<std::int64_t>(random() % 150) - 10'000'000);
            world.runUntil(cut);
            if (random() % 4 == 0)
                continue;
            const UtcTime actual = world.clock.now(); // a long darkness may have swallowed the planned one
            world.cutPower();
            const unsigned longest = random() % 5 == 0 ? 4000 : 60;
            const Duration off(1'000'000LL * static_cast<std::int64_t>(random() % longest));
            world.clock.advance(off);
            world.boot();
            dark.emplace_back(actual, actual + off);
        }
        world.runUntil(begin + 12 * 30min + 1h);
        const auto parts = world.parts();
        CHECK(parts.size() == 36);
        CHECK(world.journal->standing().open == 0);
        for (const auto& [key, entries] : parts) {
            const LogEntry& entry = entries.front();
            const UtcTime start = entry.plannedStart;
            const UtcTime end = start + toDuration(entry.plannedFrames);
            CAPTURE(entry.airing.value.toStdString(), entry.reason.toStdString(),
                    loa::toString(entry.plannedStart).toStdString(), loa::toString(entry.recordedAt).toStdString());
            // Lit: from the end of each darkness in the item to the next one; back at the very instant plays all of it.
            Duration lit(0);
            UtcTime from = start;
            int hits = 0;
            for (const auto& [off, on] : dark) {
                if (off >= end || on <= start)
                    continue;
                ++hits;
                lit += std::max(Duration(0), off - from);
                from = std::max(from, on);
            }
            lit += std::max(Duration(0), end - from);
            if (hits == 0) {
                CHECK(entry.outcome == Outcome::Complete);
                CHECK(entries.size() == 1);
                continue;
            }
            FrameCount claimed;
            for (const LogEntry& part : entries) {
                claimed += part.frames;
                CHECK(part.outcome != Outcome::Complete);
            }
            CHECK(entries.size() <= static_cast<std::size_t>(hits) + 1);
            CHECK(claimed <= toFrames(lit) + FrameCount{sampleRate / 10});
            // What is not claimed: up to a checkpoint and a second at each cut, and a rest too short to be joined.
            CHECK(claimed >= toFrames(lit) - FrameCount{hits * 4 * sampleRate} - shortestJoin);
        }
        CHECK(world.scheduler.forks == 0);
        CHECK(world.scheduler.entries.size() == world.log().size());
    }
}

TEST_CASE("Promise 3: an agent that comes back in mid-item joins it at the live frame, in an entry of its own",
          "[agent][promise-3][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    addMedia(world, 1, 3);
    world.boot();
    const auto darkFrom = [&](UtcTime from, Duration length) {
        world.runUntil(from);
        world.cutPower();
        world.clock.advance(length);
        world.boot();
    };
    // Of the first item, once all is over.
    const auto entriesInTheEnd = [&] {
        world.runUntil(begin + 5min);
        return world.parts().at({World::airingId(1, 1).value, u"loa"_s});
    };
    SECTION("which it had begun")
    {
        darkFrom(begin + 20s, 10s);
        SECTION("and goes on to its end")
        {
            const auto entries = entriesInTheEnd();
            REQUIRE(entries.size() == 2);
            CHECK(entries[0].reason == u"interrupted"_s);
            CHECK(entries[0].frames <= FrameCount{20 * sampleRate});
            CHECK(entries[1].outcome == Outcome::Partial);
            CHECK(entries[1].reason == u"late-start"_s);
            CHECK(entries[1].firstFrameAt == begin + 30s);
            CHECK(entries[1].frames == FrameCount{30 * sampleRate});
        }
        SECTION("unless it is cut again: three parts, none counted twice")
        {
            darkFrom(begin + 40s, 5s);
            const auto entries = entriesInTheEnd();
            REQUIRE(entries.size() == 3);
            CHECK(entries[1].reason == u"interrupted"_s);
            CHECK(entries[1].frames <= FrameCount{10 * sampleRate});
            CHECK(entries[2].frames == FrameCount{15 * sampleRate});
        }
    }
    SECTION("which began in the dark: one entry, for what was joined")
    {
        darkFrom(begin - 5min, 5min + 45s);
        const auto entries = entriesInTheEnd();
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].outcome == Outcome::Partial);
        CHECK(entries[0].reason == u"late-start"_s);
        CHECK(entries[0].frames == FrameCount{15 * sampleRate});
    }
    SECTION("but not for its last seconds")
    {
        darkFrom(begin - 5min, 5min + 56s);
        world.runUntil(begin + 5min);
        CHECK(world.airing(1, 1).outcome == Outcome::Missed);
        CHECK(world.airing(1, 1).reason == u"agent-not-running"_s);
    }
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 9: a step of the clock is noticed, written down, and moves nothing that plays",
          "[agent][promise-9][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    World::addSession(bundle, 2, begin + 2min + 10s, {{4, 30}, {5, 30}});
    World::addSession(bundle, 3, begin + 20min, {{3}});
    world.publish(bundle);
    addMedia(world, 1, 6);
    world.boot();
    SECTION("30 s forward, into a session: its first item was jumped over")
    {
        world.runUntil(begin + 1min + 50s); // session 2 is handed over
        const UtcTime truth = world.clock.now();
        world.clock.step(truth + 30s);
        world.agent->step(); // before the simulated player is told, whose time is the time of day
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 1);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).outcome == Outcome::Missed);
        CHECK(world.airing(2, 4).reason == u"clock-stepped"_s);
        CHECK(world.airing(2, 5).outcome == Outcome::Complete);
        CHECK(world.airing(2, 5).firstFrameAt == begin + 2min + 40s);
    }
    SECTION("30 s back: nothing is played twice, and what comes, comes at its instant")
    {
        world.runUntil(begin + 1min + 15s);
        world.clock.step(world.clock.now() - 30s);
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 1);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).outcome == Outcome::Complete);
        CHECK(world.airing(2, 4).firstFrameAt == begin + 2min + 10s);
    }
    SECTION("to 1970 and back: no trust, no start, and then all as planned")
    {
        world.runUntil(begin + 2min + 5s);
        const UtcTime truth = world.clock.now();
        world.clock.step(UtcTime(5s));
        world.runFor(1min);
        CHECK(world.events(u"clock-untrusted"_s) == 1);
        world.clock.step(truth + 1min);
        world.runFor(10min);
        CHECK(world.events(u"clock-stepped"_s) == 2);
        CHECK(world.airing(2, 4).outcome == Outcome::Missed);
        CHECK(world.airing(2, 4).reason == u"clock-untrusted"_s);
    }
    world.runUntil(begin + 30min);
    CHECK(world.airing(3, 3).outcome == Outcome::Complete);
    CHECK(world.airings().size() == 5);
    CHECK(world.journal->standing().open == 0);
}

TEST_CASE("Promise 4: lost answers and liars at the other end", "[agent][promise-4]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    addMedia(world, 1, 3);
    world.scheduler.loseAnswers = true;
    world.boot();
    world.runUntil(begin + 10min);
    CHECK(world.journal->standing().acknowledged == 0);
    CHECK(world.scheduler.duplicates > 0);
    world.scheduler.loseAnswers = false;
    world.scheduler.lieAboutAcknowledged = 1000;
    world.runFor(30min);
    CHECK(world.journal->standing().acknowledged == 0);
    CHECK(world.events(u"acknowledgement-refused"_s) == 1);
    world.scheduler.lieAboutAcknowledged = 0;
    world.runFor(30min);
    CHECK(world.journal->standing().acknowledged == world.journal->standing().lastSequence);
    // A scheduler that was restored from an older backup gets again what it lost.
    world.scheduler.entries.erase(std::next(world.scheduler.entries.begin(), 3), world.scheduler.entries.end());
    REQUIRE(world.journal->event({}, u"test"_s, {}, {world.clock.now(), ClockState::Synchronised}));
    world.runFor(30min);
    CHECK(world.scheduler.entries.size() == world.log().size());
    CHECK(world.scheduler.forks == 0);
}

TEST_CASE("Promise 7: a disk that fails at any write stops no sound and leaves nothing broken", "[agent][promise-7]")
{
    int failed = 0;
    for (int call = 0; call < 24; ++call) {
        CAPTURE(call);
        World world;
        Bundle bundle = world.blank(1);
        const UtcTime begin = world.clock.now() + 30min;
        World::addSession(bundle, 1, begin, {{1}, {2}});
        world.publish(bundle);
        addMedia(world, 1, 4);
        world.disk.failAt(call);
        world.boot();
        world.runFor(10min);
        Bundle next = world.blank(2);
        World::addSession(next, 1, begin, {{1}, {2}, {3}});
        world.publish(next);
        world.runFor(10min);
        failed += world.disk.calls() > call ? 1 : 0;
        world.boot(); // also after a power cut
        world.runUntil(begin + 10min);
        CHECK(world.cache->version(world.station) == 2);
        for (const int item : {1, 2, 3})
            CHECK(world.airing(1, item).outcome == Outcome::Complete);
    }
    CHECK(failed >= 15);
}

TEST_CASE("A full disk keeps what plays and says so; old media go when no bundle names them", "[agent][promise-7]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 30min;
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    addMedia(world, 1, 20);
    world.boot();
    world.runFor(1min);
    world.disk.setCapacity(0);
    Bundle next = world.blank(2);
    World::addSession(next, 1, begin, {{1}, {2}});
    World::addSession(next, 2, begin + 1h, {{5}});
    world.publish(next);
    world.runUntil(begin + 10min);
    CHECK(world.events(u"disk-failed"_s) == 1);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    world.disk.setCapacity(1 << 30);
    world.runFor(1h);
    CHECK(world.airing(2, 5).outcome == Outcome::Complete);
    for (int version = 3; version < 6; ++version) {
        Bundle other = world.blank(version);
        World::addSession(other, version, world.clock.now() + 20min, {{10 + version}});
        world.publish(other);
        world.runFor(10min);
    }
    CHECK(world.cache->mediaBytes() == 2 * audioOf(14).size()); // of the last bundle and the one before
}

TEST_CASE("Media that arrive in the last seconds still play; a session learnt of late plays what is left", "[agent]")
{
    World world;
    world.boot();
    const UtcTime begin = world.clock.now() + 20s;
    Bundle bundle = world.blank(1);
    World::addSession(bundle, 1, begin, {{1}, {2}});
    world.publish(bundle);
    world.runFor(5s);
    addMedia(world, 1, 3);
    world.runUntil(begin + 5min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);

    const UtcTime second = world.clock.now() + 5min;
    Bundle late = world.blank(2);
    World::addSession(late, 2, second, {{1}, {2}});
    world.scheduler.online = false;
    world.runUntil(second + 30s);
    world.scheduler.online = true;
    world.publish(late);
    world.runUntil(second + 10min);
    CHECK(world.airing(2, 1).reason == u"bundle-late"_s);
    CHECK(world.airing(2, 2).outcome == Outcome::Complete);
}

TEST_CASE("Promise 8: a stop costs what it cuts alone, when the agent is back in time", "[agent][promise-8]")
{
    World world;
    Bundle bundle = world.blank(1);
    const UtcTime begin = world.clock.now() + 10min;
    World::addSession(bundle, 1, begin, {{1}, {2}, {4, 10}});
    World::addSession(bundle, 2, begin + 2min + 20s, {{3}}); // handed over while the first sounds
    world.publish(bundle);
    addMedia(world, 1, 5);
    world.boot();
    world.runUntil(begin - 20s);
    REQUIRE(world.agent->health().stations.front().player == PlayerState::Waiting);
    world.agent->stop();
    SECTION("in time")
    {
        world.boot();
        world.runUntil(begin + 1min + 50s);
        world.agent->stop(); // the second item sounds, and the second session is with the player
        world.boot();
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.airing(1, 2).reason == u"stopped"_s);
        CHECK(world.airing(1, 2).outcome == Outcome::Partial);
    }
    SECTION("not in time")
    {
        world.cutPower();
        world.clock.advance(85s);
        world.boot();
        world.runUntil(begin + 10min);
        CHECK(world.airing(1, 1).outcome == Outcome::Missed);
        CHECK(world.airing(1, 1).reason == u"agent-not-running"_s);
        CHECK(world.airing(1, 2).outcome == Outcome::Partial);
    }
    CHECK(world.airing(1, 4).outcome == Outcome::Complete);
    CHECK(world.airing(2, 3).outcome == Outcome::Complete);
    CHECK(world.journal->standing().open == 0);
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
    addMedia(world, 1, 2);
    world.boot();
    world.runUntil(begin + 5min);
    CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    CHECK(world.airing(1, 1, u"luu-tru"_s).outcome == Outcome::Complete);
    CHECK(world.airing(1, 1, u"cum-2"_s).reason == u"output-not-configured"_s);
}

TEST_CASE("A damaged bundle on disk gives way to the one before, with a word in the log", "[agent]")
{
    World world;
    Bundle first = world.blank(1);
    const UtcTime begin = world.clock.now() + 30min;
    World::addSession(first, 1, begin, {{1}});
    world.publish(first);
    addMedia(world, 1, 3);
    world.boot();
    world.runFor(1min);
    Bundle second = world.blank(2);
    World::addSession(second, 1, begin, {{1}, {2}});
    world.publish(second);
    world.runFor(1min);
    REQUIRE(world.disk.replace(u"bundles/station-1.bundle"_s, "rubbish"));
    world.scheduler.online = false;
    world.boot();
    CHECK(world.events(u"bundle-damaged"_s) == 1);
    CHECK(world.cache->version(world.station) == 1);
    world.scheduler.online = true;
    world.runUntil(begin + 10min);
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
}
