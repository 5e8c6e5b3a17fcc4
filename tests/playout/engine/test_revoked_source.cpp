#include "playout/engine/renderer.h"
#include "playout/engine/revoked_source.h"
#include "tests/playout/engine/recorder.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;

namespace {

MemorySourceFactory ones()
{
    MemorySourceFactory memory;
    memory.add(hashOf("item-0"), std::vector<float>(10'000, 1.0F));
    memory.add(hashOf("item-1"), std::vector<float>(10'000, 0.5F));
    return memory;
}

// Two items of 10,000 frames; from frame 500 on one of them is revoked.
std::vector<float> renderRevoking(std::size_t item)
{
    MemorySourceFactory sources = ones();
    const auto timeline = std::make_shared<const SessionTimeline>(timelineAt(morning, {{10'000}, {10'000}}));
    Renderer renderer(timeline, sources);
    std::vector<float> heard(20'000);
    for (std::int64_t at = 0; at < 20'000;) {
        if (at == 500)
            renderer.revoke(timeline->airings()[item].airing);
        renderer.prefetch({at}, {20'000});
        const auto room = std::span(heard).subspan(static_cast<std::size_t>(at));
        at += renderer.render({at}, room.first(std::min<std::size_t>(room.size(), 250))).frames.value;
    }
    return heard;
}

} // namespace

TEST_CASE("Promise 1: a revoked item falls silent over 20 ms from the next frame; its neighbour sounds whole",
          "[promise-1]")
{
    const std::vector<float> heard = renderRevoking(0);
    CHECK(std::all_of(heard.begin(), heard.begin() + 500, [](float sample) { return sample == 1.0F; }));
    CHECK(heard[500] > 0.999F);
    CHECK(std::is_sorted(heard.begin() + 500, heard.begin() + 500 + softCut.value, std::greater<>()));
    CHECK(heard[static_cast<std::size_t>(499 + softCut.value)] < 0.001F);
    CHECK(std::all_of(heard.begin() + 500 + softCut.value, heard.begin() + 10'000,
                      [](float sample) { return sample == 0.0F; }));
    CHECK(std::all_of(heard.begin() + 10'000, heard.end(), [](float sample) { return sample == 0.5F; }));
}

TEST_CASE("Promise 1: what is revoked before its first frame gives none, and says that it was stopped", "[promise-1]")
{
    const std::vector<float> heard = renderRevoking(1);
    CHECK(std::all_of(heard.begin(), heard.begin() + 10'000, [](float sample) { return sample == 1.0F; }));
    CHECK(std::all_of(heard.begin() + 10'000, heard.end(), [](float sample) { return sample == 0.0F; }));
    RevokedSource never(nullptr, FrameCount{-1});
    std::vector<float> block(500);
    CHECK(never.read({0}, block) == 0);
    CHECK(never.failure() == Break::Stopped);
}

TEST_CASE("Promise 1: a revoked item stays silent when its session changes, under another name, and in a copy",
          "[promise-1]")
{
    MemorySourceFactory sources = ones();
    const auto timeline = std::make_shared<const SessionTimeline>(timelineAt(morning, {{10'000}, {10'000}}));
    Renderer renderer(timeline, sources);
    renderer.prefetch({}, {20'000});
    renderer.revoke(timeline->airings()[0].airing);
    const auto other = std::make_shared<const SessionTimeline>([] {
        std::vector<Segment> segments = timelineAt(morning, {{10'000}, {10'000}}).segments();
        for (Segment& segment : segments)
            segment.airing.value += QStringLiteral("-other");
        return SessionTimeline(StationId{QStringLiteral("station-2")}, SessionId{QStringLiteral("session-2")}, 1,
                               morning, std::move(segments));
    }());
    const std::unique_ptr<Renderer> twin = renderer.copy();
    REQUIRE(twin);
    twin->rename(other);
    twin->amend(other);
    renderer.amend(timeline);
    for (Renderer* each : {&renderer, twin.get()}) {
        each->prefetch({}, {20'000});
        std::vector<float> block(250);
        CHECK_FALSE(each->render({}, block).sounding);
        CHECK(each->render({10'000}, block).sounding);
    }
}

} // namespace loa::playout
