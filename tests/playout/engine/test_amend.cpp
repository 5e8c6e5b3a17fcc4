// A session that changes while it plays: live events and additions, against the reference mixer and in the accounts.
#include "playout/engine/player.h"
#include "playout/engine/renderer.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/engine/reference_mixer.h"

#include <catch2/catch.hpp>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

std::vector<float> noiseOf(std::size_t frames, unsigned seed)
{
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> value(-0.5F, 0.5F);
    std::vector<float> samples(frames);
    for (float& sample : samples)
        sample = value(random);
    return samples;
}

LiveEvent alertAt(FrameCount at, FrameCount frames)
{
    return {AiringId{QStringLiteral("alert")},
            ItemId{QStringLiteral("alert")},
            hashOf("alert"),
            at,
            frames,
            Priority::Emergency};
}

OutputConfig nullOutputNamed(const char* name)
{
    OutputConfig config;
    config.name = QString::fromLatin1(name);
    config.device = QStringLiteral("null");
    return config;
}

const QString nullMain = QStringLiteral("main");

} // namespace

TEST_CASE("Promise 8: a session that an emergency cuts in mid-item equals the reference mixer to the sample",
          "[promise-8]")
{
    const std::vector<float> first = noiseOf(20 * sampleRate, 1);
    const std::vector<float> second = noiseOf(9 * sampleRate + 5, 2);
    const std::vector<float> alert = noiseOf(4 * sampleRate + 11, 3);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), first);
    sources.add(hashOf("item-1"), second);
    sources.add(hashOf("alert"), alert);
    const SessionTimeline plan = timelineAt(morning, {{20 * sampleRate}, {9 * sampleRate + 5}});
    const FrameCount cut{7 * sampleRate + 123};
    const auto amended = std::make_shared<const SessionTimeline>(
        withLiveEvents(plan, {alertAt(cut, {static_cast<std::int64_t>(alert.size())})}));

    Renderer renderer(std::make_shared<const SessionTimeline>(plan.softened()), sources);
    std::vector<float> rendered(static_cast<std::size_t>(plan.frames().value));
    bool isAmended = false;
    for (FrameCount position; position < plan.frames();) {
        if (!isAmended && position >= FrameCount{6 * sampleRate}) {
            isAmended = true;
            renderer.amend(amended);
        }
        renderer.prefetch(position, {sampleRate});
        const auto done = static_cast<std::size_t>(position.value);
        const auto block = std::min<std::size_t>(777, rendered.size() - done);
        position += renderer.render(position, std::span(rendered).subspan(done, block)).frames;
    }
    const std::int64_t back = cut.value + static_cast<std::int64_t>(alert.size());
    const auto expected = referenceMix({{0, &first, 0, cut.value, 240, 960},
                                        {cut.value, &alert, 0, static_cast<std::int64_t>(alert.size()), 240, 240},
                                        {0, &first, back, 20 * sampleRate, 960, 0},
                                        {20 * sampleRate, &second, 0, 9 * sampleRate + 5, 0, 240}},
                                       plan.frames().value, 0);
    CHECK((rendered == expected));
}

TEST_CASE("Promise 3: the accounts of a session that was changed in mid-play", "[promise-3]")
{
    ManualClock clock(morning - 1h);
    SilenceSourceFactory sources;
    Recorder recorder;
    auto player = *SteppedPlayer::create({StationId{QStringLiteral("station-1")},
                                          {nullOutputNamed("main"), nullOutputNamed("second")},
                                          sources,
                                          clock,
                                          recorder});
    const SessionTimeline plan =
        timelineAt(morning, {{20 * sampleRate}, {10 * sampleRate}, {12 * sampleRate}, {30 * sampleRate}});
    REQUIRE(player->play(plan));
    player->advanceTo(morning + 5s);
    // From 12 s to 35 s: the rest of the first, the whole second, the head of the third.
    REQUIRE(player->amend(withLiveEvents(plan, {alertAt({12 * sampleRate}, {23 * sampleRate})})));
    player->advanceTo(morning + 40s);
    // And a bundle takes the last one away and adds another in its place.
    std::vector<Segment> airings = withLiveEvents(plan, {alertAt({12 * sampleRate}, {23 * sampleRate})}).airings();
    std::vector<Segment> pieces = withLiveEvents(plan, {alertAt({12 * sampleRate}, {23 * sampleRate})}).segments();
    airings.back().airing = pieces.back().airing = {QStringLiteral("added")};
    REQUIRE(player->amend(plan.withPieces(airings, pieces)));
    player->advanceTo(morning + 2min);

    for (const QString& output : {nullMain, QStringLiteral("second")}) {
        const AiringRecord cut = recorder.record(QStringLiteral("airing-0"), output);
        CHECK(cut.outcome == Outcome::Partial);
        CHECK(cut.reason == Break::Preempted);
        CHECK(cut.frames == FrameCount{12 * sampleRate});
        const AiringRecord covered = recorder.record(QStringLiteral("airing-1"), output);
        CHECK(covered.outcome == Outcome::Missed);
        CHECK(covered.reason == Break::Preempted);
        const AiringRecord entered = recorder.record(QStringLiteral("airing-2"), output);
        CHECK(entered.frames == FrameCount{7 * sampleRate});
        CHECK(entered.firstFrameAt == morning + 35s);
        const AiringRecord alert = recorder.record(QStringLiteral("alert"), output);
        CHECK(alert.outcome == Outcome::Complete);
        CHECK(alert.firstFrameAt == morning + 12s);
        CHECK(recorder.record(QStringLiteral("airing-3"), output).outcome == Outcome::Missed);
        CHECK(recorder.record(QStringLiteral("airing-3"), output).reason == Break::Stopped);
        CHECK(recorder.record(QStringLiteral("added"), output).outcome == Outcome::Complete);
    }
    CHECK(recorder.sessions.size() == 1);
    CHECK_FALSE(player->amend(plan)); // over
}

TEST_CASE("An amendment may not move a session or run into the next one; before the start it simply replaces")
{
    ManualClock clock(morning - 1h);
    SilenceSourceFactory sources;
    Recorder recorder;
    auto player = *SteppedPlayer::create(
        {StationId{QStringLiteral("station-1")}, {nullOutputNamed("main")}, sources, clock, recorder});
    REQUIRE(player->play(timelineAt(morning, {{10 * sampleRate}})));
    REQUIRE(player->play(timelineAt(morning + 15s, {{10 * sampleRate}}, "session-2")));
    CHECK_FALSE(player->amend(timelineAt(morning + 1s, {{5 * sampleRate}})));
    CHECK_FALSE(player->amend(timelineAt(morning, {{20 * sampleRate}})));
    CHECK_FALSE(player->amend(timelineAt(morning, {{20 * sampleRate}}, "session-3")));
    REQUIRE(player->amend(timelineAt(morning, {{5 * sampleRate}, {6 * sampleRate}})));
    player->advanceTo(morning + 12s);
    CHECK(recorder.record(QStringLiteral("airing-1"), nullMain).outcome == Outcome::Complete);
}

} // namespace loa::playout
