// In real time, since it is about real threads.
#include "media/loudness_meter.h"
#include "playout/engine/hub.h"
#include "playout/engine/player.h"
#include "playout/proof/prover.h"
#include "playout/proof/reference_shelf.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/output/ports.h"
#include "tests/support/audio_signals.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <map>
#include <thread>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("Two stations are measured beside their players", "[proof]")
{
    const std::vector<float> item = support::babble(-12.0, 3.0, 1).samples;
    auto print = std::make_shared<Reference>();
    media::SoundPrinter printer;
    printer.add(item, print->print);
    Prover prover([&](const Sha256&) { return print; });
    SystemClock clock;
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), item);
    OutputConfig null;
    null.name = QStringLiteral("main");
    null.device = QStringLiteral("null");
    Recorder recorders[2];
    StationProof* proofs[2] = {&prover.addStation(), &prover.addStation()};
    std::unique_ptr<ThreadedPlayer> players[2];
    for (int station = 0; station < 2; ++station) {
        auto made = ThreadedPlayer::create({.station = StationId{QStringLiteral("station-1")},
                                            .outputs = {null},
                                            .sources = sources,
                                            .clock = clock,
                                            .observer = recorders[station],
                                            .tap = &proofs[station]->tap()});
        REQUIRE(made);
        players[station] = std::move(*made);
        REQUIRE(players[station]->play(timelineAt(clock.now() + 700ms, {{3 * sampleRate}})));
    }
    const AiringId airing{QStringLiteral("airing-0")};
    std::optional<MixProof> soFar;
    for (int station = 0; station < 2; ++station) {
        REQUIRE(recorders[station].awaitSessions(1, 20s));
        // A loaded machine measures a little later; what it measures is the same.
        for (int tries = 0; tries < 1'000; ++tries) {
            soFar = proofs[station]->proof(airing);
            if (soFar && soFar->frames.value == 3 * sampleRate)
                break;
            std::this_thread::sleep_for(5ms);
        }
        REQUIRE(soFar);
        CHECK(soFar->frames.value == 3 * sampleRate);
        CHECK(soFar->match.value_or(0) >= 980);
        proofs[station]->forget(airing);
    }
}

TEST_CASE("Promise 3: a dozen stations with one programme are measured once, and each has its proof",
          "[promise-3][proof]")
{
    const std::vector<float> item = support::babble(-12.0, 3.0, 1).samples;
    const std::vector<float> alert = support::babble(-12.0, 1.0, 2).samples;
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), item);
    sources.add(hashOf("alert"), alert);
    std::map<Sha256, std::shared_ptr<Reference>> references;
    for (const auto& [name, sound] : {std::pair{hashOf("item-0"), item}, std::pair{hashOf("alert"), alert}}) {
        references[name] = std::make_shared<Reference>();
        media::SoundPrinter().add(sound, references[name]->print);
    }
    std::atomic<int> finds = 0; // once a measure
    Prover prover([&](const Sha256& sha256) {
        ++finds;
        return references.at(sha256);
    });
    constexpr std::size_t count = 12;
    SystemClock clock;
    Hub hub(clock, count);
    OutputConfig null;
    null.name = QStringLiteral("main");
    null.device = QStringLiteral("null");
    Recorder recorder;
    std::vector<StationProof*> proofs;
    std::vector<std::unique_ptr<ThreadedPlayer>> players;
    const UtcTime start = std::chrono::ceil<std::chrono::milliseconds>(clock.now() + 1500ms);
    const SessionTimeline plan = timelineAt(start, {{3 * sampleRate}});
    for (std::size_t station = 0; station < count; ++station) {
        proofs.push_back(&prover.addStation());
        PlayerSettings settings{StationId{QStringLiteral("station-1")}, {null}, sources, clock, recorder};
        settings.tap = &proofs.back()->tap();
        settings.hub = &hub;
        players.push_back(*ThreadedPlayer::create(settings));
        REQUIRE(players.back()->play(plan)); // at once, as a hub that is started in mid-session
    }
    std::this_thread::sleep_until(std::chrono::system_clock::now() + (start - clock.now()) + 500ms);
    const LiveEvent event{AiringId{QStringLiteral("alert")},
                          ItemId{QStringLiteral("alert")},
                          hashOf("alert"),
                          {2 * sampleRate},
                          {sampleRate},
                          Priority::Emergency};
    REQUIRE(players.back()->amend(withLiveEvents(plan, {event})));
    REQUIRE(recorder.awaitSessions(count, 20s));
    const AiringId airing{QStringLiteral("airing-0")};
    const auto isWhole = [&](const StationProof* proof) {
        const auto soFar = proof->proof(airing);
        return soFar && soFar->frames.value == 3 * sampleRate;
    };
    const auto others = std::span(proofs).first(count - 1);
    for (int tries = 0; tries < 1'000 && !std::all_of(others.begin(), others.end(), isWhole); ++tries)
        std::this_thread::sleep_for(5ms);
    for (const StationProof* one : others) {
        REQUIRE(one->proof(airing));
        CHECK(one->proof(airing) == others.front()->proof(airing));
        CHECK(one->proof(airing)->frames.value == 3 * sampleRate);
        CHECK(one->proof(airing)->match.value_or(0) >= 980);
        CHECK_FALSE(one->proof(event.airing));
    }
    REQUIRE(proofs.back()->proof(airing));
    CHECK(proofs.back()->proof(airing)->frames.value < 3 * sampleRate);
    REQUIRE(proofs.back()->proof(event.airing));
    CHECK(proofs.back()->proof(event.airing)->match.value_or(0) >= 950);
    CHECK(finds <= static_cast<int>(count) / 2 + 1); // a mix a pump and tick, and the alert
}

TEST_CASE("Promise 3: a station whose packets pass has its proof, and nothing is encoded for it", "[promise-3][proof]")
{
    const QTemporaryDir folder;
    const HouseFile house = houseFileOf(QDir(folder.path()), support::babble(-14.0, 3.0, 1).samples);
    const auto path = [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); };
    const auto reference = std::make_shared<const Reference>(referenceOf(path(house.sha256), house.sha256).value());
    Prover prover([&](const Sha256&) { return reference; });
    StationProof& station = prover.addStation();
    SystemClock clock;
    FileSourceFactory sources(path);
    Recorder recorder;
    const int sink = ::socket(AF_INET, SOCK_DGRAM, 0);
    OutputConfig output;
    output.name = QStringLiteral("main");
    output.device = QStringLiteral("rtp");
    output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(bindToFreePort(sink));
    auto player = *ThreadedPlayer::create({.station = StationId{QStringLiteral("station-1")},
                                           .outputs = {output},
                                           .sources = sources,
                                           .clock = clock,
                                           .observer = recorder,
                                           .tap = &station.tap()});
    const AiringId airing{QStringLiteral("airing-0")};
    const UtcTime start = std::chrono::ceil<std::chrono::seconds>(clock.now() + 1s);
    REQUIRE(player->play({StationId{QStringLiteral("station-1")},
                          SessionId{QStringLiteral("session-1")},
                          1,
                          start,
                          {{airing, ItemId{QStringLiteral("item-0")}, house.sha256, {}, {3 * sampleRate}}}}));
    REQUIRE(recorder.awaitSessions(1, 20s));
    CHECK(player->encoding().passed > 130); // of 150; the first and the last are encoded
    std::optional<MixProof> proof;
    for (int tries = 0; tries < 1'000 && !(proof && proof->frames.value == 3 * sampleRate); ++tries) {
        std::this_thread::sleep_for(5ms);
        proof = station.proof(airing);
    }
    REQUIRE(proof);
    CHECK(proof->frames.value == 3 * sampleRate);
    CHECK(proof->match.value_or(0) >= 990);
    auto meter = *media::LoudnessMeter::create(sampleRate, std::array{media::ChannelRole::Center});
    REQUIRE(meter.add(house.samples));
    CHECK(proof->loudness.value_or(0) == Approx(meter.integratedLufs().value() * 100.0).margin(30));
    player.reset();
    ::close(sink);
}

TEST_CASE("A mix that nobody has time to measure delays nothing and is counted for what was measured", "[proof]")
{
    // The reference blocks the measuring thread as a disk that hangs would.
    std::atomic<bool> hangs = true;
    Prover prover([&](const Sha256&) -> std::shared_ptr<const Reference> {
        while (hangs)
            std::this_thread::sleep_for(1ms);
        return nullptr;
    });
    StationProof& proof = prover.addStation();
    auto timeline = std::make_shared<const SessionTimeline>(timelineAt(morning, {{60 * sampleRate}}));
    const std::shared_ptr<MixEar> ear = proof.tap().ears().open({0});
    proof.tap().follow(ear);
    proof.tap().placed(timeline, {0}, {0});
    const std::vector<float> block(960, 0.1F);
    for (std::int64_t position = 0; position < 60 * sampleRate; position += 960)
        ear->hear({position}, {{960}, true, Break::None}, block);
    ear->flush({60 * sampleRate});
    hangs = false;
    std::optional<MixProof> measured;
    for (int tries = 0; tries < 4'000 && !measured; ++tries) {
        measured = proof.proof({QStringLiteral("airing-0")});
        std::this_thread::sleep_for(1ms);
    }
    REQUIRE(measured);
    CHECK(measured->frames.value < 6 * sampleRate);
}

} // namespace loa::playout
