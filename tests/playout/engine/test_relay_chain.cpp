#include "playout/engine/relay_chain.h"
#include "tests/support/dice.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace std::chrono_literals;
using Kind = RelayStep::Kind;

namespace {

constexpr FrameCount second{sampleRate};

// A relay of which a test says what each address does, a tenth of a second at a time.
struct World {
    explicit World(std::size_t count, bool hasStandby = true)
        : chain({count, hasStandby, {10 * sampleRate}}), lines(count)
    {
    }

    void open(std::size_t line, FrameCount buffered = {3 * sampleRate})
    {
        lines[line] = {true, true, buffered, {}, QStringLiteral("mp3")};
    }
    void close(std::size_t line, FrameCount left = {})
    {
        lines[line] = {false, false, left, {}, QStringLiteral("closed")};
    }
    void run(std::chrono::milliseconds length)
    {
        for (auto left = length; left > 0ms; left -= 100ms) {
            now += 100ms;
            chain.step(now, lines, isOnAir);
            for (RelayStep& step : chain.takeSteps())
                steps.push_back(std::move(step));
        }
    }
    std::vector<Kind> told()
    {
        std::vector<Kind> kinds;
        for (const RelayStep& step : std::exchange(steps, {}))
            kinds.push_back(step.kind);
        return kinds;
    }

    RelayChain chain;
    std::vector<RelayLineState> lines;
    std::vector<RelayStep> steps;
    std::chrono::nanoseconds now{1s};
    bool isOnAir = false;
};

} // namespace

TEST_CASE("a relay's first address sounds while it can be heard, and the others stay closed", "[relay][chain]")
{
    World world(2);
    world.run(1s);
    CHECK(world.chain.isWanted(0));
    world.open(0);
    world.run(6s);
    CHECK_FALSE(world.chain.isWanted(1));
    world.isOnAir = true;
    world.run(60s);
    CHECK(world.chain.voice() == 0);
    CHECK(world.told() == std::vector{Kind::Opened});
}

TEST_CASE("Promise 7: a relay that fails gives way to its second, then to the standby item, and comes back",
          "[promise-7][relay][chain]")
{
    World world(2);
    world.open(0);
    world.isOnAir = true;
    world.run(6s);
    CHECK(world.chain.voice() == 0);
    static_cast<void>(world.told());

    // It hangs: the second is opened while what was received still plays.
    world.lines[0].isFed = false;
    world.lines[0].buffered = second;
    world.run(100ms);
    CHECK(world.chain.isWanted(1));
    CHECK(world.chain.voice() == 0);
    world.open(1);
    world.close(0, {sampleRate / 8});
    world.run(100ms);
    CHECK(world.chain.voice() == 1);
    CHECK(world.told() == std::vector{Kind::Failed, Kind::Opened, Kind::Second});

    world.close(0);
    world.close(1);
    world.run(100ms);
    CHECK(world.chain.voice() == standbyVoice);
    CHECK(world.told() == std::vector{Kind::Failed, Kind::Standby});

    // One that comes and goes does not bring the listeners back; one that stays does.
    for (int turn = 0; turn < 5; ++turn) {
        world.open(0);
        world.run(3s);
        world.close(0);
        world.run(1s);
        CHECK(world.chain.voice() == standbyVoice);
    }
    static_cast<void>(world.told());
    world.open(0);
    world.run(4900ms);
    CHECK(world.chain.voice() == standbyVoice);
    world.run(300ms);
    CHECK(world.chain.voice() == 0);
    CHECK(world.told() == std::vector{Kind::Opened, Kind::Back});
    world.run(10s);
    CHECK_FALSE(world.chain.isWanted(1));
}

TEST_CASE("a relay that is silent for its limit gives way as if it had failed", "[relay][chain]")
{
    World world(2);
    world.open(0);
    world.isOnAir = true;
    world.run(6s);
    static_cast<void>(world.told());
    world.lines[0].silent = {6 * sampleRate};
    world.run(100ms);
    CHECK(world.chain.isWanted(1)); // opened in time
    CHECK(world.chain.voice() == 0);
    world.lines[0].silent = {10 * sampleRate};
    world.run(100ms);
    CHECK(world.chain.voice() == standbyVoice);
    CHECK(world.told() == std::vector{Kind::Silent, Kind::Standby});
    world.open(1);
    world.run(5200ms);
    CHECK(world.chain.voice() == 1);
    world.lines[0].silent = {};
    world.run(5200ms);
    CHECK(world.chain.voice() == 0);
    CHECK(world.told() == std::vector{Kind::Opened, Kind::Second, Kind::Back});
}

TEST_CASE("Promise 7: an address that drips gives way to the second, and comes back ever more rarely",
          "[promise-7][relay][chain]")
{
    World world(2);
    world.isOnAir = true;
    world.open(0);
    world.run(10s);
    CHECK_FALSE(world.chain.isWanted(1));
    int turns = 0;
    for (int tenth = 0; tenth < 6000; ++tenth) {
        // Half of what is played arrives; what is not played is kept ready.
        FrameCount& left = world.lines[0].buffered;
        left = world.chain.voice() == 0 ? left - FrameCount{2400} : std::min(left + FrameCount{2400}, second + second);
        if (world.chain.isWanted(1))
            world.open(1);
        else
            world.close(1);
        const int before = world.chain.voice();
        world.run(100ms);
        CHECK(world.chain.voice() >= 0); // never the standby item: the second was opened in time
        turns += world.chain.voice() == 0 && before == 1 ? 1 : 0;
    }
    // In ten minutes with 5, 10, 20, … 320 s between: not the forty times that it could have been.
    CHECK(turns >= 5);
    CHECK(turns <= 7);
}

TEST_CASE("without a standby item a silent relay is better than nothing, and nothing is told", "[relay][chain]")
{
    World world(1, false);
    world.open(0);
    world.isOnAir = true;
    world.run(6s);
    static_cast<void>(world.told());
    world.lines[0].silent = {60 * sampleRate};
    world.run(1s);
    CHECK(world.chain.voice() == 0);
    CHECK(world.told() == std::vector{Kind::Silent});
    world.close(0);
    world.run(1s);
    CHECK(world.chain.voice() == noVoice);
    CHECK(world.told() == std::vector{Kind::Failed, Kind::Nothing});
}

TEST_CASE("a relay that is not there when it begins is stood in for from its first frame", "[relay][chain]")
{
    World world(2);
    world.lines[0].detail = world.lines[1].detail = QStringLiteral("refused");
    world.run(30s);
    CHECK(world.chain.voice() == standbyVoice);
    CHECK(world.told() == std::vector{Kind::Failed, Kind::Failed}); // once each, whatever the number of tries
    world.isOnAir = true;
    world.run(1s);
    CHECK(world.told() == std::vector{Kind::Standby});
}

TEST_CASE("in place of the standby item an address that has not failed comes at once, one that has comes when it holds",
          "[relay][chain]")
{
    World world(2);
    world.isOnAir = true;
    world.open(0);
    world.run(10s);
    world.close(0);
    world.run(1s);
    CHECK(world.chain.voice() == standbyVoice);
    world.open(0);
    world.run(1s);
    CHECK(world.chain.voice() == standbyVoice);
    world.open(1);
    world.run(100ms);
    CHECK(world.chain.voice() == 1);
    world.run(5s);
    CHECK(world.chain.voice() == 0);
}

TEST_CASE("whatever its addresses do, a relay sounds what can be heard and tells each change once", "[relay][chain]")
{
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        INFO("seed " << seed);
        test::Dice dice(seed);
        const auto count = static_cast<std::size_t>(dice.between(1, 4));
        World world(count, dice.oneIn(2));
        world.isOnAir = true;
        std::optional<int> sounded; // the turn before
        for (int turn = 0; turn < 300; ++turn) {
            RelayLineState& line = world.lines[static_cast<std::size_t>(dice.between(0, static_cast<int>(count) - 1))];
            line.isOpen = dice.between(0, 2) > 0;
            line.isFed = line.isOpen && dice.between(0, 2) > 0;
            line.buffered = {dice.between(0, 3) * sampleRate};
            line.silent = {dice.between(0, 3) * 5 * sampleRate};
            line.detail = QStringLiteral("x");
            const int before = world.chain.voice();
            world.run(100ms);
            const int voice = world.chain.voice();
            if (voice >= 0) {
                REQUIRE(world.lines[static_cast<std::size_t>(voice)].buffered.value > 0);
                REQUIRE(world.chain.isWanted(static_cast<std::size_t>(voice)));
            }
            // What can be heard is left for what stands before it in the list alone.
            if (before >= 0 && voice != before) {
                const RelayLineState& left = world.lines[static_cast<std::size_t>(before)];
                const bool couldGoOn =
                    left.buffered > second && left.silent < FrameCount{10 * sampleRate} && left.isFed;
                REQUIRE((!couldGoOn || (voice >= 0 && voice < before)));
            }
            const auto told = std::ranges::count_if(std::exchange(world.steps, {}), [](const RelayStep& step) {
                return step.kind == Kind::Second || step.kind == Kind::Standby || step.kind == Kind::Nothing ||
                       step.kind == Kind::Back;
            });
            // That the first address sounds from the beginning is no news.
            const bool isNews = voice != sounded && !(voice == 0 && !sounded);
            REQUIRE(told == (isNews ? 1 : 0));
            sounded = voice;
        }
    }
}
