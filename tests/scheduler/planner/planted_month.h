// Large questions made from an answer: a month is laid out first and the question is what that month holds, so that it
// is known without a solver that every duty can be held.
#pragma once

#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"

#include <algorithm>
#include <map>

namespace loa::planner::test {

// Sixty-two sessions, each with two to four items that all have to sound on their day, or up to `window` days before or
// after; `sparePercent` beyond their length stays free. A duty a week and group, and one a month for all; besides,
// items that no duty wants.
inline PlanInput plantedMonth(unsigned seed, int window = 0, int sparePercent = 0, int days = 31)
{
    constexpr const char* groups[] = {"cchc-a", "cchc-b", "cchc-c", "cchc-d"};
    loa::test::Dice dice(seed);
    PlanInput input = december({});
    for (int d = 1; d <= days; ++d)
        input.sessions.push_back(session(day(d), 17, {}));
    std::erase_if(input.sessions, [&](const model::Session& one) { return one.localDate > day(days); });
    std::ranges::sort(input.sessions, {}, &model::Session::startsAt);
    std::vector<QDate> daysOf; // of each item
    for (model::Session& where : input.sessions) {
        const int items = dice.between(2, 4);
        for (int number = 0; number < items; ++number) {
            // Seconds, so that hardly two lengths are equal and only what belongs together fills a session.
            const QByteArray name = "item-" + QByteArray::number(static_cast<int>(daysOf.size()));
            PlannableItem one =
                item(name.constData(), FrameCount{sampleRate * dice.between(60, 360)}, groups[dice.upTo(3)]);
            one.validFrom = where.localDate.addDays(-dice.between(0, window));
            one.validUntil = where.localDate.addDays(dice.between(0, window));
            where.frames += one.frames;
            daysOf.push_back(where.localDate);
            input.items.push_back(std::move(one));
        }
        where.frames += FrameCount{where.frames.value * sparePercent / 100};
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

} // namespace loa::planner::test
