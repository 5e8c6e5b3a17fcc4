#include "scheduler/planner/schedule_calendar.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <libical/ical.h>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

TEST_CASE("The schedule as .ics is folded, escaped and read by another's parser as it was meant", "[calendar]")
{
    CalendarSession morning{session(day(1), 5, minutes(15)), {}};
    morning.session.title = text("Buổi sáng; tin, bài \\ \"Đề án 06\"\r\nEND:VEVENT");
    for (int i = 0; i < 40; ++i)
        morning.items.append(text("05:30 Hướng dẫn nộp hồ sơ trực tuyến, cấp lại 😀 thẻ"));
    const CalendarSession late{session(day(31), 23, minutes(90)), {}};
    const QByteArray file =
        scheduleCalendar(text("Đài xã A"), std::vector<CalendarSession>{morning, late}, at(day(30, 11), 8));

    // Every line ends in CRLF, is at most 75 octets long, and is whole UTF-8 by itself.
    CHECK(file.count('\n') == file.count('\r'));
    REQUIRE(file.endsWith("\r\n"));
    for (const QByteArray& line : file.chopped(2).split('\n')) {
        const QByteArray bare = line.endsWith('\r') ? line.chopped(1) : line;
        CHECK(bare.size() <= 75);
        CHECK_FALSE(bare.isEmpty());
        CHECK(QString::fromUtf8(bare).toUtf8() == bare);
        CHECK_FALSE(QString::fromUtf8(bare).contains(QChar::ReplacementCharacter));
    }
    CHECK(file.count("BEGIN:VEVENT\r\n") == 2);
    CHECK(file.contains("DTSTART:20261130T220000Z\r\nDTEND:20261130T221500Z\r\n"));
    CHECK(file.contains("DTSTART:20261231T160000Z\r\nDTEND:20261231T173000Z\r\n")); // across midnight and year end

    icalcomponent* calendar = icalparser_parse_string(file.constData());
    REQUIRE(calendar != nullptr);
    CHECK(icalcomponent_count_errors(calendar) == 0);
    CHECK(icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT) == 2);
    icalcomponent* event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    CHECK(QString::fromUtf8(icalcomponent_get_summary(event)) ==
          text("Buổi sáng; tin, bài \\ \"Đề án 06\"\nEND:VEVENT"));
    CHECK(QString::fromUtf8(icalcomponent_get_description(event)) == morning.items.join(u'\n'));
    CHECK(QString::fromUtf8(icalcomponent_get_uid(event)) == morning.session.id.value + text("@loa"));
    CHECK(icaltime_as_timet(icalcomponent_get_dtstart(event)) ==
          std::chrono::floor<std::chrono::seconds>(morning.session.startsAt).time_since_epoch().count());
    CHECK(icaldurationtype_as_int(icalcomponent_get_duration(event)) == 15 * 60);
    icalcomponent_free(calendar);
}
