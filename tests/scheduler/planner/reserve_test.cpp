// Reserve: full sessions give up what nobody owes, and what can be made sure is, against trying every arrangement.
#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"
#include "tests/support/rounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using loa::test::Dice;

namespace {

constexpr double sure = 0.99;

// December with a session of an hour every day but `hours`, 95 % full of other items, and a plan without reserve in
// them.
PlanInput fullMonth(int others)
{
    PlanInput input = december(minutes(20));
    for (int number = 0; number < others; ++number)
        input.items.push_back(item(QStringLiteral("other-%1").arg(number).toUtf8().constData(), minutes(4), "other"));
    input.existing = plan(input).placements;
    return input;
}

double shareFull(const PlanInput& input, const Plan& made)
{
    double used = 0;
    double room = 0;
    for (const Placement& placement : made.placements)
        used += static_cast<double>(placement.frames.value);
    for (const model::Session& one : input.sessions)
        room += static_cast<double>(one.frames.value);
    return used / room;
}

// ---- The oracle: knows what is written in plan.h, shares no code with the planner.

using Filling = std::vector<unsigned>; // by session: set of items

bool countsFor(const PlannableItem& item, const model::Obligation& duty)
{
    return std::ranges::find(duty.topicGroups, item.topicGroups.front()) != duty.topicGroups.end();
}

// Each way in which plays sound or fail, weighed.
double chanceOf(const PlanInput& input, const model::Obligation& duty, const Filling& filling)
{
    std::vector<std::size_t> plays; // items
    for (const unsigned set : filling) {
        for (std::size_t i = 0; i < input.items.size(); ++i) {
            if ((set >> i & 1U) != 0 && countsFor(input.items[i], duty))
                plays.push_back(i);
        }
    }
    double chance = 0.0;
    for (unsigned outcome = 0; outcome < 1U << plays.size(); ++outcome) {
        double weight = 1.0;
        unsigned distinct = 0;
        int airings = 0;
        std::int64_t seconds = 0;
        for (std::size_t play = 0; play < plays.size(); ++play) {
            const bool sounds = (outcome >> play & 1U) != 0;
            weight *= sounds ? 1.0 - input.failureRate : input.failureRate;
            if (!sounds)
                continue;
            distinct |= 1U << plays[play];
            ++airings;
            seconds += input.items[plays[play]].frames.value / sampleRate;
        }
        const std::int64_t counted = duty.measure == model::ObligationMeasure::DistinctItems ? std::popcount(distinct)
                                     : duty.measure == model::ObligationMeasure::Airings     ? airings
                                                                                             : seconds / 60;
        chance += counted >= duty.required ? weight : 0.0;
    }
    return chance;
}

bool holds(const PlanInput& input, const model::Obligation& duty, const Filling& filling)
{
    PlanInput never = input;
    never.failureRate = 0.0;
    return chanceOf(never, duty, filling) > 0.5;
}

std::vector<unsigned> largestFillings(const PlanInput& input, const model::Session& where)
{
    std::vector<unsigned> fitting;
    for (unsigned set = 0; set < 1U << input.items.size(); ++set) {
        std::int64_t frames = 0;
        for (std::size_t i = 0; i < input.items.size(); ++i)
            frames += (set >> i & 1U) != 0 ? input.items[i].frames.value : 0;
        if (frames <= where.frames.value)
            fitting.push_back(set);
    }
    std::vector<unsigned> largest;
    for (const unsigned set : fitting) {
        if (std::ranges::none_of(fitting, [&](unsigned other) { return other != set && (other & set) == set; }))
            largest.push_back(set);
    }
    return largest;
}

bool someFilling(const PlanInput& input, Filling& filling, const auto& suits)
{
    if (filling.size() == input.sessions.size())
        return suits(filling);
    for (const unsigned set : largestFillings(input, input.sessions[filling.size()])) {
        filling.push_back(set);
        const bool found = someFilling(input, filling, suits);
        filling.pop_back();
        if (found)
            return true;
    }
    return false;
}

Filling fillingOf(const PlanInput& input, const Plan& made)
{
    Filling filling(input.sessions.size(), 0);
    for (const Placement& placement : made.placements) {
        for (std::size_t s = 0; s < input.sessions.size(); ++s) {
            for (std::size_t i = 0; i < input.items.size(); ++i) {
                if (input.sessions[s].id == placement.session && input.items[i].id == placement.item)
                    filling[s] |= 1U << i;
            }
        }
    }
    return filling;
}

// Few sessions with hardly any room left, a plan without reserve in them.
PlanInput randomInput(Dice& dice)
{
    PlanInput input = bareDecember();
    const int sessions = dice.between(1, 4);
    for (int s = 0; s < sessions; ++s)
        input.sessions.push_back(session(day(2 + 3 * s), 6, minutes(dice.between(2, 6))));
    const int items = dice.between(2, 4);
    static constexpr const char* groups[] = {"cchc-a", "cchc-b", "other"};
    for (int i = 0; i < items; ++i) {
        input.items.push_back(item(QStringLiteral("item-%1").arg(i).toUtf8().constData(), minutes(dice.between(1, 3)),
                                   groups[dice.upTo(2)]));
        if (dice.oneIn(5))
            input.items.back().priority = Priority::Priority;
    }
    const int duties = dice.between(1, 2);
    for (int d = 0; d < duties; ++d) {
        model::Obligation one = duty(dice.between(1, 2));
        one.id = {QStringLiteral("duty-%1").arg(d)};
        one.topicGroups = {text(groups[dice.upTo(1)])};
        if (dice.oneIn(2))
            one.topicGroups.push_back(text(groups[dice.upTo(2)]));
        one.measure = static_cast<model::ObligationMeasure>(dice.upTo(2));
        input.obligations.push_back(one);
    }
    input.existing = plan(input).placements;
    constexpr double rates[] = {0.02, 0.1, 0.2};
    input.failureRate = rates[dice.upTo(2)];
    return input;
}

} // namespace

TEST_CASE("Promise 5: sessions that are 95 % full make room for the reserve of a station that fails often",
          "[promise-5]")
{
    PlanInput input = fullMonth(60);
    PlanInput kept = input;
    kept.items.push_back(item("reform-1", minutes(4)));
    kept.items.push_back(item("reform-2", minutes(4)));
    kept.obligations = {duty(2)};
    // Each once, as a plan that knows nothing of failures might have it.
    for (std::size_t s : {std::size_t{3}, std::size_t{9}}) {
        const auto there = std::ranges::find(kept.existing, kept.sessions[s].id, &Placement::session);
        REQUIRE(there != kept.existing.end());
        const PlannableItem& reform = kept.items[kept.items.size() - (s == 3 ? 2 : 1)];
        there->item = reform.id;
        there->version = reform.version;
        there->sha256 = reform.sha256;
        there->frames = reform.frames;
    }
    kept.failureRate = 0.2;
    const Plan answer = plan(kept);
    CHECK(shareFull(kept, answer) >= 0.95);
    REQUIRE(answer.forecasts.size() == 1);
    CHECK(answer.forecasts[0].standing == Standing::OnCourse);
    CHECK(answer.forecasts[0].probability >= sure);
    kept.existing = answer.placements;
    CHECK(plan(kept) == answer);
}

TEST_CASE("Promise 5: reserve comes before what is urgent and new", "[promise-5]")
{
    // Two sessions for one item each. Without failures the second one is for what is urgent.
    PlanInput input = december(minutes(5));
    input.sessions = {session(day(9), 6, minutes(5)), session(day(12), 6, minutes(5))};
    input.items = {item("reform", minutes(5)), item("urgent", minutes(5), "other")};
    input.items.back().priority = Priority::Priority;
    input.obligations = {duty(1)};
    CHECK(playsOf(plan(input), "urgent") == 1);
    input.failureRate = 0.1;
    const Plan answer = plan(input);
    CHECK(playsOf(answer, "reform") == 2);
    CHECK(answer.forecasts.at(0).probability == Approx(0.99));
    // Where two plays are not enough, the only play of another item does not go for them in vain.
    input.failureRate = 0.2;
    CHECK(playsOf(plan(input), "urgent") == 1);
}

TEST_CASE("Promise 5: reserve takes the place of repeats before that of an item's only play", "[promise-5]")
{
    PlanInput input = december(minutes(5));
    input.sessions.resize(4);
    input.items = {item("reform", minutes(5)), item("new", minutes(5), "other"), item("old", minutes(5), "other")};
    input.obligations = {duty(1)};
    const char* const there[] = {"new", "old", "old", "reform"};
    for (std::size_t s = 0; s < 4; ++s) {
        const auto& what = *std::ranges::find(input.items, ItemId{text(there[s])}, &PlannableItem::id);
        input.existing.push_back({input.sessions[s].id, what.id, 1, what.sha256, {}, what.frames, what.priority, {}});
    }
    input.failureRate = 0.1;
    const Plan answer = plan(input);
    CHECK(playsOf(answer, "reform") == 2);
    CHECK(playsOf(answer, "new") == 1);
    CHECK(playsOf(answer, "old") == 1);
}

TEST_CASE("Promise 5: what can be made 99 % sure is, against an oracle that tries everything", "[promise-5][property]")
{
    constexpr unsigned instances = loa::test::rounds(600);
    int full = 0;
    int madeSure = 0;
    int atRisk = 0;
    for (unsigned seed = 1; seed <= instances; ++seed) {
        INFO("seed " << seed);
        Dice dice(seed);
        const PlanInput input = randomInput(dice);
        const Plan answer = plan(input);
        const Filling filling = fillingOf(input, answer);
        full += shareFull(input, answer) >= 0.95 ? 1 : 0;
        std::vector<const model::Obligation*> held;
        std::vector<const model::Obligation*> surely;
        std::vector<const model::Obligation*> unsure;
        for (const model::Obligation& one : input.obligations) {
            const auto told = std::ranges::find(answer.forecasts, one.id, &Forecast::obligation);
            REQUIRE(told != answer.forecasts.end());
            if (!holds(input, one, filling))
                continue;
            held.push_back(&one);
            const double chance = chanceOf(input, one, filling);
            REQUIRE(told->probability == Approx(chance).margin(1e-9));
            REQUIRE((told->standing == Standing::OnCourse) == (chance >= sure));
            (chance >= sure ? surely : unsure).push_back(&one);
        }
        madeSure += surely.empty() ? 0 : 1;
        for (const model::Obligation* one : unsure) {
            ++atRisk;
            Filling tried;
            REQUIRE_FALSE(someFilling(input, tried, [&](const Filling& other) {
                return std::ranges::all_of(held, [&](auto* duty) { return holds(input, *duty, other); }) &&
                       std::ranges::all_of(surely, [&](auto* duty) { return chanceOf(input, *duty, other) >= sure; }) &&
                       chanceOf(input, *one, other) >= sure;
            }));
        }
        PlanInput again = input;
        again.existing = answer.placements;
        REQUIRE(plan(again) == answer);
    }
    CHECK(full > static_cast<int>(instances / 4));
    CHECK(madeSure > static_cast<int>(instances / 4));
    CHECK(atRisk > static_cast<int>(instances / 10));
}
