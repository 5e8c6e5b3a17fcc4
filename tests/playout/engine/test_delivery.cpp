#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// One entry a frame: what the account must come to, worked out the slow way.
struct NaiveFrame {
    enum class State { Open, Delivered, Lost } state = State::Open;
    UtcTime at;
};

struct NaiveAiring {
    FrameCount frames;
    int gaps = 0;
    std::optional<UtcTime> first;
    std::optional<UtcTime> last;
};

NaiveAiring naiveReading(const std::vector<NaiveFrame>& frames, const Segment& segment)
{
    NaiveAiring airing;
    int runs = 0;
    for (auto frame = segment.offset.value; frame < segment.end().value; ++frame) {
        const NaiveFrame& here = frames[static_cast<std::size_t>(frame)];
        if (here.state != NaiveFrame::State::Delivered)
            continue;
        airing.frames += FrameCount{1};
        const bool continues = frame > segment.offset.value &&
                               frames[static_cast<std::size_t>(frame - 1)].state == NaiveFrame::State::Delivered;
        runs += continues ? 0 : 1;
        airing.first = std::min(airing.first.value_or(here.at), here.at);
        airing.last = std::max(airing.last.value_or(here.at), here.at);
    }
    airing.gaps = std::max(0, runs - 1);
    return airing;
}

} // namespace

TEST_CASE("Promise 3: a record counts the frames that left, and no other", "[promise-3]")
{
    std::mt19937 random(3);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution(low, high)(random);
    };
    for (int round = 0; round < 500; ++round) {
        std::vector<FrameCount> lengths;
        for (auto count = pick(1, 4); count > 0; --count)
            lengths.push_back({pick(1, 40)});
        const SessionTimeline timeline = timelineAt(morning, lengths);
        const std::int64_t total = timeline.frames().value;
        std::vector<NaiveFrame> naive(static_cast<std::size_t>(total));
        Recorder recorder;
        DeliveryAccount account(timeline, QStringLiteral("main"), recorder);

        for (auto steps = pick(0, 12); steps > 0; --steps) {
            const std::int64_t from = pick(-5, total + 5);
            const std::int64_t to = from + pick(0, 30);
            const bool isDelivery = pick(0, 2) > 0;
            const UtcTime at = morning + std::chrono::milliseconds(pick(0, 1000));
            if (isDelivery)
                account.delivered({from}, {to}, at);
            else
                account.lost({from}, {to}, Break::OutputHung);
            for (auto frame = std::max<std::int64_t>(from, 0); frame < std::min(to, total); ++frame) {
                NaiveFrame& here = naive[static_cast<std::size_t>(frame)];
                if (here.state != NaiveFrame::State::Open)
                    continue;
                here.state = isDelivery ? NaiveFrame::State::Delivered : NaiveFrame::State::Lost;
                here.at = at + toDuration({frame - from});
            }
        }
        account.close(Break::Stopped);
        REQUIRE(account.isClosed());
        REQUIRE(recorder.ended.size() == timeline.segments().size());

        for (const Segment& segment : timeline.segments()) {
            const AiringRecord record = recorder.record(segment.airing.value, QStringLiteral("main"));
            const NaiveAiring expected = naiveReading(naive, segment);
            REQUIRE(record.frames == expected.frames);
            REQUIRE(record.gaps == expected.gaps);
            REQUIRE(record.firstFrameAt == expected.first);
            REQUIRE(record.lastFrameAt == expected.last);
            REQUIRE((record.outcome == Outcome::Complete) == (expected.frames == segment.frames));
            REQUIRE((record.outcome == Outcome::Missed) == (expected.frames == FrameCount{}));
            REQUIRE((record.reason == Break::None) == (record.outcome == Outcome::Complete));
        }
        // No checkpoint ever claimed more than the end.
        for (const auto* reports : {&recorder.began, &recorder.progress}) {
            for (const AiringRecord& report : *reports)
                REQUIRE(report.frames <= recorder.record(report.airing.value, QStringLiteral("main")).frames);
        }
    }
}

TEST_CASE("An airing is reported when it begins, every second, and at its end")
{
    const SessionTimeline timeline = timelineAt(morning, {{5 * sampleRate}, {sampleRate}});
    Recorder recorder;
    DeliveryAccount account(timeline, QStringLiteral("main"), recorder);
    for (std::int64_t position = 0; position < 6 * sampleRate; position += 960)
        account.delivered({position}, {position + 960}, morning + toDuration({position}));
    CHECK(recorder.began.size() == 2);
    CHECK(recorder.progress.size() == 6);
    REQUIRE(recorder.ended.size() == 2);
    CHECK(account.isClosed());

    const AiringRecord& second = recorder.ended[1];
    CHECK(second.plannedStart == morning + 5s);
    CHECK(second.firstFrameAt == morning + 5s);
    CHECK(second.lastFrameAt == morning + 6s - toDuration({1}) - 1us);
    CHECK(second.outcome == Outcome::Complete);
    CHECK(second.bundleVersion == 7);
}

TEST_CASE("An airing that begins inside a block begins at its own frame")
{
    const SessionTimeline timeline = timelineAt(morning, {{500}, {500}});
    Recorder recorder;
    DeliveryAccount account(timeline, QStringLiteral("main"), recorder);
    account.delivered({0}, {960}, morning);
    REQUIRE(recorder.began.size() == 2);
    CHECK(recorder.began[1].firstFrameAt == morning + toDuration({500}));
    CHECK(recorder.began[1].frames == FrameCount{460});
    CHECK_FALSE(account.isClosed());
    account.lost({960}, {1000}, Break::OutputDown);
    CHECK(account.isClosed());
    CHECK(recorder.record(QStringLiteral("airing-1"), QStringLiteral("main")).reason == Break::OutputDown);
}

TEST_CASE("The first break names the reason")
{
    const SessionTimeline timeline = timelineAt(morning, {{100}});
    Recorder recorder;
    DeliveryAccount account(timeline, QStringLiteral("main"), recorder);
    account.lost({0}, {10}, Break::LateStart);
    account.delivered({0}, {50}, morning); // what is lost stays lost
    account.close(Break::Stopped);
    const AiringRecord record = recorder.record(QStringLiteral("airing-0"), QStringLiteral("main"));
    CHECK(toString(record.reason) == QStringLiteral("late-start"));
    CHECK(record.frames == FrameCount{40});
    CHECK(toString(record.outcome) == QStringLiteral("partial"));
}

} // namespace loa::playout
