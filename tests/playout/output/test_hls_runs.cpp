// One HLS list over everything that interrupts a station: pauses between sessions, a stop in mid-session, another
// process, power that failed, a clock that was set. Each text that a player could get is judged against the one before.
#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/output/hls_validator.h"
#include "tests/playout/output/simulated_card.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

struct Listened {
    Listened() : clock(morning - 10s), validator(folder.path())
    {
        config.name = u"hls"_s;
        config.device = u"hls"_s;
        config.url = folder.path();
        config.segment = 1s;
        sources.add(hashOf("item-0"), std::vector<float>(4 * sampleRate, 0.2F));
    }
    void start()
    {
        player.reset(); // as a power cut does; stop() before, as SIGTERM does
        auto made = SteppedPlayer::create({StationId{u"station-1"_s}, {config}, sources, clock, recorder});
        REQUIRE(made);
        player = *std::move(made);
    }
    void play(UtcTime at, const char* session) { REQUIRE(player->play(timelineAt(at, {{4 * sampleRate}}, session))); }
    void advanceTo(UtcTime end)
    {
        while (clock.now() < end) {
            clock.advance(100ms);
            if (player)
                player->advanceTo(clock.now());
            look();
        }
    }
    void look()
    {
        QFile list(folder.filePath(u"live.m3u8"_s));
        if (list.open(QIODevice::ReadOnly))
            validator.judge(list.readAll());
    }
    // The dates behind each discontinuity that is listed.
    [[nodiscard]] std::vector<UtcTime> begins() const
    {
        std::vector<UtcTime> dates;
        const HlsListing& list = *validator.last();
        for (std::size_t at = 1; at < list.dates.size(); ++at) {
            if (list.discontinuities[at] != list.discontinuities[at - 1])
                dates.emplace_back(std::chrono::milliseconds(list.dates[at]));
        }
        return dates;
    }
    void requireValid() const
    {
        INFO(validator.faults().join(u'\n').toStdString());
        CHECK(validator.faults().isEmpty());
        REQUIRE(validator.last());
    }

    const QTemporaryDir folder;
    ManualClock clock;
    MemorySourceFactory sources;
    Recorder recorder;
    OutputConfig config;
    HlsValidator validator;
    std::unique_ptr<SteppedPlayer> player;
};

bool areNear(UtcTime one, UtcTime other)
{
    return std::chrono::abs(one - other) < 50ms;
}

} // namespace

TEST_CASE("An HLS list that is closed between sessions stands still and goes on, never ending")
{
    Listened at;
    at.config.between = BetweenSessions::Closed;
    at.start();
    at.play(morning, "one");
    at.play(morning + 60s, "two");
    at.advanceTo(morning + 30s);
    at.requireValid();
    const HlsListing pause = *at.validator.last();
    at.advanceTo(morning + 58s);
    CHECK(at.validator.last()->files == pause.files);
    at.advanceTo(morning + 63s);
    at.requireValid();
    CHECK(at.validator.last()->discontinuity == pause.discontinuity);
    REQUIRE(at.begins().size() == 1);
    CHECK(areNear(at.begins()[0], morning + 60s));
    at.advanceTo(morning + 80s);
    at.requireValid();
    CHECK(at.player->health()[0].opens == 2);
}

TEST_CASE("An HLS list goes on behind a stop and a start, and again, in mid-session")
{
    const auto between = GENERATE(BetweenSessions::Silence, BetweenSessions::Closed);
    const bool isCut = GENERATE(false, true);
    Listened at;
    at.config.between = between;
    for (int round = 0; round < 4; ++round) {
        const UtcTime begins = morning + round * 40s;
        at.advanceTo(begins - 2s);
        at.start();
        at.play(begins, "session");
        at.advanceTo(begins + 2500ms);
        if (!isCut)
            at.player->stop();
        at.player.reset();
    }
    at.look();
    at.requireValid();
    REQUIRE(at.begins().size() == 1);
    // Silence: the list goes on as soon as the player stands; closed: with the session.
    CHECK(areNear(at.begins()[0], morning + 3 * 40s - (between == BetweenSessions::Silence ? 2s : 0s)));
}

TEST_CASE("An HLS list goes on behind what was there, also when the clock was set back", "[promise-7]")
{
    Listened at;
    for (const Duration step : {Duration(0), Duration(-30s), Duration(30s), Duration(-40 * 365 * 24h)}) {
        ManualClock other(morning + step);
        auto made = SteppedPlayer::create({StationId{u"station-1"_s}, {at.config}, at.sources, other, at.recorder});
        REQUIRE(made);
        REQUIRE((*made)->play(timelineAt(morning + step + 1s, {{4 * sampleRate}})));
        for (int tick = 0; tick < 80; ++tick) {
            other.advance(100ms);
            (*made)->advanceTo(other.now());
            at.look();
        }
    }
    at.requireValid();
}

TEST_CASE("Where power failed before the list was on the disk, none of its numbers is given again")
{
    Listened at;
    at.start();
    at.play(morning, "before");
    at.advanceTo(morning + 20s);
    at.requireValid();
    const HlsListing before = *at.validator.last();
    const std::int64_t next = before.sequence + before.files.size();
    at.player.reset();
    const QDir folder(at.folder.path());
    const auto nameOf = [](std::int64_t number) { return u"segment-%1.m4s"_s.arg(number); };
    std::int64_t expected = next;
    SECTION("a segment lies behind the list's end")
    {
        REQUIRE(QFile::copy(folder.filePath(before.files.back()), folder.filePath(nameOf(next + 1))));
        expected = next + 2;
    }
    SECTION("a segment is empty")
    {
        REQUIRE(QFile::resize(folder.filePath(before.files.back()), 0));
    }
    SECTION("the list is empty")
    {
        REQUIRE(QFile::resize(folder.filePath(u"live.m3u8"_s), 0));
        expected = std::chrono::floor<std::chrono::seconds>(at.clock.now()).time_since_epoch().count();
    }
    HlsValidator after(at.folder.path());
    at.start();
    at.play(morning + 22s, "after");
    at.advanceTo(morning + 23s);
    at.player.reset();
    QFile list(folder.filePath(u"live.m3u8"_s));
    REQUIRE(list.open(QIODevice::ReadOnly));
    after.judge(list.readAll());
    INFO(after.faults().join(u'\n').toStdString());
    CHECK(after.faults().isEmpty());
    CHECK(after.last()->sequence >= std::max(expected, next));
    CHECK(after.last()->sequence <= expected + 1);
    CHECK(after.last()->discontinuities.front() > before.discontinuities.back());
}

} // namespace loa::playout
