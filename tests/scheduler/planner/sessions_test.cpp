#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

const QTimeZone hanoi("Asia/Ho_Chi_Minh");

model::SessionRule rule(const char* rrule, QTime time = QTime(5, 30),
                        std::chrono::minutes length = std::chrono::minutes(15))
{
    model::SessionRule rule;
    rule.id = {text("morning")};
    rule.station = {text("station")};
    rule.title = text("Buổi sáng");
    rule.rrule = text(rrule);
    rule.startDate = QDate(2026, 1, 1);
    rule.startTime = time;
    rule.duration = length;
    rule.validFrom = QDate(2026, 1, 1);
    return rule;
}

// All days, all hours.
HoursPolicy open()
{
    HoursPolicy policy;
    policy.id = {text("open")};
    policy.name = text("Cả ngày");
    policy.validFrom = QDate(1970, 1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(0), std::chrono::minutes(1440)}};
    return policy;
}

HoursPolicy officeHours(int sessionsPerDay, std::chrono::minutes longest)
{
    HoursPolicy policy = open();
    for (std::size_t weekday = 0; weekday < 7; ++weekday)
        policy.week[weekday] = weekday < 5
                                   ? std::vector<HoursWindow>{{std::chrono::minutes(300), std::chrono::minutes(1260)}}
                                   : std::vector<HoursWindow>{};
    policy.sessionsPerDay = sessionsPerDay;
    policy.sessionLength = longest;
    return policy;
}

Expansion expand(const std::vector<model::SessionRule>& rules, const std::vector<HoursPolicy>& policies, QDate from,
                 QDate until, const QTimeZone& zone = hanoi)
{
    const auto expansion = expandSessions(rules, policies, zone, from, until);
    REQUIRE(expansion);
    return *expansion;
}

std::vector<QDate> daysOf(const char* rrule, QDate start, QDate from, QDate until)
{
    model::SessionRule one = rule(rrule);
    one.startDate = start;
    one.validFrom = start;
    std::vector<QDate> days;
    for (const model::Session& session : expand({one}, {open()}, from, until).sessions)
        days.push_back(session.localDate);
    return days;
}

UtcTime utc(const char* instant)
{
    return utcTimeFromString(text(instant)).value();
}

} // namespace

TEST_CASE("Weekdays at 5:30 in Hanoi are instants of the evening before in UTC", "[sessions]")
{
    const Expansion expansion = expand({rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")}, {open()}, day(1), day(31));
    REQUIRE(expansion.sessions.size() == 23);
    const model::Session& first = expansion.sessions.front();
    CHECK(first.localDate == day(1));
    CHECK(first.startsAt == utc("2026-11-30T22:30:00.000000Z"));
    CHECK(first.frames == minutes(15));
    CHECK(first.title == text("Buổi sáng"));
    CHECK(first.id == sessionIdFor(first.station, first.rule, first.startsAt));
    CHECK(expansion.refusals.empty());
}

TEST_CASE("Recurrence rules of RFC 5545", "[sessions]")
{
    using Days = std::vector<QDate>;
    const QDate start(2026, 1, 1); // a Thursday
    // Day 31 skips the months that lack it; leap days come every four years.
    CHECK(daysOf("FREQ=MONTHLY;BYMONTHDAY=31", start, day(1, 1), day(30, 6)) ==
          Days{day(31, 1), day(31, 3), day(31, 5)});
    CHECK(daysOf("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", start, QDate(2028, 1, 1), QDate(2028, 12, 31)) ==
          Days{QDate(2028, 2, 29)});
    CHECK(daysOf("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", start, day(1), day(31)).empty());
    // The last Friday, a fifth Monday, the last working day.
    CHECK(daysOf("FREQ=MONTHLY;BYDAY=-1FR", start, day(1, 11), day(31)) == Days{day(27, 11), day(25)});
    CHECK(daysOf("FREQ=MONTHLY;BYDAY=5MO", start, day(1, 10), day(31)) == Days{day(30, 11)});
    CHECK(daysOf("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start, day(1, 10), day(31)) ==
          Days{day(30, 10), day(30, 11), day(31)});
    // RFC 5545's own example of WKST: the two differ only in the day on which a week begins.
    const QDate tuesday(1997, 8, 5);
    CHECK(daysOf("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", tuesday, tuesday, QDate(1997, 9, 30)) ==
          Days{QDate(1997, 8, 5), QDate(1997, 8, 10), QDate(1997, 8, 19), QDate(1997, 8, 24)});
    CHECK(daysOf("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", tuesday, tuesday, QDate(1997, 9, 30)) ==
          Days{QDate(1997, 8, 5), QDate(1997, 8, 17), QDate(1997, 8, 19), QDate(1997, 8, 31)});
    // UNTIL is inclusive, as a day, as local time and as UTC (22:30Z on the 2nd is 5:30 on the 3rd in Hanoi).
    CHECK(daysOf("FREQ=DAILY;UNTIL=20261203", start, day(1), day(31)).size() == 3);
    CHECK(daysOf("FREQ=DAILY;UNTIL=20261203T053000", start, day(1), day(31)).size() == 3);
    CHECK(daysOf("FREQ=DAILY;UNTIL=20261202T223000Z", start, day(1), day(31)).size() == 3);
    CHECK(daysOf("FREQ=DAILY;UNTIL=20261202T222959Z", start, day(1), day(31)).size() == 2);
    // Counted from the start date, which is itself a session only when the rule names it.
    CHECK(daysOf("FREQ=DAILY;COUNT=3", day(30, 11), day(1), day(31)) == Days{day(1), day(2)});
    CHECK(daysOf("FREQ=WEEKLY;BYDAY=FR", start, day(1, 1), day(8, 1)) == Days{day(2, 1)});
}

TEST_CASE("Every window of a long recurrence is a part of the whole", "[sessions][property]")
{
    static const char* const rules[] = {"FREQ=DAILY;INTERVAL=3",
                                        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
                                        "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=SU",
                                        "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU,-1SA",
                                        "FREQ=MONTHLY;BYMONTHDAY=-1,15,31",
                                        "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,6,12;BYDAY=MO",
                                        "FREQ=YEARLY;BYWEEKNO=1,20,53;BYDAY=TH",
                                        "FREQ=YEARLY;BYYEARDAY=1,60,-1",
                                        "FREQ=DAILY;BYHOUR=5,17;BYMINUTE=0,30",
                                        "FREQ=DAILY;INTERVAL=2;BYHOUR=5,17;BYDAY=MO,TU,WE,TH",
                                        "FREQ=DAILY;COUNT=500"};
    const QDate start(2025, 3, 29);
    for (const char* rrule : rules) {
        INFO(rrule);
        model::SessionRule one = rule(rrule);
        one.startDate = start;
        one.validFrom = start;
        const auto whole = expand({one}, {open()}, start, start.addDays(790)).sessions;
        CHECK(whole.size() > 5);
        for (int offset = 0; offset < 760; offset += 17) {
            const QDate from = start.addDays(offset);
            const QDate until = from.addDays(offset % 29);
            std::vector<model::Session> expected;
            std::copy_if(whole.begin(), whole.end(), std::back_inserter(expected), [&](const model::Session& session) {
                return from <= session.localDate && session.localDate <= until;
            });
            REQUIRE(expand({one}, {open()}, from, until).sessions == expected);
        }
    }
}

TEST_CASE("Daylight saving: a skipped start moves by the gap, a doubled one is taken once, at first", "[sessions]")
{
    const QTimeZone berlin("Europe/Berlin");
    CHECK(instantOf(QDate(2026, 3, 29), QTime(2, 30), berlin) ==
          utc("2026-03-29T01:30:00.000000Z")); // 03:30 summer time
    CHECK(instantOf(QDate(2026, 10, 25), QTime(2, 30), berlin) == utc("2026-10-25T00:30:00.000000Z"));
    CHECK(instantOf(QDate(2026, 3, 29), QTime(1, 59), berlin) == utc("2026-03-29T00:59:00.000000Z"));
    CHECK(instantOf(QDate(2026, 3, 29), QTime(3, 0), berlin) == utc("2026-03-29T01:00:00.000000Z"));
    const Expansion expansion =
        expand({rule("FREQ=DAILY", QTime(2, 30))}, {open()}, QDate(2026, 10, 24), QDate(2026, 10, 26), berlin);
    CHECK(expansion.sessions.size() == 3);
    // The same by a rule, across the gap: each day has its session, on its own day, at the instant that the rule for
    // gaps gives.
    const Expansion across =
        expand({rule("FREQ=DAILY", QTime(2, 30))}, {open()}, QDate(2026, 3, 28), QDate(2026, 3, 30), berlin);
    REQUIRE(across.sessions.size() == 3);
    CHECK(across.refusals.empty());
    CHECK(across.sessions[0].startsAt == utc("2026-03-28T01:30:00.000000Z"));
    CHECK(across.sessions[1].startsAt == utc("2026-03-29T01:30:00.000000Z"));
    CHECK(across.sessions[2].startsAt == utc("2026-03-30T00:30:00.000000Z"));
    for (int number = 0; number < 3; ++number)
        CHECK(across.sessions[static_cast<std::size_t>(number)].localDate == QDate(2026, 3, 28).addDays(number));
    // Two that the gap brings together are one overlap, told as one.
    const Expansion both =
        expand({rule("FREQ=DAILY;BYHOUR=2,3", QTime(2, 30))}, {open()}, QDate(2026, 3, 29), QDate(2026, 3, 29), berlin);
    CHECK(both.sessions.size() + both.refusals.size() <= 2);
    REQUIRE(both.sessions.size() == 1);
    CHECK(both.sessions[0].startsAt == utc("2026-03-29T01:30:00.000000Z"));
    CHECK(localDateOf(utc("2026-12-31T17:00:00.000000Z"), hanoi) == QDate(2027, 1, 1));
    CHECK(localDateOf(utc("2026-12-31T16:59:59.999999Z"), hanoi) == QDate(2026, 12, 31));
}

TEST_CASE("What begins on 29 February comes in leap years alone, by year, and in each month that has the day",
          "[sessions]")
{
    model::SessionRule leap = rule("FREQ=YEARLY");
    leap.startDate = leap.validFrom = QDate(2024, 2, 29);
    const auto daysOf = [&](QDate from, QDate until) {
        std::vector<QDate> days;
        for (const model::Session& session : expand({leap}, {open()}, from, until).sessions)
            days.push_back(session.localDate);
        return days;
    };
    std::vector<QDate> all;
    for (int year = 2024; year <= 2033; ++year)
        std::ranges::move(daysOf(QDate(year, 1, 1), QDate(year, 12, 31)), std::back_inserter(all));
    CHECK(all == std::vector{QDate(2024, 2, 29), QDate(2028, 2, 29), QDate(2032, 2, 29)});
    leap.rrule = text("FREQ=MONTHLY");
    const auto months = daysOf(QDate(2025, 1, 1), QDate(2025, 12, 31));
    CHECK(months.size() == 11); // no 29 February
    CHECK(std::ranges::none_of(months, [](QDate date) { return date.month() == 2; }));
    leap.rrule = text("FREQ=YEARLY;INTERVAL=4");
    CHECK(daysOf(QDate(2028, 1, 1), QDate(2028, 12, 31)) == std::vector{QDate(2028, 2, 29)});
    leap.rrule = text("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"); // the last of February is every year's
    CHECK(daysOf(QDate(2027, 1, 1), QDate(2027, 12, 31)) == std::vector{QDate(2027, 2, 28)});
    leap.rrule.clear();
    CHECK(daysOf(QDate(2024, 2, 1), QDate(2024, 3, 1)) == std::vector{QDate(2024, 2, 29)});
}

TEST_CASE("A session across midnight and month end belongs to the day on which it starts", "[sessions]")
{
    const Expansion expansion = expand({rule("FREQ=MONTHLY;BYMONTHDAY=-1", QTime(23, 45), std::chrono::minutes(30))},
                                       {open()}, day(30, 11), day(1));
    REQUIRE(expansion.sessions.size() == 1);
    CHECK(expansion.sessions.front().localDate == day(30, 11));

    // The next morning's session finds the station busy, whichever day the question begins with.
    model::SessionRule late = rule("FREQ=DAILY", QTime(23, 45), std::chrono::minutes(30));
    late.id = {text("late")};
    const model::SessionRule early = rule("FREQ=DAILY", QTime(0, 0));
    for (const QDate from : {day(1), day(5)}) {
        const Expansion both = expand({early, late}, {open()}, from, day(8));
        for (const model::Session& session : both.sessions)
            CHECK(session.rule == late.id);
        CHECK(both.refusals.front().cause == RefusalCause::Overlap);
    }
}

TEST_CASE("Promise 2: no session is made that policy forbids, and each refusal says why", "[promise-2]")
{
    const std::vector<HoursPolicy> policies{officeHours(2, std::chrono::minutes(15))};
    const QDate monday = day(7);

    SECTION("outside the hours, across their edge and at the weekend")
    {
        const auto early = expand({rule("FREQ=DAILY", QTime(4, 50))}, policies, monday, monday);
        CHECK(early.sessions.empty());
        CHECK(early.refusals.front().cause == RefusalCause::OutsideHours);
        CHECK(early.refusals.front().reason.vi.contains(text("04:50–05:05")));
        CHECK(early.refusals.front().reason.en.contains(text("Cả ngày")));
        CHECK(expand({rule("FREQ=DAILY", QTime(20, 46))}, policies, monday, monday).sessions.empty());
        CHECK(expand({rule("FREQ=DAILY", QTime(20, 45))}, policies, monday, monday).sessions.size() == 1);
        CHECK(expand({rule("FREQ=DAILY")}, policies, monday.addDays(5), monday.addDays(6)).sessions.empty());
    }
    SECTION("too long")
    {
        const auto result =
            expand({rule("FREQ=DAILY", QTime(17, 0), std::chrono::minutes(16))}, policies, monday, monday);
        CHECK(result.sessions.empty());
        CHECK(result.refusals.front().cause == RefusalCause::TooLong);
        CHECK(result.refusals.front().reason.en.contains(text("lasts 16:00 minutes")));
    }
    SECTION("too many that day: the later ones go")
    {
        const auto result = expand({rule("FREQ=DAILY;BYHOUR=6,11,17,19")}, policies, monday, monday);
        REQUIRE(result.sessions.size() == 2);
        CHECK(result.sessions.back().startsAt == utc("2026-12-07T04:30:00.000000Z"));
        REQUIRE(result.refusals.size() == 2);
        CHECK(result.refusals.front().cause == RefusalCause::TooMany);
    }
    SECTION("a refused session does not use up the day")
    {
        const auto result = expand({rule("FREQ=DAILY;BYHOUR=2,3,17,19")}, policies, monday, monday);
        CHECK(result.sessions.size() == 2);
    }
    SECTION("no policy at all")
    {
        const auto result = expand({rule("FREQ=DAILY")}, {}, monday, monday);
        CHECK(result.sessions.empty());
        CHECK(result.refusals.front().cause == RefusalCause::NoPolicy);
    }
    SECTION("an exception by named decision opens one Sunday")
    {
        auto special = policies;
        special[0].exceptions = {
            {monday.addDays(6), {{std::chrono::minutes(300), std::chrono::minutes(600)}}, text("QĐ 12")}};
        CHECK(expand({rule("FREQ=DAILY")}, special, monday.addDays(5), monday.addDays(6)).sessions.size() == 1);
    }
}

TEST_CASE("Rules that cannot be read cost only themselves", "[sessions]")
{
    static const char* const bad[] = {
        "FREQ",
        "FREQ=SOMETIMES",
        "BYDAY=MO",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=99999999999",
        "FREQ=DAILY;COUNT=2;UNTIL=20261203",
        "FREQ=DAILY;BYHOUR=25",
        "FREQ=DAILY;NONSENSE=1",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"};
    model::SessionRule good = rule("FREQ=DAILY");
    good.id = {text("good")};
    for (const char* rrule : bad) {
        INFO(rrule);
        const Expansion expansion = expand({rule(rrule), good}, {open()}, day(1), day(3));
        CHECK(expansion.sessions.size() == 3);
        REQUIRE(expansion.refusals.size() == 1);
        CHECK(expansion.refusals.front().cause == RefusalCause::BadRule);
        CHECK_FALSE(expansion.refusals.front().reason.vi.isEmpty());
    }
    model::SessionRule empty = rule("FREQ=DAILY");
    empty.duration = std::chrono::seconds(0);
    CHECK_FALSE(checkRule(empty));
    model::SessionRule reversed = rule("FREQ=DAILY");
    reversed.validUntil = reversed.validFrom.addDays(-1);
    CHECK_FALSE(checkRule(reversed));
    CHECK(checkRule(good));
    CHECK_FALSE(checkRule(rule("FREQ=MINUTELY;BYHOUR=5,17")));
    CHECK(checkRule(rule("FREQ=MINUTELY;INTERVAL=15")));
}

TEST_CASE("Hostile recurrences end", "[sessions]")
{
    model::SessionRule endless = rule("FREQ=DAILY;COUNT=1000000000");
    CHECK(expand({endless}, {open()}, day(1), day(31)).sessions.size() == 31);
    endless.rrule = text("FREQ=DAILY;BYHOUR=0,4,8,12,16,20;COUNT=1000000000");
    endless.startDate = QDate(1970, 1, 1);
    endless.validFrom = endless.startDate;
    CHECK(expand({endless}, {open()}, day(1), day(31)).refusals.front().cause == RefusalCause::BadRule);
    // Days that never come.
    for (const char* never : {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
                              "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31"}) {
        INFO(never);
        CHECK(expand({rule(never)}, {open()}, day(1), day(31)).sessions.empty());
    }
    CHECK_FALSE(expandSessions({}, {}, hanoi, day(1), day(1).addDays(maxExpandedDays)));
    CHECK_FALSE(expandSessions({}, {}, hanoi, day(2), day(1)));
    CHECK_FALSE(expandSessions({}, {}, QTimeZone("Atlantis/Nowhere"), day(1), day(2)));
}

TEST_CASE("A rule holds only within its own dates", "[sessions]")
{
    model::SessionRule dated = rule("FREQ=DAILY");
    dated.validFrom = day(10);
    dated.validUntil = day(12);
    CHECK(expand({dated}, {open()}, day(1), day(31)).sessions.size() == 3);
}

TEST_CASE("On a special day its own sessions stand in place of the rules', and are judged by the same hours",
          "[sessions]")
{
    const std::vector rules{rule("FREQ=DAILY", QTime(23, 50), std::chrono::minutes(30)), rule("FREQ=DAILY")};
    const model::SpecialSession salute{text("Chào mừng"), QTime(7, 0), std::chrono::minutes(20)};
    const model::SpecialSession night{text("Giao thừa"), QTime(0, 5), std::chrono::minutes(20)};
    const SpecialDays special{
        {text("station")},
        {{{text("calendar")},
          text("Lễ 2026"),
          {day(2), text("Ngày lễ"), model::SpecialDayKind::Sessions, {night, salute}}},
         {{text("calendar")}, text("Lễ 2026"), {day(4), text("Quốc tang"), model::SpecialDayKind::Silent}}}};
    const std::vector policies{open()};
    const auto expansion = expandSessions(rules, policies, hanoi, day(1), day(5), {}, special);
    REQUIRE(expansion);
    std::vector<std::pair<QDate, QString>> stand;
    for (const model::Session& session : expansion->sessions)
        stand.emplace_back(session.localDate, session.title);
    // The evening of the first runs on until 0:20, so the one at 0:05 gives way.
    CHECK(stand == std::vector<std::pair<QDate, QString>>{{day(1), text("Buổi sáng")},
                                                          {day(1), text("Buổi sáng")},
                                                          {day(2), text("Chào mừng")},
                                                          {day(3), text("Buổi sáng")},
                                                          {day(3), text("Buổi sáng")},
                                                          {day(5), text("Buổi sáng")},
                                                          {day(5), text("Buổi sáng")}});
    REQUIRE(expansion->refusals.size() == 1);
    CHECK(expansion->refusals[0].cause == RefusalCause::Overlap);
    CHECK(expansion->replaced == std::vector<ReplacedDay>{{day(2), text("Ngày lễ"), text("Lễ 2026"), 2},
                                                          {day(4), text("Quốc tang"), text("Lễ 2026"), 2}});
    CHECK(expansion->sessions[2].station == StationId{text("station")});
    // The same names, whatever span is asked about.
    const auto again = expandSessions(rules, policies, hanoi, day(2), day(2), {}, special);
    CHECK(again->sessions == std::vector{expansion->sessions[2]});
    // A day replaces rules, never hours.
    const std::vector weekdays{officeHours(1, std::chrono::minutes(15))};
    const auto judged = expandSessions({}, weekdays, hanoi, day(2), day(2), {}, special);
    CHECK(judged->sessions.empty());
    CHECK(judged->refusals.size() == 2);
}

TEST_CASE("Random special days: the rest of the calendar is as it was, day by day", "[sessions]")
{
    std::mt19937 random(20260902);
    const std::vector policies{open()};
    for (int round = 0; round < 300; ++round) {
        std::vector<model::SessionRule> rules{rule("FREQ=DAILY;INTERVAL=2"),
                                              rule("FREQ=WEEKLY;BYDAY=SA,SU", QTime(17, 0))};
        SpecialDays special{{text("station")}, {}};
        for (int d = 1; d <= 31; ++d) {
            if (random() % 4 != 0)
                continue;
            model::SpecialDay each{day(d), text("Lễ"), model::SpecialDayKind::Silent};
            if (random() % 2 == 0) {
                each.kind = model::SpecialDayKind::Sessions;
                each.sessions = {{text("Riêng"), QTime(static_cast<int>(random() % 23), 0), std::chrono::minutes(30)}};
            }
            special.days.push_back({{text("c")}, text("Lịch"), each});
        }
        const auto usual = expandSessions(rules, policies, hanoi, day(1), day(31));
        const auto replaced = expandSessions(rules, policies, hanoi, day(1), day(31), {}, special);
        std::vector<std::pair<QDate, QTime>> expected;
        for (int d = 1; d <= 31; ++d) {
            const auto named = std::ranges::find(special.days, day(d),
                                                 [](const model::SpecialDayInForce& some) { return some.day.date; });
            if (named != special.days.end()) {
                for (const model::SpecialSession& session : named->day.sessions)
                    expected.emplace_back(day(d), session.startTime);
                continue;
            }
            for (const model::Session& session : usual->sessions) {
                if (session.localDate == day(d))
                    expected.emplace_back(day(d), QTime(0, 0));
            }
        }
        std::vector<std::pair<QDate, QTime>> got;
        for (const model::Session& session : replaced->sessions) {
            const QTime local =
                QDateTime::fromSecsSinceEpoch(
                    std::chrono::duration_cast<std::chrono::seconds>(session.startsAt.time_since_epoch()).count(),
                    Qt::UTC)
                    .toTimeZone(hanoi)
                    .time();
            got.emplace_back(session.localDate, session.title == text("Riêng") ? local : QTime(0, 0));
        }
        REQUIRE(got == expected);
    }
}
