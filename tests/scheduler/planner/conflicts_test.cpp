// Conflicts of edits by hand, one case a kind, and that what would resolve each does.
#include "scheduler/planner/conflicts.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

model::HandEdit keep(const model::Session& session, const char* item, const char* id = "new")
{
    model::HandEdit edit;
    edit.id = {text(id)};
    edit.session = session.id;
    edit.item = {text(item)};
    edit.madeAt = at(day(1, 11), edit.id.value == text("new") ? 9 : 8);
    return edit;
}

// Every day a session of five minutes at six and one at seventeen; the station's own clock.
PlanInput twiceADay()
{
    PlanInput input = december(minutes(5));
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 17, minutes(5)));
    input.zone = QTimeZone("Asia/Ho_Chi_Minh");
    input.items = {item("a", minutes(4)), item("b", minutes(4), "other")};
    return input;
}

const model::Session& morning(const PlanInput& input, int dayOfMonth)
{
    return input.sessions[static_cast<std::size_t>(dayOfMonth - 1)];
}

const model::Session& evening(const PlanInput& input, int dayOfMonth)
{
    return input.sessions[static_cast<std::size_t>(dayOfMonth + 30)];
}

PlannableItem& itemOf(PlanInput& input, const char* id)
{
    return *std::ranges::find(input.items, ItemId{text(id)}, &PlannableItem::id);
}

// The one conflict of this edit; each resolution that can be tried alone is, and is enough.
EditConflict onlyConflict(const PlanInput& input, const model::HandEdit& edit)
{
    const auto conflicts = checkEdits(input, {{edit}});
    REQUIRE(conflicts.size() == 1);
    const EditConflict& conflict = conflicts.front();
    CHECK(conflict.edit == edit);
    REQUIRE_FALSE(conflict.reason.vi.isEmpty());
    REQUIRE_FALSE(conflict.reason.en.isEmpty());
    for (const Remedy& remedy : conflict.resolutions) {
        INFO(remedy.text.vi.toStdString() << " / " << remedy.text.en.toStdString());
        REQUIRE_FALSE(remedy.text.vi.isEmpty());
        REQUIRE_FALSE(remedy.text.en.isEmpty());
        if (remedy.kind == RemedyKind::ChooseSession && remedy.session) {
            model::HandEdit other = edit;
            other.session = *remedy.session;
            CHECK(checkEdits(input, {{other}}).empty());
            const auto named = std::ranges::find(input.sessions, *remedy.session, &model::Session::id);
            REQUIRE(named != input.sessions.end());
            CHECK(remedy.text.en.contains(named->localDate.toString(text("dd/MM/yyyy"))));
        }
        if (remedy.kind == RemedyKind::TakeBackEdit) {
            PlanInput without = input;
            REQUIRE(remedy.edit);
            REQUIRE(std::erase_if(without.edits, [&](const auto& some) { return some.id == *remedy.edit; }) == 1);
            CHECK(checkEdits(without, {{edit}}).empty());
        }
    }
    return conflict;
}

std::vector<RemedyKind> kindsOf(const EditConflict& conflict)
{
    std::vector<RemedyKind> kinds;
    for (const Remedy& remedy : conflict.resolutions)
        kinds.push_back(remedy.kind);
    return kinds;
}

bool says(const EditConflict& conflict, const char* vi, const char* en)
{
    return conflict.reason.vi.contains(text(vi)) && conflict.reason.en.contains(text(en));
}

using K = RemedyKind;

} // namespace

TEST_CASE("An edit conflicts with what its item is", "[planner]")
{
    PlanInput input = twiceADay();
    const model::HandEdit wish = keep(morning(input, 9), "a");
    SECTION("not approved")
    {
        const EditConflict conflict = onlyConflict(input, keep(morning(input, 9), "nobody's"));
        CHECK(conflict.obstacle == Obstacle::UnknownItem);
        CHECK(kindsOf(conflict) == std::vector{K::ApproveItems});
    }
    SECTION("a tune")
    {
        input.tunes = {{text("tune")}};
        CHECK(onlyConflict(input, keep(morning(input, 9), "tune")).obstacle == Obstacle::Tune);
    }
    SECTION("not valid on that day")
    {
        itemOf(input, "a").validFrom = day(12);
        const EditConflict conflict = onlyConflict(input, wish);
        CHECK(conflict.obstacle == Obstacle::NotValid);
        REQUIRE(kindsOf(conflict) == std::vector{K::ExtendValidity, K::ChooseSession});
        CHECK(conflict.resolutions[1].session == morning(input, 12).id);
    }
    SECTION("forbidden at the station")
    {
        itemOf(input, "a").rules.forbiddenAt = {input.station};
        const EditConflict conflict = onlyConflict(input, wish);
        CHECK(conflict.obstacle == Obstacle::Forbidden);
        CHECK(kindsOf(conflict) == std::vector{K::RelaxRule});
    }
    SECTION("not before an hour")
    {
        itemOf(input, "a").rules.notBefore = QTime(12, 30);
        const EditConflict conflict = onlyConflict(input, wish);
        CHECK(conflict.obstacle == Obstacle::TooEarly);
        CHECK(says(conflict, "(12:30)", "(12:30)"));
        REQUIRE(kindsOf(conflict) == std::vector{K::RelaxRule, K::ChooseSession});
        CHECK(conflict.resolutions[1].session == evening(input, 9).id);
    }
}

TEST_CASE("An edit conflicts with its session", "[planner]")
{
    PlanInput input = twiceADay();
    model::Session& ninth = input.sessions[8];
    SECTION("none is there")
    {
        CHECK(onlyConflict(input, keep(session(day(9), 23, minutes(5)), "a")).obstacle == Obstacle::UnknownSession);
    }
    SECTION("its policy refuses it")
    {
        RefusedSession refused{session(day(9), 22, minutes(5)), RefusalCause::OutsideHours, {}};
        refused.reason = {text("Ngoài giờ của QĐ 3."), text("Outside the hours of QĐ 3.")};
        input.refused = {refused};
        const EditConflict conflict = onlyConflict(input, keep(refused.session, "a"));
        CHECK(conflict.obstacle == Obstacle::RefusedSession);
        CHECK(conflict.reason == refused.reason);
        REQUIRE(kindsOf(conflict) == std::vector{K::AllowSession, K::ChooseSession});
        CHECK(conflict.resolutions[1].session == evening(input, 9).id);
    }
    SECTION("it has begun, or the station holds it already")
    {
        input.frozenUntil = at(day(9), 7);
        const EditConflict conflict = onlyConflict(input, keep(ninth, "a"));
        CHECK(conflict.obstacle == Obstacle::Frozen);
        REQUIRE(kindsOf(conflict) == std::vector{K::ChooseSession});
        CHECK(conflict.resolutions[0].session == evening(input, 9).id);
    }
    SECTION("no part takes its topics")
    {
        ninth.parts = {{text("column"), model::PartKind::ReformColumn, 0, minutes(5), {text("other")}}};
        const EditConflict conflict = onlyConflict(input, keep(ninth, "a"));
        CHECK(conflict.obstacle == Obstacle::NoPart);
        REQUIRE(kindsOf(conflict) == std::vector{K::ChooseSession});
        CHECK(conflict.resolutions[0].session == evening(input, 9).id);
    }
    SECTION("the item is longer than all of it")
    {
        ninth.frames = minutes(3);
        const EditConflict conflict = onlyConflict(input, keep(ninth, "a"));
        CHECK(conflict.obstacle == Obstacle::TooLong);
        CHECK(says(conflict, "dài nhất 3:00", "the longest has 3:00"));
        CHECK(kindsOf(conflict) == std::vector{K::ShortenItem, K::LengthenSession, K::ChooseSession});
    }
    SECTION("the item is longer than the part that takes it, though another part is longer")
    {
        ninth.segments = {{{}, minutes(2)}, {minutes(2), minutes(5)}};
        ninth.frames = minutes(7);
        ninth.parts = {{text("column"), model::PartKind::ReformColumn, 0, minutes(2), {text("cchc-e")}},
                       {text("news"), model::PartKind::Bulletin, 1, minutes(5), {text("other")}}};
        const EditConflict conflict = onlyConflict(input, keep(ninth, "a"));
        CHECK(conflict.obstacle == Obstacle::TooLong);
        CHECK(says(conflict, "dài nhất 2:00", "the longest has 2:00"));
        CHECK(conflict.resolutions[0].frames == minutes(2));
    }
}

TEST_CASE("An edit conflicts with other edits, and each is named", "[planner]")
{
    PlanInput input = twiceADay();
    SECTION("no room beside what is pinned there")
    {
        input.edits = {keep(morning(input, 9), "b", "old")};
        const EditConflict conflict = onlyConflict(input, keep(morning(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::NoRoom);
        CHECK(conflict.hard);
        CHECK(says(conflict, "chỉ còn trống 1:00, tin/bài dài 4:00", "has 1:00 left, the item lasts 4:00"));
        REQUIRE(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::LengthenSession, K::ChooseSession});
        CHECK(conflict.resolutions[0].edit == HandEditId{text("old")});
        CHECK(conflict.resolutions[0].text.en ==
              text("Take back the pin of \"Tin b\" to the session of 09/12/2026 06:00."));
        CHECK(conflict.resolutions[1].frames == minutes(3));
        CHECK(conflict.resolutions[2].session == evening(input, 9).id);
        // Nowhere is there room: nothing is offered that would not help.
        for (const model::Session& one : input.sessions)
            input.edits.push_back(keep(one, "b", one.id.value.toUtf8().constData()));
        itemOf(input, "b").rules.mostPlaysADay = 2;
        CHECK(kindsOf(onlyConflict(input, keep(morning(input, 10), "a"))) ==
              std::vector{K::TakeBackEdit, K::LengthenSession});
    }
    SECTION("too near to its other play")
    {
        itemOf(input, "a").rules.leastGap = std::chrono::hours(48);
        input.edits = {keep(morning(input, 10), "a", "old")};
        const EditConflict conflict = onlyConflict(input, keep(evening(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::Gap);
        CHECK(says(conflict, "lần phát ngày 10/12/2026 06:00", "its play of 10/12/2026 06:00"));
        REQUIRE(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::RelaxRule, K::ChooseSession});
        CHECK(conflict.resolutions[2].session == morning(input, 8).id);
    }
    SECTION("most plays a day")
    {
        itemOf(input, "a").rules.mostPlaysADay = 1;
        input.edits = {keep(morning(input, 9), "a", "old")};
        const EditConflict conflict = onlyConflict(input, keep(evening(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::DayLimit);
        CHECK(says(conflict, "(1)", "(1)"));
        CHECK(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::RelaxRule, K::ChooseSession});
    }
    SECTION("most plays a period")
    {
        itemOf(input, "a").rules.mostPlays = {{1, model::ObligationPeriod::Month}};
        input.edits = {keep(morning(input, 2), "a", "old")};
        const EditConflict conflict = onlyConflict(input, keep(evening(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::PeriodLimit);
        CHECK(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::RelaxRule});
    }
    SECTION("the episode below comes first")
    {
        input.items.push_back(item("first", minutes(4)));
        itemOf(input, "first").rules.series = {text("s"), 1};
        itemOf(input, "first").validFrom = day(20);
        itemOf(input, "a").rules.series = {text("s"), 2};
        const EditConflict conflict = onlyConflict(input, keep(morning(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::Series);
        CHECK(says(conflict, "\"Tin first\"", "\"Tin first\""));
    }
    SECTION("only after another item, which has no room there")
    {
        itemOf(input, "a").rules.pairWith = ItemId{text("b")};
        const EditConflict conflict = onlyConflict(input, keep(morning(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::Pair);
        CHECK(says(conflict, "\"Tin b\"", "\"Tin b\""));
        CHECK_FALSE(conflict.resolutions.empty());
    }
    SECTION("never beside another")
    {
        for (model::Session& one : input.sessions)
            one.frames = minutes(10);
        itemOf(input, "a").rules.notBeside = {ItemId{text("b")}};
        input.edits = {keep(morning(input, 9), "b", "old")};
        const EditConflict conflict = onlyConflict(input, keep(morning(input, 9), "a"));
        CHECK(conflict.obstacle == Obstacle::Beside);
        CHECK(says(conflict, "\"Tin b\"", "\"Tin b\""));
        CHECK(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::RelaxRule, K::ChooseSession});
    }
}

TEST_CASE("What is pinned twice a day is told, and kept", "[planner]")
{
    PlanInput input = twiceADay();
    input.edits = {keep(morning(input, 9), "a", "old")};
    const model::HandEdit wish = keep(evening(input, 9), "a");
    const EditConflict conflict = onlyConflict(input, wish);
    CHECK(conflict.obstacle == Obstacle::Repeats);
    CHECK(toString(conflict.obstacle) == text("repeats"));
    CHECK_FALSE(conflict.hard);
    CHECK(says(conflict, "09/12/2026 06:00", "at 09/12/2026 06:00: it would be heard twice"));
    REQUIRE(kindsOf(conflict) == std::vector{K::TakeBackEdit, K::ChooseSession});
    CHECK(conflict.resolutions[1].session == morning(input, 10).id);
    PlanInput wished = input;
    wished.edits.push_back(wish);
    const auto there = placementsOn(plan(wished), input, day(9));
    CHECK(std::ranges::count(there, ItemId{text("a")}, &Placement::item) == 2);

    // What was heard that morning counts too; a rule of the item's own says better what is too often.
    input.edits.clear();
    input.frozenUntil = at(day(9), 12);
    const PlannableItem& a = itemOf(input, "a");
    input.existing = {{morning(input, 9).id, a.id, 1, a.sha256, {}, a.frames, a.priority, {}}};
    CHECK(onlyConflict(input, wish).obstacle == Obstacle::Repeats);
    itemOf(input, "a").rules.mostPlaysADay = 2;
    CHECK(checkEdits(input, {{wish}}).empty());
}

TEST_CASE("Taking a play out of a session that is closed is a conflict, out of an open one none", "[planner]")
{
    PlanInput input = twiceADay();
    const PlannableItem& a = itemOf(input, "a");
    input.existing = {{morning(input, 9).id, a.id, 1, a.sha256, {}, a.frames, a.priority, {}}};
    model::HandEdit away = keep(morning(input, 9), "a");
    away.kind = model::HandEditKind::Away;
    CHECK(checkEdits(input, {{away}}).empty());
    input.frozenUntil = at(day(9), 12);
    const auto conflicts = checkEdits(input, {{away}});
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0].obstacle == Obstacle::Frozen);
}
