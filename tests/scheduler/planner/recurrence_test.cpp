// RFC 5545, 3.8.5.3, example by example, and recurrences by hours, minutes and seconds against the definition.
#include "scheduler/planner/recurrence.h"
#include "scheduler/planner/recurrence_rule.h"
#include "scheduler/planner/sessions.h"
#include "tests/support/rounds.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::planner;

namespace {

const QTimeZone newYork("America/New_York");

model::SessionRule ruleFrom(const QString& rrule, QDateTime begin)
{
    model::SessionRule rule;
    rule.id = {QStringLiteral("rule")};
    rule.station = {QStringLiteral("station")};
    rule.title = QStringLiteral("Buổi phát");
    rule.rrule = rrule;
    rule.startDate = begin.date();
    rule.startTime = begin.time();
    rule.duration = std::chrono::minutes(1);
    rule.validFrom = begin.date();
    return rule;
}

QDateTime wallFrom(const QString& word)
{
    const QDateTime time = word.contains(u'T') ? QDateTime::fromString(word, QStringLiteral("yyyyMMdd'T'HHmm"))
                                               : QDateTime(QDate::fromString(word, QStringLiteral("yyyyMMdd")), {9, 0});
    REQUIRE(time.isValid());
    return time;
}

QStringList wordsOfStarts(const std::vector<WallTime>& starts)
{
    QStringList words;
    for (const WallTime start : starts)
        words.append(QDateTime::fromSecsSinceEpoch(start.count(), Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmm")));
    return words;
}

struct Example {
    const char* rrule;
    const char* starts; // DTSTART is the first; "19970902" is 9:00 on that day
};

// A rule without COUNT or UNTIL goes on after what is listed. DTSTART;TZID=America/New_York.
constexpr Example examples[] = {
    {"FREQ=DAILY;COUNT=10",
     "19970902 19970903 19970904 19970905 19970906 19970907 19970908 19970909 19970910 19970911"},
    {"FREQ=DAILY;INTERVAL=2", "19970902 19970904 19970906 19970908 19970910 19970912"},
    {"FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902 19970912 19970922 19971002 19971012"},
    {"FREQ=WEEKLY;COUNT=10",
     "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104"},
    {"FREQ=WEEKLY;UNTIL=19971224T000000Z",
     "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104 19971111 19971118 "
     "19971125 19971202 19971209 19971216 19971223"},
    {"FREQ=WEEKLY;INTERVAL=2;WKST=SU",
     "19970902 19970916 19970930 19971014 19971028 19971111 19971125 19971209 19971223 19980106 19980120"},
    {"FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
     "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002"},
    {"FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
     "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002"},
    {"FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
     "19970901 19970903 19970905 19970915 19970917 19970919 19970929 19971001 19971003 19971013 19971015 19971017 "
     "19971027 19971029 19971031 19971110 19971112 19971114 19971124 19971126 19971128 19971208 19971210 19971212 "
     "19971222"},
    {"FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
     "19970902 19970904 19970916 19970918 19970930 19971002 19971014 19971016"},
    {"FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
     "19970905 19971003 19971107 19971205 19980102 19980206 19980306 19980403 19980501 19980605"},
    {"FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "19970905 19971003 19971107 19971205"},
    {"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
     "19970907 19970928 19971102 19971130 19980104 19980125 19980301 19980329 19980503 19980531"},
    {"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "19970922 19971020 19971117 19971222 19980119 19980216"},
    {"FREQ=MONTHLY;BYMONTHDAY=-3", "19970928 19971029 19971128 19971229 19980129 19980226"},
    {"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
     "19970902 19970915 19971002 19971015 19971102 19971115 19971202 19971215 19980102 19980115"},
    {"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
     "19970930 19971001 19971031 19971101 19971130 19971201 19971231 19980101 19980131 19980201"},
    {"FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
     "19970910 19970911 19970912 19970913 19970914 19970915 19990310 19990311 19990312 19990313"},
    {"FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
     "19970902 19970909 19970916 19970923 19970930 19971104 19971111 19971118 19971125 19980106 19980113 19980120 "
     "19980127 19980303 19980310 19980317 19980324 19980331"},
    {"FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
     "19970610 19970710 19980610 19980710 19990610 19990710 20000610 20000710 20010610 20010710"},
    {"FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
     "19970310 19990110 19990210 19990310 20010110 20010210 20010310 20030110 20030210 20030310"},
    {"FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
     "19970101 19970410 19970719 20000101 20000409 20000718 20030101 20030410 20030719 20060101"},
    {"FREQ=YEARLY;BYDAY=20MO", "19970519 19980518 19990517"},
    {"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512 19980511 19990517"},
    {"FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
     "19970313 19970320 19970327 19980305 19980312 19980319 19980326 19990304 19990311 19990318 19990325"},
    {"FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
     "19970605 19970612 19970619 19970626 19970703 19970710 19970717 19970724 19970731 19970807 19970814 19970821 "
     "19970828 19980604 19980611 19980618 19980625 19980702 19980709 19980716 19980723 19980730 19980806 19980813 "
     "19980820 19980827"},
    {"FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
     "19970913 19971011 19971108 19971213 19980110 19980207 19980307 19980411 19980509 19980613"},
    {"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "19961105 20001107 20041102"},
    {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904 19971007 19971106"},
    {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "19970929 19971030 19971127 19971230 19980129 19980226 19980330"},
    // UNTIL by the RFC's erratum 3883: 17:00 in New York, not in Greenwich.
    {"FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "19970902 19970902T1200 19970902T1500"},
    {"FREQ=MINUTELY;INTERVAL=15;COUNT=6",
     "19970902 19970902T0915 19970902T0930 19970902T0945 19970902T1000 19970902T1015"},
    {"FREQ=MINUTELY;INTERVAL=90;COUNT=4", "19970902 19970902T1030 19970902T1200 19970902T1330"},
    {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805 19970810 19970819 19970824"},
    {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805 19970817 19970819 19970831"},
    {"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115 20070130 20070215 20070315 20070330"},
};

std::vector<WallTime> startsBetween(const model::SessionRule& rule, QDate from, QDate until)
{
    const auto starts = startsOf(rule, newYork, from, until);
    REQUIRE(starts);
    return *starts;
}

bool isIn(const std::vector<int>& list, int value, int otherwise)
{
    return list.empty() ? otherwise < 0 || value == otherwise : std::ranges::find(list, value) != list.end();
}

// Every second of every day, asked one by one. Slow, and plainly what RFC 5545 says of FREQ=HOURLY and shorter.
std::vector<WallTime> bySecond(const RecurrenceRule& rule, const QDateTime& begin, QDate from, QDate until)
{
    const qint64 unit = rule.frequency == Frequency::Hourly ? 3600 : rule.frequency == Frequency::Minutely ? 60 : 1;
    const qint64 first = wallTimeOf(begin.date(), begin.time()).count();
    std::vector<WallTime> starts;
    int counted = 0;
    for (QDate date = begin.date(); date <= until; date = date.addDays(1)) {
        const bool isDay =
            isIn(rule.months, date.month(), -1) && isIn(rule.monthDays, date.day(), -1) &&
            (rule.weekdays.empty() || date.dayOfWeek() == 1 || date.dayOfWeek() == 3 || date.dayOfWeek() == 6);
        if (!isDay)
            continue;
        const qint64 midnight = wallTimeOf(date, QTime(0, 0)).count();
        for (int second = 0; second < 86'400; ++second) {
            const qint64 at = midnight + second;
            if (at < first || (at / unit - first / unit) % rule.interval != 0)
                continue;
            if (isIn(rule.hours, second / 3600, -1) &&
                isIn(rule.minutes, second / 60 % 60, unit > 60 ? begin.time().minute() : -1) &&
                isIn(rule.seconds, second % 60, unit > 1 ? begin.time().second() : -1)) {
                if (rule.count && ++counted > *rule.count)
                    return starts;
                if (date >= from)
                    starts.emplace_back(at);
            }
        }
    }
    return starts;
}

} // namespace

TEST_CASE("The examples of RFC 5545, 3.8.5.3", "[recurrence]")
{
    for (const Example& example : examples) {
        INFO(example.rrule);
        QStringList expected;
        for (const QString& word : QString::fromLatin1(example.starts).split(u' '))
            expected.append(wallFrom(word).toString(QStringLiteral("yyyyMMdd'T'HHmm")));
        const QString rrule = QString::fromLatin1(example.rrule);
        const bool ends = rrule.contains(QLatin1String("COUNT")) || rrule.contains(QLatin1String("UNTIL"));
        const QDate last = wallFrom(expected.last()).date();
        const auto rule = ruleFrom(rrule, wallFrom(expected.first()));
        CHECK(wordsOfStarts(startsBetween(rule, rule.startDate, ends ? QDate(2030, 1, 1) : last)) == expected);
    }
}

TEST_CASE("Two ways to say one thing in RFC 5545 are one thing", "[recurrence]")
{
    const auto everyJanuaryDay =
        ruleFrom(QStringLiteral("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA"),
                 wallFrom(QStringLiteral("19980101")));
    auto other = everyJanuaryDay;
    other.rrule = QStringLiteral("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1");
    const auto days = startsBetween(everyJanuaryDay, QDate(1998, 1, 1), QDate(2010, 1, 1));
    CHECK(days.size() == 93);
    CHECK(startsBetween(other, QDate(1998, 1, 1), QDate(2010, 1, 1)) == days);

    auto byHours = ruleFrom(QStringLiteral("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"),
                            wallFrom(QStringLiteral("19970902")));
    const auto times = startsBetween(byHours, QDate(1997, 9, 2), QDate(1997, 9, 30));
    CHECK(times.size() == 24 * 29);
    byHours.rrule = QStringLiteral("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16");
    CHECK(startsBetween(byHours, QDate(1997, 9, 2), QDate(1997, 9, 30)) == times);
    // Until Christmas Eve, which is still the 23rd in New York.
    CHECK(startsBetween(
              ruleFrom(QStringLiteral("FREQ=DAILY;UNTIL=19971224T000000Z"), wallFrom(QStringLiteral("19970902"))),
              QDate(1997, 9, 2), QDate(1998, 9, 2))
              .size() == 113);
}

TEST_CASE("BYSETPOS counts days and their times together", "[recurrence]")
{
    const auto starts = [](const char* rrule, const char* begin, QDate until) {
        const auto rule = ruleFrom(QString::fromLatin1(rrule), wallFrom(QString::fromLatin1(begin)));
        return wordsOfStarts(startsBetween(rule, rule.startDate, until)).join(u' ').toStdString();
    };
    CHECK(starts("FREQ=MONTHLY;BYDAY=MO;BYHOUR=6,18;BYSETPOS=1,-1", "19970901T0700", QDate(1997, 11, 30)) ==
          "19970929T1800 19971006T0600 19971027T1800 19971103T0600 19971124T1800");
    CHECK(starts("FREQ=DAILY;BYHOUR=6,12,18;BYSETPOS=-1;COUNT=2", "19970901", QDate(1998, 1, 1)) ==
          "19970901T1800 19970902T1800");
    CHECK(starts("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;BYHOUR=6,18;BYSETPOS=-1", "19970901", QDate(1997, 9, 30)) ==
          "19970907T1800 19970921T1800");
    // Week 1 of 1998 begins on 29 December 1997.
    CHECK(starts("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;BYHOUR=6,18;BYSETPOS=1,4", "19970901", QDate(1998, 6, 1)) ==
          "19971229T0600 19971230T1800");
    CHECK(starts("FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=2;BYHOUR=5,6", "19970901", QDate(1997, 9, 2)) ==
          "19970902T0520 19970902T0620");
    // Whichever day the question begins with.
    const auto rule = ruleFrom(QStringLiteral("FREQ=MONTHLY;BYDAY=MO;BYHOUR=6,18;BYSETPOS=3"),
                               wallFrom(QStringLiteral("19970901T0600")));
    CHECK(wordsOfStarts(startsBetween(rule, QDate(1997, 10, 13), QDate(1997, 10, 31))) ==
          QStringList{QStringLiteral("19971013T0600")});
}

TEST_CASE("EXDATE takes starts off and RDATE adds them; COUNT notices neither", "[recurrence]")
{
    // RFC 5545: every Friday the 13th, DTSTART itself taken off.
    auto fridays =
        ruleFrom(QStringLiteral("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"), wallFrom(QStringLiteral("19970902")));
    fridays.removed = {{QDate(1997, 9, 2), QTime(9, 0)}};
    CHECK(wordsOfStarts(startsBetween(fridays, QDate(1997, 9, 2), QDate(2000, 12, 31))) ==
          QStringList{QStringLiteral("19980213T0900"), QStringLiteral("19980313T0900"), QStringLiteral("19981113T0900"),
                      QStringLiteral("19990813T0900"), QStringLiteral("20001013T0900")});

    auto daily = ruleFrom(QStringLiteral("FREQ=DAILY;COUNT=4;BYHOUR=9,17"), wallFrom(QStringLiteral("19970902")));
    daily.removed = {{QDate(1997, 9, 2), QTime(17, 0)}, {QDate(1997, 9, 4), {}}, {QDate(1997, 9, 3), QTime(17, 1)}};
    daily.added = {{QDate(1997, 9, 5), QTime(8, 0)},
                   {QDate(1997, 9, 3), QTime(9, 0)},  // there already
                   {QDate(1997, 9, 4), QTime(8, 0)},  // EXDATE rules
                   {QDate(1997, 9, 1), QTime(8, 0)}}; // before the rule holds
    const QStringList expected{QStringLiteral("19970902T0900"), QStringLiteral("19970903T0900"),
                               QStringLiteral("19970903T1700"), QStringLiteral("19970905T0800")};
    CHECK(wordsOfStarts(startsBetween(daily, QDate(1997, 8, 1), QDate(1997, 12, 31))) == expected);
    daily.validUntil = QDate(1997, 9, 4);
    CHECK(startsBetween(daily, QDate(1997, 8, 1), QDate(1997, 12, 31)).size() == 3);

    // Without RRULE: the start, and what RDATE adds.
    auto single = ruleFrom(QString(), wallFrom(QStringLiteral("19970902")));
    single.added = {{QDate(1997, 10, 2), QTime(7, 30)}};
    CHECK(wordsOfStarts(startsBetween(single, QDate(1997, 9, 1), QDate(1997, 12, 31))) ==
          QStringList{QStringLiteral("19970902T0900"), QStringLiteral("19971002T0730")});

    single.added = {{QDate(1997, 10, 2), {}}};
    CHECK_FALSE(checkRule(single));
    single.added.assign(maxListedStarts + 1, {QDate(1997, 10, 2), QTime(7, 30)});
    CHECK(checkRule(single).error().category == ErrorCategory::LimitExceeded);
}

TEST_CASE("A recurrence rule is read strictly and written as it was meant", "[recurrence]")
{
    const auto canonical = [](const char* rrule) {
        const auto read = recurrenceFromText(QString::fromLatin1(rrule));
        REQUIRE(read);
        const QString text = toText(*read);
        const auto again = recurrenceFromText(text);
        REQUIRE(again);
        CHECK(*again == *read);
        return text;
    };
    CHECK(canonical("byday=fr,mo;freq=weekly;interval=1") == QStringLiteral("FREQ=WEEKLY;BYDAY=MO,FR"));
    CHECK(canonical("FREQ=YEARLY;BYMONTH=12,1,1;BYDAY=+1MO,-1FR;WKST=SU;UNTIL=20261231T170000Z") ==
          QStringLiteral("FREQ=YEARLY;UNTIL=20261231T170000Z;BYMONTH=1,12;BYDAY=-1FR,1MO;WKST=SU"));
    CHECK(canonical("FREQ=MINUTELY;BYSECOND=60,59") == QStringLiteral("FREQ=MINUTELY;BYSECOND=59"));
    for (const char* bad : {"FREQ=WEEKLY;BYMONTHDAY=1",
                            "FREQ=MONTHLY;BYWEEKNO=1",
                            "FREQ=MONTHLY;BYYEARDAY=1",
                            "FREQ=WEEKLY;BYDAY=1MO",
                            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
                            "FREQ=DAILY;BYSETPOS=1",
                            "FREQ=DAILY;BYMONTH=13",
                            "FREQ=DAILY;BYMONTH=0",
                            "FREQ=MONTHLY;BYMONTHDAY=0",
                            "FREQ=MONTHLY;BYMONTHDAY=32",
                            "FREQ=YEARLY;BYYEARDAY=-367",
                            "FREQ=DAILY;BYHOUR=24",
                            "FREQ=DAILY;BYMINUTE=-1",
                            "FREQ=DAILY;BYSECOND=61",
                            "FREQ=DAILY;BYDAY=0MO",
                            "FREQ=DAILY;BYDAY=M",
                            "FREQ=DAILY;BYDAY=,",
                            "FREQ=DAILY;UNTIL=20261301",
                            "FREQ=DAILY;UNTIL=20261201T2500",
                            "FREQ=DAILY;UNTIL=20261201T050000X",
                            "FREQ=DAILY;WKST=1",
                            "FREQ=DAILY;INTERVAL=+2",
                            "FREQ=DAILY;COUNT=0x10",
                            "FREQ=DAILY;",
                            ";FREQ=DAILY",
                            "FREQ=DAILY BYDAY=MO"}) {
        INFO(bad);
        CHECK_FALSE(recurrenceFromText(QString::fromLatin1(bad)));
    }
}

TEST_CASE("Hours, minutes and seconds recur as the definition has it, second by second", "[recurrence][property]")
{
    std::mt19937 random(5545);
    const auto chance = [&](int in) { return random() % static_cast<unsigned>(in) == 0; };
    const auto numbers = [&](int least, int most, int howMany) {
        std::vector<int> list;
        for (int i = 0; i < howMany; ++i)
            list.push_back(least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1)));
        std::ranges::sort(list);
        list.erase(std::unique(list.begin(), list.end()), list.end());
        return list;
    };
    int compared = 0;
    constexpr unsigned all = loa::test::rounds(600);
    for (unsigned round = 0; round < all; ++round) {
        RecurrenceRule rule;
        rule.frequency = static_cast<Frequency>(random() % 3);
        const bool isHourly = rule.frequency == Frequency::Hourly;
        const int widest = isHourly ? 30 : rule.frequency == Frequency::Minutely ? 400 : 9000;
        rule.interval = 1 + static_cast<int>(random() % static_cast<unsigned>(widest));
        if (chance(3))
            rule.hours = numbers(0, 23, 6);
        if (chance(4))
            rule.minutes = numbers(0, 59, isHourly ? 2 : 20);
        if (chance(5))
            rule.seconds = numbers(0, 59, rule.frequency == Frequency::Secondly ? 30 : 2);
        if (chance(4))
            rule.months = numbers(1, 12, 5);
        if (chance(5))
            rule.monthDays = numbers(1, 31, 15);
        if (chance(4))
            rule.weekdays = {{0, 1}, {0, 3}, {0, 6}};
        if (chance(3))
            rule.count = 1 + static_cast<int>(random() % 200);
        const QDateTime begin(QDate(2027, 11, 29).addDays(static_cast<int>(random() % 60)),
                              QTime(static_cast<int>(random() % 24), static_cast<int>(random() % 60), 7));
        const QDate from = begin.date().addDays(static_cast<int>(random() % 12));
        const QDate until = from.addDays(static_cast<int>(random() % 12));
        const QString text = toText(rule);
        INFO(text.toStdString() << " from " << begin.toString(Qt::ISODate).toStdString());
        const auto starts = startsOf(ruleFrom(text, begin), QTimeZone::utc(), from, until);
        if (!starts) {
            CHECK(starts.error().category == ErrorCategory::LimitExceeded);
            continue;
        }
        ++compared;

        const auto expected = bySecond(rule, begin, from, until);
        REQUIRE(wordsOfStarts(*starts).join(u' ').toStdString() == wordsOfStarts(expected).join(u' ').toStdString());
        REQUIRE((*starts == expected));
    }
    CHECK(compared > static_cast<int>(all / 2));
}

TEST_CASE("By hours on the wall clock: a gap joins two starts, a doubled hour has one", "[recurrence]")
{
    HoursPolicy open;
    open.validFrom = QDate(1970, 1, 1);
    for (auto& windows : open.week)
        windows = {{std::chrono::minutes(0), std::chrono::minutes(1440)}};
    const QTimeZone berlin("Europe/Berlin");
    const auto rule = ruleFrom(QStringLiteral("FREQ=HOURLY"), QDateTime(QDate(2026, 3, 1), QTime(0, 30)));
    const auto startsOn = [&](QDate date) {
        const auto expansion = expandSessions({&rule, 1}, {&open, 1}, berlin, date, date);
        REQUIRE(expansion);
        CHECK(expansion->refusals.empty());
        return expansion->sessions;
    };
    CHECK(startsOn(QDate(2026, 3, 28)).size() == 24);
    CHECK(startsOn(QDate(2026, 3, 29)).size() == 23);
    const auto doubled = startsOn(QDate(2026, 10, 25));
    CHECK(doubled.size() == 24);
    CHECK(doubled[3].startsAt - doubled[2].startsAt == std::chrono::hours(2));
}

TEST_CASE("Hostile recurrences by hours, minutes and seconds end", "[recurrence]")
{
    const QDateTime begin(QDate(1970, 1, 1), QTime(0, 0));
    const auto ask = [&](const char* rrule) {
        INFO(rrule);
        return startsOf(ruleFrom(QString::fromLatin1(rrule), begin), newYork, QDate(2026, 1, 1), QDate(2028, 3, 1));
    };
    const auto isTooDense = [&](const char* rrule) {
        const auto starts = ask(rrule);
        return !starts && starts.error().category == ErrorCategory::LimitExceeded;
    };
    for (const char* never : {"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;BYMONTH=4;BYMONTHDAY=31",
                              "FREQ=MINUTELY;BYYEARDAY=366;BYMONTH=6", "FREQ=SECONDLY;INTERVAL=3600;BYMINUTE=1",
                              "FREQ=SECONDLY;INTERVAL=1000000;BYHOUR=5;BYMINUTE=1;BYSECOND=1;COUNT=1"}) {
        const auto starts = ask(never);
        CHECK((starts && starts->empty()));
    }
    CHECK(isTooDense("FREQ=SECONDLY"));
    CHECK(isTooDense("FREQ=SECONDLY;COUNT=1000000000"));
    CHECK(isTooDense("FREQ=MINUTELY;COUNT=1000000000"));
    CHECK(isTooDense("FREQ=HOURLY;COUNT=1000000000"));
    CHECK(isTooDense("FREQ=MINUTELY;BYSECOND=0,30"));
    CHECK(isTooDense("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1"));
    CHECK(isTooDense("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1;COUNT=1000000000"));
    // Every second of every day that never comes: refused before libical looks at one.
    QStringList all;
    for (int i = 0; i < 60; ++i)
        all.append(QString::number(i));
    const QString sixty = all.join(u',');
    const QString dense = QStringLiteral("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=1,2,3,4,5,6;BYMINUTE=") + sixty +
                          QStringLiteral(";BYSECOND=") + sixty;
    CHECK(isTooDense(dense.toLatin1().constData()));
    // And the densest that is let in.
    CHECK(ask("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;"
              "BYMINUTE=0,15,30,45")
              ->empty());
}
