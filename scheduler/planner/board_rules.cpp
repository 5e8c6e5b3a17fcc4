#include "scheduler/planner/board.h"
#include "scheduler/planner/sessions.h"

#include <algorithm>

namespace loa::planner {

namespace {

std::int64_t startOf(const BoardSession& session)
{
    return session.session->startsAt.time_since_epoch().count();
}

} // namespace

int Board::localTimeOf(int session) const
{
    return m_localTimes[static_cast<std::size_t>(session)];
}

bool Board::isAway(int item, int session) const
{
    return std::ranges::binary_search(m_away, std::pair(session, item));
}

int Board::playsInPeriod(int item, const ItemRules& rules, Day day) const
{
    if (rules.period == model::ObligationPeriod::Once)
        return static_cast<int>(playCount(item));
    model::Obligation calendar;
    calendar.period = rules.period;
    const PeriodDates period = model::periodAround(calendar, QDate::fromJulianDay(day));
    return countWithin(item, static_cast<Day>(period.first.toJulianDay()), static_cast<Day>(period.last.toJulianDay()));
}

std::vector<int> Board::episodesBelow(int item) const
{
    std::vector<int> below;
    const ItemRules* rules = rulesOf(item);
    if (!rules)
        return below;
    const auto from = static_cast<Day>(m_input->from.toJulianDay());
    // The nearest number below of which some episode could still be placed.
    for (auto other = rules->series.rbegin(); other != rules->series.rend(); ++other) {
        const ItemRules& theirs = *rulesOf(*other);
        if (theirs.episode >= rules->episode)
            continue;
        if (!below.empty() && rulesOf(below.front())->episode != theirs.episode)
            break;
        const ItemFacts& what = this->item(*other);
        if (what.frames > 0 && what.lastDay >= std::max(from, what.firstDay) && !isBarred(*other))
            below.push_back(*other);
    }
    return below;
}

bool Board::episodeBelowIsBefore(int item, int session) const
{
    const std::vector<int> below = episodesBelow(item);
    const BoardSession& where = this->session(session);
    return below.empty() || std::ranges::any_of(below, [&](int episode) {
               return std::ranges::any_of(plays(episode), [&](const Play& play) {
                   return play.session < 0 ? play.day <= where.day
                                           : startOf(this->session(play.session)) < startOf(where);
               });
           });
}

std::optional<Board::Hindrance> Board::hindrance(int item, int session, PairRule pair, bool judgeSeries) const
{
    const ItemRules* rules = rulesOf(item);
    if (!rules)
        return std::nullopt;
    const BoardSession& where = this->session(session);
    if (rules->notBefore >= 0 && localTimeOf(session) < rules->notBefore)
        return Hindrance{Obstacle::TooEarly};
    if (rules->mostADay > 0 && countWithin(item, where.day, where.day) >= rules->mostADay)
        return Hindrance{Obstacle::DayLimit};
    if (rules->mostInPeriod >= 0 && playsInPeriod(item, *rules, where.day) >= rules->mostInPeriod)
        return Hindrance{Obstacle::PeriodLimit};
    if (rules->gap > 0) {
        for (const Play& play : plays(item)) {
            // Of a session that is not known any more, the day's last instant is
            // taken.
            const std::int64_t other = play.session >= 0
                                           ? startOf(this->session(play.session))
                                           : instantOf(QDate::fromJulianDay(play.day + 1), QTime(0, 0), m_input->zone)
                                                 .time_since_epoch()
                                                 .count();
            if (play.session != session && std::abs(startOf(where) - other) < rules->gap)
                return Hindrance{Obstacle::Gap, play.session};
        }
    }
    for (const int other : rules->beside) {
        if (where.contains(other))
            return Hindrance{Obstacle::Beside, other};
    }
    if (rules->paired && pair == PairRule::Judge) {
        if (rules->pairWith == noItem || !where.contains(rules->pairWith))
            return Hindrance{Obstacle::Pair, rules->pairWith};
        for (const int other : rulesOf(rules->pairWith)->followers) {
            if (other != item && where.contains(other))
                return Hindrance{Obstacle::Pair, other};
        }
    }
    if (judgeSeries && !rules->series.empty() && !episodeBelowIsBefore(item, session))
        return Hindrance{Obstacle::Series, episodesBelow(item).front()};
    return std::nullopt;
}

bool Board::mayRemove(int item, int session) const
{
    if (isPinned(item, session))
        return false;
    const ItemRules* rules = rulesOf(item);
    if (!rules)
        return true;
    const BoardSession& where = this->session(session);
    if (std::ranges::any_of(rules->followers, [&](int follower) { return where.contains(follower); }))
        return false;
    // Later episodes that lean on this very play.
    for (const int other : rules->series) {
        if (rulesOf(other)->episode <= rules->episode)
            continue;
        const std::vector<int> below = episodesBelow(other);
        if (std::ranges::find(below, item) == below.end())
            continue;
        for (const Play& play : plays(other)) {
            if (play.session < 0 || !this->session(play.session).open)
                continue;
            const auto precedes = [&](int episode) {
                return std::ranges::any_of(plays(episode), [&](const Play& earlier) {
                    if (episode == item && earlier.session == session)
                        return false;
                    return earlier.session < 0
                               ? earlier.day <= play.day
                               : startOf(this->session(earlier.session)) < startOf(this->session(play.session));
                });
            };
            if (std::ranges::none_of(below, precedes))
                return false;
        }
    }
    return true;
}

} // namespace loa::planner
