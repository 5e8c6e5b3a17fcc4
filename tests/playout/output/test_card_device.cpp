#include "playout/output/card_device.h"
#include "tests/playout/output/simulated_card.h"
#include "tests/support/rounds.h"

#include <catch2/catch.hpp>
#include <numbers>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t blockLength = 960;
constexpr double tone = 2 * std::numbers::pi * 997 / sampleRate;

float toneAt(std::int64_t frame)
{
    return 0.5F * static_cast<float>(std::sin(tone * static_cast<double>(frame)));
}

struct Rig {
    Rig() : Rig([](SimulatedCard&) {}) {}
    template <typename Prepare>
    explicit Rig(Prepare prepare)
    {
        config.name = QStringLiteral("loa");
        config.device = QStringLiteral("alsa");
        config.url = QStringLiteral("default");
        auto owned = std::make_unique<SimulatedCard>(pacing);
        card = owned.get();
        prepare(*card);
        device = std::make_unique<CardDevice>(config, std::move(owned), pacing, sink);
    }
    // Blocks come 0.4 s ahead, as from the pump.
    Result<void> play(std::int64_t frames)
    {
        std::vector<float> samples(blockLength);
        for (const std::int64_t end = next + frames; next < end; next += blockLength) {
            static_cast<void>(pacing.waitUntil({next - sampleRate * 2 / 5}));
            for (std::int64_t index = 0; index < blockLength; ++index)
                samples[static_cast<std::size_t>(index)] = toneAt(next + index);
            if (auto written = device->write({{next}, samples, {blockLength}}); !written)
                return written;
        }
        return {};
    }
    void open()
    {
        next = pacing.livePosition().value + sampleRate;
        static_cast<void>(pacing.waitUntil({next - sampleRate * 2 / 5}));
        REQUIRE(device->open({{next}, {}, {}, {}}));
        first = next;
    }
    // The played tone's phase against the phase that is due, in frames, at each of the card's frames from `from` on.
    [[nodiscard]] double worstPhaseError(std::size_t from, std::size_t until) const
    {
        double worst = 0;
        for (std::size_t at = from; at + 480 < until; at += 4800) {
            double sine = 0;
            double cosine = 0;
            for (std::size_t index = at; index < at + 480; ++index) {
                const double phase = tone * card->heardAt(index);
                sine += static_cast<double>(card->played[index]) * std::sin(phase);
                cosine += static_cast<double>(card->played[index]) * std::cos(phase);
            }
            worst = std::max(worst, std::abs(std::atan2(cosine, sine)) / tone);
        }
        return worst;
    }

    OutputConfig config;
    SimulatedPacing pacing;
    HeardSink sink;
    SimulatedCard* card = nullptr;
    std::unique_ptr<CardDevice> device;
    std::int64_t next = 0;
    std::int64_t first = 0;
};

} // namespace

TEST_CASE("A card's clock that is off by 80 ppm is followed for 30 days without a gap, and within half a millisecond")
{
    std::minstd_rand random(7);
    std::uniform_real_distribution<double> noise(-48, 48); // readings of a USB card jump by a millisecond
    for (const double ppm : {80.0, -80.0, 480.0}) {
        DriftFollower follower;
        double error = 0; // stream frames
        double worst = 0;
        double wander = 0;
        bool isSoft = true;
        constexpr double step = 0.1; // seconds
        for (std::int64_t tick = 0; tick < loa::test::rounds(30) * 86400LL * 10; ++tick) {
            wander = 2e-6 * std::sin(static_cast<double>(tick) * step * 2 * std::numbers::pi / 86400); // day and night
            error += (ppm * 1e-6 + wander - follower.correction()) * sampleRate * step;
            isSoft &= follower.observe(error + noise(random), 100ms) == DriftFollower::Verdict::Soft;
            if (tick > 3000)
                worst = std::max(worst, std::abs(error));
        }
        INFO(ppm << " ppm");
        CHECK(isSoft);
        CHECK(worst < 24);
        CHECK(std::abs(follower.drift() * 1e6 - ppm) < 10);
    }
}

TEST_CASE("A card that is off by more than can be followed softly is put right by a gap, never by a creep")
{
    DriftFollower follower;
    double error = 0;
    int gaps = 0;
    for (int tick = 0; tick < 36000; ++tick) {
        error += (2000e-6 - follower.correction()) * sampleRate * 0.1;
        REQUIRE(std::abs(error) < 3 * DriftFollower::hardBound.value);
        if (follower.observe(error, 100ms) == DriftFollower::Verdict::Hard) {
            ++gaps;
            error = 0;
            follower.placed();
        }
    }
    CHECK(gaps > 100); // an hour: 5.4 s to be made up in steps of some 20 ms
    CHECK(gaps < 400);
}

TEST_CASE("Promise 8: the first frame is heard on its instant, and a card at another speed plays on without a click",
          "[promise-8]")
{
    const double ppm = GENERATE(0.0, 80.0, -300.0);
    const int rate = GENERATE(48000, 44100);
    Rig rig([&](SimulatedCard& card) {
        card.driftPpm = ppm;
        card.rate = rate;
    });
    rig.open();
    REQUIRE(rig.play(60 * sampleRate));
    rig.device->close();
    INFO(ppm << " ppm at " << rate);
    // Every frame, each one once, none in a hurry.
    REQUIRE(rig.sink.heard.intervals().size() == 1);
    CHECK(rig.sink.heard.intervals()[0].from == rig.first);
    CHECK(rig.sink.heard.intervals()[0].to == rig.next);
    CHECK(rig.sink.missing.total() == 0);
    CHECK(std::chrono::abs(rig.sink.firstAt - (morning + toDuration({rig.first}))) < 100us);
    CHECK(rig.sink.worst < 2500us);
    CHECK(rig.sink.clock.underruns == 0);
    CHECK(rig.sink.clock.corrections == 0);
    // A click is a step: no two neighbours of a tone of 1 kHz at half of full scale lie further apart than its slope,
    // stretched to the card's rate.
    const std::vector<float>& played = rig.card->played;
    float steepest = 0;
    // (The stream's own end, in the middle of a swing, is one.)
    for (std::size_t index = 1; index + 6000 < played.size(); ++index)
        steepest = std::max(steepest, std::abs(played[index] - played[index - 1]));
    CHECK(steepest < 0.5 * tone * 1.01 * sampleRate / rate);
    // And it sounds when it should: 2 ms off at first, before the card's clock is learnt.
    CHECK(rig.worstPhaseError(static_cast<std::size_t>(rate), played.size() - static_cast<std::size_t>(rate)) < 120);
}

TEST_CASE("What was learnt of a card stays for the next session")
{
    Rig rig([](SimulatedCard& card) { card.driftPpm = -300; });
    rig.open();
    REQUIRE(rig.play(120 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.clock.driftPpm == Approx(-300).margin(15));
    rig.sink.worst = {};
    rig.open();
    REQUIRE(rig.play(20 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.worst < 200us);
}

TEST_CASE("Promise 3: a card that runs dry has played what it had, and the rest is a gap", "[promise-3]")
{
    Rig rig;
    rig.open();
    REQUIRE(rig.play(5 * sampleRate));
    // The output's thread stands still for half a second: what it had given the card is played, no more.
    const std::int64_t given = rig.next;
    static_cast<void>(rig.pacing.waitUntil({rig.next + sampleRate / 2}));
    REQUIRE(rig.play(5 * sampleRate));
    rig.device->close();
    const auto heard = rig.sink.heard.intervals();
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].from == rig.first);
    CHECK(heard[0].to <= given);
    CHECK(heard[0].to > given - 100);
    CHECK(heard[1].from > given + sampleRate / 2);
    CHECK(heard[1].to == rig.next);
    CHECK(rig.sink.heard.total() + rig.sink.missing.total() == rig.next - rig.first);
    CHECK(rig.sink.clock.underruns == 1);
    CHECK(rig.sink.worst < 1ms); // after it, too
    // What the card got of it is what it played.
    CHECK(std::count_if(rig.card->played.begin(), rig.card->played.end(), [](float value) { return value != 0; }) <=
          rig.sink.heard.total() + 64);
}

TEST_CASE("Promise 3: nothing that was in a card's buffer when the machine fell asleep is said to have sounded",
          "[promise-3]")
{
    Rig rig;
    rig.open();
    REQUIRE(rig.play(2 * sampleRate));
    const std::int64_t heardBefore = rig.pacing.livePosition().value;
    rig.card->suspend();
    static_cast<void>(rig.pacing.waitUntil({rig.next + 10 * sampleRate}));
    REQUIRE(rig.play(15 * sampleRate));
    rig.device->close();
    const auto heard = rig.sink.heard.intervals();
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].to <= heardBefore);
    CHECK(rig.sink.heard.total() + rig.sink.missing.total() == rig.next - rig.first);
    CHECK(rig.sink.worst < 1ms);
}

TEST_CASE("A card whose count jumps is put right by one gap, softly cut")
{
    const std::int64_t jump = GENERATE(4800, -4800);
    Rig rig([](SimulatedCard& card) { card.latency = 9600; });
    rig.open();
    REQUIRE(rig.play(5 * sampleRate));
    if (jump > 0)
        rig.card->jump(jump);
    else
        rig.card->latency -= jump; // from now on it is heard later
    REQUIRE(rig.play(30 * sampleRate));
    rig.device->close();
    INFO("jump " << jump);
    CHECK(rig.sink.clock.corrections == 1);
    CHECK(rig.sink.clock.underruns == 0);
    CHECK(rig.sink.missing.intervals().size() == 1);
    CHECK(rig.sink.heard.total() + rig.sink.missing.total() == rig.next - rig.first);
    CHECK(std::chrono::abs(rig.sink.clock.early) < 1ms);
}

TEST_CASE(
    "Promise 3: what a sound server only guesses to have played while it stands still is not said to have sounded",
    "[promise-3]")
{
    Rig rig([](SimulatedCard& card) { card.guesses = true; });
    rig.open();
    REQUIRE(rig.play(5 * sampleRate));
    rig.card->standStill({sampleRate});
    REQUIRE(rig.play(5 * blockLength)); // the card has taken no more of them than two until it moves again
    const auto sounding = static_cast<std::int64_t>(
        std::count_if(rig.card->played.begin(), rig.card->played.end(), [](float value) { return value != 0; }));
    CHECK(rig.sink.heard.total() <= sounding + 2400); // a count of a server goes in steps, and is allowed some
    REQUIRE(rig.play(20 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.clock.corrections == 1);
    CHECK(rig.sink.missing.intervals().size() == 1);
    CHECK(rig.sink.missing.total() < 2 * sampleRate);
    CHECK(rig.sink.heard.total() + rig.sink.missing.total() == rig.next - rig.first);
}

TEST_CASE("A sound server that stands still at first is waited for, and costs one gap")
{
    Rig rig([](SimulatedCard& card) { card.guesses = true; });
    rig.card->startsAfter = {sampleRate * 5 / 4};
    rig.next = 3 * sampleRate; // it comes back in the middle of a session
    static_cast<void>(rig.pacing.waitUntil({rig.next}));
    REQUIRE(rig.device->open({{rig.next}, {}, {}, {}}));
    rig.first = rig.next;
    REQUIRE(rig.play(20 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.clock.corrections == 0);
    REQUIRE(rig.sink.missing.intervals().size() == 1);
    CHECK(rig.sink.missing.intervals()[0].from == rig.first);
    CHECK(rig.sink.missing.total() < 2 * sampleRate);
    CHECK(rig.sink.worst < 11ms); // what lies behind its buffer, which it does not tell at first
    CHECK(rig.sink.heard.total() + rig.sink.missing.total() == rig.next - rig.first);
}

TEST_CASE("Promise 8: a sound server that does not know at first where its card stands is asked until it does",
          "[promise-8]")
{
    Rig rig([](SimulatedCard& card) { card.guesses = true; });
    rig.card->gulp = blockLength;
    rig.card->startsAfter = {sampleRate / 4}; // it begins to move when the first block is due to be placed
    rig.open();
    REQUIRE(rig.play(20 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.clock.corrections == 0);
    CHECK(rig.sink.clock.underruns == 0);
    CHECK(rig.sink.missing.total() == 0);
    CHECK(rig.sink.worst < 11ms); // as above
}

TEST_CASE("Promise 7: a card that stands still or is pulled out fails its own output alone, and may come back",
          "[promise-7]")
{
    Rig rig;
    rig.open();
    REQUIRE(rig.play(2 * sampleRate));
    SECTION("pulled out")
    {
        rig.card->isGone = true;
        const auto failed = rig.play(sampleRate);
        REQUIRE_FALSE(failed);
        CHECK(failed.error().category == ErrorCategory::Unavailable);
        rig.device->close();
        CHECK_FALSE(rig.device->open({{rig.next}, {}, {}, {}}));
        rig.card->isGone = false;
    }
    SECTION("stands still")
    {
        rig.card->standsStill = true;
        const auto failed = rig.play(20 * sampleRate);
        REQUIRE_FALSE(failed);
        CHECK(failed.error().category == ErrorCategory::LimitExceeded);
        rig.card->standsStill = false;
    }
    rig.device->close();
    rig.open();
    REQUIRE(rig.play(2 * sampleRate));
    rig.device->close();
    CHECK(rig.sink.heard.intervals().back().from == rig.first);
    CHECK(rig.sink.heard.intervals().back().to == rig.next);
    CHECK(rig.card->opens == 2);
}

TEST_CASE("An output that is to end leaves its card at once")
{
    Rig rig;
    rig.open();
    REQUIRE(rig.play(sampleRate));
    rig.pacing.running = false;
    const FrameCount before = rig.pacing.livePosition();
    CHECK_FALSE(rig.play(sampleRate));
    rig.device->close();
    CHECK(rig.pacing.livePosition() <= before + FrameCount{sampleRate});
}

} // namespace loa::playout
