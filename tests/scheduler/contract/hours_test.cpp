#include "scheduler/contract/hours.h"

#include <QDateTime>

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace std::chrono;

namespace {

const QTimeZone hanoi("Asia/Ho_Chi_Minh");

UtcTime at(const QTimeZone& zone, QDate date, int hour, int minute = 0)
{
    return UtcTime(milliseconds(QDateTime(date, QTime(hour, minute), zone).toMSecsSinceEpoch()));
}

HoursPolicy policyFrom(QDate first, std::vector<HoursWindow> everyDay)
{
    HoursPolicy policy;
    policy.id = {QStringLiteral("p")};
    policy.name = QStringLiteral("thử");
    policy.validFrom = first;
    policy.week.fill(everyDay);
    return policy;
}

} // namespace

TEST_CASE("Promise 2: sound is allowed inside the day's windows and nowhere else", "[promise-2][hours]")
{
    const std::vector<HoursPolicy> policies{
        policyFrom(QDate(2026, 1, 1), {{hours(5), hours(6)}, {hours(17), hours(18)}})};
    const QDate day(2026, 12, 2);
    CHECK(isAllowed(policies, hanoi, at(hanoi, day, 5), at(hanoi, day, 6)));
    CHECK(isAllowed(policies, hanoi, at(hanoi, day, 17, 30), at(hanoi, day, 17, 45)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 5), at(hanoi, day, 6) + microseconds(1)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 5) - microseconds(1), at(hanoi, day, 5, 30)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 3, 15), at(hanoi, day, 3, 16)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 5), at(hanoi, day, 17, 30)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 5), at(hanoi, day, 5)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, day, 6), at(hanoi, day, 5)));
}

TEST_CASE("Promise 2: without a policy for the date nothing may sound", "[promise-2][hours]")
{
    const std::vector<HoursPolicy> policies{policyFrom(QDate(2026, 12, 3), {{hours(0), hours(24)}})};
    CHECK_FALSE(isAllowed({}, hanoi, at(hanoi, QDate(2026, 12, 2), 5), at(hanoi, QDate(2026, 12, 2), 6)));
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, QDate(2026, 12, 2), 5), at(hanoi, QDate(2026, 12, 2), 6)));
    CHECK(isAllowed(policies, hanoi, at(hanoi, QDate(2026, 12, 3), 5), at(hanoi, QDate(2026, 12, 3), 6)));
    CHECK_FALSE(
        isAllowed(policies, QTimeZone("No/Where"), at(hanoi, QDate(2026, 12, 3), 5), at(hanoi, QDate(2026, 12, 3), 6)));
}

TEST_CASE("the latest policy that holds on the date wins, the first named on a tie", "[hours]")
{
    HoursPolicy old = policyFrom(QDate(2021, 3, 12), {{hours(5), hours(6)}});
    old.id = {QStringLiteral("old")};
    HoursPolicy current = policyFrom(QDate(2026, 7, 1), {{hours(6), hours(7)}});
    current.id = {QStringLiteral("current")};
    current.validUntil = QDate(2026, 12, 31);
    HoursPolicy same = current;
    same.id = {QStringLiteral("same")};
    const std::vector<HoursPolicy> policies{old, current, same};
    CHECK(policyOn(policies, QDate(2021, 3, 11)) == nullptr);
    CHECK(policyOn(policies, QDate(2026, 6, 30))->id.value == QStringLiteral("old"));
    CHECK(policyOn(policies, QDate(2026, 7, 1))->id.value == QStringLiteral("current"));
    CHECK(policyOn(policies, QDate(2027, 1, 1))->id.value == QStringLiteral("old"));
}

TEST_CASE("an exception by decision replaces its day", "[hours]")
{
    HoursPolicy policy = policyFrom(QDate(2026, 1, 1), {{hours(5), hours(6)}});
    policy.exceptions = {{QDate(2026, 2, 17), {}, QStringLiteral("Mùng một Tết")},
                         {QDate(2026, 9, 2), {{hours(8), hours(9)}}, QStringLiteral("Quốc khánh")}};
    const std::vector<HoursPolicy> policies{policy};
    CHECK(allowedOn(policies, hanoi, QDate(2026, 2, 17)).empty());
    CHECK_FALSE(isAllowed(policies, hanoi, at(hanoi, QDate(2026, 9, 2), 5), at(hanoi, QDate(2026, 9, 2), 6)));
    CHECK(isAllowed(policies, hanoi, at(hanoi, QDate(2026, 9, 2), 8), at(hanoi, QDate(2026, 9, 2), 9)));
}

TEST_CASE("windows that meet at midnight carry a session across it", "[hours]")
{
    const std::vector<HoursPolicy> policies{
        policyFrom(QDate(2026, 1, 1), {{hours(0), hours(1)}, {hours(23), hours(24)}})};
    CHECK(isAllowed(policies, hanoi, at(hanoi, QDate(2026, 12, 31), 23, 30), at(hanoi, QDate(2027, 1, 1), 0, 30)));
    CHECK_FALSE(
        isAllowed(policies, hanoi, at(hanoi, QDate(2026, 12, 31), 23, 30), at(hanoi, QDate(2027, 1, 1), 1, 30)));
}

TEST_CASE("daylight saving: a skipped edge moves past the gap, a doubled one is its first", "[hours]")
{
    const QTimeZone berlin("Europe/Berlin");
    const std::vector<HoursPolicy> policies{policyFrom(QDate(2026, 1, 1), {{hours(2) + minutes(30), hours(5)}})};
    // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    const auto spring = allowedOn(policies, berlin, QDate(2026, 3, 29));
    REQUIRE(spring.size() == 1);
    CHECK(spring[0].from == UtcTime(sys_days(2026y / 3 / 29)) + hours(1));
    CHECK(spring[0].until == UtcTime(sys_days(2026y / 3 / 29)) + hours(3));
    // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 is first at 00:30 UTC.
    const auto autumn = allowedOn(policies, berlin, QDate(2026, 10, 25));
    REQUIRE(autumn.size() == 1);
    CHECK(autumn[0].from == UtcTime(sys_days(2026y / 10 / 25)) + minutes(30));
    CHECK(autumn[0].until == UtcTime(sys_days(2026y / 10 / 25)) + hours(4));
}

TEST_CASE("Promise 2: agrees minute by minute with a naive reading of the policy", "[promise-2][hours][property]")
{
    std::mt19937 random(2021'03'12);
    const auto pick = [&random](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
    for (int round = 0; round < 60; ++round) {
        HoursPolicy policy = policyFrom(QDate(2026, 1, 1), {});
        bool open[7][1440] = {};
        for (std::size_t day = 0; day < 7; ++day) {
            for (int count = pick(4); count > 0; --count) {
                const int from = pick(1440);
                const int until = from + 1 + pick(1440 - from);
                policy.week[day].push_back({minutes(from), minutes(until)});
                for (int minute = from; minute < until; ++minute)
                    open[day][minute] = true;
            }
        }
        const std::vector<HoursPolicy> policies{policy};
        for (int trial = 0; trial < 40; ++trial) {
            const QDate date = QDate(2026, 3, 2).addDays(pick(300)); // a Monday first
            const int start = pick(1440);
            const int length = 1 + pick(trial % 2 == 0 ? 30 : 600);
            bool expected = true;
            for (int minute = start; minute < start + length; ++minute) {
                const QDate day = date.addDays(minute / 1440);
                expected = expected && open[day.dayOfWeek() - 1][minute % 1440];
            }
            const UtcTime from = at(hanoi, date, start / 60, start % 60);
            REQUIRE(isAllowed(policies, hanoi, from, from + minutes(length)) == expected);
        }
    }
}

TEST_CASE("a policy reads back from JSON, and hostile ones are told where", "[hours]")
{
    HoursPolicy policy = policyFrom(QDate(2026, 1, 1), {{hours(5), hours(6)}});
    policy.exceptions = {{QDate(2026, 9, 2), {{hours(8), hours(9)}}, QStringLiteral("Quốc khánh")}};
    policy.validUntil = QDate(2026, 12, 31);
    policy.sessionsPerDay = 2;
    policy.sessionLength = minutes(15);
    const auto again = hoursPolicyFromJson(toJson(policy));
    REQUIRE(again);
    CHECK(*again == policy);

    QJsonObject misspelt = toJson(policy);
    misspelt.insert(QStringLiteral("sesions_per_day"), 2);
    const auto refused = hoursPolicyFromJson(misspelt);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == QStringLiteral("/sesions_per_day"));

    QJsonObject reversed = toJson(policyFrom(QDate(2026, 1, 1), {{hours(6), hours(5)}}));
    REQUIRE_FALSE(hoursPolicyFromJson(reversed));
}
