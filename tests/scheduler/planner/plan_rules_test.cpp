// Play rules, parts of sessions, measures of duties, hand edits, and what is told of them.
#include "scheduler/planner/conflicts.h"
#include "scheduler/planner/difference.h"
#include "scheduler/planner/why_not.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

std::vector<const Placement*> playsOfItem(const Plan& plan, const char* item)
{
    std::vector<const Placement*> plays;
    for (const Placement& placement : plan.placements) {
        if (placement.item.value == text(item))
            plays.push_back(&placement);
    }
    return plays;
}

void checkReplanStands(PlanInput input, const Plan& answer)
{
    input.existing = answer.placements;
    const Plan again = plan(input);
    CHECK(again == answer);
    CHECK(difference(answer, again, input).isEmpty());
}

} // namespace

TEST_CASE("Play limits hold, for no quota they bend", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("a", minutes(3)), item("b", minutes(3), "other")};
    input.items[0].rules.mostPlays = model::PlayLimit{2, model::ObligationPeriod::Month};
    input.items[1].rules.leastGap = std::chrono::hours(96);
    input.obligations = {duty(5)};
    input.obligations[0].measure = model::ObligationMeasure::Airings;
    const Plan answer = plan(input);
    CHECK(playsOf(answer, "a") == 2);
    REQUIRE(answer.shortfalls.size() == 1);
    CHECK(answer.shortfalls[0].planned == 2);
    CHECK(answer.shortfalls[0].remedies.size() == 1);
    CHECK(playsOf(answer, "b") >= 6);
    CHECK(playsOf(answer, "b") <= 8);
    checkReplanStands(input, answer);
}

TEST_CASE("Episodes sound in order, pairs together, strangers apart", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("a2", minutes(3)), item("b1", minutes(3)), item("after", minutes(2), "other"),
                   item("head", minutes(2), "other"), item("foe", minutes(2), "other")};
    input.items[0].rules.series = model::SeriesPlace{text("s"), 2};
    input.items[1].rules.series = model::SeriesPlace{text("s"), 1};
    input.items[2].rules.pairWith = ItemId{text("head")};
    input.items[4].rules.notBeside = {{text("head")}};
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    const auto first = playsOfItem(answer, "b1");
    const auto second = playsOfItem(answer, "a2");
    REQUIRE_FALSE(first.empty());
    REQUIRE_FALSE(second.empty());
    const auto place = [&](const Placement* placement) { return placement - answer.placements.data(); };
    CHECK(place(first.front()) < place(second.front()));
    CHECK(first.front()->session != second.front()->session);
    for (const Placement* after : playsOfItem(answer, "after")) {
        REQUIRE(after != answer.placements.data());
        const Placement& before = *(after - 1);
        CHECK(before.item.value == text("head"));
        CHECK(before.session == after->session);
    }
    for (const Placement* foe : playsOfItem(answer, "foe")) {
        for (const Placement* head : playsOfItem(answer, "head"))
            CHECK(foe->session != head->session);
    }
    CHECK_FALSE(playsOfItem(answer, "after").empty());
    CHECK_FALSE(playsOfItem(answer, "foe").empty());
    checkReplanStands(input, answer);
}

TEST_CASE("Parts take their topics, share their segment, and no item crosses its edge", "[planner]")
{
    PlanInput input = december(minutes(15));
    for (model::Session& session : input.sessions) {
        session.segments = {{minutes(1), minutes(4)}, {minutes(8), minutes(5)}};
        session.parts = {{text("news"), model::PartKind::Bulletin, 0, minutes(4), {text("other")}},
                         {text("reform"), model::PartKind::ReformColumn, 1, minutes(5), {text("cchc-e")}}};
    }
    input.items = {item("reform-1", minutes(5)), item("reform-2", minutes(3)), item("news", minutes(4), "other"),
                   item("long", minutes(5), "other")};
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    CHECK(playsOf(answer, "long") == 0);
    CHECK(playsOf(answer, "news") > 0);
    for (const Placement& placement : answer.placements) {
        const bool news = placement.item.value == text("news");
        CHECK(placement.part == (news ? 0 : 1));
        CHECK(placement.offset >= (news ? minutes(1) : minutes(8)));
        CHECK(placement.offset + placement.frames <= (news ? minutes(5) : minutes(13)));
    }
    checkReplanStands(input, answer);
    const WhyNot why = whyNot(input, answer, {text("long")}, day(1), day(3));
    REQUIRE(why.reasons.size() == 1);
    CHECK(why.reasons[0].obstacle == Obstacle::TooLong);
    CHECK(why.reasons[0].sessions.size() == 3);
    CHECK(why.remedies.size() == 2);
}

TEST_CASE("What plays is not told to change, though some session is too short for it", "[planner]")
{
    PlanInput input = december(minutes(15));
    for (std::size_t i = 0; i < input.sessions.size(); i += 2)
        input.sessions[i].frames = minutes(1);
    input.items = {item("news", minutes(5))};
    const Plan answer = plan(input);
    REQUIRE_FALSE(answer.placements.empty());
    const WhyNot why = whyNot(input, answer, {text("news")}, day(1), day(31));
    CHECK_FALSE(why.plays.empty());
    CHECK(std::ranges::any_of(why.reasons,
                              [](const WhyNotReason& reason) { return reason.obstacle == Obstacle::TooLong; }));
    for (const Remedy& remedy : why.remedies)
        CHECK(remedy.kind == RemedyKind::ChooseSession);
}

TEST_CASE("Minutes are owed in frames", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(4))};
    input.obligations = {duty(12)};
    input.obligations[0].measure = model::ObligationMeasure::Minutes;
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    CHECK(playsOf(answer, "a") >= 3);
}

TEST_CASE("Hand edits hold, and those that cannot be are told", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(4)), item("b", minutes(4), "other"), item("old", minutes(2), "other")};
    input.items[2].validUntil = day(2);
    const Plan before = plan(input);
    input.edits = {edit(input.sessions[9], "b", model::HandEditKind::Keep),
                   edit(input.sessions[9], "a", model::HandEditKind::Keep),
                   edit(input.sessions[9], "old", model::HandEditKind::Keep)};
    input.edits[0].madeAt = at(day(1), 1);
    input.edits[1].madeAt = at(day(1), 2);
    input.edits[2].madeAt = at(day(1), 3);
    const Plan answer = plan(input);
    const auto there = placementsOn(answer, input, day(10));
    REQUIRE(there.size() == 1);
    CHECK(there[0].item.value == text("b"));
    const auto conflicts = conflictsOf(input);
    REQUIRE(conflicts.size() == 2);
    CHECK(conflicts[0].obstacle == Obstacle::NoRoom);
    CHECK(conflicts[1].obstacle == Obstacle::NotValid);
    CHECK_FALSE(conflicts[0].resolutions.empty());
    const std::vector proposed{edit(input.sessions[4], "a", model::HandEditKind::Keep)};
    CHECK(checkEdits(input, proposed).empty());
    checkReplanStands(input, answer);

    input.edits = {
        edit(input.sessions[0], before.placements[0].item.value.toUtf8().constData(), model::HandEditKind::Away)};
    input.existing = before.placements;
    const Plan without = plan(input);
    CHECK_FALSE(difference(before, without, input).isEmpty());
    CHECK(std::none_of(without.placements.begin(), without.placements.end(), [&](const Placement& placement) {
        return placement.session == input.sessions[0].id && placement.item == before.placements[0].item;
    }));
}

TEST_CASE("An edit that wants a session which the policy refuses is told the policy's words", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(4))};
    RefusedSession refused{session(day(9), 22, minutes(20)), RefusalCause::OutsideHours, {}};
    refused.reason = {text("Ngoài giờ của QĐ 3."), text("Outside the hours of QĐ 3.")};
    input.refused = {refused};
    const std::vector proposed{edit(refused.session, "a", model::HandEditKind::Keep)};
    auto conflicts = checkEdits(input, proposed);
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0].obstacle == Obstacle::RefusedSession);
    CHECK(conflicts[0].reason == refused.reason);
    REQUIRE(conflicts[0].resolutions.size() == 2);
    CHECK(conflicts[0].resolutions[0].kind == RemedyKind::AllowSession);
    CHECK(conflicts[0].resolutions[0].session == refused.session.id);
    CHECK(conflicts[0].resolutions[0].from == day(9));
    CHECK(conflicts[0].resolutions[0].text.en ==
          text("Change the policy, or have a decision of its own, so that it takes place on 09/12/2026."));
    CHECK(conflicts[0].resolutions[1].kind == RemedyKind::ChooseSession);

    input.refused[0].cause = RefusalCause::Overlap;
    conflicts = checkEdits(input, proposed);
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0].resolutions[0].text.vi ==
          text("Dời hoặc rút ngắn một trong hai khung giờ để buổi đó được phát ngày 09/12/2026."));

    // Of one that no rule asks for nothing is known; an Away has nothing to take away.
    const std::vector unknown{edit(session(day(9), 23, minutes(5)), "a", model::HandEditKind::Keep)};
    REQUIRE(checkEdits(input, unknown).size() == 1);
    CHECK(checkEdits(input, unknown)[0].obstacle == Obstacle::UnknownSession);
    CHECK(checkEdits(input, std::vector{edit(refused.session, "a", model::HandEditKind::Away)}).empty());

    input.sessions.clear();
    const WhyNot told = whyNot(input, plan(input), input.items[0].id, day(1), day(31));
    REQUIRE(told.reasons.size() == 1);
    CHECK(told.reasons[0].obstacle == Obstacle::RefusedSession);
    CHECK(told.reasons[0].text == refused.reason);
}

TEST_CASE("Promise 5: a station that fails often has reserve enough, or is told to be at risk", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(2)), item("b", minutes(2))};
    input.obligations = {duty(2)};
    input.failureRate = 0.3;
    Plan answer = plan(input);
    REQUIRE(answer.forecasts.size() == 1);
    CHECK(answer.forecasts[0].standing == Standing::OnCourse);
    CHECK(answer.forecasts[0].probability >= sureEnough);

    input.sessions.resize(1);
    answer = plan(input);
    CHECK(answer.forecasts[0].standing == Standing::AtRisk);
    CHECK(answer.forecasts[0].probability == Approx(0.49));
    CHECK(answer.forecasts[0].actBy == day(1));

    input.items.pop_back();
    CHECK(plan(input).forecasts[0].standing == Standing::Impossible);
}

TEST_CASE("Most plays a day counts plays of the day, whatever its number", "[planner]")
{
    for (const int most : {1, 2, 3}) {
        PlanInput input = december(minutes(5));
        input.sessions.clear();
        for (int d = 1; d <= 2; ++d) {
            for (const int hour : {5, 8, 11, 17})
                input.sessions.push_back(session(day(d), hour, minutes(5)));
        }
        input.items = {item("often", minutes(5))};
        input.items[0].rules.mostPlaysADay = most;
        input.obligations = {duty(2 * most)};
        input.obligations[0].measure = model::ObligationMeasure::Airings;
        Plan answer = plan(input);
        INFO(most);
        CHECK(answer.shortfalls.empty());
        for (int d = 1; d <= 2; ++d)
            CHECK(placementsOn(answer, input, day(d)).size() == static_cast<std::size_t>(most));
        // One more than the days let be.
        input.obligations[0].required = 2 * most + 1;
        answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        CHECK(answer.shortfalls[0].planned == 2 * most);
        CHECK(placementsOn(answer, input, day(1)).size() <= static_cast<std::size_t>(most));
        // What has sounded on a day counts there.
        input.obligations[0].required = 2 * most;
        input.frozenUntil = at(day(1), 6);
        input.past = {{input.items[0].id, input.sessions[0].id, day(1), true, {}, {}}};
        answer = plan(input);
        CHECK(answer.shortfalls.empty());
        CHECK(placementsOn(answer, input, day(1)).size() == static_cast<std::size_t>(most - 1));
    }
}
