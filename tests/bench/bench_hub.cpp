// How many stations one process carries: players of many stations side by side, each with its own programme or all with
// the same, encoded or passed through, to RTP receivers on this machine. A core's worth of stations is 1 / (seconds of
// CPU a second and station).
#include "playout/engine/hub.h"
#include "playout/engine/player.h"
#include "playout/proof/prover.h"
#include "playout/proof/reference_shelf.h"
#include "scheduler/contract/clock.h"
#include "tests/bench/delivery_counter.h"
#include "tests/bench/program.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/output/ports.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>

#include <thread>

using namespace loa;
using namespace loa::bench;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

enum Programmes : std::int64_t { Distinct, Same };
// Packets of 24 and 60 ms, the house files' own, of 72 and 120 ms, three of the house files' as one, of 60 ms that are
// all encoded, with the least effort.
enum Streams : std::int64_t { Mp3, OpusOf60, Passed, Mp3Of72, OpusOf120, PassedOf60, EncodedOf60 };

constexpr auto lead = 12s; // every source is open, every session taken up
constexpr auto measured = 20s;
constexpr std::size_t shortItem = 5 * sampleRate + 960;

// What stations play. Each begins with an item of its own, goes on with those behind it and is cut off when the
// measurement is over; at no instant do two that are to differ play one frame of one item.
struct Plan {
    std::vector<FrameCount> lengths; // of the items
    std::size_t openers;             // the first of them: what a station may begin with
    Duration apart{0};               // between the starts of stations that begin with one item
};

// Items of 5 s, so that there is always some join; encoding costs the same anyway.
Plan shortItems(std::size_t count)
{
    return {std::vector<FrameCount>(count, FrameCount{shortItem}), count};
}

// Items of two minutes, as speech is, and before them one of 5 s to two minutes, so that at any time one station in six
// has a join within 20 s.
Plan longItems()
{
    Plan plan{{}, 24, 2400ms};
    for (std::int64_t number = 1; number <= 24; ++number)
        plan.lengths.push_back({number * 5 * sampleRate});
    plan.lengths.insert(plan.lengths.end(), 24, FrameCount{120 * sampleRate});
    return plan;
}

SessionTimeline sessionOf(const StationId& station, UtcTime start, UtcTime end, const Plan& plan,
                          const std::vector<HouseFile>& houses, std::size_t first)
{
    std::vector<Segment> segments;
    FrameCount offset;
    std::size_t item = first % plan.openers;
    for (std::size_t index = 0; offset < toFrames(end - start); ++index) {
        const FrameCount frames = std::min(plan.lengths[item], toFrames(end - start) - offset);
        segments.push_back({AiringId{QStringLiteral("airing-%1").arg(index)},
                            ItemId{QStringLiteral("item-%1").arg(index)}, houses[item].sha256, offset, frames});
        offset += frames;
        const bool isAllAlike = plan.openers == plan.lengths.size();
        item = isAllAlike ? (item + 1) % plan.openers : plan.openers + (first + index) % plan.openers;
    }
    return {station, SessionId{QStringLiteral("session")}, 1, start, std::move(segments)};
}

void stations(benchmark::State& state)
{
    const auto count = static_cast<std::size_t>(state.range(0));
    const bool isSame = state.range(1) == Same;
    const bool isProven = state.range(3) != 0;
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        std::vector<HouseFile> houses;
        const Plan plan =
            state.range(2) == Passed || state.range(2) == PassedOf60 ? longItems() : shortItems(isSame ? 6 : count);
        for (std::size_t item = 0; item < plan.lengths.size(); ++item) {
            houses.push_back(makeHouseFile(QDir(folder.path()), static_cast<std::size_t>(plan.lengths[item].value),
                                           static_cast<unsigned>(item) + 1));
            houses.back().samples = {};
        }
        const int sink = ::socket(AF_INET, SOCK_DGRAM, 0); // takes what fits, and throws away the rest
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("rtp");
        output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(bindToFreePort(sink));
        const bool isMp3 = state.range(2) == Mp3 || state.range(2) == Mp3Of72;
        output.codec = isMp3 ? media::AudioCodec::Mp3 : media::AudioCodec::Opus;
        if (state.range(2) == Mp3Of72)
            output.packetTime = 72ms;
        if (state.range(2) == OpusOf60 || state.range(2) == PassedOf60 || state.range(2) == EncodedOf60)
            output.packetTime = 60ms;
        if (state.range(2) == EncodedOf60) {
            output.effort = 0;
            output.passThrough = false;
        }
        if (state.range(2) == OpusOf120)
            output.packetTime = 120ms;
        const auto path = [&](const Sha256& hash) { return folder.filePath(toString(hash) + QStringLiteral(".opus")); };
        FileSourceFactory sources(path);
        ReferenceShelf references(folder.filePath(QStringLiteral("references")), path);
        Prover prover([&](const Sha256& hash) { return references.find(hash); });
        for (const HouseFile& house : houses) {
            while (isProven && !references.find(house.sha256))
                std::this_thread::sleep_for(10ms);
        }
        const SystemClock clock;
        DeliveryCounter counter;
        Hub hub(clock, count);
        const auto process = QCoreApplication::applicationPid();
        const double megabytes = usageOf(process).rssMegabytes;
        std::vector<std::unique_ptr<ThreadedPlayer>> players;
        std::vector<StationId> names;
        for (std::size_t number = 0; number < count; ++number) {
            names.push_back(StationId{QStringLiteral("station-%1").arg(number)});
            PlayerSettings settings{names.back(), {output}, sources, clock, counter};
            settings.hub = &hub;
            if (isProven)
                settings.tap = &prover.addStation().tap();
            auto player = ThreadedPlayer::create(settings);
            if (!player)
                return state.SkipWithError(describe(player.error()).toStdString().c_str());
            players.push_back(std::move(*player));
        }
        const UtcTime start = std::chrono::ceil<std::chrono::seconds>(clock.now() + lead);
        const auto startOf = [&](std::size_t number) {
            return start + static_cast<std::int64_t>(number / plan.openers) * plan.apart;
        };
        const UtcTime from = startOf(count - 1) + 3s;
        for (std::size_t number = 0; number < count; ++number) {
            const UtcTime begins = isSame ? start : startOf(number);
            if (!players[number]->play(
                    sessionOf(names[number], begins, from + measured + 5s, plan, houses, isSame ? 0 : number)))
                return state.SkipWithError("a session was refused");
        }
        std::this_thread::sleep_for(from - clock.now());
        const Usage before = usageOf(process);
        std::this_thread::sleep_for(measured);
        const Usage after = usageOf(process);
        std::vector<Duration> errors;
        for (auto& player : players)
            errors.push_back(player->health()[0].startErrorP99);
        for (int tries = 0; counter.sessions < static_cast<int>(count) && tries < 300; ++tries)
            std::this_thread::sleep_for(100ms);
        std::sort(errors.begin(), errors.end());
        const double seconds = std::chrono::duration<double>(measured).count();
        const double each = (after.cpuSeconds - before.cpuSeconds) / seconds / static_cast<double>(count);
        state.SetIterationTime(seconds);
        state.counters["cpu_percent_a_station"] = 100 * each;
        state.counters["stations_a_core"] = 1 / each;
        state.counters["kib_a_station"] = (after.rssMegabytes - megabytes) * 1024 / static_cast<double>(count);
        state.counters["start_error_p50_us"] = static_cast<double>(errors[errors.size() / 2].count());
        state.counters["start_error_most_us"] = static_cast<double>(errors.back().count());
        state.counters["frames_lost_ppm"] = 1e6 * static_cast<double>(counter.planned - counter.frames) /
                                            static_cast<double>(std::max<std::int64_t>(counter.planned, 1));
        players.clear();
        ::close(sink);
    }
}

BENCHMARK(stations)
    ->ArgNames({"count", "same", "stream", "proven"})
    ->Args({100, Distinct, Mp3, false})
    ->Args({100, Distinct, EncodedOf60, false})
    ->Args({500, Distinct, Passed, false})
    ->Args({500, Distinct, Passed, true})
    ->Args({500, Distinct, PassedOf60, false})
    ->Args({500, Distinct, PassedOf60, true})
    ->Args({1000, Same, Mp3, false})
    ->Args({1000, Same, Mp3Of72, false})
    ->Args({1000, Same, OpusOf60, false})
    ->Args({1000, Same, OpusOf60, true})
    ->Args({1000, Same, OpusOf120, false})
    ->Args({1000, Same, OpusOf120, true})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);

} // namespace
