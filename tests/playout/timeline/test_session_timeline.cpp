#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>
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

} // namespace

TEST_CASE("What sounds at a frame, at joins and in gaps")
{
    const SessionTimeline timeline = timelineOf({segmentAt(0, 10, 5), segmentAt(1, 15, 1), segmentAt(2, 20, 4)});
    CHECK(timeline.frames() == FrameCount{24});
    CHECK_FALSE(timeline.whatSoundsAt({9}));
    CHECK(timeline.whatSoundsAt({10}) == Sounding{0, {0}});
    CHECK(timeline.whatSoundsAt({14}) == Sounding{0, {4}});
    CHECK(timeline.whatSoundsAt({15}) == Sounding{1, {0}});
    CHECK_FALSE(timeline.whatSoundsAt({16}));
    CHECK(timeline.whatSoundsAt({23}) == Sounding{2, {3}});
    CHECK_FALSE(timeline.whatSoundsAt({24}));

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
    CHECK_FALSE(timeline.whatSoundsAt({0}));
    CHECK(timeline.nextChange({0}) > FrameCount{0});
}

TEST_CASE("without() leaves silence of the same length behind")
{
    const SessionTimeline timeline = timelineOf({segmentAt(0, 0, 5), segmentAt(1, 5, 5)});
    const SessionTimeline rest = timeline.without({AiringId{QStringLiteral("a-0")}});
    REQUIRE(rest.segments().size() == 1);
    CHECK_FALSE(rest.whatSoundsAt({0}));
    CHECK(rest.whatSoundsAt({5}) == Sounding{0, {0}});
}

TEST_CASE("whatSoundsAt() and nextChange() agree with a frame-by-frame reading of random sessions")
{
    std::mt19937 random(20261201);
    for (int round = 0; round < 200; ++round) {
        std::vector<Segment> segments;
        std::vector<int> reference; // segment number at each frame, -1: silence
        const int count = std::uniform_int_distribution(0, 6)(random);
        for (int number = 0; number < count; ++number) {
            reference.insert(reference.end(), std::uniform_int_distribution<std::size_t>(0, 3)(random), -1);
            const auto frames = std::uniform_int_distribution<std::size_t>(1, 9)(random);
            segments.push_back(
                segmentAt(number, static_cast<std::int64_t>(reference.size()), static_cast<std::int64_t>(frames)));
            reference.insert(reference.end(), frames, number);
        }
        const SessionTimeline timeline = timelineOf(segments);
        REQUIRE(timeline.frames().value == static_cast<std::int64_t>(reference.size()));
        for (std::size_t frame = 0; frame < reference.size(); ++frame) {
            const FrameCount position{static_cast<std::int64_t>(frame)};
            const auto sounding = timeline.whatSoundsAt(position);
            REQUIRE((sounding ? static_cast<int>(sounding->segment) : -1) == reference[frame]);
            std::size_t change = frame + 1;
            const auto isSame = [&](std::size_t other) { return reference[other] == reference[frame]; };
            while (change < reference.size() && isSame(change))
                ++change;
            REQUIRE(timeline.nextChange(position).value == static_cast<std::int64_t>(change));
        }
    }
}

} // namespace loa::playout
