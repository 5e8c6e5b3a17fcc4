// Stations that share a mix, against each of them alone.
#include "playout/engine/mix_table.h"
#include "playout/timeline/preemption.h"
#include "scheduler/contract/clock.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>
#include <random>

namespace loa::playout {

using namespace test;

namespace {

constexpr FrameCount tick{4'800};
constexpr std::size_t itemCount = 5;

std::vector<float> noiseOf(std::size_t frames, unsigned seed)
{
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> value(-0.95F, 0.95F); // the limiter has to work
    std::vector<float> samples(frames);
    for (float& sample : samples)
        sample = value(random);
    return samples;
}

// What a station hears, by position.
class Ear final : public MixTap {
public:
    void placed(std::shared_ptr<const SessionTimeline>, FrameCount) override {}
    void cut() override {}
    void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) override
    {
        const auto end = static_cast<std::size_t>(position.value) + samples.size();
        if (heard.size() < end)
            heard.resize(end, 0.0F); // what it does not hear counts as silence
        std::copy(samples.begin(), samples.end(), heard.begin() + static_cast<std::ptrdiff_t>(position.value));
        if (!run.absent.isEmpty())
            absent += run.frames.value;
    }
    void flush() override {}

    std::vector<float> heard; // by position
    std::int64_t absent = 0;
};

struct Station {
    Station(const StreamClock& stream, const Clock& clock, DeliveryObserver& observer)
    {
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("null");
        auto lane = OutputLane::create(output, StationId{QStringLiteral("station")}, clock, stream, observer,
                                       [](const SessionId&) {});
        REQUIRE(lane);
        member.lanes.push_back({std::move(*lane)});
        member.tap = &ear;
    }

    Ear ear;
    MixMember member;
    Mix* mix = nullptr;
    PlacedSessions placed;
};

// A session of some items one behind the other, named for the station that it is of.
std::shared_ptr<const SessionTimeline> sessionOf(std::size_t station, std::int64_t number,
                                                 const std::vector<std::size_t>& items,
                                                 const std::vector<FrameCount>& lengths)
{
    std::vector<Segment> segments;
    FrameCount offset;
    for (std::size_t index = 0; index < items.size(); ++index) {
        segments.push_back({AiringId{QStringLiteral("airing-%1-%2-%3").arg(station).arg(number).arg(index)},
                            ItemId{QStringLiteral("item-%1").arg(items[index])},
                            hashOf(qPrintable(QStringLiteral("item-%1").arg(items[index]))), offset,
                            lengths[items[index]]});
        offset += lengths[items[index]];
    }
    const SessionTimeline plain(StationId{QStringLiteral("station-%1").arg(station)},
                                SessionId{QStringLiteral("session-%1-%2").arg(station).arg(number)}, 1, morning,
                                std::move(segments));
    return std::make_shared<const SessionTimeline>(plain.softened());
}

} // namespace

TEST_CASE("Promise 8: stations that share a mix each hear what they would hear alone, bit by bit", "[promise-8]")
{
    const unsigned seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    std::minstd_rand random(seed);
    const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    MemorySourceFactory sources;
    std::vector<FrameCount> lengths;
    for (std::size_t item = 0; item < itemCount; ++item) {
        lengths.push_back(FrameCount{draw(3'000, 60'000)});
        sources.add(hashOf(qPrintable(QStringLiteral("item-%1").arg(item))),
                    noiseOf(static_cast<std::size_t>(lengths.back().value), seed * 10 + static_cast<unsigned>(item)));
    }
    sources.add(hashOf("alert"), noiseOf(20'000, seed * 10 + 9));

    const SystemClock clock;
    const StreamClock stream(clock);
    Recorder recorder;
    EncodingShare share;
    MixTable together;
    constexpr std::size_t count = 4;
    std::vector<std::unique_ptr<Station>> stations;
    std::vector<std::unique_ptr<Station>> alone;
    std::vector<std::unique_ptr<MixTable>> tables;
    for (std::size_t number = 0; number < count; ++number) {
        stations.push_back(std::make_unique<Station>(stream, clock, recorder));
        stations.back()->mix = &together.enter(stations.back()->member, {&sources, -1.0, {}, &share}, {});
        alone.push_back(std::make_unique<Station>(stream, clock, recorder));
        tables.push_back(std::make_unique<MixTable>());
        alone.back()->mix = &tables.back()->enter(alone.back()->member, {&sources, -1.0, {}, nullptr}, {});
    }
    CHECK(together.size() == 1);

    std::int64_t named = 0;
    std::size_t most = 0;
    for (FrameCount now; now < FrameCount{500'000}; now += tick) {
        const bool forAll = draw(0, 1) == 0;
        const int what = now < FrameCount{200'000} ? draw(0, 9) : 9;
        std::vector<std::size_t> items;
        for (int pieces = draw(1, 3); pieces > 0; --pieces)
            items.push_back(static_cast<std::size_t>(draw(0, itemCount - 1)));
        const FrameCount begin = now + FrameCount{draw(500, 9'000)};
        const FrameCount alertIn{draw(1'000, 9'000)};
        ++named;
        for (std::size_t number = 0; number < count; ++number) {
            Station& station = *stations[number];
            Station& other = *alone[number];
            station.mix->pumpUntil(now);
            other.mix->pumpUntil(now);
            REQUIRE(station.mix->frontier() == other.mix->frontier());
            for (Station* each : {&station, &other}) {
                std::erase_if(each->placed,
                              [&](const auto& entry) { return !each->mix->programme().holds(entry.first); });
            }
            MixChanges changes;
            const PlacedSessions before = station.placed;
            const bool isMeant = forAll || draw(0, 2) == 0;
            const auto running = std::find_if(before.begin(), before.end(), [&](const auto& entry) {
                return entry.first + entry.second->frames() > now + FrameCount{2'000};
            });
            if (isMeant && what <= 3 && running == before.end()) {
                const auto timeline = sessionOf(number, named, items, lengths);
                changes.push_back({MixChange::Kind::Place, begin, timeline});
                station.placed[begin] = timeline;
            } else if (isMeant && what == 4 && running != before.end() && running->first < now) {
                const FrameCount at = now + alertIn - running->first;
                const auto timeline = std::make_shared<const SessionTimeline>(withLiveEvents(
                    *running->second, {{AiringId{QStringLiteral("alert-%1-%2").arg(number).arg(named)},
                                        ItemId{QStringLiteral("alert")}, hashOf("alert"), at, FrameCount{20'000}}}));
                changes.push_back({MixChange::Kind::Amend, running->first, timeline});
                station.placed[running->first] = timeline;
            } else if (isMeant && what == 5 && running != before.end()) {
                const Segment& airing = running->second->airings().back();
                changes.push_back({MixChange::Kind::Revoke, running->first, {}, airing.airing, airing.origin()});
            } else if (isMeant && what == 6 && running != before.end()) {
                changes.push_back({MixChange::Kind::Cut, station.mix->frontier() + softCut});
                station.placed.clear();
            } else if (isMeant && what == 7 && running != before.end() && running->first > now + FrameCount{2'000}) {
                changes.push_back({MixChange::Kind::Remove, running->first});
                station.placed.erase(running->first);
            }
            if (!changes.empty()) {
                station.mix = &together.change(station.member, *station.mix, changes, before);
                other.mix = &tables[number]->change(other.member, *other.mix, changes, before);
            }
            station.mix = &together.settle(station.member, *station.mix);
        }
        most = std::max(most, together.size());
    }
    CHECK(most > 1);
    CHECK(together.size() == 1); // quiet again, and together
    std::size_t sounding = 0;
    for (std::size_t number = 0; number < count; ++number) {
        CHECK(stations[number]->ear.absent == alone[number]->ear.absent);
        const std::vector<float>& expected = alone[number]->ear.heard;
        std::vector<float>& heard = stations[number]->ear.heard;
        heard.resize(std::max(heard.size(), expected.size()), 0.0F);
        const auto differs = std::mismatch(expected.begin(), expected.end(), heard.begin()).first - expected.begin();
        INFO("station " << number << " from frame " << differs);
        CHECK(static_cast<std::size_t>(differs) == expected.size());
        CHECK(std::all_of(heard.begin() + static_cast<std::ptrdiff_t>(expected.size()), heard.end(),
                          [](float sample) { return sample == 0.0F; }));
        sounding += static_cast<std::size_t>(
            std::count_if(expected.begin(), expected.end(), [](float sample) { return sample != 0.0F; }));
    }
    CHECK(sounding > 0);
    for (std::size_t number = 0; number < count; ++number) {
        together.leave(stations[number]->member, *stations[number]->mix);
        tables[number]->leave(alone[number]->member, *alone[number]->mix);
    }
    CHECK(together.size() == 0);
}

TEST_CASE("Stations with equal plans are rendered once; who is called away comes back in silence")
{
    const std::vector<FrameCount> lengths{FrameCount{48'000}};
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), noiseOf(48'000, 1));
    sources.add(hashOf("alert"), noiseOf(20'000, 2));
    const SystemClock clock;
    const StreamClock stream(clock);
    Recorder recorder;
    EncodingShare share;
    MixTable table;
    std::vector<std::unique_ptr<Station>> stations;
    for (int number = 0; number < 3; ++number) {
        stations.push_back(std::make_unique<Station>(stream, clock, recorder));
        stations.back()->mix = &table.enter(stations.back()->member, {&sources, -1.0, {}, &share}, {});
    }
    const auto pumpAll = [&](std::int64_t until) {
        for (auto& station : stations) {
            station->mix->pumpUntil({until});
            station->mix = &table.settle(station->member, *station->mix);
        }
    };
    pumpAll(4'800);
    for (std::size_t number = 0; number < 3; ++number) {
        const auto timeline = sessionOf(number, 0, {0}, lengths);
        stations[number]->placed[{9'600}] = timeline;
        stations[number]->mix = &table.change(stations[number]->member, *stations[number]->mix,
                                              {{MixChange::Kind::Place, {9'600}, timeline}}, {});
    }
    CHECK(table.size() == 1);
    pumpAll(24'000);
    for (const std::size_t number : {0U, 2U}) {
        Station& station = *stations[number];
        const auto timeline = std::make_shared<const SessionTimeline>(
            withLiveEvents(*station.placed[{9'600}], {{AiringId{QStringLiteral("alert-%1").arg(number)},
                                                       ItemId{QStringLiteral("alert")},
                                                       hashOf("alert"),
                                                       {20'000},
                                                       {20'000}}}));
        station.mix =
            &table.change(station.member, *station.mix, {{MixChange::Kind::Amend, {9'600}, timeline}}, station.placed);
    }
    CHECK(table.size() == 2);
    CHECK(stations[0]->mix == stations[2]->mix);
    for (std::int64_t until = 28'800; until < 144'000; until += 4'800)
        pumpAll(until);
    CHECK(table.size() == 1);
    CHECK(stations[0]->ear.heard == stations[2]->ear.heard);
    CHECK(stations[0]->ear.heard != stations[1]->ear.heard);
}

} // namespace loa::playout
