// Thousands of small random questions, each answered a second time by trying every arrangement there is.
#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"
#include "tests/support/rounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using loa::test::Dice;

namespace {

constexpr unsigned instances = loa::test::rounds(3000);
constexpr const char* groupNames[] = {"cchc-a", "cchc-b", "other"};

model::Obligation randomDuty(Dice& dice, int number)
{
    using model::ObligationPeriod;
    model::Obligation result =
        duty(dice.between(1, 3), dice.oneIn(2) ? ObligationPeriod::Week : ObligationPeriod::Month);
    result.id = {QStringLiteral("duty-%1").arg(number)};
    result.topicGroups = {text(groupNames[dice.upTo(1)])};
    if (dice.oneIn(2))
        result.topicGroups.push_back(text(groupNames[dice.upTo(2)]));
    return result;
}

// Two or three weeks around the end of November 2026, a handful of sessions and items, little room.
PlanInput randomInput(Dice& dice)
{
    PlanInput input;
    input.station = {text("station")};
    input.from = day(23, 11).addDays(dice.upTo(6));
    input.until = input.from.addDays(dice.between(6, 16));
    const int items = dice.oneIn(12) ? 0 : dice.between(2, 5);
    for (int i = 0; i < items; ++i) {
        PlannableItem one = item(QStringLiteral("item-%1").arg(i).toUtf8().constData(), minutes(dice.between(1, 4)),
                                 groupNames[dice.upTo(2)]);
        if (dice.oneIn(3))
            one.topicGroups.push_back(text(groupNames[dice.upTo(2)]));
        if (dice.oneIn(2))
            one.validFrom = input.from.addDays(dice.upTo(10));
        if (dice.oneIn(2))
            one.validUntil = std::max(one.validFrom, input.from.addDays(dice.upTo(14)));
        if (dice.oneIn(5))
            one.priority = Priority::Priority;
        input.items.push_back(one);
    }
    std::set<QDate> days;
    const int sessions = dice.oneIn(12) ? 0 : dice.between(2, 5);
    for (int s = 0; s < sessions; ++s)
        days.insert(input.from.addDays(dice.upTo(static_cast<int>(input.from.daysTo(input.until)))));
    for (const QDate date : days)
        input.sessions.push_back(session(date, 6, minutes(dice.between(0, 6))));
    const int duties = dice.oneIn(12) ? 0 : dice.between(1, 3);
    for (int d = 0; d < duties; ++d)
        input.obligations.push_back(randomDuty(dice, d));
    input.frozenUntil = at(input.from.addDays(dice.oneIn(2) ? 0 : dice.between(1, 8)), 0);
    for (const PlannableItem& one : input.items) {
        if (dice.oneIn(4))
            input.past.push_back(
                {one.id, {text("before")}, input.from.addDays(-dice.between(1, 5)), dice.oneIn(2), one.topicGroups});
    }
    return input;
}

// A plan made by nobody in particular: some of it holds, some does not.
std::vector<Placement> randomExisting(Dice& dice, const PlanInput& input)
{
    std::vector<Placement> existing;
    for (const model::Session& where : input.sessions) {
        FrameCount offset;
        for (const PlannableItem& what : input.items) {
            if (!dice.oneIn(3))
                continue;
            existing.push_back({where.id,
                                what.id,
                                what.version,
                                what.sha256,
                                offset,
                                what.frames,
                                what.priority,
                                {text("cũ"), text("old")}});
            offset += what.frames;
        }
    }
    return existing;
}

// Logs of some of the sessions gone by.
void addLogs(Dice& dice, PlanInput& input)
{
    for (const Placement& placement : input.existing) {
        for (const model::Session& where : input.sessions) {
            const auto item = std::find_if(input.items.begin(), input.items.end(), [&](const PlannableItem& candidate) {
                return candidate.id == placement.item;
            });
            if (where.id == placement.session && where.startsAt < input.frozenUntil && dice.oneIn(2))
                input.past.push_back({placement.item, where.id, where.localDate, dice.oneIn(2), item->topicGroups});
        }
    }
}

// ---- The oracle: knows the rules from the page, shares no code with the planner.

struct OracleDemand {
    std::string period; // for messages
    const model::Obligation* obligation = nullptr;
    std::set<QDate> days;
};

std::vector<OracleDemand> oracleDemands(const PlanInput& input)
{
    std::vector<OracleDemand> demands;
    for (const model::Obligation& obligation : input.obligations) {
        std::map<std::string, std::set<QDate>> periods;
        const auto nameOf = [&](QDate date) {
            if (obligation.period == model::ObligationPeriod::Month)
                return date.toString(text("yyyy-MM")).toStdString();
            int year = 0;
            const int week = date.weekNumber(&year);
            return QStringLiteral("%1-W%2").arg(year).arg(week).toStdString();
        };
        for (QDate date = input.from; date <= input.until; date = date.addDays(1))
            periods[nameOf(date)];
        for (QDate date = input.from.addDays(-40); date <= input.until.addDays(40); date = date.addDays(1)) {
            if (const auto period = periods.find(nameOf(date)); period != periods.end())
                period->second.insert(date);
        }
        for (const auto& [name, days] : periods)
            demands.push_back({name, &obligation, days});
    }
    return demands;
}

bool countsFor(const PlannableItem& item, const model::Obligation& obligation)
{
    for (const QString& group : item.topicGroups) {
        for (const QString& asked : obligation.topicGroups) {
            if (group == asked)
                return true;
        }
    }
    return false;
}

bool openForOracle(const PlanInput& input, const model::Session& where)
{
    return where.startsAt >= input.frozenUntil;
}

// Bit sets of the items that sounded, or are fixed, on each day.
std::map<QDate, unsigned> fixedByDay(const PlanInput& input)
{
    std::map<QDate, unsigned> fixed;
    for (std::size_t i = 0; i < input.items.size(); ++i) {
        for (const PastAiring& airing : input.past) {
            if (airing.item == input.items[i].id && airing.completed)
                fixed[airing.localDate] |= 1U << i;
        }
        for (const Placement& placement : input.existing) {
            for (const model::Session& where : input.sessions) {
                const bool failed = std::any_of(input.past.begin(), input.past.end(), [&](const PastAiring& airing) {
                    return airing.session == where.id && airing.item == placement.item && !airing.completed;
                });
                if (where.id == placement.session && placement.item == input.items[i].id && !failed &&
                    !openForOracle(input, where))
                    fixed[where.localDate] |= 1U << i;
            }
        }
    }
    return fixed;
}

// Sets of items that a session could hold, the largest alone: more in a session never hurts a demand.
std::vector<unsigned> largestFillings(const PlanInput& input, const model::Session& where)
{
    std::vector<unsigned> fitting;
    for (unsigned set = 0; set < 1U << input.items.size(); ++set) {
        std::int64_t frames = 0;
        bool valid = true;
        for (std::size_t i = 0; i < input.items.size(); ++i) {
            if ((set >> i & 1U) == 0)
                continue;
            const PlannableItem& item = input.items[i];
            frames += item.frames.value;
            valid =
                valid && item.validFrom <= where.localDate && (!item.validUntil || where.localDate <= *item.validUntil);
        }
        if (valid && frames <= where.frames.value)
            fitting.push_back(set);
    }
    std::vector<unsigned> largest;
    for (const unsigned set : fitting) {
        if (std::none_of(fitting.begin(), fitting.end(),
                         [&](unsigned other) { return other != set && (other & set) == set; }))
            largest.push_back(set);
    }
    return largest;
}

int oracleHeld(const PlanInput& input, const std::vector<OracleDemand>& demands, const std::map<QDate, unsigned>& byDay)
{
    int held = 0;
    for (const OracleDemand& demand : demands) {
        unsigned sounding = 0;
        for (const auto& [date, set] : byDay) {
            if (demand.days.contains(date))
                sounding |= set;
        }
        int distinct = 0;
        for (std::size_t i = 0; i < input.items.size(); ++i)
            distinct += (sounding >> i & 1U) != 0 && countsFor(input.items[i], *demand.obligation) ? 1 : 0;
        held += distinct >= demand.obligation->required ? 1 : 0;
    }
    return held;
}

int mostHeld(const PlanInput& input, const std::vector<OracleDemand>& demands, std::map<QDate, unsigned> byDay,
             std::size_t next = 0)
{
    while (next < input.sessions.size() && !openForOracle(input, input.sessions[next]))
        ++next;
    if (next == input.sessions.size())
        return oracleHeld(input, demands, byDay);
    int best = 0;
    const model::Session& where = input.sessions[next];
    for (const unsigned filling : largestFillings(input, where)) {
        auto filled = byDay;
        filled[where.localDate] |= filling;
        best = std::max(best, mostHeld(input, demands, std::move(filled), next + 1));
    }
    return best;
}

// ---- What must hold of any plan.

std::map<QDate, unsigned> byDayOf(const PlanInput& input, const Plan& plan)
{
    auto byDay = fixedByDay(input);
    for (const Placement& placement : plan.placements) {
        for (const model::Session& where : input.sessions) {
            for (std::size_t i = 0; i < input.items.size(); ++i) {
                if (where.id == placement.session && openForOracle(input, where) && input.items[i].id == placement.item)
                    byDay[where.localDate] |= 1U << i;
            }
        }
    }
    return byDay;
}

void checkHardRules(const PlanInput& input, const Plan& plan)
{
    for (const model::Session& where : input.sessions) {
        std::vector<Placement> there;
        std::copy_if(plan.placements.begin(), plan.placements.end(), std::back_inserter(there),
                     [&](const Placement& placement) { return placement.session == where.id; });
        if (!openForOracle(input, where)) {
            std::vector<Placement> before;
            std::copy_if(input.existing.begin(), input.existing.end(), std::back_inserter(before),
                         [&](const Placement& placement) { return placement.session == where.id; });
            REQUIRE(there == before);
            continue;
        }
        FrameCount position;
        std::set<QString> seen;
        for (const Placement& placement : there) {
            const auto item = std::find_if(input.items.begin(), input.items.end(), [&](const PlannableItem& candidate) {
                return candidate.id == placement.item;
            });
            REQUIRE(item != input.items.end());
            REQUIRE(placement.offset == position);
            REQUIRE(placement.frames == item->frames);
            REQUIRE(placement.sha256 == item->sha256);
            REQUIRE(placement.version == item->version);
            REQUIRE(placement.airing() == airingIdFor(where.id, item->id));
            REQUIRE(seen.insert(placement.item.value).second);
            REQUIRE(item->validFrom <= where.localDate);
            REQUIRE((!item->validUntil || where.localDate <= *item->validUntil));
            REQUIRE_FALSE(placement.reason.vi.isEmpty());
            REQUIRE_FALSE(placement.reason.en.isEmpty());
            position += placement.frames;
        }
        REQUIRE(position <= std::max(where.frames, FrameCount{0}));
    }
    REQUIRE(std::all_of(plan.placements.begin(), plan.placements.end(), [&](const Placement& placement) {
        return std::any_of(input.sessions.begin(), input.sessions.end(),
                           [&](const model::Session& where) { return where.id == placement.session; });
    }));
}

void checkShortfalls(const PlanInput& input, const Plan& plan, const std::vector<OracleDemand>& demands)
{
    const auto byDay = byDayOf(input, plan);
    std::size_t expected = 0;
    for (const OracleDemand& demand : demands) {
        if (*demand.days.rbegin() > input.until || oracleHeld(input, {demand}, byDay) == 1)
            continue;
        ++expected;
        const auto told = std::find_if(plan.shortfalls.begin(), plan.shortfalls.end(), [&](const Shortfall& shortfall) {
            return shortfall.obligation == demand.obligation->id && shortfall.period.last == *demand.days.rbegin();
        });
        REQUIRE(told != plan.shortfalls.end());
        REQUIRE(told->required == demand.obligation->required);
        REQUIRE(told->completed + told->planned < told->required);
        REQUIRE_FALSE(told->reason.vi.isEmpty());
        REQUIRE_FALSE(told->reason.en.isEmpty());
    }
    REQUIRE(plan.shortfalls.size() == expected);
}

void checkAgainstOracle(const PlanInput& input)
{
    const Plan answer = plan(input);
    const auto demands = oracleDemands(input);
    checkHardRules(input, answer);
    REQUIRE(oracleHeld(input, demands, byDayOf(input, answer)) == mostHeld(input, demands, fixedByDay(input)));
    checkShortfalls(input, answer, demands);

    REQUIRE(plan(input) == answer);
    PlanInput again = input;
    again.existing = answer.placements;
    REQUIRE(plan(again) == answer);
}

} // namespace

TEST_CASE("Promise 5: whatever quota can be kept is kept, against an oracle that tries everything",
          "[promise-5][property]")
{
    for (unsigned seed = 1; seed <= instances; ++seed) {
        INFO("seed " << seed);
        Dice dice(seed);
        checkAgainstOracle(randomInput(dice));
    }
}

TEST_CASE("A replan over any plan keeps hard rules and the quota, and then stands still", "[property]")
{
    for (unsigned seed = 1; seed <= instances; ++seed) {
        INFO("seed " << seed);
        Dice dice(seed + 1'000'000);
        PlanInput input = randomInput(dice);
        input.existing = randomExisting(dice, input);
        addLogs(dice, input);
        checkAgainstOracle(input);
    }
}

TEST_CASE("The plan does not hang on the order in which things are given", "[property]")
{
    for (unsigned seed = 1; seed <= loa::test::rounds(500); ++seed) {
        INFO("seed " << seed);
        Dice dice(seed + 2'000'000);
        const PlanInput input = randomInput(dice);
        PlanInput shuffled = input;
        std::mt19937 engine(seed);
        std::shuffle(shuffled.items.begin(), shuffled.items.end(), engine);
        std::shuffle(shuffled.sessions.begin(), shuffled.sessions.end(), engine);
        std::shuffle(shuffled.obligations.begin(), shuffled.obligations.end(), engine);
        std::shuffle(shuffled.past.begin(), shuffled.past.end(), engine);
        REQUIRE(plan(shuffled) == plan(input));
    }
}
