#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace loa::playout {

using namespace test;

namespace {

Segment segmentAt(int number, std::int64_t offset, std::int64_t frames)
{
    return {AiringId{QStringLiteral("a-%1").arg(number)},
            ItemId{QStringLiteral("i-%1").arg(number)},
            hashOf("any"),
            {offset},
            {frames},
            Priority::Normal};
}

SessionTimeline timelineOf(std::vector<Segment> segments)
{
    return {StationId{QStringLiteral("s")}, SessionId{QStringLiteral("x")}, 1, morning, std::move(segments)};
}

Sounding only(const Soundings& soundings)
{
    REQUIRE(soundings.size() == 1);
    return soundings[0];
}

// `frames` at `offset` of a bed that another sounds over, or of one that lowers it.
Segment mixed(int number, std::int64_t offset, std::int64_t frames, Mixing mixing)
{
    Segment segment = segmentAt(number, offset, frames);
    segment.mixing = mixing;
    segment.mixing.length = {frames};
    return segment;
}

} // namespace

TEST_CASE("What sounds at a frame, at joins and in gaps")
{
    const SessionTimeline timeline = timelineOf({segmentAt(0, 10, 5), segmentAt(1, 15, 1), segmentAt(2, 20, 4)});
    CHECK(timeline.frames() == FrameCount{24});
    CHECK(timeline.whatSoundsAt({9}).isEmpty());
    CHECK(only(timeline.whatSoundsAt({10})) == Sounding{0, {0}});
    CHECK(only(timeline.whatSoundsAt({14})) == Sounding{0, {4}});
    CHECK(only(timeline.whatSoundsAt({15})) == Sounding{1, {0}});
    CHECK(timeline.whatSoundsAt({16}).isEmpty());
    CHECK(only(timeline.whatSoundsAt({23})) == Sounding{2, {3}});
    CHECK(timeline.whatSoundsAt({24}).isEmpty());

    CHECK(timeline.nextChange({0}) == FrameCount{10});
    CHECK(timeline.nextChange({10}) == FrameCount{15});
    CHECK(timeline.nextChange({15}) == FrameCount{16});
    CHECK(timeline.nextChange({16}) == FrameCount{20});
    CHECK(timeline.nextChange({23}) == FrameCount{24});
}

TEST_CASE("An empty session has nothing in it")
{
    const SessionTimeline timeline = timelineOf({});
    CHECK(timeline.frames() == FrameCount{0});
    CHECK(timeline.whatSoundsAt({0}).isEmpty());
    CHECK(timeline.nextChange({0}) > FrameCount{0});
}

TEST_CASE("without() leaves silence of the same length behind")
{
    const SessionTimeline timeline = timelineOf({segmentAt(0, 0, 5), segmentAt(1, 5, 5)});
    const SessionTimeline rest = timeline.without({AiringId{QStringLiteral("a-0")}});
    REQUIRE(rest.segments().size() == 1);
    CHECK(rest.whatSoundsAt({0}).isEmpty());
    CHECK(only(rest.whatSoundsAt({5})) == Sounding{0, {0}});
}

TEST_CASE("whatSoundsAt() and nextChange() agree with a frame-by-frame reading of random sessions, overlaps and all")
{
    std::mt19937 random(20261201);
    const auto pick = [&](std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>(low, high)(random);
    };
    for (int round = 0; round < 400; ++round) {
        std::vector<Segment> segments;
        std::vector<std::vector<std::size_t>> reference(60); // segments at each frame
        std::size_t at = 0;
        for (std::size_t count = pick(0, 8); count > 0; --count) {
            at += pick(0, 4);
            const std::size_t frames = pick(1, 12);
            bool hasRoom = at + frames <= reference.size();
            for (std::size_t frame = at; hasRoom && frame < at + frames; ++frame)
                hasRoom = reference[frame].size() < mostAtOnce;
            if (!hasRoom)
                continue;
            for (std::size_t frame = at; frame < at + frames; ++frame)
                reference[frame].push_back(segments.size());
            segments.push_back(segmentAt(static_cast<int>(segments.size()), static_cast<std::int64_t>(at),
                                         static_cast<std::int64_t>(frames)));
        }
        const SessionTimeline timeline = timelineOf(segments);
        const auto end = static_cast<std::size_t>(timeline.frames().value);
        REQUIRE((end == 0 || !reference[end - 1].empty()));
        for (std::size_t frame = 0; frame < reference.size(); ++frame) {
            const FrameCount position{static_cast<std::int64_t>(frame)};
            std::vector<std::size_t> sounding;
            for (const Sounding& one : timeline.whatSoundsAt(position)) {
                sounding.push_back(one.segment);
                REQUIRE(one.frame == position - segments[one.segment].offset);
            }
            REQUIRE(sounding == reference[frame]);
            std::size_t change = frame + 1;
            while (change < end && reference[change] == reference[frame])
                ++change;
            REQUIRE(timeline.nextChange(position).value == static_cast<std::int64_t>(change));
        }
        for (std::size_t index = 0; index < segments.size(); ++index) {
            const bool isMixed = std::any_of(reference.begin(), reference.end(), [&](const auto& there) {
                return there.size() > 1 && std::find(there.begin(), there.end(), index) != there.end();
            });
            REQUIRE(timeline.isMixed(index) == isMixed);
        }
    }
}

TEST_CASE("What ducks lowers what lies beneath it by its decibels, over its glide, and nothing else")
{
    const SessionTimeline timeline =
        timelineOf({mixed(0, 0, 100, {}), mixed(1, 40, 20, {{}, {}, {}, 20, {10}}), mixed(2, 100, 50, {})});
    CHECK(timeline.duckAt(0, {29}) == 1.0F);
    CHECK(timeline.duckAt(0, {30}) == Approx(std::pow(10.0, -0.05)));
    CHECK(timeline.duckAt(0, {39}) == Approx(std::pow(10.0, -0.95)));
    CHECK(timeline.duckAt(0, {40}) == Approx(0.1));
    CHECK(timeline.duckAt(0, {59}) == Approx(0.1));
    CHECK(timeline.duckAt(0, {60}) == Approx(std::pow(10.0, -0.95)));
    CHECK(timeline.duckAt(0, {69}) == Approx(std::pow(10.0, -0.05)));
    CHECK(timeline.duckAt(0, {70}) == 1.0F);
    CHECK(timeline.duckAt(1, {50}) == 1.0F);
    CHECK(timeline.duckAt(2, {100}) == 1.0F);
}

TEST_CASE("A stretch is plain as long as one item sounds alone with its own samples")
{
    Mixing fading;
    fading.fadeOut = {20};
    const SessionTimeline timeline =
        timelineOf({mixed(0, 0, 100, fading), mixed(1, 90, 100, {}), mixed(2, 150, 10, {{}, {}, {}, 12, {5}})});
    CHECK(timeline.plainUntil({0}) == FrameCount{80});
    CHECK(timeline.plainUntil({79}) == FrameCount{80});
    CHECK(timeline.plainUntil({80}) == FrameCount{80});
    CHECK(timeline.plainUntil({95}) == FrameCount{95});   // two at once
    CHECK(timeline.plainUntil({100}) == FrameCount{145}); // up to the glide
    CHECK(timeline.plainUntil({147}) == FrameCount{147});
    CHECK(timeline.plainUntil({155}) == FrameCount{155});
    CHECK(timeline.plainUntil({165}) == FrameCount{190});
    CHECK(timeline.plainUntil({190}) == FrameCount{190}); // silence
    CHECK(timeline.withLevels({{{}, 1.0F}, {{30}, 0.5F}}).plainUntil({10}) == FrameCount{30});
    CHECK(timeline.withLevels({{{}, 0.5F}}).plainUntil({10}) == FrameCount{10});
}

} // namespace loa::playout
