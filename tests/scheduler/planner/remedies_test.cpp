// What a shortfall needs, and how a duty stands: worked by hand. The proof that nothing smaller does is in
// plan_oracle_test.cpp.
#include "scheduler/planner/remedies.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

Shortfall onlyShortfall(const Plan& made)
{
    REQUIRE(made.shortfalls.size() == 1);
    return made.shortfalls.front();
}

std::vector<RemedyKind> kindsOf(const std::vector<Remedy>& remedies)
{
    std::vector<RemedyKind> kinds;
    for (const Remedy& remedy : remedies)
        kinds.push_back(remedy.kind);
    std::ranges::sort(kinds);
    return kinds;
}

// March 2026, a session of fifteen minutes at six every day.
PlanInput march()
{
    PlanInput input;
    input.station = {text("station")};
    input.from = day(1, 3);
    input.until = day(31, 3);
    input.frozenUntil = at(day(1, 3), 0);
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d, 3), 6, minutes(15)));
    return input;
}

Forecast onlyForecast(const PlanInput& input)
{
    const Plan made = plan(input);
    REQUIRE(made.forecasts.size() == 1);
    CHECK_FALSE(made.forecasts.front().reason.vi.isEmpty());
    CHECK_FALSE(made.forecasts.front().reason.en.isEmpty());
    return made.forecasts.front();
}

void addItems(PlanInput& input, int count, QDate validFrom)
{
    for (int number = 0; number < count; ++number) {
        const QByteArray name = QStringLiteral("item-%1").arg(input.items.size(), 2, 10, QLatin1Char('0')).toLatin1();
        input.items.push_back(item(name.constData(), minutes(3)));
        input.items.back().validFrom = validFrom;
    }
}

} // namespace

TEST_CASE("Promise 5: as many new items as are missing, in one remedy", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.obligations = {duty(3)};
    const Shortfall shortfall = onlyShortfall(plan(input));
    REQUIRE(kindsOf(shortfall.remedies) == std::vector{RemedyKind::ApproveItems});
    CHECK(shortfall.remedies[0].count == 3);
    CHECK(shortfall.smallest);
    CHECK(plan(withRemedies(input, shortfall.remedies)).shortfalls.empty());
}

TEST_CASE("Promise 5: an item and a session, where neither alone is enough", "[promise-5]")
{
    PlanInput input = december(minutes(4));
    input.sessions = {session(day(20), 6, minutes(4))};
    input.items = {item("reform", minutes(4))};
    input.obligations = {duty(2)};
    const Shortfall shortfall = onlyShortfall(plan(input));
    CHECK(kindsOf(shortfall.remedies) == std::vector{RemedyKind::ApproveItems, RemedyKind::AddRoom});
    CHECK(shortfall.smallest);
    CHECK(plan(withRemedies(input, shortfall.remedies)).shortfalls.empty());
    for (const Remedy& alone : shortfall.remedies) {
        CHECK_FALSE(alone.text.vi.isEmpty());
        CHECK_FALSE(plan(withRemedies(input, {alone})).shortfalls.empty());
    }
}

TEST_CASE("Promise 5: a hand edit that costs the quota is named before all else", "[promise-5]")
{
    PlanInput input = december(minutes(4));
    input.sessions = {session(day(20), 6, minutes(4))};
    input.items = {item("news", minutes(4), "other"), item("reform", minutes(4))};
    input.obligations = {duty(1)};
    model::HandEdit edit;
    edit.id = {text("edit")};
    edit.station = input.station;
    edit.session = input.sessions[0].id;
    edit.item = input.items[0].id;
    input.edits = {edit};
    const Shortfall shortfall = onlyShortfall(plan(input));
    REQUIRE(shortfall.remedies.size() == 1);
    CHECK(shortfall.remedies[0].kind == RemedyKind::TakeBackEdit);
    CHECK(shortfall.reason.en.contains(text("Take back the edit about \"Tin news\" of 20/12/2026.")));
    CHECK(shortfall.reason.en.contains(text("Or: ")));
    CHECK(shortfall.smallest);
}

TEST_CASE("Promise 5: the policy that stands in the way is named", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("reform", minutes(16))};
    input.obligations = {duty(1)};
    HoursPolicy policy;
    policy.id = PolicyId{text("policy")};
    policy.name = text("QĐ 3/2021");
    policy.validFrom = day(1, 1);
    policy.sessionLength = std::chrono::minutes(15);
    input.policies = {policy};
    const Shortfall shortfall = onlyShortfall(plan(input));
    CHECK(shortfall.reason.en.contains(text("Needs 1 more approved item(s)")));
    CHECK(shortfall.reason.en.contains(text("Or: Lengthen the session of 01/12/2026 by 1:00. \"QĐ 3/2021\" allows "
                                            "15:00 minutes a session.")));
    CHECK(shortfall.reason.vi.contains(text("\"QĐ 3/2021\" chỉ cho phép 15:00 phút một buổi.")));
}

TEST_CASE("Promise 5: a session that a policy refuses is named with the refusal, and as few days as are enough",
          "[promise-5]")
{
    PlanInput input = december(minutes(4));
    input.sessions = {session(day(20), 6, minutes(4))};
    input.items = {item("one", minutes(4)), item("three", minutes(4)), item("two", minutes(4))};
    input.obligations = {duty(2)};
    for (int d = 18; d <= 28; ++d) {
        RefusedSession refused{session(day(d), 17, minutes(20)), RefusalCause::TooLong, {}};
        refused.session.rule = {text("evening")};
        refused.session.id = sessionIdFor(input.station, refused.session.rule, refused.session.startsAt);
        refused.reason = {text("\"QĐ 3/2021\" chỉ cho phép 15:00 phút."), text("\"QĐ 3/2021\" allows 15:00.")};
        input.refused.push_back(refused);
    }
    Shortfall shortfall = onlyShortfall(plan(input));
    REQUIRE(kindsOf(shortfall.remedies) == std::vector{RemedyKind::AllowSession});
    CHECK(shortfall.smallest);
    CHECK(shortfall.remedies[0].session == input.refused[0].session.id);
    CHECK(shortfall.remedies[0].from == day(18));
    CHECK(shortfall.remedies[0].until == day(18));
    CHECK(
        shortfall.reason.en.startsWith(text("\"QĐ 3/2021\" allows 15:00. Change the policy, or have a decision of its "
                                            "own, so that it takes place on 18/12/2026. Or: ")));
    CHECK(shortfall.reason.vi.startsWith(text("\"QĐ 3/2021\" chỉ cho phép 15:00 phút. Sửa quy định")));
    CHECK(plan(withRemedies(input, shortfall.remedies)).shortfalls.empty());

    // Sessions of four minutes, and two more items are owed: two days have to be allowed.
    input.obligations[0].required = 3;
    for (RefusedSession& refused : input.refused)
        refused.session.frames = minutes(4);
    shortfall = onlyShortfall(plan(input));
    REQUIRE(kindsOf(shortfall.remedies) == std::vector{RemedyKind::AllowSession});
    CHECK(shortfall.remedies[0].until == day(19));
    CHECK(shortfall.reason.en.contains(text("takes place (2 such sessions from 18/12/2026 to 19/12/2026).")));
    CHECK(plan(withRemedies(input, shortfall.remedies)).shortfalls.empty());

    SECTION("not where another session runs then, whatever policies say")
    {
        for (RefusedSession& refused : input.refused)
            refused.cause = RefusalCause::Overlap;
        for (const Remedy& remedy : onlyShortfall(plan(input)).remedies)
            CHECK(remedy.kind != RemedyKind::AllowSession);
    }
    SECTION("not what is over or frozen")
    {
        input.frozenUntil = at(day(28), 18);
        for (const Remedy& remedy : onlyShortfall(plan(input)).remedies)
            CHECK(remedy.kind != RemedyKind::AllowSession);
    }
    SECTION("a template is a thing to change, too")
    {
        for (RefusedSession& refused : input.refused)
            refused.cause = RefusalCause::NoRoom;
        CHECK(onlyShortfall(plan(input)).reason.en.contains(text("Change the template so that it takes place")));
    }
}

TEST_CASE("Promise 5: what no change of items and sessions can give asks for a lower duty", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("reform", minutes(4))};
    input.frozenUntil = at(day(2, 1).addYears(1), 0); // all of the month is over
    input.obligations = {duty(2)};
    const Shortfall shortfall = onlyShortfall(plan(input));
    REQUIRE(kindsOf(shortfall.remedies) == std::vector{RemedyKind::LowerDuty});
    CHECK(shortfall.remedies[0].obligation == input.obligations[0].id);
    CHECK(shortfall.remedies[0].count == 2);
}

TEST_CASE("A year that reaches beyond the plan: met, on course, at risk, impossible", "[promise-5]")
{
    PlanInput input = march();
    input.obligations = {duty(8, model::ObligationPeriod::Year)};
    SECTION("met by what has sounded")
    {
        for (int number = 0; number < 8; ++number)
            input.past.push_back({{QStringLiteral("old-%1").arg(number)}, {}, day(3, 2), true, {text("cchc-a")}, {}});
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::Met);
        CHECK(forecast.probability == 1.0);
    }
    SECTION("on course: some are planned, the others approved for later")
    {
        addItems(input, 5, day(1, 1));
        addItems(input, 3, day(1, 5));
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::OnCourse);
        CHECK(forecast.planned == 5);
        CHECK(forecast.probability == 1.0);
        CHECK_FALSE(forecast.actBy);
    }
    SECTION("at risk: more have to be approved, and by when")
    {
        addItems(input, 5, day(1, 1));
        addItems(input, 1, day(1, 5));
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::AtRisk);
        CHECK(forecast.probability == 0.0); // with the items there are
        CHECK(forecast.actBy == day(31));
        REQUIRE(forecast.remedies.size() == 1);
        CHECK(forecast.remedies[0].kind == RemedyKind::ApproveItems);
        CHECK(forecast.remedies[0].count == 2);
    }
    SECTION("at risk: enough is approved, but the station fails too often")
    {
        addItems(input, 8, day(1, 12));
        input.failureRate = 0.5;
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::AtRisk);
        // Each sounds twice: three in four times at least once, all eight of them.
        CHECK(forecast.probability == Approx(std::pow(0.75, 8)));
        CHECK(forecast.actBy.has_value());
    }
    SECTION("impossible: nothing goes on air there, whatever is approved")
    {
        addItems(input, 8, day(1, 1));
        input.sessions.clear();
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::Impossible);
        CHECK(forecast.probability == 0.0);
        REQUIRE(forecast.remedies.size() == 1);
        CHECK(forecast.remedies[0].kind == RemedyKind::AddRoom);
    }
    SECTION("impossible: what a policy refuses is named, where allowing it could give what is missing")
    {
        addItems(input, 8, day(1, 1));
        input.sessions.clear();
        const auto refuse = [&](const char* rule, int hour, int days, FrameCount length, RefusalCause cause) {
            for (int d = 1; d <= days; ++d) {
                RefusedSession refused{session(day(d, 3), hour, length), cause, {}};
                refused.session.rule = {text(rule)};
                refused.reason = {text(rule), text(rule)};
                input.refused.push_back(refused);
            }
        };
        refuse("Night.", 22, 31, minutes(10), RefusalCause::OutsideHours);
        refuse("Double.", 6, 31, minutes(10), RefusalCause::Overlap); // whatever policies say
        refuse("Long.", 12, 31, minutes(10), RefusalCause::NoRoom);
        const Forecast forecast = onlyForecast(input);
        CHECK(forecast.standing == Standing::Impossible);
        REQUIRE(kindsOf(forecast.remedies) ==
                std::vector{RemedyKind::AddRoom, RemedyKind::AllowSession, RemedyKind::AllowSession});
        CHECK(forecast.remedies[0].session == input.refused[0].session.id);
        CHECK(forecast.remedies[0].count == 275); // daily from April to December
        CHECK(forecast.remedies[0].from == day(1, 4));
        CHECK(forecast.reason.en.contains(text("Night. Change the policy, or have a decision of its own, so that it "
                                               "takes place (about 275 such sessions after the planned days). Or: "
                                               "Long. Change the template")));
        CHECK(forecast.reason.vi.contains(text("(khoảng 275 buổi như vậy sau thời gian đã xếp)")));
        CHECK(forecast.reason.en.endsWith(text("Or: Add sessions in the year 2026.")));

        // A session a month cannot give a year's minutes.
        input.refused.clear();
        refuse("Night.", 22, 1, minutes(10), RefusalCause::OutsideHours);
        input.obligations[0].measure = model::ObligationMeasure::Minutes;
        input.obligations[0].required = 1000;
        CHECK(kindsOf(onlyForecast(input).remedies) == std::vector{RemedyKind::AddRoom});
    }
    SECTION("impossible: more minutes than its sessions have")
    {
        addItems(input, 8, day(1, 1));
        input.obligations[0].measure = model::ObligationMeasure::Minutes;
        input.obligations[0].required = 365 * 15;
        CHECK(onlyForecast(input).standing == Standing::Impossible);
        input.obligations[0].required = 300 * 15; // a little less is left than the year has
        CHECK(onlyForecast(input).standing == Standing::OnCourse);
    }
}
