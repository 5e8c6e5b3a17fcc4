#include "playout/engine/relay_deck.h"

#include <pthread.h>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <string_view>
#include <thread>

using namespace loa;
using namespace loa::playout;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Kind = RelayStep::Kind;

namespace {

// Turns of the threads that receive, so that a pump which is faster than they are does not outrun them.
class Turns {
public:
    struct Count {
        int turns = 0;
        bool isHere = false; // holds an address open
    };
    using Counts = std::map<std::thread::id, Count>;
    void begin() { note(true); }
    void end() { note(false); }
    void take()
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_counts.find(std::this_thread::get_id()); found != m_counts.end())
            ++found->second.turns;
    }
    [[nodiscard]] Counts now()
    {
        const std::lock_guard lock(m_mutex);
        return m_counts;
    }
    [[nodiscard]] bool hadTwoSince(const Counts& before)
    {
        const Counts counts = now();
        return std::ranges::all_of(before, [&](const auto& one) {
            const Count& count = counts.at(one.first);
            return !count.isHere || count.turns >= one.second.turns + 2;
        });
    }

private:
    void note(bool isHere)
    {
        const std::lock_guard lock(m_mutex);
        Count& count = m_counts[std::this_thread::get_id()];
        ++count.turns;
        count.isHere = isHere;
    }
    std::mutex m_mutex;
    Counts m_counts;
};

// Stations on the air of a test: each address sends a level of its own, as fast as it is taken.
struct Air {
    enum class Mode { Sends, Paced, Refuses, Hangs, Drips, Silent, Breaks };
    void set(const QString& address, Mode mode)
    {
        const std::lock_guard lock(mutex);
        modes[address] = mode;
    }
    Mode modeOf(const QString& address)
    {
        const std::lock_guard lock(mutex);
        return modes[address];
    }
    std::mutex mutex;
    std::map<QString, Mode> modes;
    std::atomic<int> opens = 0;
    std::atomic<int> pumped = 0; // blocks
    Turns turns;
};

// Tells how often the supervisor and those who receive looked.
class WatchedClock final : public Clock {
public:
    explicit WatchedClock(Air& air) : m_air(air) {}
    [[nodiscard]] UtcTime now() const override { return m_system.now(); }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override
    {
        std::array<char, 16> name{};
        pthread_getname_np(pthread_self(), name.data(), name.size());
        if (std::string_view(name.data()) == "loa-relays")
            ++looks;
        m_air.turns.take();
        return m_system.monotonic();
    }
    mutable std::atomic<int> looks = 0;

private:
    Air& m_air;
    SystemClock m_system;
};

tl::unexpected<Error> gone()
{
    return fail(ErrorCategory::Unavailable, {u"hỏng"_s, u"gone"_s});
}

class AirInput final : public RelayInput {
public:
    AirInput(Air& air, QString address, std::function<bool()> isCancelled)
        : m_air(air), m_address(std::move(address)), m_isCancelled(std::move(isCancelled))
    {
        m_air.turns.begin();
    }
    ~AirInput() override { m_air.turns.end(); }
    Result<std::span<const float>> read() override
    {
        for (;;) {
            const Air::Mode mode = m_air.modeOf(m_address);
            if (mode == Air::Mode::Breaks || mode == Air::Mode::Refuses || m_isCancelled())
                return gone();
            const bool isHeldBack = mode == Air::Mode::Drips && m_air.pumped < m_dripAt;
            if (mode != Air::Mode::Hangs && !isHeldBack) {
                m_dripAt = m_air.pumped + 2; // half of what is taken
                if (mode == Air::Mode::Paced)
                    std::this_thread::sleep_for(20ms);
                m_block.fill(mode == Air::Mode::Silent ? 0.0F : level());
                return std::span<const float>(m_block);
            }
            m_air.turns.take();
            std::this_thread::sleep_for(1ms);
        }
    }
    void setDrift(int) override {}
    [[nodiscard]] QString words() const override { return u"test"_s; }
    [[nodiscard]] float level() const { return m_address.endsWith(u"1"_s) ? 0.1F : 0.2F; }

private:
    Air& m_air;
    QString m_address;
    std::function<bool()> m_isCancelled;
    int m_dripAt = 0;
    std::array<float, 960> m_block{};
};

constexpr float standbyLevel = 0.4F;

// A relay of two addresses and a standby item of two seconds, with a pump that a test drives.
struct World {
    explicit World(bool hasStandby = true)
    {
        standbys.add(sha256("standby"), std::vector<float>(96'000, standbyLevel));
        plan.airing = {u"airing-relay"_s};
        plan.definition.id = {u"relay-a"_s};
        plan.definition.addresses = {u"http://a/1"_s, u"http://a/2?key=secret"_s};
        plan.definition.silence = 1s;
        plan.frames = {3600 * sampleRate};
        if (hasStandby)
            plan.standby = RelayStandby{{u"item-s"_s}, sha256("standby"), {96'000}};
        RelayTimings timings;
        timings.fedWithin = 40ms;
        timings.firstPause = 1ms;
        timings.longestPause = 4ms;
        timings.steady = 60ms;
        timings.tick = 1ms;
        timings.fullPause = 1ms;
        timings.ahead = {sampleRate};
        deck = std::make_unique<RelayDeck>(
            standbys,
            [this](const RelayAddress& from, std::function<bool()> isCancelled) -> Result<std::unique_ptr<RelayInput>> {
                ++air.opens;
                const Air::Mode mode = air.modeOf(from.address);
                if (mode == Air::Mode::Refuses)
                    return gone();
                return std::make_unique<AirInput>(air, from.address, std::move(isCancelled));
            },
            clock, timings);
    }
    ~World()
    {
        source.reset();
        deck.reset();
    }

    void open()
    {
        Segment segment;
        segment.airing = plan.airing;
        segment.relay = plan.definition.id;
        segment.frames = plan.frames;
        source = deck->open(segment, {});
    }
    // Plays block by block, a little at a time, until `done`, for as long as it may take; false: never.
    template <typename Condition>
    bool playUntil(Condition done)
    {
        std::vector<float> block(960);
        for (int turn = 0; turn < 5000; ++turn) {
            const std::size_t given = source->read(position, block);
            position += FrameCount{960};
            if (given > 0)
                sounded.add((position - FrameCount{960}).value,
                            (position - FrameCount{960}).value + static_cast<std::int64_t>(given));
            for (std::size_t index = 0; index < given; ++index) {
                steepest = std::max(steepest, std::abs(block[index] - last));
                last = block[index];
            }
            if (given == 0)
                last = 0.0F;
            level = given > 0 ? block[given - 1] : 0.0F;
            for (const RelayEvent& event : deck->takeEvents()) {
                events.push_back(event.step.kind);
                shown += event.address + event.step.detail;
            }
            if (done())
                return true;
            ++air.pumped;
            const int looks = clock.looks;
            const Turns::Counts turns = air.turns.now();
            for (int tries = 0; tries < 5000 && (clock.looks < looks + 2 || !air.turns.hadTwoSince(turns)); ++tries)
                std::this_thread::sleep_for(1ms);
        }
        return false;
    }
    bool playUntilLevel(float wanted)
    {
        // The step from nothing moves the slow gain a little. A fade between two others passes it: for longer than
        // that.
        int blocks = 0;
        return playUntil([&] {
            blocks = std::abs(level - wanted) < 0.25F * wanted ? blocks + 1 : 0;
            return blocks >= 5;
        });
    }
    [[nodiscard]] bool told(Kind kind) const { return std::ranges::find(events, kind) != events.end(); }

    Air air;
    WatchedClock clock{air};
    MemorySourceFactory standbys;
    RelayPlan plan;
    std::unique_ptr<RelayDeck> deck;
    std::unique_ptr<Source> source;
    FrameCount position;
    IntervalSet sounded;
    float level = 0.0F;
    float last = 0.0F;
    float steepest = 0.0F;
    std::vector<Kind> events;
    QString shown;
};

std::int64_t framesOf(const RelaySound& sound, int source)
{
    const auto found = std::ranges::find(sound.shares, source, &RelayShare::source);
    return found == sound.shares.end() ? 0 : found->frames.value;
}

} // namespace

TEST_CASE("Promise 7: a relay goes from its first address to its second, to the standby item and back, without a break",
          "[promise-7][promise-3][relay][deck]")
{
    World world;
    world.deck->prepare(world.plan);
    world.open();
    REQUIRE(world.playUntilLevel(0.1F));
    const std::int64_t silentFrames = world.position.value - world.sounded.total();
    const auto before = world.sounded.intervals().size();

    world.air.set(u"http://a/1"_s, Air::Mode::Hangs);
    REQUIRE(world.playUntilLevel(0.2F));
    CHECK(world.told(Kind::Second));
    world.air.set(u"http://a/2?key=secret"_s, Air::Mode::Breaks);
    REQUIRE(world.playUntilLevel(standbyLevel));
    CHECK(world.told(Kind::Standby));
    // The standby item is shorter than the failure: it begins anew, and one play of it was whole.
    REQUIRE(world.playUntil([&] {
        const RelaySound sound = world.deck->soundOf(world.plan.airing, world.sounded.intervals());
        return framesOf(sound, standbyShare) > 2 * 96'000 && sound.standby->isWhole;
    }));
    world.air.set(u"http://a/1"_s, Air::Mode::Sends);
    REQUIRE(world.playUntilLevel(0.1F));
    CHECK(world.told(Kind::Back));
    CHECK(world.told(Kind::Failed));

    // Not a frame was lost after the first one, nothing clicked, and the account adds up.
    CHECK(world.position.value - world.sounded.total() == silentFrames);
    CHECK(world.sounded.intervals().size() == before);
    CHECK(world.steepest < 0.01F);
    const RelaySound sound = world.deck->soundOf(world.plan.airing, world.sounded.intervals());
    CHECK(framesOf(sound, 0) + framesOf(sound, 1) + framesOf(sound, standbyShare) == world.sounded.total());
    CHECK(framesOf(sound, 0) > 0);
    CHECK(framesOf(sound, 1) > 0);
    REQUIRE(sound.standby);
    CHECK(sound.standby->frames.value == 96'000);
    CHECK_FALSE(world.shown.contains(u"secret"_s));

    // What an output did not deliver counts for nobody.
    const std::vector<IntervalSet::Interval> half{{sound.standby->at.value + 48'000, sound.standby->at.value + 96'000}};
    const RelaySound heard = world.deck->soundOf(world.plan.airing, half);
    CHECK(heard.shares == std::vector<RelayShare>{{standbyShare, {48'000}}});
    CHECK_FALSE(heard.standby->isWhole);
}

TEST_CASE("Promise 8: a relay that is not there has the standby item from its first frame", "[promise-8][relay][deck]")
{
    World world;
    world.air.set(u"http://a/1"_s, Air::Mode::Refuses);
    world.air.set(u"http://a/2?key=secret"_s, Air::Mode::Refuses);
    world.deck->prepare(world.plan);
    while (world.air.opens < 6)
        std::this_thread::sleep_for(1ms);
    world.open();
    REQUIRE(world.playUntilLevel(standbyLevel));
    CHECK(world.sounded.intervals() == std::vector<IntervalSet::Interval>{{0, world.position.value}});
    CHECK(std::ranges::count(world.events, Kind::Failed) <= 2); // however often it was tried
}

TEST_CASE("a relay that sends silence gives way after its limit, and is heard again when it sounds", "[relay][deck]")
{
    World world;
    world.deck->prepare(world.plan);
    world.air.set(u"http://a/2?key=secret"_s, Air::Mode::Silent);
    world.open();
    REQUIRE(world.playUntilLevel(0.1F));
    const FrameCount sounded = world.position;
    world.air.set(u"http://a/1"_s, Air::Mode::Silent);
    REQUIRE(world.playUntilLevel(standbyLevel));
    // What was received still played, then the limit of silence.
    CHECK((world.position - sounded).value >= sampleRate);
    CHECK(world.told(Kind::Silent));
    world.air.set(u"http://a/1"_s, Air::Mode::Sends);
    REQUIRE(world.playUntilLevel(0.1F));
    CHECK(world.told(Kind::Back));
}

TEST_CASE("Promise 7: a relay that drips gives way to the second before it runs dry", "[promise-7][relay][deck]")
{
    World world;
    world.deck->prepare(world.plan);
    world.open();
    REQUIRE(world.playUntilLevel(0.1F));
    const std::int64_t silentFrames = world.position.value - world.sounded.total();
    world.events.clear();
    world.air.set(u"http://a/1"_s, Air::Mode::Drips);
    REQUIRE(world.playUntilLevel(0.2F));
    CHECK(world.told(Kind::Second));
    CHECK_FALSE(world.told(Kind::Standby));
    CHECK(world.position.value - world.sounded.total() == silentFrames);
    CHECK(world.steepest < 0.01F);
}

TEST_CASE("an address that sends at the pace of the clock and nothing ahead is heard, of every kind", "[relay][deck]")
{
    for (const RelayKind kind : {RelayKind::Stream, RelayKind::Rtp}) {
        INFO(toString(kind).toStdString());
        World world;
        world.plan.definition.kind = kind;
        world.air.set(u"http://a/1"_s, Air::Mode::Paced);
        world.air.set(u"http://a/2?key=secret"_s, Air::Mode::Refuses);
        world.deck->prepare(world.plan);
        world.open();
        CHECK(world.playUntilLevel(0.1F));
    }
}

TEST_CASE("without a standby item a dead relay is silence that the log can explain", "[relay][deck]")
{
    World world(false);
    world.deck->prepare(world.plan);
    world.air.set(u"http://a/2?key=secret"_s, Air::Mode::Refuses);
    world.open();
    REQUIRE(world.playUntilLevel(0.1F));
    world.air.set(u"http://a/1"_s, Air::Mode::Breaks);
    REQUIRE(world.playUntil([&] { return world.told(Kind::Nothing) && world.level == 0.0F; }));
    CHECK(world.source->failure() == Break::SourceFailed);
    CHECK(world.steepest < 0.01F);

    // It has been fetched by now.
    world.plan.standby = RelayStandby{{u"item-s"_s}, sha256("standby"), {96'000}};
    world.deck->prepare(world.plan);
    REQUIRE(world.playUntilLevel(standbyLevel));
    REQUIRE(world.playUntil([&] {
        const RelaySound sound = world.deck->soundOf(world.plan.airing, world.sounded.intervals());
        return sound.standby && sound.standby->isWhole;
    }));
    CHECK(world.told(Kind::Standby));
    CHECK(world.steepest < 0.02F);
}

TEST_CASE("Promise 1: a relay that nobody prepared does not sound", "[promise-1][relay][deck]")
{
    World world;
    world.open();
    std::vector<float> block(960);
    CHECK(world.source->read({}, block) == 0);
    CHECK(world.source->failure() == Break::SourceFailed);
    CHECK(world.air.opens == 0);
}

TEST_CASE("a relay that is over or forgotten lets its addresses go", "[relay][deck]")
{
    World world;
    world.plan.frames = {sampleRate};
    world.deck->prepare(world.plan);
    world.open();
    REQUIRE(world.playUntil([&] { return world.position >= world.plan.frames; }));
    const RelaySound sound = world.deck->soundOf(world.plan.airing, world.sounded.intervals());
    CHECK_FALSE(sound.shares.empty());
    std::this_thread::sleep_for(20ms);
    const int opens = world.air.opens;
    world.air.set(u"http://a/1"_s, Air::Mode::Breaks); // would be opened anew
    std::this_thread::sleep_for(30ms);
    CHECK(world.air.opens == opens);
    world.source.reset();
    world.deck->forget(world.plan.airing);
    CHECK(world.deck->soundOf(world.plan.airing, world.sounded.intervals()).shares.empty());
}
