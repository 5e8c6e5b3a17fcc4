#include "media/frames.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/time.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace std::chrono;

TEST_CASE("instants are written with six decimals and read back exactly", "[time]")
{
    CHECK(toString(UtcTime(sys_days(2024y / 2 / 29)) + hours(22) + microseconds(5)) ==
          QStringLiteral("2024-02-29T22:00:00.000005Z"));
    std::mt19937_64 random(1);
    for (int round = 0; round < 2000; ++round) {
        const UtcTime instant{microseconds(static_cast<std::int64_t>(random() % 253'402'300'800'000'000ULL))};
        const auto again = utcTimeFromString(toString(instant));
        REQUIRE(again);
        REQUIRE(*again == instant);
    }
}

TEST_CASE("other spellings of an instant are refused", "[time]")
{
    for (const char* text :
         {"", "2026-12-01", "2026-12-01T22:00:00Z", "2026-12-01T22:00:00.000000+07:00", "2026-02-29T00:00:00.000000Z",
          "2026-12-01T24:00:00.000000Z", "2026-12-01T22:60:00.000000Z", "2026-12-01t22:00:00.000000Z",
          "1969-12-31T23:59:59.999999Z", "２026-12-01T22:00:00.000000Z"}) {
        INFO(text);
        CHECK_FALSE(utcTimeFromString(QString::fromUtf8(text)));
    }
}

TEST_CASE("frames and durations turn into each other without drift", "[time]")
{
    CHECK(toDuration({3}) == microseconds(62)); // 62.5
    CHECK(toDuration({sampleRate * 86'400 * 365}) == hours(24 * 365));
    CHECK(toFrames(hours(24 * 365)).value == sampleRate * 86'400 * 365);
    for (std::int64_t frames = 0; frames < 100'000; frames += 7) {
        const auto back = toFrames(toDuration({frames}) + microseconds(1));
        REQUIRE(back.value == frames);
    }
}

TEST_CASE("a manual clock that is set does not move the monotonic one", "[time]")
{
    ManualClock clock{UtcTime(seconds(1000))};
    clock.advance(seconds(5));
    CHECK(clock.now() == UtcTime(seconds(1005)));
    clock.step(UtcTime(seconds(3)));
    CHECK(clock.now() == UtcTime(seconds(3)));
    CHECK(clock.monotonic() == seconds(5));
}
