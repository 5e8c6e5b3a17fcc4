// Large questions made from an answer: a month is laid out first and the question is what that month holds, so that it
// is known without a solver that every duty can be held.
#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using loa::test::Dice;

namespace {

constexpr const char* groups[] = {"cchc-a", "cchc-b", "cchc-c", "cchc-d"};

// Sixty-two sessions, each full to the frame with two to four items that all have to sound on their day. A duty a week
// and group, and one a month for all; besides, items that no duty wants.
PlanInput plantedMonth(unsigned seed)
{
    Dice dice(seed);
    PlanInput input = december({});
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 17, {}));
    std::ranges::sort(input.sessions, {}, &model::Session::startsAt);
    std::vector<QDate> daysOf; // of each item
    for (model::Session& where : input.sessions) {
        const int items = dice.between(2, 4);
        for (int number = 0; number < items; ++number) {
            // Seconds, so that hardly two lengths are equal and only what belongs together fills a session.
            const QByteArray name = "item-" + QByteArray::number(static_cast<int>(daysOf.size()));
            PlannableItem one =
                item(name.constData(), FrameCount{sampleRate * dice.between(60, 360)}, groups[dice.upTo(3)]);
            one.validFrom = where.localDate;
            one.validUntil = where.localDate;
            where.frames += one.frames;
            daysOf.push_back(where.localDate);
            input.items.push_back(std::move(one));
        }
    }
    for (int number = 0; number < 40; ++number) {
        const QByteArray name = "filler-" + QByteArray::number(number);
        input.items.push_back(item(name.constData(), FrameCount{sampleRate * dice.between(30, 300)}, "other"));
    }
    for (const char* group : groups) {
        std::map<QDate, int> weeks;
        for (std::size_t number = 0; number < daysOf.size(); ++number) {
            if (input.items[number].topicGroups.front() == text(group))
                ++weeks[daysOf[number].addDays(1 - daysOf[number].dayOfWeek())];
        }
        for (const auto& [monday, count] : weeks) {
            model::Obligation one = duty(count, model::ObligationPeriod::Once,
                                         (QByteArray(group) + monday.toString(Qt::ISODate).toLatin1()).constData());
            one.topicGroups = {text(group)};
            one.validFrom = monday;
            one.due = monday.addDays(6);
            input.obligations.push_back(std::move(one));
        }
    }
    input.obligations.push_back(duty(static_cast<int>(daysOf.size()), model::ObligationPeriod::Month, "all"));
    return input;
}

void requireWithinSessions(const PlanInput& input, const Plan& made)
{
    for (const model::Session& where : input.sessions) {
        FrameCount used;
        for (const Placement& placement : made.placements) {
            if (placement.session == where.id) {
                REQUIRE(placement.offset >= used);
                used = placement.offset + placement.frames;
            }
        }
        REQUIRE(used <= where.frames);
    }
}

} // namespace

TEST_CASE("Promise 5: a month whose every day is filled to the frame is found, each day as a question of its own",
          "[promise-5][planted]")
{
    for (unsigned seed = 1; seed <= 12; ++seed) {
        const PlanInput month = plantedMonth(seed);
        const Plan made = plan(month);
        requireWithinSessions(month, made);
        INFO("seed " << seed << ", short of " << made.shortfalls.size() << " of " << month.obligations.size());
        CHECK(made.shortfalls.empty());
        CHECK(made.exact);
    }
}
