// "Why not?", one case an obstacle.
#include "scheduler/planner/why_not.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

// Every day a session of five minutes at six; "a" is asked about, "b" stands in each session.
PlanInput question()
{
    PlanInput input = december(minutes(5));
    input.zone = QTimeZone("Asia/Ho_Chi_Minh");
    input.items = {item("a", minutes(2)), item("b", minutes(2), "other")};
    return input;
}

Placement at(const PlanInput& input, int dayOfMonth, std::size_t item)
{
    return placed(input.sessions[static_cast<std::size_t>(dayOfMonth - 1)], input.items[item]);
}

struct Case {
    Obstacle obstacle;
    std::function<void(PlanInput& input, Plan& answer)> make;
    const char* vi;
    const char* en;
    bool hasRemedy = true;
};

model::HandEdit away(const PlanInput& input, int dayOfMonth)
{
    model::HandEdit edit;
    edit.id = {text("edit")};
    edit.session = input.sessions[static_cast<std::size_t>(dayOfMonth - 1)].id;
    edit.item = {text("a")};
    edit.kind = model::HandEditKind::Away;
    return edit;
}

const Case cases[] = {
    {Obstacle::UnknownItem, [](PlanInput& input, Plan&) { input.items.erase(input.items.begin()); }, "chưa được duyệt",
     "not approved"},
    {Obstacle::UnknownSession, [](PlanInput& input, Plan&) { input.sessions.clear(); }, "không có buổi phát",
     "no session there"},
    {Obstacle::Frozen, [](PlanInput& input, Plan&) { input.frozenUntil = test::at(day(9), 7); }, "đã bắt đầu",
     "has begun"},
    {Obstacle::NotValid, [](PlanInput& input, Plan&) { input.items[0].validUntil = day(8); }, "không có hiệu lực",
     "not valid"},
    {Obstacle::Forbidden, [](PlanInput& input, Plan&) { input.items[0].rules.forbiddenAt = {input.station}; }, "bị cấm",
     "may not play here"},
    {Obstacle::TooEarly, [](PlanInput& input, Plan&) { input.items[0].rules.notBefore = QTime(12, 0); }, "12:00",
     "12:00"},
    {Obstacle::NoPart,
     [](PlanInput& input, Plan&) {
         input.sessions[8].parts = {{text("p"), model::PartKind::Bulletin, 0, minutes(5), {text("other")}}};
     },
     "Không phần nào", "No part"},
    {Obstacle::TooLong, [](PlanInput& input, Plan&) { input.sessions[8].frames = minutes(1); }, "dài 2:00",
     "lasts 2:00"},
    {Obstacle::NoRoom,
     [](PlanInput& input, Plan& answer) {
         input.items[1].frames = minutes(4);
         answer.placements = {at(input, 9, 1)};
     },
     "chỉ còn trống 1:00", "has 1:00 left"},
    {Obstacle::Gap,
     [](PlanInput& input, Plan& answer) {
         input.items[0].rules.leastGap = std::chrono::hours(72);
         answer.placements = {at(input, 10, 0)};
     },
     "10/12/2026 06:00", "10/12/2026 06:00"},
    {Obstacle::DayLimit,
     [](PlanInput& input, Plan& answer) {
         input.items[0].rules.mostPlaysADay = 1;
         input.sessions.push_back(session(day(9), 17, minutes(5)));
         answer.placements = {at(input, 9, 0)};
         answer.placements[0].session = input.sessions.back().id;
     },
     "trong ngày (1)", "of the day already (1)", false},
    {Obstacle::PeriodLimit,
     [](PlanInput& input, Plan& answer) {
         input.items[0].rules.mostPlays = {{1, model::ObligationPeriod::Month}};
         answer.placements = {at(input, 20, 0)};
     },
     "trong kỳ (1)", "of the period already (1)"},
    {Obstacle::Series,
     [](PlanInput& input, Plan&) {
         input.items[0].rules.series = {text("s"), 2};
         input.items[1].rules.series = {text("s"), 1};
     },
     "\"Tin b\"", "\"Tin b\""},
    {Obstacle::Pair, [](PlanInput& input, Plan&) { input.items[0].rules.pairWith = ItemId{text("b")}; }, "\"Tin b\"",
     "\"Tin b\""},
    {Obstacle::Beside,
     [](PlanInput& input, Plan& answer) {
         input.items[0].rules.notBeside = {ItemId{text("b")}};
         answer.placements = {at(input, 9, 1)};
     },
     "\"Tin b\"", "\"Tin b\""},
    {Obstacle::ByHand, [](PlanInput& input, Plan&) { input.edits = {away(input, 9)}; }, "bằng tay", "by hand"},
    {Obstacle::NotItsTurn, [](PlanInput&, Plan&) {}, "chưa đến lượt", "others are due first"},
    {Obstacle::TooSoon, [](PlanInput& input, Plan& answer) { answer.placements = {at(input, 10, 0)}; },
     "phát sát ngày đó", "the day before or after"},
    {Obstacle::Tune,
     [](PlanInput& input, Plan&) {
         input.items.erase(input.items.begin());
         input.tunes = {{text("a")}};
     },
     "nhạc hiệu", "tune", false},
};

} // namespace

TEST_CASE("Why not: each obstacle in its own words, with what would help", "[planner]")
{
    for (const Case& one : cases) {
        INFO(toString(one.obstacle).toStdString());
        PlanInput input = question();
        Plan answer;
        one.make(input, answer);
        const WhyNot told = whyNot(input, answer, {text("a")}, day(9), day(9));
        const auto reason = std::ranges::find(told.reasons, one.obstacle, &WhyNotReason::obstacle);
        REQUIRE(reason != told.reasons.end());
        INFO(reason->text.vi.toStdString() << " / " << reason->text.en.toStdString());
        CHECK(reason->text.vi.contains(text(one.vi)));
        CHECK(reason->text.en.contains(text(one.en)));
        CHECK(told.remedies.empty() != one.hasRemedy);
        for (const Remedy& remedy : told.remedies) {
            CHECK_FALSE(remedy.text.vi.isEmpty());
            CHECK_FALSE(remedy.text.en.isEmpty());
        }
    }
}

TEST_CASE("Why not: refused sessions are told beside those that take place, each rule and cause once", "[planner]")
{
    PlanInput input = question();
    for (const int d : {9, 10}) {
        RefusedSession refused{session(day(d), 22, minutes(20)), RefusalCause::OutsideHours, {}};
        refused.reason = {text("Ngoài giờ của QĐ 3."), text("Outside the hours of QĐ 3.")};
        input.refused.push_back(refused);
    }
    const WhyNot told = whyNot(input, Plan{}, {text("a")}, day(9), day(12));
    REQUIRE(told.reasons.size() == 2);
    CHECK(told.reasons[0].obstacle == Obstacle::NotItsTurn);
    CHECK(told.reasons[0].sessions.size() == 4);
    CHECK(told.reasons[1].obstacle == Obstacle::RefusedSession);
    CHECK(told.reasons[1].text == input.refused[0].reason);
    CHECK(told.reasons[1].sessions == std::vector{input.refused[0].session.id, input.refused[1].session.id});
    CHECK(std::ranges::count(told.remedies, RemedyKind::AllowSession, &Remedy::kind) == 1);
    // Of days that nobody asks about nothing is told.
    CHECK(whyNot(input, Plan{}, {text("a")}, day(11), day(12)).reasons.size() == 1);
}

TEST_CASE("Why not: what is not there is told by what it is", "[planner]")
{
    PlanInput input = question();
    input.items.erase(input.items.begin());
    struct Words {
        AbsenceCause cause;
        const char* vi;
        const char* en;
        bool hasRemedy = true;
    };
    const Words words[] = {
        {AbsenceCause::NotSubmitted, "chưa được trình duyệt", "not been submitted"},
        {AbsenceCause::AwaitsApproval, "đang chờ duyệt", "waits for an approver"},
        {AbsenceCause::Rejected, "bị từ chối: chi tiết", "was rejected: chi tiết"},
        {AbsenceCause::Withdrawn, "đã được rút: chi tiết", "was withdrawn: chi tiết"},
        {AbsenceCause::NewRecording, "Bản thu mới", "new recording has not been approved"},
        {AbsenceCause::OutOfScope, "các đài của chi tiết", "stations of chi tiết alone"},
        {AbsenceCause::Twin, "\"chi tiết\"", "\"chi tiết\", approved before", false},
    };
    for (const Words& one : words) {
        const Absence absence{{text("a")}, one.cause, text("chi tiết")};
        const WhyNot told = whyNot(input, Plan{}, absence.item, day(9), day(12), {&absence, 1});
        REQUIRE(told.reasons.size() == 1);
        CHECK(told.reasons[0].obstacle == Obstacle::UnknownItem);
        INFO(told.reasons[0].text.vi.toStdString() << " / " << told.reasons[0].text.en.toStdString());
        CHECK(told.reasons[0].text.vi.contains(text(one.vi)));
        CHECK(told.reasons[0].text.en.contains(text(one.en)));
        CHECK(told.remedies.empty() != one.hasRemedy);
    }
}
