#include "playout/proof/monitor_ear.h"
#include "tests/support/audio_signals.h"
#include "tests/support/rounds.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <set>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

using Sound = std::vector<float>;

std::size_t framesIn(double seconds)
{
    return static_cast<std::size_t>(seconds * sampleRate);
}

Sound speech(double seconds, unsigned seed)
{
    return support::babble(-12.0, seconds, seed).samples;
}

// Engines of a yard: low noise that comes and goes.
Sound engines(double seconds, double levelDb, unsigned seed)
{
    Sound sound = support::noise(0.0, seconds, seed).samples;
    float low = 0.0F;
    const auto gain = static_cast<float>(std::pow(10.0, levelDb / 20.0));
    for (std::size_t index = 0; index < sound.size(); ++index) {
        low += 0.2F * (sound[index] - low);
        sound[index] = 4.0F * gain * low * (1.0F + 0.7F * std::sin(static_cast<float>(index) / 30'000.0F));
    }
    return sound;
}

// As a microphone has what a horn plays: band, echoes, distance.
Sound overHorn(const Sound& sound, float gain)
{
    Sound heard(sound.size());
    float low = 0.0F;
    float high = 0.0F;
    Sound horn(sound.size());
    for (std::size_t index = 0; index < sound.size(); ++index) {
        low += 0.4F * (sound[index] - low);
        high += 0.05F * (low - high);
        horn[index] = low - high;
    }
    for (std::size_t index = 0; index < heard.size(); ++index) {
        heard[index] = horn[index];
        for (const std::size_t echo : {1'900UL, 4'700UL, 9'100UL, 17'000UL})
            heard[index] += index >= echo ? 0.35F * horn[index - echo] : 0.0F;
        heard[index] *= gain;
    }
    return heard;
}

void mixInto(Sound& sound, const Sound& more, double atSeconds = 0.0)
{
    const std::size_t at = framesIn(atSeconds);
    for (std::size_t index = 0; index < more.size() && at + index < sound.size(); ++index)
        sound[at + index] += more[index];
}

// A station whose mix is `mix` from the epoch on, item n from starts[n]; the monitor receives `arriving`, its first
// sample at the epoch.
struct Yard {
    static UtcTime at(double seconds)
    {
        return UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 12 / 1)) +
               std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
    }
    struct Item {
        double from;
        double to;
    };

    explicit Yard(EarSettings settings) : ear(settings, trace) {}

    void run(const Sound& mix, const std::vector<Item>& items, const Sound& arriving, double until)
    {
        constexpr std::size_t block = 4'800;
        for (std::size_t frame = 0; frame < framesIn(until); frame += block) {
            const double now = static_cast<double>(frame + block) / sampleRate;
            for (std::size_t index = 0; index < items.size(); ++index) {
                const auto& item = items[index];
                const double from = static_cast<double>(frame) / sampleRate;
                if (from >= item.from && from < item.to) {
                    trace.sounding(at(from), block);
                    trace.add(at(from), airing(index), std::span(mix).subspan(frame, block));
                }
                if (!asked.contains(index) && now >= item.to) {
                    asked.insert(index);
                    HeardQuestion question;
                    question.proof.airing = airing(index);
                    question.from = at(item.from);
                    question.to = at(item.to);
                    question.isWhole = isWhole;
                    ear.ask(question);
                }
            }
            if (frame + block <= arriving.size() && isConnected(now))
                ear.hear(at(now), std::span(arriving).subspan(frame, block));
            else
                ear.interrupt();
            for (const MonitorFinding& finding : ear.judge(at(now))) {
                if (const auto* proof = std::get_if<HeardProof>(&finding))
                    heard.push_back(*proof);
                else
                    foreign.push_back(std::get<ForeignSound>(finding));
            }
        }
    }
    static AiringId airing(std::size_t index) { return {QString::fromLatin1("airing-%1").arg(index)}; }

    MixTrace trace;
    MonitorEar ear;
    bool isWhole = true;
    std::function<bool(double)> isConnected = [](double) { return true; };
    std::set<std::size_t> asked;
    std::vector<HeardProof> heard;
    std::vector<ForeignSound> foreign;
};

EarSettings microphone()
{
    EarSettings settings;
    settings.kind = MonitorKind::Microphone;
    settings.delayMost = 10s;
    return settings;
}

EarSettings stream()
{
    EarSettings settings;
    settings.delayMost = 20s;
    return settings;
}

} // namespace

TEST_CASE("A listener's stream is heard at its delay, whatever its level", "[proof]")
{
    Sound mix(framesIn(80));
    mixInto(mix, speech(30, 1), 5);
    mixInto(mix, speech(5, 2), 35);
    mixInto(mix, speech(25, 3), 40);
    Sound arriving(framesIn(120));
    mixInto(arriving, mix, 7.25);
    for (float& sample : arriving)
        sample *= 0.05F;
    Yard yard(stream());
    yard.run(mix, {{5, 35}, {35, 40}, {40, 65}}, arriving, 110);
    REQUIRE(yard.heard.size() == 3);
    for (const HeardProof& proof : yard.heard) {
        CHECK(proof.result == Heard::Yes);
        CHECK(proof.match.value() >= 900);
        REQUIRE(proof.delay);
        CHECK(std::abs(proof.delay->count() - 7'250) <= 40);
    }
    CHECK(yard.foreign.empty());
}

TEST_CASE("A stream that carries something else says no, and is told as foreign sound with its times", "[proof]")
{
    Sound mix(framesIn(120));
    mixInto(mix, speech(60, 1), 10);
    Sound arriving(framesIn(300));
    mixInto(arriving, speech(200, 77), 0); // from the first second to the last
    Yard yard(stream());
    yard.run(mix, {{10, 70}}, arriving, 260);
    REQUIRE(yard.heard.size() == 1);
    CHECK(yard.heard[0].result == Heard::No);
    CHECK(yard.heard[0].match.value() < 300);
    CHECK_FALSE(yard.heard[0].delay);
    REQUIRE(yard.foreign.size() == 2);
    CHECK_FALSE(yard.foreign[0].until);
    REQUIRE(yard.foreign[1].until);
    CHECK(yard.foreign[1].from < Yard::at(75));
    CHECK(std::chrono::abs(*yard.foreign[1].until - Yard::at(200)) < 3s);
}

TEST_CASE("Silence on a stream is a no, and no foreign sound; where nothing arrives nothing is said", "[proof]")
{
    Sound mix(framesIn(80));
    mixInto(mix, speech(40, 1), 10);
    const Sound silence(framesIn(100));
    Yard mute(stream());
    mute.run(mix, {{10, 50}}, silence, 90);
    REQUIRE(mute.heard.size() == 1);
    CHECK(mute.heard[0].result == Heard::No);
    CHECK(mute.foreign.empty());

    Yard cutOff(stream());
    cutOff.isConnected = [](double now) { return now < 20; };
    cutOff.run(mix, {{10, 50}}, mix, 90);
    REQUIRE(cutOff.heard.size() == 1);
    CHECK(cutOff.heard[0].result == Heard::Unknown);

    Yard partly(stream()); // an airing that did not leave whole is never "not heard"
    partly.isWhole = false;
    partly.run(mix, {{10, 50}}, silence, 90);
    REQUIRE(partly.heard.size() == 1);
    CHECK(partly.heard[0].result == Heard::Unknown);
}

TEST_CASE("A microphone in a noisy yard hears through it, and never says no for the noise", "[proof]")
{
    if (loa::test::isSanitized) // minutes of sound, over lines that the other tests show it
        return;
    Sound mix(framesIn(200));
    mixInto(mix, speech(40, 1), 10);
    mixInto(mix, speech(40, 2), 60);
    mixInto(mix, speech(40, 3), 110);
    // The first in a usual yard, the second drowned by an engine, the third with the loudspeaker dead.
    Sound alive = mix;
    std::fill(alive.begin() + static_cast<std::ptrdiff_t>(framesIn(105)), alive.end(), 0.0F);
    Sound arriving(framesIn(220));
    mixInto(arriving, overHorn(alive, 0.1F), 0.4);
    mixInto(arriving, engines(220, -70.0, 5));
    mixInto(arriving, engines(50, 0.0, 6), 55);
    Yard yard(microphone());
    yard.run(mix, {{10, 50}, {60, 100}, {110, 150}}, arriving, 200);
    REQUIRE(yard.heard.size() == 3);
    INFO(yard.heard[0].match.value_or(-1)
         << " " << yard.heard[1].match.value_or(-1) << " " << yard.heard[2].match.value_or(-1));
    CHECK(yard.heard[0].result == Heard::Yes);
    CHECK(yard.heard[1].result != Heard::No);
    CHECK(yard.heard[2].result == Heard::No);

    // Where the yard is always as loud as the loudspeaker, its death cannot be told from the noise.
    mixInto(arriving, engines(220, -45.0, 5));
    Yard loud(microphone());
    loud.run(mix, {{10, 50}, {60, 100}, {110, 150}}, arriving, 200);
    REQUIRE(loud.heard.size() == 3);
    CHECK(loud.heard[0].result == Heard::Yes);
    CHECK(loud.heard[1].result == Heard::Unknown);
    CHECK(loud.heard[2].result == Heard::Unknown);

    // One that has never heard the station does not know what silence would be.
    Yard fresh(microphone());
    fresh.run(mix, {{10, 50}}, engines(100, -45.0, 9), 90);
    REQUIRE(fresh.heard.size() == 1);
    CHECK(fresh.heard[0].result == Heard::Unknown);
    CHECK(fresh.foreign.empty());
}

TEST_CASE("Loudspeakers that play another station between sessions are told, passing noise is not", "[proof]")
{
    if (loa::test::isSanitized) // minutes of sound, over lines that the other tests show it
        return;
    Sound mix(framesIn(60));
    mixInto(mix, speech(30, 1), 10);
    Sound loudspeaker = mix;
    loudspeaker.resize(framesIn(420));
    mixInto(loudspeaker, speech(180, 55), 200); // hijacked for three minutes
    Sound arriving = overHorn(loudspeaker, 0.1F);
    mixInto(arriving, engines(420, -70.0, 5));
    mixInto(arriving, engines(20, 0.0, 6), 100); // a lorry
    Yard yard(microphone());
    yard.run(mix, {{10, 40}}, arriving, 415);
    REQUIRE(yard.heard.size() == 1);
    CHECK(yard.heard[0].result == Heard::Yes);
    REQUIRE(yard.foreign.size() == 2);
    CHECK(std::chrono::abs(yard.foreign[1].from - Yard::at(200)) < 5s);
    CHECK(std::chrono::abs(yard.foreign[1].until.value() - Yard::at(380)) < 5s);
}

TEST_CASE("A server that sends seconds at once, and a stream that stalls, leave the delay right", "[proof]")
{
    const Sound item = speech(40, 1);
    MixTrace trace;
    MonitorEar ear(stream(), trace);
    // Connected at 0; eight seconds come at once; the sound is 12 s behind the mix.
    Sound arriving(framesIn(8 + 100));
    mixInto(arriving, item, 8.0 + 12.0 + 5.0);
    ear.hear(Yard::at(0.1), std::span(arriving).first(framesIn(8)));
    std::vector<HeardProof> heard;
    constexpr std::size_t block = 4'800;
    for (std::size_t frame = 0; frame < framesIn(95); frame += block) {
        const double now = static_cast<double>(frame + block) / sampleRate;
        if (now > 5.0 && now <= 45.0)
            trace.add(Yard::at(now - 0.1), Yard::airing(0), std::span(item).subspan(frame - framesIn(5.0), block));
        if (std::abs(now - 46.0) < 0.01) {
            HeardQuestion question;
            question.proof.airing = Yard::airing(0);
            question.from = Yard::at(5);
            question.to = Yard::at(45);
            ear.ask(question);
        }
        const bool stalls = now > 20.0 && now < 23.0; // and then it all comes
        if (!stalls) {
            const std::size_t from = framesIn(8) + (now >= 23.0 && now < 23.1 ? frame - framesIn(2.9) : frame);
            const std::size_t to = framesIn(8) + frame + block;
            ear.hear(Yard::at(now), std::span(arriving).subspan(from, to - from));
        }
        for (const MonitorFinding& finding : ear.judge(Yard::at(now))) {
            if (const auto* proof = std::get_if<HeardProof>(&finding))
                heard.push_back(*proof);
        }
    }
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].result == Heard::Yes);
    REQUIRE(heard[0].delay);
    CHECK(std::abs(heard[0].delay->count() - 12'000) <= 150);
}

TEST_CASE("A step of the clock makes no \"no\" of what was under way, and is over with it", "[proof]")
{
    Sound mix(framesIn(200));
    mixInto(mix, speech(40, 1), 10);
    mixInto(mix, speech(40, 2), 120);
    Yard yard(stream());
    yard.isConnected = [&, stepped = false](double now) mutable {
        if (now > 30.0 && !std::exchange(stepped, true))
            yard.ear.doubt(10s);
        return true;
    };
    yard.run(mix, {{10, 50}, {120, 160}}, Sound(framesIn(200)), 195);
    REQUIRE(yard.heard.size() == 2);
    CHECK(yard.heard[0].result == Heard::Unknown);
    CHECK(yard.heard[1].result == Heard::No);
}

} // namespace loa::playout
