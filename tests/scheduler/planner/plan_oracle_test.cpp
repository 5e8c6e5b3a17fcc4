// Ten thousand small random questions a run, each answered a second time by a constraint solver. LOA_ORACLE_SEED moves
// to other seeds, LOA_ORACLE_INSTANCES changes how many; a failure names its seed and prints the smallest question that
// still fails.
#include "scheduler/planner/beam_search.h"
#include "scheduler/planner/displacement.h"
#include "scheduler/planner/pins.h"
#include "scheduler/planner/reasons.h"
#include "scheduler/planner/remedies.h"
#include "tests/scheduler/planner/oracle.h"
#include "tests/scheduler/planner/oracle_instances.h"
#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/rounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <iostream>
#include <numeric>
#include <random>

namespace loa::planner::test {

namespace {

constexpr int instancesByDefault = loa::test::rounds(10'000);

int setting(const char* name, int otherwise)
{
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(name, &isNumber);
    return isNumber ? value : otherwise;
}

struct Tally {
    int whole = 0;    // every duty can be held
    int short_ = 0;   // not every one
    int ruled = 0;    // some item has rules
    int parted = 0;   // some session has parts
    int laidOut = 0;  // … with relays or tunes
    int urgent = 0;   // some item is EMERGENCY
    int yearEnd = 0;  // a quarter and a year end within the plan
    int often = 0;    // an item may sound twice a day or more, and no further
    int pinned = 0;   // some hand edit is kept
    int full = 0;     // some session is 95 % full or more
    int frozen = 0;   // some play is fixed
    int inexact = 0;  // the planner's bound was met
    int unknown = 0;  // the solver's
    int remedied = 0; // shortfalls with a smallest set of remedies
    int joint = 0;    // … of two changes or more
    int several = 0;  // … of different kinds
    int allowed = 0;  // … that name a refused session
};

bool isFull(const PlanInput& input, const Plan& made)
{
    return std::ranges::any_of(input.sessions, [&](const model::Session& where) {
        std::int64_t used = 0;
        for (const Placement& placement : made.placements)
            used += placement.session == where.id ? placement.frames.value : 0;
        return used > 0 && used * 20 >= where.frames.value * 19;
    });
}

PlanInput shuffled(PlanInput input, unsigned seed)
{
    std::mt19937 engine(seed);
    std::shuffle(input.items.begin(), input.items.end(), engine);
    std::shuffle(input.sessions.begin(), input.sessions.end(), engine);
    std::shuffle(input.obligations.begin(), input.obligations.end(), engine);
    std::shuffle(input.past.begin(), input.past.end(), engine);
    std::shuffle(input.edits.begin(), input.edits.end(), engine);
    return input;
}

std::string wrongAboutShortfalls(const Question& question, const Plan& made, int held)
{
    for (const Shortfall& shortfall : made.shortfalls) {
        if (shortfall.reason.vi.isEmpty() || shortfall.reason.en.isEmpty() || shortfall.remedies.empty())
            return "a shortfall without a reason";
    }
    int unknownPeriods = 0; // that end after the plan: no shortfall is told of them
    for (const OwedPeriod& owed : question.owed)
        unknownPeriods += owed.last > question.input.until ? 1 : 0;
    const int unheld = static_cast<int>(question.owed.size()) - held;
    const int told = static_cast<int>(made.shortfalls.size());
    if (told > unheld || told < unheld - unknownPeriods)
        return "shortfalls: " + std::to_string(told) + " told, " + std::to_string(unheld) + " there";
    if (made.forecasts.size() != question.owed.size())
        return "not one forecast for each period";
    const auto impossible = std::ranges::count(made.forecasts, Standing::Impossible, &Forecast::standing);
    if (made.exact && impossible < told)
        return "forecasts and shortfalls differ";
    return {};
}

using Owed = std::pair<int, QDate>; // obligation, the period's last day

// Whether these periods can all be held once the remedies are applied; nothing: the solver's bound was met.
std::optional<bool> canHoldWith(const PlanInput& input, const std::vector<Remedy>& remedies,
                                const std::vector<Owed>& wanted)
{
    const PlanInput changed = withRemedies(input, remedies);
    Question question(changed);
    std::erase_if(question.owed, [&](const OwedPeriod& owed) {
        return std::ranges::find(wanted, Owed(owed.obligation, owed.last)) == wanted.end();
    });
    const OracleAnswer answer = askOracle(question);
    if (!answer.isKnown)
        return std::nullopt;
    return answer.held == static_cast<int>(question.owed.size());
}

int sizeOf(const std::vector<Remedy>& remedies)
{
    int size = 0;
    for (const Remedy& remedy : remedies)
        size += std::max(remedy.count, 1);
    return size;
}

// A set of `size` of the facts that would do; empty: none does.
std::vector<Remedy> someSetOf(const PlanInput& input, const RemedyFacts& known, const std::vector<Owed>& wanted,
                              std::vector<Remedy> taken, std::size_t first, int size)
{
    if (size == 0)
        return !taken.empty() && canHoldWith(input, taken, wanted).value_or(false) ? taken : std::vector<Remedy>{};
    for (std::size_t fact = first; fact < known.facts.size(); ++fact) {
        for (int times = 1; times <= std::min(size, known.most[fact]); ++times) {
            std::vector<Remedy> more = taken;
            more.push_back(known.facts[fact]);
            more.back().count = times;
            if (auto found = someSetOf(input, known, wanted, more, fact + 1, size - times); !found.empty())
                return found;
        }
    }
    return {};
}

std::string toldRemedies(const std::vector<Remedy>& remedies)
{
    std::string told;
    for (const Remedy& remedy : remedies)
        told += " " + std::to_string(remedy.count) + " x " + toString(remedy.kind).toStdString() + " " +
                (remedy.item ? remedy.item->value.toStdString() : "") +
                (remedy.edit ? remedy.edit->value.toStdString() : "") +
                (remedy.session ? remedy.session->value.toStdString() : "") + " from " +
                remedy.from.toString(Qt::ISODate).toStdString() + " to " +
                remedy.until.toString(Qt::ISODate).toStdString() + " " + std::to_string(remedy.frames.value) + ";";
    return told;
}

// The remedies of each shortfall give what is missing beside all that is held, and nothing smaller does.
std::string wrongAboutRemedies(const PlanInput& input, const Plan& made, Tally* tally)
{
    std::vector<Owed> held;
    std::vector<int> heldDemands;
    const ItemPool::Tables tables(input.items);
    const Board board(input, tables);
    const auto indexOf = [&](const ObligationId& id, const PeriodDates& period) {
        for (int index = 0; index < board.demandCount(); ++index) {
            const auto duty = static_cast<std::size_t>(board.demand(index).obligation);
            if (input.obligations[duty].id == id && board.demand(index).period == period)
                return index;
        }
        return -1;
    };
    for (const Forecast& forecast : made.forecasts) {
        const int index = indexOf(forecast.obligation, forecast.period);
        if (forecast.completed + forecast.planned < forecast.required)
            continue;
        heldDemands.push_back(index);
        held.emplace_back(board.demand(index).obligation, forecast.period.last);
    }
    std::ranges::sort(heldDemands);
    for (const Shortfall& shortfall : made.shortfalls) {
        const int index = indexOf(shortfall.obligation, shortfall.period);
        std::vector<Owed> wanted = held;
        wanted.emplace_back(board.demand(index).obligation, shortfall.period.last);
        const std::string told = toldRemedies(shortfall.remedies);
        if (!canHoldWith(input, shortfall.remedies, wanted).value_or(true))
            return "remedies are not enough:" + told;
        if (shortfall.remedies.front().kind == RemedyKind::LowerDuty)
            continue;
        const Plan after = plan(withRemedies(input, shortfall.remedies));
        const auto holds = [](const Forecast& some) { return some.completed + some.planned >= some.required; };
        if (after.exact &&
            std::ranges::count_if(after.forecasts, holds) <= std::ranges::count_if(made.forecasts, holds))
            return "the plan makes nothing of the remedies:" + told;
        if (!shortfall.smallest)
            continue;
        const RemedyFacts known = remedyFacts(board, index, heldDemands);
        for (int size = 1; size < sizeOf(shortfall.remedies); ++size) {
            const auto fewer = someSetOf(input, known, wanted, {}, 0, size);
            if (!fewer.empty())
                return "fewer would do:" + toldRemedies(fewer) + " instead of" + told;
        }
        if (tally) {
            ++tally->remedied;
            tally->joint += sizeOf(shortfall.remedies) > 1 ? 1 : 0;
            tally->several += shortfall.remedies.size() > 1 ? 1 : 0;
            tally->allowed +=
                std::ranges::count(shortfall.remedies, RemedyKind::AllowSession, &Remedy::kind) > 0 ? 1 : 0;
        }
    }
    return {};
}

std::string toldPlaces(const Plan& made)
{
    std::string told;
    for (const Placement& placement : made.placements)
        told += " " + placement.item.value.toStdString() + " in " + placement.session.value.toStdString() + "/" +
                std::to_string(placement.part) + " at " + std::to_string(placement.offset.value) + " (" +
                placement.reason.en.toStdString() + ")";
    return told;
}

// What is wrong with the planner's answer; empty: nothing.
std::string wrongWith(const PlanInput& input, Tally* tally = nullptr)
{
    const Question question(input);
    const Plan made = plan(input);
    if (auto broken = brokenRule(question, made); !broken.empty())
        return "hard rule broken: " + broken;
    const std::vector<OraclePlace> places = openPlaces(question, made);
    const int held = heldBy(question, places);
    const OracleAnswer answer = askOracle(question);
    if (tally) {
        const bool whole = answer.held == static_cast<int>(question.owed.size());
        ++(whole ? tally->whole : tally->short_);
        tally->ruled += std::ranges::any_of(input.items,
                                            [](const PlannableItem& item) { return item.rules != model::PlayRules{}; });
        tally->parted +=
            std::ranges::any_of(input.sessions, [](const model::Session& one) { return !one.parts.empty(); });
        tally->laidOut += std::ranges::any_of(
            input.sessions, [](const model::Session& one) { return !one.tunes.empty() || !one.relays.empty(); });
        tally->urgent += std::ranges::count(input.items, Priority::Emergency, &PlannableItem::priority) > 0 ? 1 : 0;
        tally->yearEnd += input.from <= day(31) && day(31) <= input.until ? 1 : 0;
        tally->often +=
            std::ranges::any_of(input.items, [](const PlannableItem& item) { return item.rules.mostPlaysADay > 1; });
        tally->pinned += answer.pinned.empty() ? 0 : 1;
        tally->full += isFull(input, made);
        tally->frozen += question.fixed.empty() ? 0 : 1;
        tally->inexact += made.exact ? 0 : 1;
        tally->unknown += answer.isKnown ? 0 : 1;
    }
    for (const auto& [session, item] : answer.pinned) {
        const bool there = std::ranges::any_of(places, [&, s = session, i = item](const OraclePlace& place) {
            return place.item == i && place.session == s;
        });
        if (!there && answer.isKnown)
            return "a hand edit that can be kept is not";
    }
    if (answer.isKnown && held > answer.held)
        return "the plan holds " + std::to_string(held) + ", the oracle says that no plan holds more than " +
               std::to_string(answer.held);
    if (answer.isKnown && made.exact && held < answer.held)
        return "the plan holds " + std::to_string(held) + " of " + std::to_string(answer.held);
    if (auto wrong = wrongAboutShortfalls(question, made, held); !wrong.empty())
        return wrong;
    if (made.exact && answer.isKnown) {
        if (auto wrong = wrongAboutRemedies(input, made, tally); !wrong.empty())
            return wrong;
    }
    if (plan(input) != made)
        return "the same question, another plan";
    PlanInput again = input;
    again.existing = made.placements;
    if (const Plan after = plan(again); after.placements != made.placements)
        return "a replan without news moves something:" + toldPlaces(made) + "; then" + toldPlaces(after);
    if (plan(shuffled(input, 7)) != made)
        return "the order in which things are given matters";
    return {};
}

// A question whose answer is plain: two sessions of three minutes, three items of two, one duty of `required`.
PlanInput plain(int required)
{
    PlanInput input;
    input.station = {text("station")};
    input.from = day(1);
    input.until = day(31);
    input.sessions = {session(day(3), 6, minutes(3)), session(day(5), 6, minutes(3))};
    input.items = {item("one", minutes(2)), item("two", minutes(2)), item("three", minutes(2))};
    input.obligations = {duty(required)};
    return input;
}

} // namespace

TEST_CASE("The oracle knows what can be worked out by hand", "[oracle]")
{
    const auto most = [](const PlanInput& input) { return askOracle(Question(input)).held; };
    CHECK(most(plain(2)) == 1);
    CHECK(most(plain(3)) == 0);
    PlanInput input = plain(3);
    input.obligations.front().measure = model::ObligationMeasure::Minutes;
    CHECK(most(input) == 1);
    input.obligations.front().required = 5;
    CHECK(most(input) == 0);
    input = plain(2);
    input.items[0].rules.pairWith = {text("two")}; // both need four minutes in one session
    input.items[2].validUntil = day(2);
    CHECK(most(input) == 0);
    input.sessions[1].frames = minutes(4);
    CHECK(most(input) == 1);
    input = plain(2);
    input.items.resize(1);
    input.obligations.front().measure = model::ObligationMeasure::Airings;
    CHECK(most(input) == 1);
    input.items[0].rules.leastGap = std::chrono::hours(49);
    CHECK(most(input) == 0);
    input.past = {{input.items[0].id, {text("before")}, day(1), true, {}, {}}};
    input.items[0].rules.leastGap = std::chrono::hours(24);
    CHECK(most(input) == 1);
}

TEST_CASE("The checker sees what a wrong plan breaks", "[oracle]")
{
    PlanInput input = plain(2);
    input.items[0].rules.mostPlays = {{1, model::ObligationPeriod::Month}};
    const Question question(input);
    const Plan right = plan(input);
    REQUIRE(brokenRule(question, right).empty());
    REQUIRE(right.placements.size() == 2);
    Plan wrong = right;
    wrong.placements[0].offset = minutes(2);
    CHECK_THAT(brokenRule(question, wrong), Catch::Contains("past the session's end"));
    wrong = right;
    wrong.placements[1].sha256 = sha256(QByteArrayView("another"));
    CHECK_THAT(brokenRule(question, wrong), Catch::Contains("not the approved recording"));
    wrong = right;
    for (Placement& placement : wrong.placements) {
        placement.item = input.items[0].id;
        placement.sha256 = input.items[0].sha256;
    }
    CHECK_THAT(brokenRule(question, wrong), Catch::Contains("too often in a period"));
    wrong = right;
    wrong.placements.pop_back();
    CHECK(heldBy(question, openPlaces(question, wrong)) == 0);
}

TEST_CASE("Promise 5: ten thousand questions, each answered as the oracle answers", "[promise-5][oracle]")
{
    const auto base = static_cast<unsigned>(setting("LOA_ORACLE_SEED", 1));
    const int instances = setting("LOA_ORACLE_INSTANCES", instancesByDefault);
    Tally tally;
    for (int number = 0; number < instances; ++number) {
        const unsigned seed = base + static_cast<unsigned>(number);
        const PlanInput input = instance(seed);
        const std::string wrong = wrongWith(input, &tally);
        if (wrong.empty())
            continue;
        const auto kind = wrong.substr(0, 12); // the same fault, not another one
        const PlanInput small =
            shrunk(input, [&](const PlanInput& less) { return wrongWith(less).substr(0, 12) == kind; });
        FAIL("seed " << seed << ": " << wrong << "\nsmallest: " << wrongWith(small) << "\n" << described(small));
    }
    std::cout << "of " << instances << ": all duties can be held " << tally.whole << ", not all " << tally.short_
              << "; rules " << tally.ruled << ", parts " << tally.parted << " (" << tally.laidOut
              << " with relays or tunes), EMERGENCY " << tally.urgent << ", a year's end " << tally.yearEnd
              << ", most plays a day over one " << tally.often << ", hand edits kept " << tally.pinned
              << ", a full session " << tally.full << ", fixed plays " << tally.frozen << "; planner's bound met "
              << tally.inexact << ", solver's " << tally.unknown << "; smallest remedies " << tally.remedied
              << ", of several changes " << tally.joint << ", of several kinds " << tally.several
              << ", with refused sessions " << tally.allowed << "\n";
    CHECK(tally.whole > instances / 5);
    CHECK(tally.short_ > instances / 5);
    CHECK(tally.ruled > instances / 4);
    CHECK(tally.parted > instances / 4);
    CHECK(tally.laidOut > instances / 10);
    CHECK(tally.urgent > instances / 20);
    CHECK(tally.yearEnd > instances / 10);
    CHECK(tally.often > instances / 20);
    CHECK(tally.pinned > instances / 20);
    CHECK(tally.full > instances / 4);
    CHECK(tally.frozen > instances / 4);
    CHECK(tally.remedied > instances / 5);
    CHECK(tally.joint > instances / 50);
    CHECK(tally.allowed > instances / 200);
    CHECK(tally.inexact == 0);
    CHECK(tally.unknown == 0);
}

namespace {

// What the planner does with questions that are too large for its exact search, done with small ones. `search` changes
// the board and tells whether it holds all demands; it may miss a twentieth of those that can be held.
void requireSoundSearch(const char* name, const std::function<bool(Board&, const std::vector<int>&)>& search)
{
    const int instances = setting("LOA_ORACLE_INSTANCES", instancesByDefault) / 5;
    int missed = 0;
    int asked = 0;
    for (int number = 0; number < instances; ++number) {
        const PlanInput input = instance(1 + static_cast<unsigned>(number));
        const ItemPool::Tables tables(input.items);
        Board board(input, tables);
        pinKeeps(board);
        std::vector<int> demands(static_cast<std::size_t>(board.demandCount()));
        std::iota(demands.begin(), demands.end(), 0);
        const auto pins = board.pins();
        const bool whole = search(board, demands);
        Plan made;
        made.station = input.station;
        made.placements = placementsOf(board);
        const Question question(input);
        INFO(name << ", seed " << number + 1 << "\n" << described(input));
        REQUIRE(brokenRule(question, made) == "");
        for (const auto& [session, item] : pins)
            REQUIRE(board.session(session).contains(item));
        const OracleAnswer answer = askOracle(question);
        const int held = heldBy(question, openPlaces(question, made));
        REQUIRE(answer.isKnown);
        REQUIRE(held <= answer.held);
        REQUIRE(whole == (held == static_cast<int>(question.owed.size())));
        const bool can = answer.held == static_cast<int>(question.owed.size());
        asked += can ? 1 : 0;
        missed += can && !whole ? 1 : 0;
    }
    std::cout << name << ": of " << asked << " questions that can be held it missed " << missed << "\n";
    CHECK(asked > instances / 5);
    CHECK(missed * 20 < asked);
}

} // namespace

TEST_CASE("Promise 5: what is displaced breaks no rule, and hardly ever misses what the oracle finds",
          "[promise-5][oracle]")
{
    const auto displace = [](Board& board, const std::vector<int>& demands) {
        return displaceUntilHeld(board, demands, 20'000);
    };
    requireSoundSearch("displacing", displace);
}

// It knows of no rules beside room, parts and days; those leave gaps in its answer.
TEST_CASE("Promise 5: what is filled in the order of air breaks no rule, and seldom misses what the oracle finds",
          "[promise-5][oracle]")
{
    const auto inOrder = [](Board& board, const std::vector<int>& demands) {
        return searchInOrder(board, demands, {.width = 20, .work = 200'000});
    };
    requireSoundSearch("in order", inOrder);
}

} // namespace loa::planner::test
