#include "playout/engine/output_runner.h"
#include "playout/engine/player.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>

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
