#include "scheduler/planner/rule_calendar.h"
#include "scheduler/planner/sessions.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <libical/ical.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

const QTimeZone hanoi("Asia/Ho_Chi_Minh");
const StationId station{text("station-a")};

model::SessionRule morningRule()
{
    model::SessionRule rule;
    rule.id = SessionRuleId{text("morning")};
    rule.station = station;
    rule.title = text("Buổi sáng; tin, bài");
    rule.rrule = text("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
    rule.startDate = QDate(2026, 12, 1);
    rule.startTime = QTime(5, 30);
    rule.duration = std::chrono::minutes(15);
    rule.validFrom = QDate(2026, 12, 1);
    return rule;
}

QByteArray written(const std::vector<model::SessionRule>& rules, const QTimeZone& zone = hanoi)
{
    const auto file = ruleCalendar(rules, zone, at(day(30, 11), 8));
    REQUIRE(file);
    return *file;
}

CalendarRules taken(const QByteArray& file, const QTimeZone& zone = hanoi, const StationId& at = station)
{
    const auto read = rulesFromCalendar(file, at, zone);
    REQUIRE(read);
    for (const CalendarProblem& problem : read->problems)
        UNSCOPED_INFO(problem.line << ' ' << problem.event.toStdString() << ": " << problem.message.en.toStdString());
    return *read;
}

// An event in a calendar of its own.
QByteArray calendar(const QByteArray& lines)
{
    QByteArray file = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Other//EN\n" + lines + "END:VCALENDAR\n";
    return file.replace("\n", "\r\n");
}

QByteArray event(const QByteArray& lines)
{
    return "BEGIN:VEVENT\nUID:u1@example.com\nDTSTAMP:20261101T000000Z\nSUMMARY:Bản tin\n" + lines + "END:VEVENT\n";
}

model::SessionRule only(const QByteArray& file, const QTimeZone& zone = hanoi)
{
    const CalendarRules read = taken(file, zone);
    CHECK(read.problems.empty());
    REQUIRE(read.rules.size() == 1);
    return read.rules.front();
}

CalendarProblem problemOf(const QByteArray& file)
{
    const CalendarRules read = taken(file);
    CHECK(read.rules.empty());
    REQUIRE_FALSE(read.problems.empty());
    CHECK_FALSE(read.problems.front().message.vi.isEmpty());
    CHECK_FALSE(read.problems.front().message.en.isEmpty());
    return read.problems.front();
}

HoursPolicy always()
{
    HoursPolicy policy;
    policy.id = {text("open")};
    policy.validFrom = QDate(1970, 1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(0), std::chrono::minutes(1440)}};
    return policy;
}

std::vector<UtcTime> startsIn(const model::SessionRule& rule, const QTimeZone& zone, QDate from, QDate until)
{
    const HoursPolicy policy = always();
    const auto expansion = expandSessions({&rule, 1}, {&policy, 1}, zone, from, until);
    REQUIRE(expansion);
    std::vector<UtcTime> starts;
    for (const model::Session& session : expansion->sessions)
        starts.push_back(session.startsAt);
    return starts;
}

// Rules as people make them, and stranger ones.
class RandomRules {
public:
    explicit RandomRules(unsigned seed) : m_random(seed) {}

    model::SessionRule rule(int number)
    {
        model::SessionRule rule;
        rule.id = SessionRuleId{text("rule-") + QString::number(number)};
        rule.station = station;
        rule.title = pick<QString>(
            {text("Buổi sáng"), text("Buổi chiều, \"tiếp âm\"; VOV\\1"), text("Tin\n😀 dài ") + QString(90, u'ẫ')});
        rule.startDate = date();
        rule.startTime = QTime(between(0, 23), between(0, 59), oneIn(4) ? between(0, 59) : 0);
        rule.duration = std::chrono::seconds(between(1, 86'400));
        rule.validFrom = oneIn(2) ? rule.startDate : rule.startDate.addDays(between(-40, 90));
        if (oneIn(3))
            rule.validUntil = rule.validFrom.addDays(between(0, 400));
        if (!oneIn(8))
            rule.rrule = recurrence(rule.startDate);
        for (int i = oneIn(3) ? between(1, 5) : 0; i > 0; --i)
            rule.added.push_back({rule.startDate.addDays(between(0, 300)), QTime(between(0, 23), between(0, 59))});
        for (int i = oneIn(3) ? between(1, 5) : 0; i > 0; --i) {
            const QTime time = oneIn(2) ? QTime() : rule.startTime;
            rule.removed.push_back({rule.startDate.addDays(between(0, 60)), time});
        }
        return rule;
    }

private:
    int between(int least, int most) { return std::uniform_int_distribution<int>(least, most)(m_random); }
    bool oneIn(int n) { return between(1, n) == 1; }
    template <typename T>
    T pick(std::vector<T> from)
    {
        return from[std::size_t(between(0, int(from.size()) - 1))];
    }
    QDate date() { return QDate(2026, 1, 1).addDays(between(0, 500)); }

    QString recurrence(QDate start)
    {
        QString text = pick<QString>(
            {QStringLiteral("FREQ=DAILY"), QStringLiteral("FREQ=DAILY;BYHOUR=6,18"),
             QStringLiteral("FREQ=WEEKLY;BYDAY=MO,WE,FR"), QStringLiteral("FREQ=WEEKLY;BYDAY=SU"),
             QStringLiteral("FREQ=MONTHLY;BYDAY=1MO,-1FR"), QStringLiteral("FREQ=MONTHLY;BYMONTHDAY=31"),
             QStringLiteral("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
             QStringLiteral("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2"), QStringLiteral("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"),
             QStringLiteral("FREQ=HOURLY;INTERVAL=40000"), QStringLiteral("FREQ=HOURLY;BYHOUR=6,7;BYMINUTE=0,30")});
        if (oneIn(3) && !text.contains(QStringLiteral("INTERVAL")))
            text += QStringLiteral(";INTERVAL=%1").arg(between(2, 5));
        if (oneIn(4))
            text += QStringLiteral(";COUNT=%1").arg(between(1, 50));
        else if (oneIn(3))
            text += QStringLiteral(";UNTIL=") + start.addDays(between(0, 500)).toString(QStringLiteral("yyyyMMdd")) +
                    pick<QString>({QString(), QStringLiteral("T120000"), QStringLiteral("T043000Z")});
        if (oneIn(5) && text.contains(QStringLiteral("WEEKLY")))
            text += QStringLiteral(";WKST=SU");
        return text;
    }

    std::mt19937 m_random;
};

} // namespace

TEST_CASE("Rules written as .ics and read again are the same rules", "[calendar]")
{
    for (const char* name : {"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Los_Angeles"}) {
        const QTimeZone zone(name);
        RandomRules random(2026);
        for (int round = 0; round < 60; ++round) {
            std::vector<model::SessionRule> rules;
            for (int i = 0; i < 10; ++i)
                rules.push_back(random.rule(i));
            const CalendarRules read = taken(written(rules, zone), zone);
            REQUIRE(read.problems.empty());
            REQUIRE(read.rules.size() == rules.size());
            for (std::size_t i = 0; i < rules.size(); ++i) {
                INFO(rules[i].rrule.toStdString() << " from " << rules[i].startDate.toString(Qt::ISODate).toStdString()
                                                  << " became " << read.rules[i].rrule.toStdString() << " from "
                                                  << read.rules[i].startDate.toString(Qt::ISODate).toStdString());
                CHECK(sameRule(read.rules[i], rules[i]));
            }
            const RuleChanges changes = ruleChanges(rules, read.rules);
            CHECK((changes.added.empty() && changes.changed.empty() && changes.removed.empty()));
        }
    }
}

TEST_CASE("A program that knows nothing of X-LOA- makes the same sessions of the file", "[calendar]")
{
    RandomRules random(7);
    int compared = 0;
    for (int i = 0; i < 400; ++i) {
        model::SessionRule rule = random.rule(i);
        // What such a file cannot say: earlier starts that COUNT counts, and a single start outside validity.
        if (rule.rrule.isEmpty() || rule.rrule.contains(text("COUNT")))
            continue;
        rule.validUntil.reset();
        std::erase_if(rule.added, [&](const model::LocalStart& start) { return start.date < rule.validFrom; });
        QByteArray file = written({rule});
        QByteArray plain;
        for (const QByteArray& line : file.split('\n')) {
            if (!line.startsWith("X-LOA-"))
                plain += line + '\n';
        }
        const QDate from = rule.startDate.addDays(-50);
        const auto ours = startsIn(rule, hanoi, from, from.addDays(500));
        model::SessionRule bare = rule;
        bare.added.clear();
        if (startsIn(bare, hanoi, from, from.addDays(500)).empty())
            continue; // DTSTART must stand somewhere
        INFO(rule.rrule.toStdString());
        CHECK(startsIn(only(plain.chopped(1)), hanoi, from, from.addDays(500)) == ours);
        ++compared;
    }
    CHECK(compared > 150);
}

TEST_CASE("The file is whole iCalendar to another's parser, its lines short and its zone told", "[calendar]")
{
    model::SessionRule rule = morningRule();
    rule.validUntil = QDate(2027, 1, 31);
    rule.removed = {{QDate(2026, 12, 24), {}}};
    const QByteArray file = written({rule});
    for (const QByteArray& line : file.chopped(2).split('\n'))
        CHECK((line.endsWith('\r') ? line.chopped(1) : line).size() <= 75);
    CHECK(file.contains("UID:morning@loa\r\n"));
    CHECK(file.contains("DTSTART;TZID=Asia/Ho_Chi_Minh:20261201T053000\r\n"));
    CHECK(file.contains("RRULE:FREQ=WEEKLY;UNTIL=20270131T165959Z;BYDAY=MO,TU,WE,TH,FR\r\n"));
    CHECK(file.contains("EXDATE;TZID=Asia/Ho_Chi_Minh:20261224T053000\r\n"));
    CHECK(file.contains("TZOFFSETTO:+0700\r\n"));

    icalcomponent* parsed = icalparser_parse_string(file.constData());
    REQUIRE(parsed != nullptr);
    CHECK(icalcomponent_count_errors(parsed) == 0);
    icalcomponent* first = icalcomponent_get_first_component(parsed, ICAL_VEVENT_COMPONENT);
    REQUIRE(first != nullptr);
    CHECK(QString::fromUtf8(icalcomponent_get_summary(first)) == rule.title);
    CHECK(icaldurationtype_as_int(icalcomponent_get_duration(first)) == 900);
    // Its own VTIMEZONE says what the zone's name says.
    icalcomponent* zone = icalcomponent_get_first_component(parsed, ICAL_VTIMEZONE_COMPONENT);
    icaltimezone* told = icaltimezone_new();
    REQUIRE(icaltimezone_set_component(told, icalcomponent_new_clone(zone)) == 1);
    CHECK(icaltime_as_timet_with_zone(icaltime_from_string("20261201T053000"), told) == 1'796'077'800);
    icaltimezone_free(told, 1);
    icalcomponent_free(parsed);

    // Clock changes of other zones are told one by one.
    const QByteArray berlin = written({rule}, QTimeZone("Europe/Berlin"));
    CHECK(berlin.contains("BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"));
}

TEST_CASE("An event moved in another program is believed over what Loa noted", "[calendar]")
{
    model::SessionRule rule = morningRule();
    rule.startDate = QDate(2026, 11, 1); // a Sunday: DTSTART is written as the Monday after
    rule.validFrom = QDate(2026, 11, 1);
    rule.validUntil = QDate(2026, 12, 31);
    const QByteArray file = written({rule});
    REQUIRE(file.contains("DTSTART;TZID=Asia/Ho_Chi_Minh:20261102T053000\r\n"));
    REQUIRE(file.contains("X-LOA-START:2026-11-01T05:30:00\r\n"));

    QByteArray later = file;
    later.replace("20261102T053000", "20261102T060000");
    CHECK(only(later).startTime == QTime(6, 0));
    CHECK(only(later).startDate == QDate(2026, 11, 2));
    QByteArray longer = file;
    longer.replace("UNTIL=20261231T165959Z", "UNTIL=20270630T165959Z");
    CHECK_FALSE(only(longer).validUntil);
    CHECK(only(longer).rrule == text("FREQ=WEEKLY;UNTIL=20270630T165959Z;BYDAY=MO,TU,WE,TH,FR"));
    QByteArray endless = file;
    endless.replace("UNTIL=20261231T165959Z;", "");
    CHECK_FALSE(only(endless).validUntil);
    CHECK(only(endless).rrule == text("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"));
}

TEST_CASE("Another station's rules get names of their own, the same ones every time", "[calendar]")
{
    const QByteArray file = written({morningRule()});
    const StationId other{text("station-b")};
    const model::SessionRule read = taken(file, hanoi, other).rules.at(0);
    CHECK(read.station == other);
    CHECK(read.id != SessionRuleId{text("morning")});
    CHECK(read.id == taken(file, hanoi, other).rules.at(0).id);
    CHECK(only(calendar(event("DTSTART:20261201T053000\nDURATION:PT15M\n"))).id !=
          taken(calendar(event("DTSTART:20261201T053000\nDURATION:PT15M\n")), hanoi, other).rules.at(0).id);
}

TEST_CASE("Events as Google, Outlook and Thunderbird write them", "[calendar]")
{
    SECTION("Google: TZID, DTEND, an occurrence moved, one cancelled")
    {
        const QByteArray head =
            "X-WR-TIMEZONE:Asia/Ho_Chi_Minh\nBEGIN:VTIMEZONE\nTZID:Asia/Ho_Chi_Minh\nBEGIN:STANDARD\n"
            "TZOFFSETFROM:+0700\nTZOFFSETTO:+0700\nTZNAME:GMT+7\nDTSTART:19700101T000000\nEND:STANDARD\nEND:"
            "VTIMEZONE\n";
        const QByteArray master =
            event("DTSTART;TZID=Asia/Ho_Chi_Minh:20261201T053000\nDTEND;TZID=Asia/Ho_Chi_Minh:20261201T054500\n"
                  "RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=MO,TU,WE,TH,FR\nSTATUS:CONFIRMED\nEXDATE;TZID=Asia/"
                  "Ho_Chi_Minh:20261203T053000\n"
                  "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT10M\nDESCRIPTION:x\nEND:VALARM\n");
        const QByteArray moved =
            event("DTSTART;TZID=Asia/Ho_Chi_Minh:20261208T170000\nDTEND;TZID=Asia/Ho_Chi_Minh:20261208T171500\n"
                  "RECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261208T053000\n");
        const QByteArray gone =
            event("DTSTART;TZID=Asia/Ho_Chi_Minh:20261209T053000\nDTEND;TZID=Asia/Ho_Chi_Minh:20261209T054500\n"
                  "RECURRENCE-ID:20261208T223000Z\nSTATUS:CANCELLED\n");
        const model::SessionRule rule = only(calendar(head + master + moved + gone));
        CHECK(rule.title == text("Bản tin"));
        CHECK(rule.rrule == text("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"));
        CHECK(rule.duration == std::chrono::minutes(15));
        CHECK(rule.added == std::vector<model::LocalStart>{{QDate(2026, 12, 8), QTime(17, 0)}});
        CHECK(rule.removed == std::vector<model::LocalStart>{{QDate(2026, 12, 3), QTime(5, 30)},
                                                             {QDate(2026, 12, 8), QTime(5, 30)},
                                                             {QDate(2026, 12, 9), QTime(5, 30)}});
        const QByteArray longer =
            event("DTSTART;TZID=Asia/Ho_Chi_Minh:20261208T170000\nDTEND;TZID=Asia/Ho_Chi_Minh:20261208T174500\n"
                  "RECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261208T053000\n");
        CHECK(problemOf(calendar(head + master + longer)).message.en.contains(text("another title or length")));
        CHECK(problemOf(calendar(head + moved)).message.en.contains(text("not in this file")));
    }
    SECTION("Outlook: Windows' zone names, and a name of its own with a VTIMEZONE")
    {
        const model::SessionRule rule = only(calendar(event(
            "DTSTART;TZID=SE Asia Standard Time:20261201T053000\n"
            "DTEND;TZID=SE Asia Standard Time:20261201T060000\nRRULE:FREQ=DAILY;UNTIL=20261231T225959Z;INTERVAL=1\n")));
        CHECK(rule.startTime == QTime(5, 30));
        CHECK(rule.rrule == text("FREQ=DAILY;UNTIL=20261231T225959Z"));
        const QByteArray zone =
            "BEGIN:VTIMEZONE\nTZID:(UTC+07:00) Bangkok, Hanoi, Jakarta\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
            "TZOFFSETFROM:+0700\nTZOFFSETTO:+0700\nEND:STANDARD\nEND:VTIMEZONE\n";
        const model::SessionRule named = only(calendar(
            zone + event("DTSTART;TZID=\"(UTC+07:00) Bangkok, Hanoi, Jakarta\":20261201T053000\nDURATION:PT30M\n"
                         "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYHOUR=5\n")));
        CHECK(named.startTime == QTime(5, 30));
        CHECK(problemOf(calendar(event("DTSTART;TZID=Customized Time Zone:20261201T053000\nDURATION:PT30M\n")))
                  .message.en.contains(text("Customized Time Zone")));
    }
    SECTION("Thunderbird: UTC, floating, lists of values, folded lines")
    {
        const model::SessionRule utc = only(calendar(event("DTSTART:20261129T223000Z\nDTEND:20261129T224500Z\nRRULE:"
                                                           "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;UNTIL=20270131\n"
                                                           "EXDATE:20261202T223000Z,\n 20261213T223000Z\n")));
        CHECK(utc.startDate == QDate(2026, 11, 30)); // Monday morning in Hanoi is Sunday evening in UTC
        CHECK(utc.startTime == QTime(5, 30));
        CHECK(utc.rrule == text("FREQ=WEEKLY;INTERVAL=2;UNTIL=20270201;BYDAY=MO,TH;WKST=TU"));
        CHECK(utc.removed ==
              std::vector<model::LocalStart>{{QDate(2026, 12, 3), QTime(5, 30)}, {QDate(2026, 12, 14), QTime(5, 30)}});
        const model::SessionRule floating = only(calendar(event(
            "DTSTART:20261201T053000\nDURATION:P0DT0H15M\nRDATE;VALUE=DATE-TIME:20261205T080000,20261206T080000\n")));
        CHECK(floating.startTime == QTime(5, 30));
        CHECK(floating.added.size() == 2);
        CHECK(problemOf(calendar(event("DTSTART:20261129T223000Z\nDURATION:PT15M\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\n")))
                  .message.en.contains(text("another time zone")));
        CHECK(
            problemOf(calendar(event("DTSTART;TZID=Europe/Berlin:20261201T053000\nDURATION:PT15M\nRRULE:FREQ=DAILY\n")))
                .message.en.contains(text("another time zone")));
        CHECK(only(calendar(event("DTSTART;TZID=Europe/Berlin:20261201T053000\nDURATION:PT15M\n"))).startTime ==
              QTime(11, 30));
        CHECK(only(calendar(event("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/"
                                  "Bangkok:20261201T053000\nDURATION:PT15M\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\n")))
                  .startTime == QTime(5, 30));
    }
    SECTION("An event cancelled whole, to-dos and the like are no rules")
    {
        CHECK(taken(calendar(event("DTSTART:20261201T053000\nDURATION:PT15M\nSTATUS:CANCELLED\n") +
                             "BEGIN:VTODO\nUID:t\nSUMMARY:x\nEND:VTODO\n"))
                  .rules.empty());
    }
}

TEST_CASE("What cannot be a rule is told with its event and line, and nothing is taken", "[calendar]")
{
    const QByteArray good = event("DTSTART:20261201T053000\nDURATION:PT15M\n").replace("u1@", "good@");
    const auto refused = [&](const QByteArray& lines) { return problemOf(calendar(good + event(lines))); };
    const CalendarProblem first = refused("DTSTART;VALUE=DATE:20261201\nDURATION:PT15M\n");
    CHECK(first.line == 11);
    CHECK(first.event == text("Bản tin"));
    CHECK(first.message.en.contains(text("all-day")));
    const CalendarProblem unread = refused("DTSTART:2026\nDURATION:PT15M\n");
    CHECK(unread.line == 15);
    CHECK(unread.event == text("Bản tin"));
    const std::pair<const char*, const char*> unsound[] = {
        {"DTSTART:20261201T053000\n", "neither an end"},
        {"DURATION:PT15M\n", "no start"},
        {"DTSTART:20261201T053000\nDTEND:20261201T053000\n", "one second"},
        {"DTSTART:20261201T053000\nDURATION:-PT15M\n", "one second"},
        {"DTSTART:20261301T053000\nDURATION:PT15M\n", "cannot be read"},
    };
    for (const auto& [lines, told] : unsound) {
        INFO(lines);
        CHECK(refused(lines).message.en.contains(text(told)));
    }
    const std::pair<const char*, const char*> unsoundBesideGoodOnes[] = {
        {"DTEND:20261201T060000\n", "both"},
        {"DTSTART:20261202T053000\n", "once"},
        {"RRULE:FREQ=SOMETIMES\n", "FREQ=SOMETIMES"},
        {"RRULE:FREQ=SECONDLY\n", "too many"},
        {"RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY\n", "EXRULE"},
        {"RDATE;VALUE=PERIOD:20261224T053000Z/PT1H\n", "RDATE"},
        {"RDATE;VALUE=DATE:20261224\n", "all-day"},
        {"RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T053000\n", "all later"},
    };
    for (const auto& [line, told] : unsoundBesideGoodOnes) {
        INFO(line);
        CHECK(refused(QByteArray("DTSTART:20261201T053000\nDURATION:PT15M\n") + line).message.en.contains(text(told)));
    }
    CHECK(problemOf(calendar(good + good)).message.en.contains(text("already")));
    QByteArray nameless = good;
    CHECK(problemOf(calendar(nameless.replace("SUMMARY:Bản tin\n", ""))).event == text("good@example.com"));
    QByteArray unnamed = good;
    CHECK(problemOf(calendar(unnamed.replace("UID:good@example.com\n", ""))).message.en.contains(text("UID")));
}

TEST_CASE("Hostile files are refused within bounds", "[calendar]")
{
    const auto refusal = [](const QByteArray& file) {
        const auto read = rulesFromCalendar(file, station, hanoi);
        REQUIRE_FALSE(read);
        return read.error().category;
    };
    CHECK(refusal("") == ErrorCategory::InvalidInput);
    CHECK(refusal("tệp nào đó") == ErrorCategory::InvalidInput);
    CHECK(refusal("BEGIN:VEVENT\r\nEND:VEVENT\r\n") == ErrorCategory::InvalidInput);
    CHECK(refusal("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n") == ErrorCategory::InvalidInput);
    CHECK(refusal("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n") == ErrorCategory::InvalidInput);
    CHECK(refusal(QByteArray("BEGIN:VCALENDAR\r\n\0END:VCALENDAR\r\n", 33)) == ErrorCategory::InvalidInput);
    CHECK(refusal("BEGIN:VCALENDAR\r\nX:\xff\r\nEND:VCALENDAR\r\n") == ErrorCategory::InvalidInput);
    CHECK(refusal(QByteArray(mostCalendarBytes + 1, 'x')) == ErrorCategory::LimitExceeded);
    CHECK(refusal("BEGIN:VCALENDAR\r\nX:" + QByteArray(100'000, 'x')) == ErrorCategory::LimitExceeded);
    QByteArray many;
    for (std::size_t i = 0; i <= mostCalendarEvents; ++i)
        many += "BEGIN:VEVENT\nEND:VEVENT\n";
    CHECK(refusal(calendar(many)) == ErrorCategory::LimitExceeded);
    QByteArray deep = "BEGIN:VCALENDAR\r\n";
    for (int i = 0; i < 50'000; ++i)
        deep += "BEGIN:X\r\n";
    CHECK(refusal(deep) == ErrorCategory::InvalidInput);
    QByteArray lists;
    for (int i = 0; i < 20'000; ++i)
        lists += "RDATE:20261224T053000\n";
    CHECK(problemOf(calendar(event("DTSTART:20261201T053000\nDURATION:PT15M\n" + lists)))
              .message.en.contains(text("too many")));

    // Bytes torn out of a good file never crash; what is read is sound.
    std::mt19937 random(11);
    const QByteArray file = written({morningRule()});
    for (int i = 0; i < 2000; ++i) {
        QByteArray torn = file;
        for (int cut = 0; cut < 3; ++cut) {
            const auto at = std::uniform_int_distribution<qsizetype>(0, torn.size() - 1)(random);
            if (cut == 0)
                torn[at] = char(std::uniform_int_distribution<int>(0, 255)(random));
            else
                torn.remove(at, std::uniform_int_distribution<qsizetype>(1, 12)(random));
        }
        const auto read = rulesFromCalendar(torn, station, hanoi);
        if (read) {
            for (const model::SessionRule& rule : read->rules)
                CHECK(checkRule(rule));
        }
    }
}
