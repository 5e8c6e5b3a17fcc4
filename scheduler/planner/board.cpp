#include "scheduler/planner/board.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace loa::planner {

namespace {

constexpr Day boardWeek = 7;

// Julian day 0 was a Monday, so weeks from Monday to Sunday are plain sevenths.
Day mondayOf(Day day)
{
    return day - day % boardWeek;
}

bool meets(const std::vector<int>& a, const std::vector<int>& b)
{
    return std::ranges::any_of(a, [&](int group) { return std::ranges::binary_search(b, group); });
}

} // namespace

bool BoardSession::contains(int item) const
{
    return partOf(item) >= 0;
}

int BoardSession::partOf(int item) const
{
    for (const BoardPlace& place : items) {
        if (place.item == item)
            return place.part;
    }
    return -1;
}

std::int64_t Board::freeIn(int session, int part) const
{
    const BoardPart& where = this->part(session, part);
    const BoardSegment& segment = m_segments[static_cast<std::size_t>(where.segment)];
    const std::int64_t left = m_leaveLeast ? segment.unfilled - where.unfilled() : 0; // to its neighbours
    return std::min(where.most - where.used, segment.frames - segment.used - left);
}

std::int64_t Board::freeInSegment(int session, int part) const
{
    const BoardSegment& segment = m_segments[static_cast<std::size_t>(this->part(session, part).segment)];
    return segment.frames - segment.used;
}

std::int64_t Board::roomIn(int session, int part) const
{
    const BoardPart& where = this->part(session, part);
    return std::min(where.most, m_segments[static_cast<std::size_t>(where.segment)].frames);
}

std::pair<int, int> Board::sessionsWithin(Day first, Day last) const
{
    const auto begin = std::ranges::lower_bound(m_sessions, first, {}, &BoardSession::day);
    const auto end = std::ranges::upper_bound(m_sessions, last, {}, &BoardSession::day);
    return {static_cast<int>(begin - m_sessions.begin()), static_cast<int>(end - m_sessions.begin())};
}

int Board::itemIndex(const ItemId& id) const
{
    const int known = m_tables->indexOf(id);
    return known != noItem ? known : m_pastItems.value(id, noItem);
}

int Board::sessionIndex(const SessionId& id) const
{
    return m_sessionIndex.value(id, -1);
}

int Board::existingRank(int item, int session) const
{
    const auto there = existing(session);
    for (std::size_t rank = 0; rank < there.size(); ++rank) {
        if (there[rank].item == item)
            return static_cast<int>(rank);
    }
    return -1;
}

std::uint64_t Board::unmetMask() const
{
    std::uint64_t mask = 0;
    for (std::size_t d = 0; d < std::min<std::size_t>(m_demands.size(), 64); ++d) {
        if (!m_demands[d].isHeld())
            mask |= std::uint64_t{1} << d;
    }
    return mask;
}

int Board::heldDemands() const
{
    return static_cast<int>(std::ranges::count_if(m_demands, &Demand::isHeld));
}

std::int64_t Board::gain(int index, int item, Day day) const
{
    const Demand& what = demand(index);
    if (!what.holds(day) || !matches(index, item))
        return 0;
    switch (what.measure) {
    case model::ObligationMeasure::DistinctItems:
        return playsWithin(item, what.first, what.last) ? 0 : 1;
    case model::ObligationMeasure::Airings:
        return 1;
    case model::ObligationMeasure::Minutes:
        break;
    }
    return this->item(item).frames;
}

int Board::countWithin(int item, Day first, Day last) const
{
    int count = 0;
    for (const Play& play : plays(item))
        count += first <= play.day && play.day <= last ? 1 : 0;
    return count;
}

bool Board::soundedWithin(int item, Day first, Day last) const
{
    return std::ranges::any_of(plays(item),
                               [&](const Play& play) { return play.sounded && first <= play.day && play.day <= last; });
}

bool Board::accepts(int item, int session, int part) const
{
    const BoardPart& where = this->part(session, part);
    if (where.any)
        return true;
    if (item >= static_cast<int>(m_tables->groups.size()))
        return false;
    if (m_tables->groupMasks.empty())
        return meets(m_tables->groups[static_cast<std::size_t>(item)], where.accepts);
    return (m_tables->groupMasks[static_cast<std::size_t>(item)] & where.acceptMask) != 0;
}

bool Board::fitsPart(int item, int session, int part) const
{
    return this->item(item).frames <= freeIn(session, part) && accepts(item, session, part);
}

int Board::partFor(int item, int session) const
{
    const BoardSession& where = this->session(session);
    const ItemFacts& what = this->item(item);
    if (what.frames > where.mostFree || !where.open || !validAt(item, session) || where.contains(item))
        return -1;
    if (!m_away.empty() && isAway(item, session))
        return -1;
    if (what.rules >= 0) {
        if (hindrance(item, session))
            return -1;
        const ItemRules& rules = *rulesOf(item);
        if (rules.paired) {
            const int part = where.partOf(rules.pairWith);
            return fitsPart(item, session, part) ? part : -1;
        }
    }
    if (where.parts == 1)
        return fitsPart(item, session, 0) ? 0 : -1;
    // A part made for its topics before one for anything.
    int found = -1;
    for (int part = 0; part < where.parts; ++part) {
        if (fitsPart(item, session, part) &&
            (found < 0 || (this->part(session, found).any && !this->part(session, part).any)))
            found = part;
    }
    return found;
}

bool Board::hasRested(int item, Day day) const
{
    const bool normal = this->item(item).urgency == 0;
    const Day monday = mondayOf(day);
    int thatWeek = 0;
    for (const Play& play : plays(item)) {
        if (play.day == day || (normal && (play.day == day - 1 || play.day == day + 1)))
            return false;
        if (mondayOf(play.day) == monday)
            ++thatWeek;
    }
    return !normal || thatWeek < mostPlaysAWeek;
}

void Board::count(int item, const Play& play, int sign)
{
    const auto countIn = [&](int d) {
        Demand& demand = m_demands[static_cast<std::size_t>(d)];
        if (!demand.holds(play.day) || !matches(d, item))
            return;
        std::int64_t value = 1;
        if (demand.measure == model::ObligationMeasure::Minutes) {
            value = play.frames;
            demand.longest = std::max(demand.longest, play.frames);
            demand.expectedSeconds += play.sounded ? 0 : sign * (play.frames / sampleRate);
        } else if (demand.measure == model::ObligationMeasure::DistinctItems) {
            value = playsWithin(item, demand.first, demand.last) ? 0 : 1; // called while it is not among the plays
        }
        demand.counted += sign * value;
        if (play.sounded)
            demand.sounded += sign * (demand.measure == model::ObligationMeasure::DistinctItems &&
                                              soundedWithin(item, demand.first, demand.last)
                                          ? 0
                                      : demand.measure == model::ObligationMeasure::Minutes ? play.frames
                                                                                            : 1);
    };
    for (std::uint64_t mask = matchMask(item); mask != 0; mask &= mask - 1)
        countIn(std::countr_zero(mask));
    for (int d = 64; d < demandCount(); ++d)
        countIn(d);
}

void Board::addPlay(int item, Play play)
{
    count(item, play, 1);
    auto& plays = m_plays[static_cast<std::size_t>(item)];
    const auto after = std::ranges::upper_bound(plays, play, [](const Play& a, const Play& b) {
        return a.day != b.day ? a.day < b.day : a.session < b.session;
    });
    plays.insert(after, play);
    freshenTurn(item, play.day);
    countTurn(item, 1);
}

void Board::countTurn(int item, int plays)
{
    const ItemFacts& what = this->item(item);
    m_groupPlays[static_cast<std::size_t>(what.mainGroup)] += plays;
    if (what.series < 0)
        return;
    m_groupPlaysInSeries[static_cast<std::size_t>(what.mainGroup)] += plays;
    m_seriesPlays[static_cast<std::size_t>(what.series)] += plays;
}

void Board::freshenTurn(int item, Day day)
{
    int thatDay = 0;
    int thatWeek = 0;
    for (const Play& play : plays(item)) {
        thatDay += play.day == day ? 1 : 0;
        thatWeek += mondayOf(play.day) == mondayOf(day) ? 1 : 0;
    }
    m_turns.freshen(item, day, playCount(item), thatDay, thatWeek,
                    plays(item).empty() ? std::numeric_limits<Day>::min() : plays(item).back().day);
}

void Board::freshenFree(BoardSession& session)
{
    const int index = static_cast<int>(&session - m_sessions.data());
    session.mostFree = 0;
    for (int part = 0; part < session.parts; ++part)
        session.mostFree = std::max(session.mostFree, freeIn(index, part));
}

bool Board::leaveLeast(bool leave)
{
    const bool before = std::exchange(m_leaveLeast, leave);
    if (before != leave) {
        for (const int session : m_keeping)
            freshenFree(m_sessions[static_cast<std::size_t>(session)]);
    }
    return before;
}

void Board::use(int session, int part, std::int64_t frames)
{
    BoardSession& where = m_sessions[static_cast<std::size_t>(session)];
    BoardPart& inPart = m_parts[static_cast<std::size_t>(where.firstPart) + static_cast<std::size_t>(part)];
    BoardSegment& segment = m_segments[static_cast<std::size_t>(inPart.segment)];
    const std::int64_t unfilled = inPart.unfilled();
    where.used += frames;
    inPart.used += frames;
    segment.used += frames;
    segment.unfilled += inPart.unfilled() - unfilled;
    freshenFree(where);
}

void Board::place(int item, int session, int part)
{
    BoardSession& where = m_sessions[static_cast<std::size_t>(session)];
    const std::int64_t frames = this->item(item).frames;
    where.items.push_back({item, part});
    use(session, part, frames);
    addPlay(item, {where.day, session, false, frames});
}

void Board::remove(int item, int session)
{
    BoardSession& where = m_sessions[static_cast<std::size_t>(session)];
    const std::int64_t frames = this->item(item).frames;
    use(session, where.partOf(item), -frames);
    std::erase_if(where.items, [&](const BoardPlace& place) { return place.item == item; });
    std::erase_if(m_plays[static_cast<std::size_t>(item)],
                  [&](const Play& play) { return play.session == session && !play.sounded; });
    freshenTurn(item, where.day);
    count(item, {where.day, session, false, frames}, -1);
    countTurn(item, -1);
}

int Board::partAsBefore(int item, int session) const
{
    const auto there = existing(session);
    const auto same = std::ranges::find(there, item, &ExistingPlace::item);
    const ItemRules* rules = rulesOf(item);
    if (same != there.end() && !(rules && rules->paired)) {
        const int before = same->placement->part;
        if (before >= 0 && before < this->session(session).parts && fitsPart(item, session, before))
            return before;
    }
    return partFor(item, session);
}

void Board::keepExisting()
{
    for (int session = 0; session < sessionCount(); ++session) {
        if (!this->session(session).open)
            continue;
        for (const ExistingPlace& place : existing(session)) {
            if (place.item != noItem && fits(place.item, session))
                this->place(place.item, session, partAsBefore(place.item, session));
        }
    }
}

void Board::clearOpen()
{
    for (int session = 0; session < sessionCount(); ++session) {
        while (this->session(session).open && !this->session(session).items.empty())
            remove(this->session(session).items.back().item, session);
    }
}

bool Board::isPinned(int item, int session) const
{
    return !m_pins.empty() && std::ranges::find(m_pins, std::pair(session, item)) != m_pins.end();
}

} // namespace loa::planner
