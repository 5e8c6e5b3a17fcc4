#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;

namespace {

bool says(const QString& sentence, const char* part)
{
    return sentence.contains(text(part));
}

const Placement& onlyPlacement(const Plan& plan)
{
    REQUIRE(plan.placements.size() == 1);
    return plan.placements.front();
}

} // namespace

TEST_CASE("Promise 5: the quota comes first and in the first session that takes it", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(5)), item("news", minutes(3), "other")};
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    const auto first = placementsOn(answer, input, day(1));
    REQUIRE(first.size() == 3);
    std::set<QString> reasons;
    for (const Placement& placement : first)
        reasons.insert(placement.reason.en);
    CHECK(reasons.contains(text("Item 1 of 2 for \"reform items\", December 2026.")));
    CHECK(reasons.contains(text("Item 2 of 2 for \"reform items\", December 2026.")));
    CHECK(reasons.contains(text("New, first time on air.")));
}

TEST_CASE("Promise 5: each item that the quota hangs on has a second play in reserve", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(5))};
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    for (const char* name : {"reform-1", "reform-2"}) {
        std::vector<const Placement*> plays;
        for (const Placement& placement : answer.placements) {
            if (placement.item.value == text(name))
                plays.push_back(&placement);
        }
        REQUIRE(plays.size() >= 3);
        CHECK(says(plays[0]->reason.vi, "Tin/bài thứ"));
        CHECK(says(plays[1]->reason.vi, "dự phòng"));
        CHECK(says(plays[2]->reason.vi, "Phát lại"));
    }
    // A demand that could be met in one week has its reserve in that week.
    CHECK(placementsOn(answer, input, day(3)).size() == 2);
}

TEST_CASE("Promise 5: an airing that failed is made good within the period", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(5))};
    input.obligations = {duty(2)};
    input.existing = plan(input).placements;
    input.frozenUntil = at(day(2), 0);
    input.past = {{{text("reform-1")}, input.sessions.front().id, day(1), false, {}},
                  {{text("reform-2")}, input.sessions.front().id, day(1), true, {}}};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    const auto later =
        std::find_if(answer.placements.begin(), answer.placements.end(), [&](const Placement& placement) {
            return placement.item.value == text("reform-1") && placement.session != input.sessions.front().id;
        });
    REQUIRE(later != answer.placements.end());
    CHECK(says(later->reason.en, "Makes good the airing that failed on 01/12. Item 2 of 2"));
    CHECK(says(later->reason.vi, "Phát bù"));
}

TEST_CASE("Promise 5: a failure on the last day but one still finds the last session", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("reform-1", minutes(5)), item("other-1", minutes(5), "other")};
    input.obligations = {duty(1)};
    input.frozenUntil = at(day(31), 0);
    const SessionId last = input.sessions.back().id;
    const PlannableItem& other = input.items.back();
    input.existing = {{last, other.id, 1, other.sha256, {}, other.frames, other.priority, {}}};
    input.past = {{{text("reform-1")}, input.sessions[29].id, day(30), false, {}}};
    const Plan answer = plan(input);
    CHECK(onlyPlacement(answer).item.value == text("reform-1"));
    CHECK(answer.shortfalls.empty());
}

TEST_CASE("Promise 5: what an item that is gone has done still counts", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.obligations = {duty(1)};
    input.frozenUntil = at(day(3), 0);
    input.past = {{{text("withdrawn")}, input.sessions.front().id, day(1), true, {text("cchc-a")}}};
    CHECK(plan(input).shortfalls.empty());
}

TEST_CASE("Promise 5: a shortfall says what is missing", "[promise-5]")
{
    PlanInput input = december(minutes(15));
    input.obligations = {duty(2)};

    SECTION("too few items")
    {
        input.items = {item("reform-1", minutes(4)), item("news", minutes(4), "other")};
        const Plan answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        const Shortfall& shortfall = answer.shortfalls.front();
        CHECK(shortfall.required == 2);
        CHECK(shortfall.completed == 0);
        CHECK(shortfall.planned == 1);
        CHECK(shortfall.period == PeriodDates{day(1), day(31)});
        CHECK(shortfall.reason.en ==
              text("Needs 1 more approved item(s) for \"reform items\" valid in December 2026 for this station."));
        CHECK(says(shortfall.reason.vi, "Cần thêm 1 tin/bài đã duyệt"));
        CHECK(says(shortfall.reason.vi, "tháng 12/2026"));
    }
    SECTION("items that end before the next session")
    {
        input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(4))};
        input.items[1].validUntil = day(5);
        input.frozenUntil = at(day(6), 0);
        const Plan answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        CHECK(says(answer.shortfalls.front().reason.en, "Needs 1 more approved item(s)"));
        CHECK(says(answer.shortfalls.front().reason.en,
                   "Or: Change the dates of \"Tin reform-2\" (01/01/2026–05/12/2026)"));
    }
    SECTION("no session left")
    {
        input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(4))};
        input.frozenUntil = at(day(31), 23);
        const Plan answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        CHECK(says(answer.shortfalls.front().reason.en, "No session is left in December 2026."));
    }
    SECTION("items longer than any session")
    {
        input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(16))};
        const Plan answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        CHECK(says(answer.shortfalls.front().reason.en,
                   "\"Tin reform-2\" lasts 16:00, longer than any session it may play in (the longest has 15:00)"));
    }
    SECTION("sessions full of other duties")
    {
        input.sessions = {session(day(20), 6, minutes(5))};
        input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(3))};
        const Plan answer = plan(input);
        REQUIRE(answer.shortfalls.size() == 1);
        CHECK(says(answer.shortfalls.front().reason.en, "From 20/12/2026 to 20/12/2026 no session has"));
        CHECK(answer.shortfalls.front().planned == 1);
    }
}

TEST_CASE("A period that ends after the plan is worked for, but no shortfall is claimed", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.until = day(20);
    input.items = {item("reform-1", minutes(4))};
    input.obligations = {duty(3)};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.empty());
    CHECK(playsOf(answer, "reform-1") > 0);
}

TEST_CASE("Items that serve several duties make both possible", "[planner]")
{
    // One session with room for one item: only the item of both groups holds both.
    PlanInput input = december(minutes(5));
    input.sessions = {session(day(9), 6, minutes(5))};
    input.items = {item("a-only", minutes(5), "cchc-a"), item("both", minutes(5), "cchc-a"),
                   item("b-only", minutes(5), "cchc-b")};
    input.items[1].topicGroups.push_back(text("cchc-b"));
    model::Obligation a = duty(1, model::ObligationPeriod::Month, "duty-a");
    a.topicGroups = {text("cchc-a")};
    model::Obligation b = duty(1, model::ObligationPeriod::Week, "duty-b");
    b.topicGroups = {text("cchc-b")};
    input.obligations = {a, b};
    input.from = day(7);
    input.until = day(13);
    CHECK(onlyPlacement(plan(input)).item.value == text("both"));
}

TEST_CASE("Rotation: once a day, with a day's rest, three a week", "[planner]")
{
    PlanInput input = december(minutes(60));
    static const char* const names[] = {"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"};
    for (const char* name : names)
        input.items.push_back(item(name, minutes(4)));
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    for (const char* name : names) {
        std::vector<int> days;
        for (int d = 1; d <= 31; ++d) {
            for (const Placement& placement : placementsOn(answer, input, day(d))) {
                if (placement.item.value == text(name))
                    days.push_back(d);
            }
        }
        // Only a session that would be short takes a rerun.
        const auto isShort = [&](int d) { return placementsOn(answer, input, day(d)).size() <= fewestItemsASession; };
        for (std::size_t i = 1; i < days.size(); ++i)
            CHECK((days[i] - days[i - 1] >= 2 || isShort(days[i]) || isShort(days[i - 1])));
        for (int monday = 7; monday <= 21; monday += 7) {
            const auto plays =
                std::count_if(days.begin(), days.end(), [&](int d) { return monday <= d && d < monday + 7; });
            CHECK(plays >= mostPlaysAWeek);
            CHECK(plays <= mostPlaysAWeek + 1);
        }
    }
}

TEST_CASE("Two items for fourteen sessions a week: no session is silent, and few say both", "[planner]")
{
    PlanInput input = december(minutes(60));
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 17, minutes(60)));
    input.items = {item("reform-1", minutes(4)), item("reform-2", minutes(4))};
    input.obligations = {duty(2)};
    const Plan answer = plan(input);
    for (const char* name : {"reform-1", "reform-2"}) {
        for (int monday = 7; monday <= 21; monday += 7) {
            int plays = 0;
            for (int d = monday; d < monday + 7; ++d) {
                int thatDay = 0;
                for (const Placement& placement : placementsOn(answer, input, day(d)))
                    thatDay += placement.item.value == text(name) ? 1 : 0;
                CHECK(thatDay <= mostPlaysADay);
                plays += thatDay;
            }
            CHECK(plays >= 7);
            CHECK(plays <= 9);
        }
    }
}

TEST_CASE("One item for fourteen sessions a week: silence rather than the same again", "[planner]")
{
    PlanInput input = december(minutes(60));
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 17, minutes(60)));
    input.items = {item("reform-1", minutes(4))};
    const Plan answer = plan(input);
    CHECK(answer.placements.size() > 40);
    CHECK(answer.placements.size() < 56);
}

TEST_CASE("A session opened at short notice is not silent, though the week is planned", "[planner]")
{
    for (const int items : {2, 4, 9}) {
        INFO(items << " items");
        PlanInput input = december(minutes(5));
        for (int d = 1; d <= 31; ++d)
            input.sessions.push_back(session(day(d), 17, minutes(5)));
        static const char* const names[] = {"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8"};
        for (int i = 0; i < items; ++i)
            input.items.push_back(item(names[i], minutes(1)));
        input.existing = plan(input).placements;
        for (int d = 1; d <= 7; ++d) {
            PlanInput opened = input;
            opened.frozenUntil = at(day(d), 3);
            opened.sessions.push_back(session(day(d), 4, minutes(3)));
            const Plan answer = plan(opened);
            const auto now =
                std::count_if(answer.placements.begin(), answer.placements.end(), [&](const Placement& placement) {
                    return placement.session == opened.sessions.back().id;
                });
            CHECK(now >= (items == 9 ? 3 : 1));
        }
    }
}

TEST_CASE("Something new takes the place of reruns, several times", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(2), "other"), item("b", minutes(2), "other")};
    input.existing = plan(input).placements;
    input.items.push_back(item("new", minutes(2), "other"));
    CHECK(playsOf(plan(input), "new") >= 8);
}

TEST_CASE("Many items are spread so that each gets its plays and sessions hold several", "[planner]")
{
    PlanInput input = december(minutes(30));
    static const char* const names[] = {"i00", "i01", "i02", "i03", "i04", "i05", "i06", "i07", "i08", "i09"};
    for (int i = 0; i < 10; ++i)
        input.items.push_back(item(names[i], minutes(3), i % 2 == 0 ? "cchc-a" : "other"));
    const Plan answer = plan(input);
    for (const char* name : names)
        CHECK(playsOf(answer, name) >= 12);
    CHECK(placementsOn(answer, input, day(1)).size() >= 3);
    // Neighbours of one content group are parted where they can be.
    const auto first = placementsOn(answer, input, day(1));
    CHECK(first[0].reason.en == text("New, first time on air."));
    const auto groupOf = [&](const Placement& placement) {
        return std::find_if(input.items.begin(), input.items.end(),
                            [&](const PlannableItem& one) { return one.id == placement.item; })
            ->topicGroups.front();
    };
    CHECK(groupOf(first[0]) != groupOf(first[1]));
}

TEST_CASE("A session is filled to the frame and not one beyond", "[planner]")
{
    PlanInput input = december(FrameCount{1000});
    input.sessions = {session(day(1), 6, {1000})};
    input.items = {item("a", {400}), item("b", {300}), item("c", {300})};
    Plan answer = plan(input);
    CHECK(answer.placements.size() == 3);
    CHECK(answer.placements.back().offset + answer.placements.back().frames == FrameCount{1000});
    input.items[0].frames = {401};
    CHECK(plan(input).placements.size() == 2);
}

TEST_CASE("PRIORITY stands before NORMAL and takes the place of repeats", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("old", minutes(5), "other")};
    input.existing = plan(input).placements;
    input.items.push_back(item("urgent", minutes(4), "other"));
    input.items.back().priority = Priority::Priority;
    const Plan answer = plan(input);
    const auto first = placementsOn(answer, input, day(1));
    REQUIRE(first.size() == 1);
    CHECK(first.front().item.value == text("urgent"));
    CHECK(says(first.front().reason.en, "A priority item."));

    input = december(minutes(15));
    input.items = {item("a", minutes(3), "other"), item("z", minutes(3), "other")};
    input.items.back().priority = Priority::Priority;
    CHECK(placementsOn(plan(input), input, day(1)).front().item.value == text("z"));
}

TEST_CASE("PRIORITY does not cost the quota", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.sessions = {session(day(9), 6, minutes(5))};
    input.items = {item("reform", minutes(5)), item("urgent", minutes(5), "other")};
    input.items.back().priority = Priority::Priority;
    input.obligations = {duty(1)};
    CHECK(onlyPlacement(plan(input)).item.value == text("reform"));
}

TEST_CASE("Something new gets on air even when sessions are full of repeats", "[planner]")
{
    PlanInput input = december(minutes(5));
    input.items = {item("a", minutes(5), "other"), item("b", minutes(5), "other")};
    input.existing = plan(input).placements;
    input.items.push_back(item("new", minutes(5), "other"));
    input.items.back().validFrom = day(7);
    input.items.back().validUntil = day(8);
    const Plan answer = plan(input);
    CHECK(playsOf(answer, "new") == 1);
    CHECK(playsOf(answer, "a") > 0);
}

TEST_CASE("Sessions in the frozen horizon keep what they hold, also what is withdrawn", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("a", minutes(5)), item("b", minutes(5))};
    const Plan before = plan(input);
    input.existing = before.placements;
    input.frozenUntil = at(day(2), 0);
    input.items.erase(input.items.begin());
    const Plan answer = plan(input);
    CHECK(placementsOn(answer, input, day(1)) == placementsOn(before, input, day(1)));
    CHECK(playsOf(answer, "a") == 1);
}

TEST_CASE("Stability: withdrawing one item moves no other", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("a", minutes(3)), item("b", minutes(3)), item("c", minutes(3), "other"),
                   item("d", minutes(3), "other")};
    input.obligations = {duty(2)};
    const Plan before = plan(input);
    input.existing = before.placements;
    input.items.pop_back();
    const Plan after = plan(input);
    for (const Placement& placement : before.placements) {
        if (placement.item.value == text("d"))
            continue;
        CHECK(std::any_of(after.placements.begin(), after.placements.end(),
                          [&](const Placement& kept) { return kept.airing() == placement.airing(); }));
    }
    CHECK(playsOf(after, "d") == 0);
}

TEST_CASE("A new recording takes the place of the old one", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.items = {item("a", minutes(3))};
    input.existing = plan(input).placements;
    input.items[0].version = 2;
    input.items[0].sha256 = sha256(QByteArrayView("second recording"));
    input.items[0].frames = minutes(4);
    const Plan answer = plan(input);
    REQUIRE(answer.placements.size() == input.existing.size());
    for (const Placement& placement : answer.placements) {
        CHECK(placement.version == 2);
        CHECK(placement.sha256 == input.items[0].sha256);
        CHECK(placement.frames == minutes(4));
    }
}

TEST_CASE("Awkward input gives an answer", "[planner]")
{
    PlanInput input = december(minutes(0));
    input.items = {item("a", minutes(3)), item("zero", {0}), item("negative", {-5})};
    input.obligations = {duty(2), duty(0, model::ObligationPeriod::Month, "nothing")};
    CHECK(plan(input).placements.empty());
    CHECK(plan(input).shortfalls.size() == 1);
    CHECK(plan(PlanInput{}).placements.empty());

    input = december(minutes(15));
    for (int i = 0; i < 10'000; ++i)
        input.items.push_back(item(QStringLiteral("item-%1").arg(i).toUtf8().constData(), minutes(1 + i % 20)));
    input.obligations = {duty(5000), duty(2, model::ObligationPeriod::Week, "week")};
    const Plan answer = plan(input);
    CHECK(answer.shortfalls.size() == 1);
    CHECK_FALSE(answer.placements.empty());
}

TEST_CASE("Duties that are tracked by hand are passed over", "[planner]")
{
    PlanInput input = december(minutes(15));
    input.obligations = {duty(2)};
    input.obligations.front().evidence = model::ObligationEvidence::Listed;
    CHECK(plan(input).shortfalls.empty());
}

TEST_CASE("Promise 5: a quarter and a year that end within the plan are owed by their own last day", "[promise-5]")
{
    PlanInput input;
    input.station = {text("station")};
    input.from = day(20);
    input.until = QDate(2027, 1, 31);
    input.frozenUntil = at(input.from, 0);
    for (QDate date = input.from; date <= input.until; date = date.addDays(1))
        input.sessions.push_back(session(date, 6, minutes(5)));
    for (const char* name : {"a", "b", "c", "d"})
        input.items.push_back(item(name, minutes(5)));
    input.obligations = {duty(4, model::ObligationPeriod::Quarter, "quarter"),
                         duty(5, model::ObligationPeriod::Year, "year"),
                         duty(1, model::ObligationPeriod::Week, "week")};
    input.past = {{{text("gone")}, {text("before")}, day(1, 2), true, {text("cchc-e")}, {}}};

    const Plan made = plan(input);
    CHECK(made.shortfalls.empty());
    // Both the old periods and the new ones are judged; the old with what has sounded in them.
    const auto forecastOf = [&](const Plan& told, const char* name, QDate last) {
        const auto found = std::ranges::find_if(told.forecasts, [&](const Forecast& one) {
            return one.obligation.value == text(name) && one.period.last == last;
        });
        REQUIRE(found != told.forecasts.end());
        return *found;
    };
    const Forecast oldYear = forecastOf(made, "year", day(31));
    CHECK(oldYear.period.first == QDate(2026, 1, 1));
    CHECK(oldYear.completed == 1);
    CHECK(oldYear.planned == 4);
    CHECK(forecastOf(made, "quarter", day(31)).period.first == QDate(2026, 10, 1));
    CHECK(forecastOf(made, "quarter", QDate(2027, 3, 31)).completed == 0);
    CHECK(forecastOf(made, "year", QDate(2027, 12, 31)).completed == 0);
    // The week around New Year's Day is one week of its own, the 53rd of the old year.
    CHECK(forecastOf(made, "week", QDate(2027, 1, 3)).period.first == day(28));

    // What is valid from January on is no help for what ends in December.
    input.items[0].validFrom = QDate(2027, 1, 1);
    const Plan lacking = plan(input);
    REQUIRE(lacking.shortfalls.size() == 2);
    for (const Shortfall& shortfall : lacking.shortfalls) {
        CHECK(shortfall.period.last == day(31));
        CHECK(shortfall.required - shortfall.completed - shortfall.planned == 1);
        REQUIRE_FALSE(shortfall.remedies.empty());
        CHECK(shortfall.smallest);
        for (const Remedy& remedy : shortfall.remedies)
            CHECK((!remedy.until.isValid() || remedy.from <= day(31)));
    }
    CHECK(forecastOf(lacking, "quarter", QDate(2027, 3, 31)).standing != Standing::Impossible);
}
