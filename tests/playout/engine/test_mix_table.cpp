// Stations that share a mix, against each of them alone.
#include "playout/engine/mix_table.h"
#include "playout/proof/prover.h"
#include "playout/timeline/preemption.h"
#include "scheduler/contract/clock.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

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

// What a mix sounded like, by position.
class Ear final : public MixEar {
public:
    void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) override
    {
        const auto end = static_cast<std::size_t>(position.value) + samples.size();
        if (heard.size() < end)
            heard.resize(end, 0.0F); // what it does not hear counts as silence
        std::copy(samples.begin(), samples.end(), heard.begin() + static_cast<std::ptrdiff_t>(position.value));
        if (!run.absent.isEmpty())
            absent += run.frames.value;
        inner->hear(position, run, samples);
    }
    void passed(FrameCount, const RenderedRun&) override { FAIL("nothing passes here"); }
    void flush(FrameCount position) override
    {
        reached = position;
        inner->flush(position);
    }

    std::shared_ptr<MixEar> inner; // the proof's
    FrameCount reached;
    std::vector<float> heard;
    std::int64_t absent = 0;
};

// Mixes are heard here, and proven.
class Ears final : public MixEars {
public:
    std::shared_ptr<MixEar> open(FrameCount position) override
    {
        auto ear = std::make_shared<Ear>();
        ear->inner = proof.tap().ears().open(position);
        ear->reached = position;
        return ear;
    }

    // Each item is its own reference.
    explicit Ears(std::map<Sha256, std::shared_ptr<const Reference>> items)
        : references(std::move(items)), prover(
                                            [this](const Sha256& sha256) {
                                                ++finds;
                                                const auto found = references.find(sha256);
                                                return found == references.end() ? nullptr : found->second;
                                            },
                                            Prover::Mode::InFlush),
          proof(prover.addStation())
    {
    }

    std::map<Sha256, std::shared_ptr<const Reference>> references;
    std::size_t finds = 0; // once a measure
    Prover prover;
    StationProof& proof; // of nobody
};

// What a station hears, by position: of each mix that it follows the part that concerns it.
class Tap final : public MixTap {
public:
    explicit Tap(Ears& ears) : m_ears(ears), proof(ears.prover.addStation()) {}

    MixEars& ears() override { return m_ears; }
    void follow(const std::shared_ptr<MixEar>& ear) override
    {
        take();
        m_ear = std::static_pointer_cast<Ear>(ear);
        m_from = m_ear->reached;
        m_absentBefore = m_ear->absent;
        proof.tap().follow(m_ear->inner);
    }
    void placed(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount from) override
    {
        proof.tap().placed(std::move(timeline), base, from);
    }
    void removed(FrameCount base) override { proof.tap().removed(base); }
    void cut(FrameCount from) override { proof.tap().cut(from); }
    // From the mix, up to where it is.
    void take()
    {
        if (!m_ear)
            return;
        const auto end = std::min(m_ear->heard.size(), static_cast<std::size_t>(m_ear->reached.value));
        heard.resize(std::max(heard.size(), end), 0.0F);
        for (auto at = static_cast<std::size_t>(m_from.value); at < end; ++at)
            heard[at] = m_ear->heard[at];
        absent += m_ear->absent - std::exchange(m_absentBefore, m_ear->absent);
        m_from = m_ear->reached;
    }

private:
    Ears& m_ears;
    std::shared_ptr<Ear> m_ear;
    FrameCount m_from;
    std::int64_t m_absentBefore = 0;

public:
    StationProof& proof;
    std::vector<float> heard;
    std::int64_t absent = 0;
};

// As a player tells it.
void tell(MixTap& tap, const MixChanges& changes, FrameCount from)
{
    for (const MixChange& change : changes) {
        if (change.kind == MixChange::Kind::Place || change.kind == MixChange::Kind::Amend)
            tap.placed(change.timeline, change.base, from);
        else if (change.kind == MixChange::Kind::Remove)
            tap.removed(change.base);
        else if (change.kind == MixChange::Kind::Cut)
            tap.cut(change.base);
    }
}

struct Station {
    Station(const StreamClock& stream, const Clock& clock, DeliveryObserver& observer, Ears& ears) : tap(ears)
    {
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("null");
        auto lane = OutputLane::create(output, StationId{QStringLiteral("station")}, clock, stream, observer,
                                       [](const SessionId&) {});
        REQUIRE(lane);
        member.lanes.push_back({std::move(*lane)});
        member.tap = &tap;
    }

    Tap tap;
    MixMember member;
    Mix* mix = nullptr;
    PlacedSessions placed;
};

std::shared_ptr<const Reference> referenceOf(std::span<const float> sound)
{
    auto reference = std::make_shared<Reference>();
    media::SoundPrinter printer;
    printer.add(sound, reference->print);
    return reference;
}

MixSettings settingsWith(MemorySourceFactory& sources, EncodingShare* share, Ears& ears)
{
    MixSettings settings{&sources, -1.0, {}, share};
    settings.ears = &ears;
    return settings;
}

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

TEST_CASE("Promises 3 and 8: stations that share a mix each hear, bit by bit, and prove what they would alone",
          "[promise-3][promise-8][proof]")
{
    const unsigned seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    std::minstd_rand random(seed);
    const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    MemorySourceFactory sources;
    std::map<Sha256, std::shared_ptr<const Reference>> references;
    std::vector<FrameCount> lengths;
    for (std::size_t item = 0; item < itemCount; ++item) {
        lengths.push_back(FrameCount{draw(3'000, 60'000)});
        const std::vector<float> sound =
            noiseOf(static_cast<std::size_t>(lengths.back().value), seed * 10 + static_cast<unsigned>(item));
        const Sha256 name = hashOf(qPrintable(QStringLiteral("item-%1").arg(item)));
        sources.add(name, sound);
        references[name] = referenceOf(sound);
    }
    sources.add(hashOf("alert"), noiseOf(20'000, seed * 10 + 9));

    const SystemClock clock;
    const StreamClock stream(clock);
    Recorder recorder;
    EncodingShare share;
    Ears ears(references); // before the mixes
    std::vector<std::unique_ptr<Ears>> earsAlone;
    const bool isHub = seed % 2 == 0;
    MixTable together(isHub);
    constexpr std::size_t count = 4;
    std::vector<std::unique_ptr<Station>> stations;
    std::vector<std::unique_ptr<Station>> alone;
    std::vector<std::unique_ptr<MixTable>> tables;
    for (std::size_t number = 0; number < count; ++number) {
        stations.push_back(std::make_unique<Station>(stream, clock, recorder, ears));
        stations.back()->mix = &together.enter(stations.back()->member, settingsWith(sources, &share, ears), {});
        earsAlone.push_back(std::make_unique<Ears>(references));
        alone.push_back(std::make_unique<Station>(stream, clock, recorder, *earsAlone.back()));
        tables.push_back(std::make_unique<MixTable>());
        alone.back()->mix =
            &tables.back()->enter(alone.back()->member, settingsWith(sources, nullptr, *earsAlone.back()), {});
    }
    CHECK(together.size() == 1);

    std::array<std::set<AiringId>, count> airings;
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
            const FrameCount frontier = station.mix->frontier();
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
            } else if (isMeant && what == 8 && running != before.end() && running->first < now) {
                std::vector<VolumeLevel> levels = running->second->levels();
                const FrameCount at = now + alertIn - running->first;
                if (levels.empty())
                    levels.push_back({});
                if (levels.back().from < at) {
                    levels.push_back({at, 0.5F * levels.back().gain});
                    const auto timeline = std::make_shared<const SessionTimeline>(running->second->withLevels(levels));
                    changes.push_back({MixChange::Kind::Amend, running->first, timeline});
                    station.placed[running->first] = timeline;
                }
            }
            if (!changes.empty()) {
                station.mix = &together.change(station.member, *station.mix, changes, before);
                other.mix = &tables[number]->change(other.member, *other.mix, changes, before);
                for (Station* each : {&station, &other})
                    tell(each->tap, changes, frontier);
                for (const MixChange& change : changes) {
                    for (const Segment& one : change.timeline ? change.timeline->airings() : std::vector<Segment>{})
                        airings[number].insert(one.airing);
                }
            }
            station.mix = &together.settle(station.member, *station.mix);
        }
        most = std::max(most, together.size());
    }
    CHECK(most > 1);
    CHECK(together.size() == 1); // quiet again, and together
    std::size_t sounding = 0;
    std::size_t proven = 0;
    std::size_t measuredAlone = 0;
    for (std::size_t number = 0; number < count; ++number) {
        for (Station* each : {stations[number].get(), alone[number].get()})
            each->tap.take();
        CHECK(stations[number]->tap.absent == alone[number]->tap.absent);
        for (const AiringId& airing : airings[number]) {
            const auto proof = stations[number]->tap.proof.proof(airing);
            INFO("station " << number << ", " << airing.value.toStdString());
            CHECK(proof == alone[number]->tap.proof.proof(airing));
            proven += proof && proof->match && proof->loudness ? 1U : 0U;
        }
        measuredAlone += earsAlone[number]->finds;
        const std::vector<float>& expected = alone[number]->tap.heard;
        std::vector<float>& heard = stations[number]->tap.heard;
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
    CHECK(proven > 0);
    CHECK(ears.finds < measuredAlone);
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
    Ears ears(
        {{hashOf("item-0"), referenceOf(noiseOf(48'000, 1))}, {hashOf("alert"), referenceOf(noiseOf(20'000, 2))}});
    MixTable table;
    std::vector<std::unique_ptr<Station>> stations;
    for (int number = 0; number < 3; ++number) {
        stations.push_back(std::make_unique<Station>(stream, clock, recorder, ears));
        stations.back()->mix = &table.enter(stations.back()->member, settingsWith(sources, &share, ears), {});
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
        stations[number]->tap.placed(timeline, {9'600}, {4'800});
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
        station.tap.placed(timeline, {9'600}, station.mix->frontier());
    }
    CHECK(table.size() == 2);
    CHECK(stations[0]->mix == stations[2]->mix);
    for (std::int64_t until = 28'800; until < 144'000; until += 4'800)
        pumpAll(until);
    CHECK(table.size() == 1);
    for (auto& station : stations)
        station->tap.take();
    CHECK(stations[0]->tap.heard == stations[2]->tap.heard);
    CHECK(stations[0]->tap.heard != stations[1]->tap.heard);
    CHECK(ears.finds == 2); // the item once, the alert once
    const auto proofOf = [&](std::size_t number, const QString& airing) {
        return stations[number]->tap.proof.proof(AiringId{airing.arg(number)});
    };
    CHECK(proofOf(0, QStringLiteral("airing-%1-0-0"))->frames < proofOf(1, QStringLiteral("airing-%1-0-0"))->frames);
    CHECK(proofOf(0, QStringLiteral("airing-%1-0-0")) == proofOf(2, QStringLiteral("airing-%1-0-0")));
    CHECK(proofOf(0, QStringLiteral("alert-%1"))->frames == FrameCount{20'000});
    CHECK(proofOf(0, QStringLiteral("alert-%1")) == proofOf(2, QStringLiteral("alert-%1")));
}

TEST_CASE("Stations that come one after the other with a session at once share it, and the next, in a hub")
{
    const std::vector<FrameCount> lengths{FrameCount{48'000}};
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), noiseOf(48'000, 1));
    const SystemClock clock;
    const StreamClock stream(clock);
    Recorder recorder;
    EncodingShare share;
    Ears ears({{hashOf("item-0"), referenceOf(noiseOf(48'000, 1))}});
    MixTable table(true);
    std::vector<std::unique_ptr<Station>> stations;
    const auto place = [&](std::size_t number, std::int64_t base) {
        Station& station = *stations[number];
        const auto timeline = sessionOf(number, base, {0}, lengths);
        const FrameCount from = station.mix->frontier();
        station.mix = &table.change(station.member, *station.mix, {{MixChange::Kind::Place, {base}, timeline}}, {});
        station.tap.placed(timeline, {base}, from);
    };
    const auto proofOf = [&](std::size_t number, std::int64_t base) {
        return stations[number]->tap.proof.proof(AiringId{QStringLiteral("airing-%1-%2-0").arg(number).arg(base)});
    };
    for (std::size_t number = 0; number < 3; ++number) {
        stations.push_back(std::make_unique<Station>(stream, clock, recorder, ears));
        Station& station = *stations.back();
        // Each a little later, as they come.
        station.mix = &table.enter(station.member, settingsWith(sources, &share, ears),
                                   FrameCount{static_cast<std::int64_t>(number) * 100});
        station.mix->pumpUntil(tick);
        place(number, 9'600);
        CHECK(station.mix == stations.front()->mix);
    }
    CHECK(table.size() == 2); // theirs, and the silent one for who comes next
    const auto pumpAll = [&](std::int64_t until) {
        for (auto& station : stations) {
            station->mix->pumpUntil({until});
            station->mix = &table.settle(station->member, *station->mix);
        }
    };
    for (std::int64_t until = 9'600; until <= 144'000; until += 4'800)
        pumpAll(until);
    CHECK(table.size() == 1); // in silence again
    for (std::size_t number = 0; number < 3; ++number)
        place(number, 150'000);
    for (std::int64_t until = 148'800; until <= 288'000; until += 4'800)
        pumpAll(until);
    CHECK(ears.finds == 2); // each session's item once
    for (std::size_t number = 0; number < 3; ++number) {
        for (const std::int64_t base : {9'600, 150'000}) {
            REQUIRE(proofOf(number, base));
            CHECK(proofOf(number, base)->frames == FrameCount{48'000});
            CHECK(proofOf(number, base) == proofOf(0, base));
        }
        stations[number]->tap.take();
        CHECK(stations[number]->tap.heard == stations[0]->tap.heard);
        table.leave(stations[number]->member, *stations[number]->mix);
    }
    CHECK(table.size() == 0);
}

} // namespace loa::playout
