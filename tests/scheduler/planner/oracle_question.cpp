// The question: what can no longer change, what is owed, and what may be where, by the words of plan.h and the model.
#include "tests/scheduler/planner/oracle.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>
#include <set>

namespace loa::planner::test {

namespace {

QDateTime localOf(UtcTime instant, const QTimeZone& zone)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toTimeZone(zone);
}

std::pair<QDate, QDate> calendarPeriod(model::ObligationPeriod period, QDate day)
{
    QDate first = day;
    QDate last = day;
    const auto grow = [&](auto&& same) {
        while (same(first.addDays(-1)))
            first = first.addDays(-1);
        while (same(last.addDays(1)))
            last = last.addDays(1);
    };
    switch (period) {
    case model::ObligationPeriod::Week:
        grow([&](QDate other) {
            int year = 0;
            int otherYear = 0;
            return day.weekNumber(&year) == other.weekNumber(&otherYear) && year == otherYear;
        });
        break;
    case model::ObligationPeriod::Month:
        grow([&](QDate other) { return other.month() == day.month() && other.year() == day.year(); });
        break;
    case model::ObligationPeriod::Quarter:
        grow([&](QDate other) {
            return (other.month() + 2) / 3 == (day.month() + 2) / 3 && other.year() == day.year();
        });
        break;
    case model::ObligationPeriod::Year:
        grow([&](QDate other) { return other.year() == day.year(); });
        break;
    case model::ObligationPeriod::Once:
        break;
    }
    return {first, last};
}

} // namespace

Question::Question(const PlanInput& given) : input(given)
{
    std::set<std::pair<QString, QString>> reported;
    for (const PastAiring& airing : input.past)
        reported.insert({airing.item.value, airing.session.value});
    std::set<std::pair<QString, QString>> sounded;
    for (const PastAiring& airing : input.past) {
        const auto item = itemOf(airing.item);
        if (!airing.completed || !item || !sounded.insert({airing.item.value, airing.session.value}).second)
            continue;
        const auto session = sessionOf(airing.session);
        const QDateTime end(airing.localDate.addDays(1), QTime(0, 0), input.zone);
        fixed.push_back({*item, session.value_or(-1), airing.localDate,
                         session ? input.sessions[static_cast<std::size_t>(*session)].startsAt
                                 : UtcTime(std::chrono::seconds(end.toSecsSinceEpoch())),
                         input.items[static_cast<std::size_t>(*item)].frames.value});
    }
    for (const Placement& placement : input.existing) {
        const auto session = sessionOf(placement.session);
        const auto item = itemOf(placement.item);
        if (!session || !item || isOpen(*session) || reported.contains({placement.item.value, placement.session.value}))
            continue;
        const model::Session& where = input.sessions[static_cast<std::size_t>(*session)];
        fixed.push_back({*item, *session, where.localDate, where.startsAt, placement.frames.value});
    }
    for (std::size_t o = 0; o < input.obligations.size(); ++o) {
        const model::Obligation& obligation = input.obligations[o];
        std::set<std::pair<QDate, QDate>> periods;
        if (obligation.period == model::ObligationPeriod::Once) {
            periods.insert({obligation.validFrom, obligation.due.value_or(obligation.validFrom)});
        } else {
            for (QDate day = input.from; day <= input.until; day = day.addDays(1))
                periods.insert(calendarPeriod(obligation.period, day));
        }
        for (const auto& [first, last] : periods) {
            OwedPeriod one;
            one.obligation = static_cast<int>(o);
            one.first = std::max(first, obligation.validFrom);
            one.last = obligation.validUntil ? std::min(last, *obligation.validUntil) : last;
            one.required = obligation.required;
            if (obligation.measure == model::ObligationMeasure::Minutes)
                one.required *= 60 * sampleRate;
            if (one.first <= one.last && one.first <= input.until && one.last >= input.from)
                owed.push_back(one);
        }
    }
}

std::optional<int> Question::itemOf(const ItemId& id) const
{
    for (std::size_t i = 0; i < input.items.size(); ++i) {
        if (input.items[i].id == id)
            return static_cast<int>(i);
    }
    return std::nullopt;
}

std::optional<int> Question::sessionOf(const SessionId& id) const
{
    for (std::size_t s = 0; s < input.sessions.size(); ++s) {
        if (input.sessions[s].id == id)
            return static_cast<int>(s);
    }
    return std::nullopt;
}

bool Question::isOpen(int session) const
{
    const model::Session& where = input.sessions[static_cast<std::size_t>(session)];
    return where.startsAt >= input.frozenUntil && input.from <= where.localDate && where.localDate <= input.until;
}

bool Question::isValid(int item, int session) const
{
    const PlannableItem& what = input.items[static_cast<std::size_t>(item)];
    const QDate day = input.sessions[static_cast<std::size_t>(session)].localDate;
    return what.frames.value > 0 && what.validFrom <= day && (!what.validUntil || day <= *what.validUntil) &&
           std::ranges::find(what.rules.forbiddenAt, input.station) == what.rules.forbiddenAt.end();
}

int Question::parts(int session) const
{
    return std::max(1, static_cast<int>(input.sessions[static_cast<std::size_t>(session)].parts.size()));
}

bool Question::accepts(int item, int session, int part) const
{
    const auto& parts = input.sessions[static_cast<std::size_t>(session)].parts;
    if (parts.empty() || parts[static_cast<std::size_t>(part)].accepts.empty())
        return true;
    const auto& wanted = parts[static_cast<std::size_t>(part)].accepts;
    const auto& groups = input.items[static_cast<std::size_t>(item)].topicGroups;
    return std::ranges::any_of(groups,
                               [&](const QString& group) { return std::ranges::find(wanted, group) != wanted.end(); });
}

bool Question::isBroken(int item) const
{
    std::set<int> seen{item};
    for (auto at = item;;) {
        const auto& leader = input.items[static_cast<std::size_t>(at)].rules.pairWith;
        if (!leader)
            return false;
        const auto next = itemOf(*leader);
        if (!next || !seen.insert(*next).second)
            return true;
        at = *next;
    }
}

bool Question::isAway(int item, int session) const
{
    return std::ranges::any_of(input.edits, [&](const model::HandEdit& edit) {
        return edit.kind == model::HandEditKind::Away && itemOf(edit.item) == item &&
               sessionOf(edit.session) == session;
    });
}

bool Question::isEarly(int item, int session) const
{
    const auto& notBefore = input.items[static_cast<std::size_t>(item)].rules.notBefore;
    const model::Session& where = input.sessions[static_cast<std::size_t>(session)];
    return notBefore && localOf(where.startsAt, input.zone).time() < *notBefore;
}

bool Question::counts(int item, const OwedPeriod& period) const
{
    const auto& groups = input.items[static_cast<std::size_t>(item)].topicGroups;
    const auto& asked = input.obligations[static_cast<std::size_t>(period.obligation)].topicGroups;
    return std::ranges::any_of(groups,
                               [&](const QString& group) { return std::ranges::find(asked, group) != asked.end(); });
}

std::vector<int> Question::below(int item) const
{
    const auto& place = input.items[static_cast<std::size_t>(item)].rules.series;
    std::vector<int> nearest;
    int episode = 0;
    for (std::size_t i = 0; place && i < input.items.size(); ++i) {
        const PlannableItem& other = input.items[i];
        const auto& theirs = other.rules.series;
        const bool possible =
            other.frames.value > 0 && (!other.validUntil || *other.validUntil >= input.from) &&
            (!other.validUntil || other.validFrom <= *other.validUntil) &&
            std::ranges::find(other.rules.forbiddenAt, input.station) == other.rules.forbiddenAt.end();
        if (!theirs || theirs->series != place->series || theirs->episode >= place->episode || !possible)
            continue;
        if (nearest.empty() || theirs->episode > episode) {
            nearest.clear();
            episode = theirs->episode;
        }
        if (theirs->episode == episode)
            nearest.push_back(static_cast<int>(i));
    }
    return nearest;
}

std::pair<QDate, QDate> Question::limitPeriod(int item, QDate day) const
{
    const auto& limit = *input.items[static_cast<std::size_t>(item)].rules.mostPlays;
    if (limit.period == model::ObligationPeriod::Once)
        return {QDate(1, 1, 1), QDate(9999, 12, 31)};
    return calendarPeriod(limit.period, day);
}

} // namespace loa::planner::test
