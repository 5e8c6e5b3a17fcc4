#include "playout/engine/output_runner.h"
#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>
#include <random>

namespace loa::playout {

using namespace test;

namespace {

class StandingPacing final : public Pacing {
public:
    FrameCount live;
    bool waitUntil(FrameCount) override { return true; }
    [[nodiscard]] bool isRunning() const override { return false; }
    [[nodiscard]] UtcTime now() const override { return morning + toDuration(live); }
    [[nodiscard]] FrameCount livePosition() const override { return live; }
};

struct Reports {
    std::vector<AiringRecord> began;
    std::vector<AiringRecord> progress;
    std::vector<AiringRecord> ended;

    explicit Reports(const Recorder& recorder)
        : began(recorder.began), progress(recorder.progress), ended(recorder.ended)
    {
    }
    bool operator==(const Reports&) const = default;
};

} // namespace

TEST_CASE("Promise 3: an output that is down is not said to have missed an item before it should have ended",
          "[promise-3]")
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    config.url = QStringLiteral("null:closed");
    StandingPacing pacing;
    Recorder recorder;
    auto runner = *OutputRunner::create(config, StationId{QStringLiteral("station-1")}, pacing, recorder,
                                        [](const SessionId&) {});
    runner->begin(std::make_shared<const SessionTimeline>(timelineAt(morning, {{sampleRate}})), {}, {});
    // The pump is 0.4 s ahead.
    for (FrameCount position; position < FrameCount{sampleRate}; position += FrameCount{960}) {
        pacing.live = std::max(FrameCount{}, position - FrameCount{2 * sampleRate / 5});
        runner->take({position, {960}});
        REQUIRE(recorder.ended.empty());
    }
    pacing.live = {sampleRate - 1};
    runner->rest({sampleRate});
    REQUIRE(recorder.ended.empty());
    pacing.live = {sampleRate};
    runner->rest({sampleRate});
    REQUIRE(recorder.ended.size() == 1);
    CHECK(recorder.ended[0].outcome == Outcome::Missed);
    CHECK(recorder.ended[0].reason == Break::OutputDown);
}

TEST_CASE("Promise 3: blocks that are told together make the reports that they would make one by one", "[promise-3]")
{
    std::mt19937 random(11);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution(low, high)(random);
    };
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    for (int round = 0; round < 300; ++round) {
        std::vector<FrameCount> lengths;
        for (auto count = pick(1, 4); count > 0; --count)
            lengths.push_back({pick(1, 3 * sampleRate)});
        const auto timeline = std::make_shared<const SessionTimeline>(timelineAt(morning, lengths));
        const FrameCount base{pick(10000, 15000)};
        StandingPacing pacing;
        pacing.live = base - FrameCount{9600};
        Recorder told;
        auto runner = *OutputRunner::create(config, StationId{QStringLiteral("station-1")}, pacing, told,
                                            [](const SessionId&) {});
        Recorder expected;
        DeliveryAccount account(*timeline, config.name, expected);
        runner->begin(timeline, base, {});
        for (FrameCount position = pacing.live; position < base + timeline->frames();) {
            const FrameCount frames{pick(1, 2880)};
            const FrameCount end = position + frames;
            const bool isMissing = pick(0, 30) == 0;
            // What is missing is told when it is due.
            pacing.live = std::max(pacing.live, isMissing ? end : position + FrameCount{pick(0, 900)});
            runner->take({position,
                          frames,
                          {},
                          isMissing ? Break::SourceLate : Break::None,
                          isMissing ? RunnerBlock::Kind::Missing : RunnerBlock::Kind::Samples});
            if (isMissing) {
                account.lost(position - base, end - base, Break::SourceLate);
            } else {
                account.delivered(position - base, end - base, pacing.now());
            }
            REQUIRE(Reports(told).ended == Reports(expected).ended);
            REQUIRE(told.began == expected.began);
            REQUIRE(told.progress.size() == expected.progress.size());
            position = end;
        }
        REQUIRE(account.isClosed());
        REQUIRE(Reports(told) == Reports(expected));
        CHECK_FALSE(runner->isBusy());
    }
}

TEST_CASE("An output that was just opened for a session is not closed by what the pump said before it")
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    StandingPacing pacing;
    Recorder recorder;
    auto runner = *OutputRunner::create(config, StationId{QStringLiteral("station-1")}, pacing, recorder,
                                        [](const SessionId&) {});
    const FrameCount start{2 * sampleRate};
    runner->begin(std::make_shared<const SessionTimeline>(timelineAt(morning, {{sampleRate}})), start, {});
    runner->rest(start - FrameCount{sampleRate});
    CHECK_FALSE(runner->health().open);
    SECTION("by samples")
    {
        runner->take({start, {960}});
    }
    SECTION("by packets of an encoder that has not got so far")
    {
        runner->take({start - FrameCount{2304}, {1152}});
    }
    REQUIRE(runner->health().open);
    runner->rest(start - FrameCount{sampleRate}); // the pump is in the middle of its tick
    CHECK(runner->health().open);
    CHECK(runner->health().opens == 1);
    pacing.live = start + FrameCount{sampleRate};
    runner->rest(start + FrameCount{sampleRate});
    CHECK_FALSE(runner->health().open);
}

} // namespace loa::playout
