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

TEST_CASE("An open is a reconnect when it follows a failure, not because a session begins")
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    const bool fails = GENERATE(false, true);
    if (fails)
        config.url = QStringLiteral("null:fail@300"); // after it has been opened
    StandingPacing pacing;
    Recorder recorder;
    auto runner = *OutputRunner::create(config, StationId{QStringLiteral("station-1")}, pacing, recorder,
                                        [](const SessionId&) {});
    constexpr std::int64_t apart = 60 * sampleRate;
    for (std::int64_t session = 0; session < 3; ++session) {
        const FrameCount base{session * apart};
        const UtcTime start = morning + toDuration(base);
        const QByteArray name = "session-" + QByteArray::number(static_cast<qlonglong>(session));
        runner->begin(std::make_shared<const SessionTimeline>(timelineAt(start, {{sampleRate / 2}}, name.constData())),
                      base, {});
        for (std::int64_t at = 0; at < sampleRate; at += 960) {
            pacing.live = base + FrameCount{at};
            if (at < sampleRate / 2)
                runner->take({pacing.live, {960}});
            else
                runner->rest(pacing.live);
        }
        pacing.live = base + FrameCount{apart / 2};
        runner->rest(pacing.live);
    }
    // A session lasts for as long as the first pause: its second half is lost, the next one finds the peer again.
    const OutputHealth health = runner->health();
    CHECK(health.opens == 3);
    CHECK(health.reconnects == (fails ? 2 : 0));
    CHECK(health.failures == (fails ? 3 : 0));
    CHECK(health.underruns == 0);
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

namespace {

// An output under simulated time, block after block. Nothing is on air, so nothing but the pause decides when the
// device is opened.
struct RetryingOutput {
    static constexpr FrameCount block{480};
    StandingPacing pacing;
    Recorder recorder;
    std::unique_ptr<OutputRunner> runner;

    RetryingOutput(const QString& name, const QString& url)
    {
        OutputConfig config;
        config.name = name;
        config.device = QStringLiteral("null");
        config.url = url;
        runner = *OutputRunner::create(config, StationId{QStringLiteral("station-1")}, pacing, recorder,
                                       [](const SessionId&) {});
    }
    void step()
    {
        pacing.live += block;
        runner->take({pacing.live, block});
    }
    // Until `figure` of its health grows, a minute at most; from now.
    FrameCount until(std::int64_t OutputHealth::*figure)
    {
        const FrameCount from = pacing.live;
        const std::int64_t before = runner->health().*figure;
        while (runner->health().*figure == before && pacing.live < from + FrameCount{60 * sampleRate})
            step();
        return pacing.live - from;
    }
};

// The pause, a quarter more or less, and the block in which it ends.
bool isPause(FrameCount waited, double seconds)
{
    const auto pause = static_cast<std::int64_t>(seconds * sampleRate);
    return waited >= FrameCount{pause * 3 / 4} && waited <= FrameCount{pause * 5 / 4} + RetryingOutput::block;
}

} // namespace

TEST_CASE("An output that fails again and again is tried after pauses that double up to ten seconds")
{
    const QString url = GENERATE(QStringLiteral("null:closed"), QStringLiteral("null:fail"));
    RetryingOutput output(QStringLiteral("main"), url);
    RetryingOutput other(QStringLiteral("other"), url);
    output.step();
    other.step();
    REQUIRE(output.runner->health().failures == 1);
    std::vector<FrameCount> pauses;
    std::vector<FrameCount> others;
    for (const double seconds : {0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0}) {
        pauses.push_back(output.until(&OutputHealth::failures));
        others.push_back(other.until(&OutputHealth::failures));
        CAPTURE(seconds, pauses.back().value, others.back().value);
        CHECK(isPause(pauses.back(), seconds));
        CHECK(isPause(others.back(), seconds));
    }
    CHECK(pauses != others); // outputs that fail together do not come back together
    // A session that begins ends the pause.
    const std::int64_t failures = output.runner->health().failures;
    output.step();
    REQUIRE(output.runner->health().failures == failures);
    output.runner->begin(std::make_shared<const SessionTimeline>(timelineAt(morning, {{sampleRate}})),
                         output.pacing.live + RetryingOutput::block, {});
    output.step();
    CHECK(output.runner->health().failures == failures + 1);
}

TEST_CASE("An output that worked is tried soon after it fails, however often it did before")
{
    RetryingOutput output(QStringLiteral("main"), QStringLiteral("null:fail@500"));
    for (int round = 0; round < 6; ++round) {
        CHECK(output.until(&OutputHealth::failures) >= FrameCount{sampleRate / 2} - RetryingOutput::block);
        const FrameCount pause = output.until(&OutputHealth::opens);
        CAPTURE(round, pause.value);
        CHECK(isPause(pause, 0.5));
    }
}

} // namespace loa::playout
