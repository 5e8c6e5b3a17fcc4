// Silence where sound should be: told, answered where it is a fault, and where it is the recording's own left alone.
#include "tests/playout/agent/commanded_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

namespace {

// A steady sound; some recordings break off after ten seconds, some give zeros from there on.
class FaultySources final : public SourceFactory {
public:
    std::set<Sha256> broken;
    std::set<Sha256> mute;

    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount, Fetching) override
    {
        return std::make_unique<Steady>(broken.contains(segment.sha256), mute.contains(segment.sha256));
    }

private:
    class Steady final : public Source {
    public:
        Steady(bool isBroken, bool isMute) : m_isBroken(isBroken), m_isMute(isMute) {}
        std::size_t read(FrameCount position, std::span<float> out) override
        {
            const std::size_t given = skip(position, out.size());
            std::fill_n(out.begin(), given, m_isMute && position >= good ? 0.0F : 0.1F);
            return given;
        }
        std::size_t skip(FrameCount position, std::size_t frames) override
        {
            m_isOver |= m_isBroken && position >= good;
            return m_isOver ? 0 : frames;
        }
        [[nodiscard]] Break failure() const override { return m_isOver ? Break::SourceFailed : Break::None; }

    private:
        static constexpr FrameCount good{10 * sampleRate};
        bool m_isBroken;
        bool m_isMute;
        bool m_isOver = false;
    };
};

// Two items of a minute; the next morning music of five minutes and a notice of twenty seconds, which are here already.
struct SilentWorld : World {
    SilentWorld()
    {
        agentSources = &faulty;
        AgentStation& own = settings.stations.front();
        own.outputs.front().device = u"wav"_s;
        own.outputs.front().url = folder.path();
        Bundle bundle = blank(1);
        addSession(bundle, 1, startsAt, {{1}, {2}});
        addSession(bundle, 2, startsAt + day, {{9, 300}, {8, 20}});
        for (BundleMedia& media : bundle.media)
            media.mayFade = media.item == ItemId{u"item-9"_s};
        publish(bundle);
        offer({1, 2, 8, 9});
    }
    void play()
    {
        boot();
        runUntil(startsAt + 5min);
    }
    [[nodiscard]] LogEntry standIn(const char* item) const
    {
        const auto all = airings();
        const auto found = all.find({standbyAiringIdFor(airingId(1, 1), {QString::fromLatin1(item)}).value, u"loa"_s});
        REQUIRE(found != all.end());
        return found->second;
    }

    const UtcTime startsAt = clock.now() + 1h;
    FaultySources faulty;
};

const Sha256 first = sha256(audioOf(1));

} // namespace

TEST_CASE("Promise 3: a source that gives nothing is answered with music, what comes after keeps its instant",
          "[agent][promise-3][promise-7]")
{
    SilentWorld world;
    world.faulty.broken = {first};
    SECTION("music that may be faded, cut to what is left")
    {
        world.play();
        const LogEntry silent = world.airing(1, 1);
        CHECK(silent.outcome == Outcome::Partial);
        CHECK(silent.reason == u"silent"_s);
        CHECK(silent.frames >= FrameCount{10 * sampleRate - 960});
        CHECK(silent.frames < FrameCount{11 * sampleRate});
        const LogEntry music = world.standIn("item-9");
        CHECK(music.outcome == Outcome::Complete);
        CHECK(music.reason == u"silence-standby"_s);
        CHECK(music.sha256 == sha256(audioOf(9)));
        // Silent from the tenth second on, found 15 s later, acted on within three, and over when the next item begins.
        CHECK(music.plannedStart >= world.startsAt + 25s);
        CHECK(music.plannedStart <= world.startsAt + 29s);
        CHECK(music.plannedStart + toDuration(music.plannedFrames) == world.startsAt + 1min);
        CHECK(world.airings().size() == 3);
        CHECK(world.events(u"silence-standby"_s) == 1);
        CHECK(world.events(u"silence-unanswered"_s) == 0);
    }
    SECTION("the configured item first, whole, since it may not be cut")
    {
        world.settings.stations.front().silenceStandby = {u"item-8"_s};
        world.play();
        const LogEntry notice = world.standIn("item-8");
        CHECK(notice.outcome == Outcome::Complete);
        CHECK(notice.frames == FrameCount{20 * sampleRate});
        const LogEntry music = world.standIn("item-9");
        CHECK(music.outcome == Outcome::Complete);
        CHECK(music.plannedStart == notice.plannedStart + 20s);
        CHECK(world.airings().size() == 4);
    }
    SECTION("both items break: each is answered")
    {
        world.faulty.broken.insert(sha256(audioOf(2)));
        world.play();
        CHECK(world.airing(1, 2).reason == u"silent"_s);
        CHECK(world.events(u"silence-standby"_s) == 2);
        CHECK(world.airings().size() == 4);
        return;
    }
    SECTION("nothing that could: told once, and the item goes on")
    {
        world.faulty.broken.insert(sha256(audioOf(9)));
        world.scheduler.media.erase(sha256(audioOf(9)));
        world.play();
        CHECK(world.airing(1, 1).reason == u"source-failed"_s);
        CHECK(world.events(u"silence-unanswered"_s) == 1);
        CHECK(world.events(u"silence-standby"_s) == 0);
    }
    SECTION("configured to be told alone")
    {
        world.settings.stations.front().standsIn = false;
        world.play();
        CHECK(world.airing(1, 1).reason == u"source-failed"_s);
        CHECK(world.events(u"silence-standby"_s) == 0);
    }
    CHECK(world.events(u"programme-silent"_s) == 1);
    CHECK(world.events(u"programme-sounds"_s) == 1);
    const LogEntry next = world.airing(1, 2);
    CHECK(next.outcome == Outcome::Complete);
    CHECK(next.plannedStart == world.startsAt + 1min);
}

TEST_CASE("Promise 3: a recording that is silent itself is left alone; silence that is not its own is answered",
          "[agent][promise-3]")
{
    SilentWorld world;
    world.faulty.mute = {first};
    const auto reference = std::make_shared<Reference>();
    reference->loudness.assign(600 - 3, -1600);
    world.findReference = [reference](const Sha256& hash) -> std::shared_ptr<const Reference> {
        return hash == first ? reference : nullptr;
    };
    SECTION("its own")
    {
        std::fill(reference->loudness.begin() + 97, reference->loudness.end(), -7000);
        world.play();
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.events(u"programme-silent"_s) == 0);
    }
    SECTION("not its own")
    {
        world.play();
        CHECK(world.airing(1, 1).reason == u"silent"_s);
        CHECK(world.standIn("item-9").outcome == Outcome::Complete);
        CHECK(world.events(u"programme-silent"_s) == 1);
    }
    SECTION("turned down by a person")
    {
        world.settings.stations.front().volume.gainDb = -60.0;
        world.play();
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.events(u"programme-silent"_s) == 0);
    }
    SECTION("not known: told, and nothing is done")
    {
        world.findReference = {};
        world.play();
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
        CHECK(world.events(u"programme-silent"_s) == 1);
        CHECK(world.events(u"silence-standby"_s) == 0);
    }
    CHECK(world.airing(1, 2).outcome == Outcome::Complete);
}

TEST_CASE("Promise 3: an alert whose recording breaks off gives its time back to the plan", "[agent][promise-3]")
{
    Commanded world;
    FaultySources faulty;
    faulty.broken = {sha256(audioOf(9))};
    world.agentSources = &faulty;
    world.settings.stations.front().outputs.front().device = u"wav"_s; // null wants no samples
    world.settings.stations.front().outputs.front().url = world.folder.path();
    world.boot();
    const auto order = [&] {
        const Command alert = world.push(Commanded::play(9, 110, Priority::Emergency));
        world.runFor(2min); // in a session its entry is closed when all of it would be over
        CHECK(world.answerTo(alert).state == CommandState::Done);
        CHECK(world.answerTo(alert).reason == u"silent"_s);
        const LogEntry entry = world.entryOf(alert);
        CHECK(entry.outcome == Outcome::Partial);
        CHECK(entry.frames >= seconds(10) - FrameCount{960});
        CHECK(entry.frames < seconds(11));
        CHECK(world.events(u"programme-silent"_s) == 1);
        CHECK(world.events(u"silence-standby"_s) == 0);
    };
    SECTION("between sessions: nothing takes its place")
    {
        world.runFor(10s);
        order();
        world.runUntil(world.startsAt + 5min);
        CHECK(world.airing(1, 1).outcome == Outcome::Complete);
    }
    SECTION("in a session: its items come back")
    {
        world.runUntil(world.startsAt + 5s);
        order();
        world.runUntil(world.startsAt + 5min);
        CHECK(world.airing(1, 1).reason == u"pre-empted"_s);
        CHECK(world.airing(1, 1).frames > seconds(6 + 23)); // before, and after some 31 s of the alert
        CHECK(world.airing(1, 2).outcome == Outcome::Complete);
    }
    SECTION("configured to be told alone")
    {
        world.settings.stations.front().standsIn = false;
        world.boot();
        world.runUntil(world.startsAt + 5s);
        const Command alert = world.push(Commanded::play(9, 110, Priority::Emergency));
        world.runUntil(world.startsAt + 5min);
        CHECK(world.answerTo(alert).reason == u"source-failed"_s);
    }
}

} // namespace loa::playout::test
