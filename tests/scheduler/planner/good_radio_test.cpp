// What makes a plan good radio beyond the quota, each rule by itself: PRIORITY first, the commune's word on a clash,
// freshness, a turn for each content group and series, nothing again without need; and duties by a date.
#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

PlannableItem numbered(const char* stem, int number, FrameCount frames, const char* group)
{
    const QByteArray name = QByteArray(stem) + QByteArray::number(number).rightJustified(2, '0');
    return item(name.constData(), frames, group);
}

// Titles in the order in which they sound.
std::vector<QString> sounding(const Plan& answer)
{
    std::vector<QString> ids;
    for (const Placement& placement : answer.placements)
        ids.push_back(placement.item.value);
    return ids;
}

model::HandEdit keep(const model::Session& session, const PlannableItem& item, std::optional<int> position = {})
{
    model::HandEdit edit;
    edit.id = {QStringLiteral("edit-") + item.id.value};
    edit.session = session.id;
    edit.item = item.id;
    edit.position = position;
    return edit;
}

} // namespace

TEST_CASE("PRIORITY takes the first session that it can, of NORMAL first plays too", "[planner]")
{
    PlanInput input = december(minutes(5));
    for (int number = 1; number <= 31; ++number)
        input.items.push_back(numbered("normal-", number, minutes(5), "other"));
    input.existing = plan(input).placements;
    REQUIRE(input.existing.size() == 31);
    input.items.push_back(item("urgent", minutes(5), "other"));
    input.items.back().priority = Priority::Priority;
    input.frozenUntil = at(day(3), 0);
    const Plan answer = plan(input);
    CHECK(placementsOn(answer, input, day(2)) == placementsOn({input.station, input.existing, {}}, input, day(2)));
    CHECK(placementsOn(answer, input, day(3)).front().item.value == text("urgent"));
}

TEST_CASE("EMERGENCY comes before PRIORITY, and that before NORMAL, wherever each may stand", "[planner]")
{
    PlanInput input = december(minutes(5));
    for (int number = 1; number <= 31; ++number)
        input.items.push_back(numbered("normal-", number, minutes(5), "other"));
    input.existing = plan(input).placements;
    // Approved last, and last of all the most urgent.
    for (const auto& [name, priority] :
         {std::pair("priority", Priority::Priority), std::pair("emergency", Priority::Emergency)}) {
        input.items.push_back(item(name, minutes(5), "other"));
        input.items.back().priority = priority;
    }
    input.frozenUntil = at(day(3), 0);
    Plan answer = plan(input);
    CHECK(placementsOn(answer, input, day(3)).front().item.value == text("emergency"));
    CHECK(placementsOn(answer, input, day(4)).front().item.value == text("priority"));
    CHECK(placementsOn(answer, input, day(3)).front().priority == Priority::Emergency);
    input.existing = answer.placements;
    CHECK(plan(input) == answer);

    // In one session it is the first that sounds.
    for (model::Session& session : input.sessions)
        session.frames = minutes(15);
    input.existing.clear();
    answer = plan(input);
    const auto first = placementsOn(answer, input, day(3));
    REQUIRE(first.size() == 3);
    CHECK(first[0].item.value == text("emergency"));
    CHECK(first[1].item.value == text("priority"));

    // It is an item as others are: unapproved hours and days keep it out, and so does a hand that takes it away.
    input.items.back().validFrom = day(10);
    answer = plan(input);
    for (int d = 3; d < 10; ++d) {
        for (const Placement& placement : placementsOn(answer, input, day(d)))
            CHECK(placement.item.value != text("emergency"));
    }
    CHECK(placementsOn(answer, input, day(10)).front().item.value == text("emergency"));
    const auto tenth = std::ranges::find(input.sessions, day(10), &model::Session::localDate);
    input.edits = {keep(*tenth, input.items.back())};
    input.edits.back().kind = model::HandEditKind::Away;
    answer = plan(input);
    for (const Placement& placement : placementsOn(answer, input, day(10)))
        CHECK(placement.item.value != text("emergency"));
}

TEST_CASE("A duty is held before EMERGENCY takes the room that it needs", "[planner]")
{
    // One session and one item's room: the duty is a promise, urgency a wish.
    PlanInput input = december(minutes(5));
    input.sessions.resize(1);
    input.items = {item("duty", minutes(5)), item("emergency", minutes(5), "other")};
    input.items[1].priority = Priority::Emergency;
    input.obligations = {duty(1)};
    CHECK(sounding(plan(input)) == std::vector{text("duty")});
    input.edits = {keep(input.sessions[0], input.items[1])};
    CHECK(sounding(plan(input)) == std::vector{text("emergency")});
}

TEST_CASE("Where two PRIORITY items clash, the commune's word decides", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.sessions.resize(1);
    input.items = {item("dyke", minutes(5), "other"), item("vaccine", minutes(5), "other"),
                   item("news", minutes(5), "other")};
    input.items[0].priority = input.items[1].priority = Priority::Priority;
    const Plan alone = plan(input);
    REQUIRE(alone.placements.size() == 1);
    input.existing = alone.placements;
    for (const int chosen : {0, 1}) {
        input.edits = {keep(input.sessions[0], input.items[static_cast<std::size_t>(chosen)])};
        CHECK(sounding(plan(input)) == std::vector{input.items[static_cast<std::size_t>(chosen)].id.value});
    }
    // Room for both: their order is the commune's, too.
    input.sessions[0].frames = minutes(10);
    input.existing.clear();
    for (const int chosen : {0, 1}) {
        input.edits = {keep(input.sessions[0], input.items[static_cast<std::size_t>(chosen)], 0)};
        const auto order = sounding(plan(input));
        REQUIRE(order.size() == 2);
        CHECK(order[0] == input.items[static_cast<std::size_t>(chosen)].id.value);
        CHECK(order[1] == input.items[static_cast<std::size_t>(1 - chosen)].id.value);
    }
}

TEST_CASE("Of equals the newest approval is heard first, and what is new before what returns", "[planner]")
{
    PlanInput input = december(minutes(5));
    for (int number = 1; number <= 9; ++number) {
        input.items.push_back(numbered("item-", number, minutes(5), "other"));
        input.items.back().approvedAt += std::chrono::hours(number);
    }
    // One fills a session to the frame, and all are as long: none may be overlooked for that.
    const auto order = sounding(plan(input));
    REQUIRE(order.size() == 31);
    for (std::size_t place = 0; place < 9; ++place)
        CHECK(order[place] == input.items[8 - place].id.value);

    // On the tenth of the month one more is approved: it is on air in the first session that agents do not hold yet.
    input.existing = plan(input).placements;
    input.frozenUntil = at(day(10), 12);
    input.items.push_back(item("fresh", minutes(5), "other"));
    input.items.back().approvedAt = at(day(10), 10);
    const Plan answer = plan(input);
    CHECK(placementsOn(answer, input, day(11)).front().item.value == text("fresh"));
}

TEST_CASE("Each content group of the plan gets its turn, however many items another has", "[planner]")
{
    PlanInput input = december(minutes(9));
    for (int number = 1; number <= 20; ++number)
        input.items.push_back(numbered("many-", number, minutes(3), "cchc-a"));
    for (const char* group : {"cchc-b", "cchc-c", "cchc-d", "cchc-dd", "cchc-e"})
        input.items.push_back(item(group, minutes(3), group));
    const Plan answer = plan(input);
    std::map<QString, QString> groups;
    for (const PlannableItem& each : input.items)
        groups[each.id.value] = each.topicGroups.front();
    const auto order = sounding(answer);
    // Three a session: all six have been heard in the first two.
    REQUIRE(order.size() >= 6);
    std::set<QString> heard;
    for (std::size_t place = 0; place < 6; ++place)
        heard.insert(groups[order[place]]);
    CHECK(heard.size() == 6);
    // And each comes again: once a week at least.
    for (int monday = 7; monday <= 21; monday += 7) {
        std::set<QString> thatWeek;
        for (int d = monday; d < monday + 7; ++d) {
            for (const Placement& placement : placementsOn(answer, input, day(d)))
                thatWeek.insert(groups[placement.item.value]);
        }
        CHECK(thatWeek.size() == 6);
    }
}

TEST_CASE("Series take turns, a long one and single items too", "[planner]")
{
    PlanInput input = december(minutes(5));
    // The long series was approved last, and all of it at once.
    for (int number = 1; number <= 12; ++number) {
        input.items.push_back(numbered("long-", number, minutes(5), "cchc-e"));
        input.items.back().approvedAt = at(day(30, 11), 8);
        input.items.back().rules.series = {text("long"), number};
    }
    for (int number = 1; number <= 4; ++number) {
        input.items.push_back(numbered("short-", number, minutes(5), "cchc-e"));
        input.items.back().rules.series = {text("short"), number};
    }
    for (int number = 1; number <= 4; ++number)
        input.items.push_back(numbered("single-", number, minutes(5), "cchc-e"));
    const Plan answer = plan(input);
    const auto order = sounding(answer);
    REQUIRE(order.size() == 31);
    for (std::size_t third = 0; third < 12; third += 3) {
        std::set<QString> stems;
        for (std::size_t place = third; place < third + 3; ++place)
            stems.insert(order[place].section(u'-', 0, 0));
        CHECK(stems.size() == 3);
    }
    // Episodes in their order all the same.
    int before = 0;
    for (std::size_t place = 0; place < 20; ++place) {
        if (!order[place].startsWith(text("long")))
            continue;
        CHECK(order[place].right(2).toInt() == ++before);
    }
    CHECK(before == 12);
    input.existing = answer.placements;
    CHECK(plan(input) == answer);
}

TEST_CASE("Nothing returns before everything valid was heard, and nothing twice a day while others wait", "[planner]")
{
    PlanInput input = december(minutes(15));
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 17, minutes(15)));
    for (int number = 1; number <= 40; ++number)
        input.items.push_back(numbered("item-", number, minutes(3), number % 3 == 0 ? "cchc-a" : "other"));
    const auto order = sounding(plan(input));
    std::set<QString> heard;
    std::size_t place = 0;
    while (place < order.size() && heard.insert(order[place]).second)
        ++place;
    CHECK(heard.size() == 40);
    const Plan answer = plan(input);
    for (int d = 1; d <= 31; ++d) {
        std::set<QString> thatDay;
        const auto there = placementsOn(answer, input, day(d));
        for (const Placement& placement : there)
            thatDay.insert(placement.item.value);
        CHECK(thatDay.size() == there.size());
    }
}

TEST_CASE("Promise 5: a duty once by a date is held before it, and what sounds later does not count", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("plan", minutes(5), "cchc-a"), item("talk", minutes(5), "other")};
    input.items[0].validFrom = day(18);
    input.items[1].priority = Priority::Priority;
    input.obligations = {duty(1, model::ObligationPeriod::Once)};
    input.obligations[0].due = day(20);
    // One session lies between the item's first day and the date.
    std::erase_if(input.sessions, [](const model::Session& one) {
        return day(18) <= one.localDate && one.localDate <= day(20) && one.localDate != day(19);
    });
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    REQUIRE(placementsOn(answer, input, day(19)).size() == 1);
    CHECK(placementsOn(answer, input, day(19)).front().item.value == text("plan"));

    // It failed then: every later session is too late.
    PlanInput late = input;
    late.existing = answer.placements;
    late.frozenUntil = at(day(20), 0);
    late.past = {{input.items[0].id, placementsOn(answer, input, day(19)).front().session, day(19), false}};
    const Plan after = plan(late);
    REQUIRE(after.shortfalls.size() == 1);
    CHECK(after.shortfalls[0].period.last == day(20));
    CHECK(after.shortfalls[0].planned == 0);
    REQUIRE(after.shortfalls[0].remedies.size() == 1);
    CHECK(after.shortfalls[0].remedies[0].kind == RemedyKind::AddRoom);
    CHECK(after.shortfalls[0].remedies[0].from <= day(20));

    // Once is once: what has sounded whole in time is owed no more, whatever is withdrawn.
    late.past[0].completed = true;
    late.past[0].topicGroups = input.items[0].topicGroups;
    late.items.erase(late.items.begin());
    CHECK(plan(late).shortfalls.empty());
    late.past[0].localDate = day(21);
    CHECK(plan(late).shortfalls.size() == 1);
}

TEST_CASE("Promise 5: minutes are owed whole, of what sounded and of what is planned", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.sessions.resize(3);
    input.items = {item("a", minutes(4)), item("other", minutes(5), "other")};
    input.items[0].frames = minutes(4) - FrameCount{1};
    input.obligations = {duty(12)};
    input.obligations[0].measure = model::ObligationMeasure::Minutes;
    // Three frames are missing.
    const Plan lacks = plan(input);
    REQUIRE(lacks.shortfalls.size() == 1);
    CHECK(lacks.shortfalls[0].planned == 11);
    CHECK(lacks.shortfalls[0].required == 12);
    input.items[0].frames = minutes(4);
    CHECK(plan(input).shortfalls.empty());

    // Of a failed airing not a frame counts; of one that sounded, its own length.
    input.frozenUntil = at(day(2), 0);
    input.past = {{input.items[0].id, input.sessions[0].id, day(1), false, {}, minutes(3)}};
    CHECK(plan(input).shortfalls.size() == 1);
    input.past[0].completed = true;
    input.past[0].frames = minutes(4);
    CHECK(plan(input).shortfalls.empty());
}
