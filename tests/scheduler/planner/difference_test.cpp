// What a replan changed and why: one case a cause.
#include "scheduler/planner/difference.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

// Four sessions for one item each, one every third day.
PlanInput fourSessions()
{
    PlanInput input = december(minutes(5));
    input.sessions = {session(day(1), 6, minutes(5)), session(day(4), 6, minutes(5)), session(day(7), 6, minutes(5)),
                      session(day(10), 6, minutes(5))};
    input.items = {item("a", minutes(5), "other")};
    return input;
}

Placement placement(const PlanInput& input, std::size_t session, const char* item)
{
    const PlannableItem& what = *std::ranges::find(input.items, ItemId{text(item)}, &PlannableItem::id);
    return placed(input.sessions[session], what);
}

void requireWords(const PlanDifference& told)
{
    const auto require = [](const Text& reason) {
        REQUIRE_FALSE(reason.vi.isEmpty());
        REQUIRE_FALSE(reason.en.isEmpty());
        REQUIRE(reason.vi != reason.en);
    };
    for (const AddedPlay& play : told.added)
        require(play.reason);
    for (const MovedPlay& play : told.moved)
        require(play.reason);
    for (const RemovedPlay& play : told.removed)
        require(play.reason);
}

// What became of the plan of `before` by the question `after`.
PlanDifference changes(const PlanInput& before, PlanInput after, std::vector<model::Session> gone = {},
                       std::vector<Absence> absences = {})
{
    const Plan standing = plan(before);
    after.existing = standing.placements;
    const PlanDifference told = difference(standing, plan(after), after, gone, absences);
    requireWords(told);
    return told;
}

// Why the play of the item on that day is not there any more: removed, or moved from there.
Text whyGone(const PlanDifference& told, const model::Session& session, const char* item)
{
    for (const RemovedPlay& play : told.removed) {
        if (play.placement.session == session.id && play.placement.item.value == text(item))
            return play.reason;
    }
    for (const MovedPlay& play : told.moved) {
        if (play.before.session == session.id && play.before.item.value == text(item))
            return play.reason;
    }
    FAIL("it is not gone");
    return {};
}

void checkSays(const Text& reason, const char* vi, const char* en)
{
    INFO(reason.vi.toStdString() << " / " << reason.en.toStdString());
    CHECK(reason.vi.contains(text(vi)));
    CHECK(reason.en.contains(text(en)));
}

} // namespace

TEST_CASE("A play is gone because its session is", "[planner]")
{
    const PlanInput before = fourSessions();
    PlanInput after = before;
    const model::Session gone = before.sessions[1];
    after.sessions.erase(after.sessions.begin() + 1);
    PlanDifference told = changes(before, after, {gone});
    REQUIRE(told.removed.size() == 1);
    CHECK(told.removed[0].placement.session == gone.id);
    checkSays(told.removed[0].reason, "Buổi phát không còn", "The session is gone.");

    // The policy's words where it is a policy; nobody has to tell of the session then.
    RefusedSession refused{gone, RefusalCause::OutsideHours, {text("Ngoài giờ của QĐ 3."), text("Outside of QĐ 3.")}};
    after.refused = {refused};
    told = changes(before, after);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "Ngoài giờ của QĐ 3.", "The session is gone. Outside of QĐ 3.");

    // Of one that nobody tells of nothing is known, and one that has begun is no news.
    after.refused.clear();
    CHECK(changes(before, after).removed.empty());
    after.frozenUntil = at(day(5), 0);
    CHECK(changes(before, after, {gone}).removed.empty());
}

TEST_CASE("A play moves out of a session that is gone", "[planner]")
{
    PlanInput before = fourSessions();
    before.sessions.resize(2);
    before.items[0].validFrom = day(4);
    PlanInput after = before;
    after.sessions[1] = session(day(5), 6, minutes(5));
    const PlanDifference told = changes(before, after, {before.sessions[1]});
    REQUIRE(told.moved.size() == 1);
    CHECK(told.moved[0].after.session == after.sessions[1].id);
    checkSays(told.moved[0].reason, "Buổi phát không còn", "The session is gone. The session had nothing before.");
    CHECK(told.removed.empty());
    CHECK(told.added.empty());
}

TEST_CASE("A play is gone because the item is: withdrawn, not valid, forbidden", "[planner]")
{
    const PlanInput before = fourSessions();
    PlanInput after = before;
    after.items.clear();
    PlanDifference told = changes(before, after);
    REQUIRE(told.removed.size() == 4);
    checkSays(told.removed[0].reason, "chưa được duyệt, đã rút", "not approved, was withdrawn");
    // Who knows why it is not there says it.
    const auto because = [&](AbsenceCause cause, const char* detail = "") {
        return changes(before, after, {}, {{ItemId{text("a")}, cause, text(detail)}}).removed.front().reason;
    };
    checkSays(because(AbsenceCause::Withdrawn, "sai số"), "đã được rút: sai số", "was withdrawn: sai số");
    checkSays(because(AbsenceCause::OutOfScope, "Xã B"), "chỉ dành cho các đài của Xã B", "stations of Xã B alone");
    checkSays(because(AbsenceCause::Rejected, "ồn"), "bị từ chối: ồn", "rejected: ồn");
    checkSays(because(AbsenceCause::Twin, "Tin một"), "\"Tin một\"", "\"Tin một\"");
    checkSays(because(AbsenceCause::NotSubmitted), "sửa sau khi duyệt", "edited after its approval");
    // Another item's is none of its own.
    told = changes(before, after, {}, {{ItemId{text("b")}, AbsenceCause::Withdrawn, text("sai số")}});
    checkSays(told.removed[0].reason, "chưa được duyệt, đã rút", "not approved, was withdrawn");

    after = before;
    after.items[0].validUntil = day(8);
    told = changes(before, after);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "không có hiệu lực", "not valid on that day");

    after = before;
    after.items[0].rules.forbiddenAt = {after.station};
    told = changes(before, after);
    REQUIRE(told.removed.size() == 4);
    checkSays(told.removed[0].reason, "bị cấm", "may not play here");
}

TEST_CASE("A play is gone because a person took it out, and another is there because one put it there", "[planner]")
{
    PlanInput before = fourSessions();
    before.items.push_back(item("b", minutes(5), "other"));
    const Plan standing = plan(before);
    const QString first = standing.placements[0].item.value;
    const char* const other = first == text("a") ? "b" : "a";
    PlanInput after = before;
    after.edits = {edit(before.sessions[0], first.toUtf8().constData(), model::HandEditKind::Away),
                   edit(before.sessions[0], other, model::HandEditKind::Keep)};
    const PlanDifference told = changes(before, after);
    checkSays(whyGone(told, before.sessions[0], first.toUtf8().constData()), "bằng tay",
              "taken out of this session by hand");
    bool put = false;
    for (const AddedPlay& play : told.added) {
        if (play.placement.session == before.sessions[0].id) {
            put = true;
            checkSays(play.reason, "Được xếp bằng tay.", "Put there by hand.");
        }
    }
    for (const MovedPlay& play : told.moved) {
        if (play.after.session == before.sessions[0].id) {
            put = true;
            checkSays(play.reason, "Được xếp bằng tay.", "Put there by hand.");
        }
    }
    CHECK(put);
}

TEST_CASE("A new recording is told from what gave way", "[planner]")
{
    PlanInput before = fourSessions();
    before.sessions.resize(1);
    PlanInput after = before;
    after.items[0].version = 2;
    after.items[0].sha256 = sha256(QByteArrayView("second"));
    PlanDifference told = changes(before, after);
    REQUIRE(told.removed.size() == 1);
    REQUIRE(told.added.size() == 1);
    checkSays(told.removed[0].reason, "bản thu mới", "has a new recording");
    checkSays(told.added[0].reason, "Bản thu mới", "A new recording, in place of the one before.");

    after = before;
    after.items.push_back(item("reform", minutes(5)));
    after.obligations = {duty(1)};
    told = changes(before, after);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "Nhường chỗ cho \"Tin reform\": Tin/bài thứ",
              "Gave way to \"Tin reform\": Item 1 of 1 for \"reform items\"");
    REQUIRE(told.added.size() == 1);
    checkSays(told.added[0].reason, "Tin/bài thứ", "Item 1 of 1 for \"reform items\"");

    // What gave way has a new recording as well: that alone is not why.
    after.items[0].sha256 = sha256(QByteArrayView("second"));
    told = changes(before, after);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "bản thu mới", "has a new recording");
}

TEST_CASE("A play is gone because a rule or a length does not let it be there any more", "[planner]")
{
    const PlanInput before = fourSessions();
    PlanInput after = before;
    after.zone = QTimeZone("Asia/Ho_Chi_Minh");
    after.items[0].rules.notBefore = QTime(7, 0);
    checkSays(whyGone(changes(before, after), before.sessions[0], "a"), "giờ sớm nhất", "earliest hour");
    after = before;
    after.items[0].rules.mostPlays = {{1, model::ObligationPeriod::Month}};
    checkSays(whyGone(changes(before, after), before.sessions[3], "a"), "Đã đủ số lần phát trong kỳ",
              "most plays of the period");
    after = before;
    after.sessions[2].frames = minutes(4);
    checkSays(whyGone(changes(before, after), before.sessions[2], "a"), "dài 5:00", "lasts 5:00");
}

TEST_CASE("Plays that nothing forbids and nobody took the place of are told so", "[planner]")
{
    const PlanInput input = fourSessions();
    Plan before;
    before.placements = {placement(input, 0, "a")};
    const PlanDifference told = difference(before, Plan{}, input);
    requireWords(told);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "Không có gì cấm", "Nothing forbids it");
}

TEST_CASE("Another time in the same session is a move that says so; other words alone are none", "[planner]")
{
    PlanInput input = fourSessions();
    Plan before;
    before.placements = {placement(input, 0, "a")};
    Plan after = before;
    after.placements[0].reason = {text("Lời khác."), text("Other words.")};
    CHECK(difference(before, after, input).isEmpty());
    after.placements[0].offset = minutes(1);
    const PlanDifference told = difference(before, after, input);
    REQUIRE(told.moved.size() == 1);
    checkSays(told.moved[0].reason, "Vẫn ở buổi đó", "Still in that session; only its time in it has changed.");
    CHECK(told.added.empty());
    CHECK(told.removed.empty());
}

TEST_CASE("A tune that a template does not use any more is told by its template", "[planner]")
{
    const PlanInput input = fourSessions();
    Plan before;
    before.placements = {placement(input, 0, "a")};
    before.placements[0].tune = text("signature");
    const PlanDifference told = difference(before, Plan{}, input);
    requireWords(told);
    REQUIRE(told.removed.size() == 1);
    checkSays(told.removed[0].reason, "Kết cấu", "template does not use it");
}
