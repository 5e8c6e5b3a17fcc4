#include "playout/engine/stream_clock.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("Whole seconds of the time of day are whole multiples of 48,000 frames")
{
    ManualClock clock(morning + 123456us);
    const StreamClock stream(clock);
    CHECK(stream.frameAt(morning) == FrameCount{0});
    CHECK(stream.frameAt(morning + 24h * 365) == FrameCount{365LL * 86400 * sampleRate});
    CHECK(stream.live() == toFrames(123456us));
    CHECK(stream.now() == morning + 123456us);
    CHECK(stream.untilDue({sampleRate}) == 1s - 123456us);
    CHECK(stream.untilDue({0}) == -123456us);
}

TEST_CASE("Promise 8: a stream clock does not drift in thirty days", "[promise-8]")
{
    ManualClock clock(morning + 1us);
    const StreamClock stream(clock);
    for (int day = 1; day <= 30; ++day) {
        clock.advance(24h);
        const FrameCount expected = toFrames(day * Duration(24h) + 1us);
        REQUIRE(stream.live() == expected);
        REQUIRE(stream.frameAt(stream.now()) - expected <= FrameCount{1});
        REQUIRE(stream.frameAt(morning + day * 24h) == FrameCount{day * 86400LL * sampleRate});
    }
}

TEST_CASE("A step of the time of day is followed when asked, and only then")
{
    ManualClock clock(morning);
    StreamClock stream(clock);
    clock.advance(10s);
    clock.step(morning + 40s);
    CHECK(stream.now() == morning + 10s);
    CHECK(stream.systemInstantOf(FrameCount{10 * sampleRate}) == morning + 40s); // which places nothing
    CHECK(RealPacing(stream, 250ms).systemInstantOf(FrameCount{10 * sampleRate}) == morning + 40s + 250ms);
    CHECK(stream.frameAt(morning + 40s) == FrameCount{40 * sampleRate});
    CHECK(stream.refresh() == 30s);
    CHECK(stream.now() == morning + 40s);
    CHECK(stream.frameAt(morning + 40s) == FrameCount{10 * sampleRate});
    CHECK(stream.live() == FrameCount{10 * sampleRate});
    clock.step(UtcTime(5s)); // 1970
    CHECK(stream.refresh() < 0s);
    CHECK(stream.now() == UtcTime(5s));
    clock.step(UtcTime(5s) + 100us); // less than reading two clocks may cost
    CHECK(stream.refresh() == 0us);
}

} // namespace loa::playout
