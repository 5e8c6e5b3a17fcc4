#include "playout/engine/player.h"
#include "playout/proof/prover.h"
#include "playout/proof/reference_shelf.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/engine/recorder.h"
#include "tests/support/audio_signals.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <map>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

std::vector<float> speech(std::int64_t seconds, unsigned seed)
{
    return support::babble(-12.0, static_cast<double>(seconds), seed).samples;
}

std::shared_ptr<const Reference> printOf(std::span<const float> sound)
{
    auto reference = std::make_shared<Reference>();
    media::SoundPrinter printer;
    printer.add(sound, reference->print);
    return reference;
}

AiringId airing(int number)
{
    return {QString::fromLatin1("airing-%1").arg(number)};
}

// A station in simulated time, its mix measured, its items' references on a shelf.
struct ProofBench {
    explicit ProofBench(std::optional<UtcTime> start = {}) : clock(start.value_or(morning - 1h))
    {
        OutputConfig wav;
        wav.name = QStringLiteral("archive");
        wav.device = QStringLiteral("wav");
        wav.url = folder.path();
        auto made = SteppedPlayer::create({.station = StationId{QStringLiteral("station-1")},
                                           .outputs = {wav},
                                           .sources = sources,
                                           .clock = clock,
                                           .observer = recorder,
                                           .tap = &proof.tap()});
        REQUIRE(made);
        player = std::move(*made);
    }

    // What sounds under the name, and what should.
    void item(int number, const std::vector<float>& sounds, const std::vector<float>& approved)
    {
        const QByteArray name = "item-" + QByteArray::number(number);
        sources.add(hashOf(name.constData()), sounds);
        references[hashOf(name.constData())] = printOf(approved);
    }
    void item(int number, const std::vector<float>& sound) { item(number, sound, sound); }

    QTemporaryDir folder;
    ManualClock clock;
    MemorySourceFactory sources;
    Recorder recorder;
    std::map<Sha256, std::shared_ptr<const Reference>> references;
    Prover prover{[this](const Sha256& sha256) {
                      const auto found = references.find(sha256);
                      return found == references.end() ? nullptr : found->second;
                  },
                  Prover::Mode::InFlush};
    StationProof& proof = prover.addStation();
    std::unique_ptr<SteppedPlayer> player;
};

} // namespace

TEST_CASE("Promise 3: the mix is compared with the item, and its loudness measured", "[promise-3][proof]")
{
    ProofBench bench;
    std::vector<float> swapped = speech(20, 2);
    const std::vector<float> right = speech(20, 3);
    std::copy(right.begin(), right.begin() + 10 * sampleRate, swapped.begin());
    bench.item(0, speech(20, 1));
    bench.item(1, speech(20, 9), speech(20, 4)); // something else sounds
    bench.item(2, std::vector<float>(20 * sampleRate), speech(20, 5));
    bench.item(3, swapped, right); // right for its first half
    bench.item(4, speech(1, 6));
    bench.item(5, support::tone(440.0, -20.0, 5.0).samples);
    const SessionTimeline plan = timelineAt(
        morning,
        {{20 * sampleRate}, {20 * sampleRate}, {20 * sampleRate}, {20 * sampleRate}, {sampleRate}, {5 * sampleRate}});
    REQUIRE(bench.player->play(plan.softened().withLevels({{{}, 0.5F}})));
    bench.player->advanceTo(morning + 2min);

    const auto whole = bench.proof.proof(airing(0));
    REQUIRE(whole);
    CHECK(whole->frames == FrameCount{20 * sampleRate});
    CHECK(whole->match.value() >= 990);
    CHECK(whole->loudness.value() > -4000);
    CHECK(whole->loudness.value() < -1500);
    CHECK(bench.proof.proof(airing(1))->match.value() < 200);
    CHECK(bench.proof.proof(airing(2))->match == 0);
    CHECK_FALSE(bench.proof.proof(airing(2))->loudness);
    CHECK(bench.proof.proof(airing(3))->match.value() == Approx(500).margin(120));
    CHECK(bench.proof.proof(airing(4))->match.value() >= 950);
    CHECK_FALSE(bench.proof.proof(airing(5))->match); // nothing to recognise a tone by
    // A sine of -20 dBFS at half the volume: -20 - 3 - 6 dB, and what the K filter adds at 440 Hz.
    CHECK(bench.proof.proof(airing(5))->loudness.value() == Approx(-2970).margin(60));
    bench.proof.forget(airing(5));
    CHECK_FALSE(bench.proof.proof(airing(5)));
}

TEST_CASE("What sounded of an item is compared with the same part of it", "[proof]")
{
    ProofBench bench(morning + 7s + 123ms); // joins late
    bench.item(0, speech(40, 1));
    bench.sources.add(hashOf("alert"), speech(5, 7));
    bench.references[hashOf("alert")] = printOf(speech(5, 7));
    const SessionTimeline plan = timelineAt(morning, {{40 * sampleRate}});
    const LiveEvent alert{AiringId{QStringLiteral("alert")},
                          ItemId{QStringLiteral("alert")},
                          hashOf("alert"),
                          {20 * sampleRate + 77},
                          {5 * sampleRate},
                          Priority::Emergency};
    REQUIRE(bench.player->play(withLiveEvents(plan, {alert})));
    bench.player->advanceTo(morning + 1min);
    const auto item = bench.proof.proof(airing(0));
    REQUIRE(item);
    CHECK(item->match.value() >= 970);
    CHECK(item->frames.value < 28 * sampleRate);
    CHECK(item->frames.value > 27 * sampleRate);
    const auto live = bench.proof.proof({QStringLiteral("alert")});
    REQUIRE(live);
    CHECK(live->match.value() >= 950);
}

TEST_CASE("An airing that is stopped keeps what was measured of it", "[proof]")
{
    ProofBench bench;
    bench.item(0, speech(30, 1));
    REQUIRE(bench.player->play(timelineAt(morning, {{30 * sampleRate}})));
    bench.player->advanceTo(morning + 10s);
    bench.player->stop();
    const auto proof = bench.proof.proof(airing(0));
    REQUIRE(proof);
    REQUIRE(bench.recorder.ended.size() == 1);
    CHECK(proof->frames == bench.recorder.ended.front().frames); // its fall was heard, and counts
    CHECK(proof->frames.value >= 10 * sampleRate);
    CHECK(proof->match.value() >= 970);
}

TEST_CASE("A reference that comes late still counts, one that never comes leaves the match unsaid", "[proof]")
{
    const std::vector<float> item = speech(30, 1);
    std::shared_ptr<const Reference> shelf;
    AiringMeasure late([&] { return shelf; });
    AiringMeasure never([] { return nullptr; });
    for (std::int64_t from = 0; from < 30 * sampleRate; from += 960) {
        if (from > 20 * sampleRate)
            shelf = printOf(item);
        const auto block = std::span(item).subspan(static_cast<std::size_t>(from), 960);
        late.add({from}, block);
        never.add({from}, block);
    }
    CHECK(late.proof()->match == 1000);
    CHECK_FALSE(never.proof()->match);
    CHECK(never.proof()->loudness);
    CHECK_FALSE(AiringMeasure([] { return nullptr; }).proof());
}

TEST_CASE("Where two items sound together, neither is measured", "[proof]")
{
    Segment first{airing(0), {}, hashOf("a"), {0}, {1000}};
    Segment second{airing(1), {}, hashOf("b"), {800}, {700}};
    const SessionTimeline plan({QStringLiteral("station-1")}, {QStringLiteral("session-1")}, 1, morning,
                               {first, second});
    const auto spans = soleSpans(plan);
    REQUIRE(spans.size() == 2);
    CHECK(spans[0] == SoleSpan{{0}, {800}, airing(0), {0}, hashOf("a")});
    CHECK(spans[1] == SoleSpan{{1000}, {1500}, airing(1), {800}, hashOf("b")});
}

TEST_CASE("Each monitor of a station gets the whole mix to listen for", "[proof]")
{
    ProofBench bench;
    MixTrace& first = bench.proof.addTrace();
    MixTrace& second = bench.proof.addTrace();
    bench.item(0, speech(30, 1));
    REQUIRE(bench.player->play(timelineAt(morning, {{30 * sampleRate}})));
    bench.player->advanceTo(morning + 1min);
    for (MixTrace* trace : {&first, &second}) {
        const auto stretches = trace->take(morning + 1min);
        REQUIRE(stretches.size() == 2);
        CHECK(stretches[0].from == morning);
        CHECK(stretches[1].to == morning + 30s);
        CHECK(stretches[0].airing == airing(0));
        CHECK(trace->sounded(morning + 29s, morning + 30s));
        CHECK_FALSE(trace->sounded(morning + 31s, morning + 40s));
    }
}

// An item that is softer in its second half, as a house file; the station's proof fed by hand.
struct PassedBench {
    PassedBench()
    {
        std::vector<float> sound = speech(40, 1);
        for (std::size_t index = sound.size() / 2; index < sound.size(); ++index)
            sound[index] *= 0.5F;
        house = houseFileOf(QDir(folder.path()), sound);
        reference = std::make_shared<const Reference>(
            referenceOf(folder.filePath(toString(house.sha256) + QStringLiteral(".opus")), house.sha256).value());
        Segment item{airing(0), ItemId{QStringLiteral("item-0")}, house.sha256, {}, {40 * sampleRate}};
        plan = std::make_shared<const SessionTimeline>(StationId{QStringLiteral("station-1")},
                                                       SessionId{QStringLiteral("session-1")}, 1, morning,
                                                       std::vector<Segment>{item});
        passed.tap().follow(passedEar);
        heard.tap().follow(heardEar);
        for (MixTap* tap : {&passed.tap(), &heard.tap()})
            tap->placed(plan, base, base);
    }
    // What the pump tells of [from, to) in packets; `passes`: to `passed` as they are, else to both as samples.
    void play(std::int64_t from, std::int64_t to, bool passes, float volume = 1.0F)
    {
        const RenderedRun run{{960}, true};
        for (std::int64_t at = from; at < to; at += 960) {
            std::vector<float> samples(house.samples.begin() + at, house.samples.begin() + at + 960);
            for (float& sample : samples)
                sample *= volume;
            heardEar->hear(base + FrameCount{at}, run, samples);
            if (passes)
                passedEar->passed(base + FrameCount{at}, run);
            else
                passedEar->hear(base + FrameCount{at}, run, samples);
            heardEar->flush(base + FrameCount{at + 960});
            if (at % 4800 == 0)
                passedEar->flush(base + FrameCount{at + 960});
        }
    }
    // What was measured is published.
    void finish()
    {
        for (MixTap* tap : {&passed.tap(), &heard.tap()})
            tap->cut(base + FrameCount{40 * sampleRate});
        for (MixEar* ear : {passedEar.get(), heardEar.get()})
            ear->flush(base + FrameCount{40 * sampleRate});
    }

    const FrameCount base{7 * sampleRate};
    QTemporaryDir folder;
    HouseFile house;
    std::shared_ptr<const Reference> reference;
    std::shared_ptr<const SessionTimeline> plan;
    bool isThere = true;
    Prover prover{[this](const Sha256& sha256) {
                      return isThere && sha256 == house.sha256 ? reference : std::shared_ptr<const Reference>{};
                  },
                  Prover::Mode::InFlush};
    StationProof& passed = prover.addStation();
    StationProof& heard = prover.addStation();
    std::shared_ptr<MixEar> passedEar = passed.tap().ears().open(base);
    std::shared_ptr<MixEar> heardEar = heard.tap().ears().open(base);
};

TEST_CASE("Promise 3: what passes as the approved file's own packets is proven without being heard",
          "[promise-3][proof]")
{
    PassedBench bench;
    CHECK_FALSE(bench.passed.tap().wantsSamples());
    SECTION("whole but for its edges, as around joins")
    {
        bench.play(0, 2880, false);
        bench.play(2880, 40 * sampleRate, true);
    }
    SECTION("from its middle on: as loud as that part")
    {
        bench.play(20 * sampleRate, 40 * sampleRate, true);
    }
    SECTION("in part, and softer in part")
    {
        bench.play(0, 10 * sampleRate, false, 0.7F);
        bench.play(10 * sampleRate, 30 * sampleRate, true);
    }
    bench.finish();
    const auto proof = bench.passed.proof(airing(0));
    const auto measured = bench.heard.proof(airing(0));
    REQUIRE(proof);
    REQUIRE(measured);
    CHECK(proof->frames == measured->frames);
    CHECK(proof->match.value() >= measured->match.value());
    CHECK(proof->match.value() >= 990);
    CHECK(proof->loudness.value() == Approx(measured->loudness.value()).margin(30));
}

TEST_CASE("What passes of an item without a reference has a match, and no loudness; a monitor wants samples", "[proof]")
{
    PassedBench bench;
    bench.isThere = false;
    bench.play(0, 20 * sampleRate, true);
    bench.finish();
    const auto proof = bench.passed.proof(airing(0));
    REQUIRE(proof);
    CHECK(proof->frames == FrameCount{20 * sampleRate});
    CHECK(proof->match == 1000);
    CHECK_FALSE(proof->loudness);
    static_cast<void>(bench.passed.addTrace());
    CHECK(bench.passed.tap().wantsSamples());
}

} // namespace loa::playout
