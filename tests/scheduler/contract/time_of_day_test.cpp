#include "scheduler/contract/time_of_day.h"

#include <catch2/catch.hpp>

using namespace loa;

TEST_CASE("times of day are written as short as they are, and read back", "[time]")
{
    CHECK(timeOfDayText(QTime(5, 30)) == QStringLiteral("05:30"));
    CHECK(timeOfDayText(QTime(0, 0)) == QStringLiteral("00:00"));
    CHECK(timeOfDayText(QTime(5, 30, 5)) == QStringLiteral("05:30:05"));
    for (int second = 0; second < 24 * 60 * 60; ++second) {
        const QTime time = QTime::fromMSecsSinceStartOfDay(second * 1000);
        const auto again = timeOfDayFromString(timeOfDayText(time));
        REQUIRE(again);
        REQUIRE(*again == time);
    }
    REQUIRE(timeOfDayFromString(u"05:30:00"));
    CHECK(*timeOfDayFromString(u"05:30:00") == QTime(5, 30));
}

TEST_CASE("other spellings of a time of day are refused", "[time]")
{
    for (const char* text :
         {"", "5:30", "05:3", "0530", "05.30", "05:30:1", "5:30:15", "05:30:", "05:30 ", " 05:30", "24:00", "05:60",
          "05:30:60", "05:30:15.5", "-5:30", "05:30Z", "05:30 AM", "05:30:15 and more", "٠٥:٣٠"}) {
        INFO(text);
        const auto time = timeOfDayFromString(QString::fromUtf8(text));
        REQUIRE_FALSE(time);
        CHECK(time.error().category == ErrorCategory::InvalidInput);
    }
}
