#include "scheduler/planner/board.h"

#include <QHash>

#include <algorithm>
#include <limits>

namespace loa::planner {

namespace {

constexpr Day daysAWeek = 7;

// Julian day 0 was a Monday, so weeks from Monday to Sunday are plain sevenths.
Day mondayOf(Day day)
{
    return day - day % daysAWeek;
}

} // namespace

bool BoardSession::contains(int item) const
{
    return std::ranges::find(items, item) != items.end();
}

Board::Board(const PlanInput& input) : m_input(&input)
{
    readItems();
    readSessions();
    readPast();
}

int Board::groupIndex(const QString& name)
{
    const auto found = std::ranges::find(m_groupNames, name);
    if (found != m_groupNames.end())
        return static_cast<int>(found - m_groupNames.begin());
    m_groupNames.push_back(name);
    m_groupPlays.push_back(0);
    return static_cast<int>(m_groupNames.size()) - 1;
}

int Board::addItem(const ItemId& id, const std::vector<QString>& groups)
{
    BoardItem item;
    item.id = id;
    for (const QString& group : groups)
        item.groups.push_back(groupIndex(group));
    item.mainGroup = item.groups.empty() ? groupIndex(QString()) : item.groups.front();
    m_items.push_back(std::move(item));
    m_plays.emplace_back();
    return static_cast<int>(m_items.size()) - 1;
}

void Board::readItems()
{
    // By id, so that the plan does not hang on the order in which items come.
    std::vector<const PlannableItem*> byId;
    for (const PlannableItem& given : m_input->items)
        byId.push_back(&given);
    std::ranges::stable_sort(byId, {}, [](const PlannableItem* item) { return item->id; });
    for (const PlannableItem* pointer : byId) {
        const PlannableItem& given = *pointer;
        BoardItem& item = m_items[static_cast<std::size_t>(addItem(given.id, given.topicGroups))];
        item.plannable = pointer;
        item.frames = given.frames.value;
        item.firstDay = given.validFrom.toJulianDay();
        item.lastDay = given.validUntil ? given.validUntil->toJulianDay() : std::numeric_limits<Day>::max();
        item.urgency = static_cast<int>(given.priority);
    }
    for (const PastAiring& airing : m_input->past)
        m_itemIndex.emplace_back(airing.item, -1);
    for (std::size_t i = 0; i < m_items.size(); ++i)
        m_itemIndex.emplace_back(m_items[i].id, static_cast<int>(i));
    // Known items come before the same id from the past alone, and the first of two equal ids is taken.
    std::ranges::stable_sort(m_itemIndex, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : (a.second >= 0 && b.second < 0);
    });
    const auto repeated = std::ranges::unique(m_itemIndex, {}, &std::pair<ItemId, int>::first);
    m_itemIndex.erase(repeated.begin(), repeated.end());
    for (const PastAiring& airing : m_input->past) {
        const auto entry = std::ranges::lower_bound(m_itemIndex, airing.item, {}, &std::pair<ItemId, int>::first);
        if (entry->second < 0)
            entry->second = addItem(airing.item, airing.topicGroups);
    }
}

void Board::readSessions()
{
    const Day from = m_input->from.toJulianDay();
    const Day until = m_input->until.toJulianDay();
    for (const model::Session& given : m_input->sessions) {
        BoardSession session;
        session.session = &given;
        session.day = given.localDate.toJulianDay();
        session.capacity = std::max<std::int64_t>(given.frames.value, 0);
        session.open = given.startsAt >= m_input->frozenUntil && session.day >= from && session.day <= until;
        m_sessions.push_back(std::move(session));
    }
    std::ranges::sort(m_sessions, [](const BoardSession& a, const BoardSession& b) {
        return a.session->startsAt != b.session->startsAt ? a.session->startsAt < b.session->startsAt
                                                          : a.session->id < b.session->id;
    });
    m_existing.resize(m_sessions.size());
    QHash<SessionId, int> indices;
    for (std::size_t i = 0; i < m_sessions.size(); ++i)
        indices.insert(m_sessions[i].session->id, static_cast<int>(i));
    for (const Placement& placement : m_input->existing) {
        if (const auto found = indices.constFind(placement.session); found != indices.constEnd())
            m_existing[static_cast<std::size_t>(*found)].push_back(&placement);
    }
    for (auto& placements : m_existing) {
        std::ranges::stable_sort(placements, {}, [](const Placement* placement) { return placement->offset; });
    }
}

void Board::readPast()
{
    QHash<SessionId, int> indices;
    for (std::size_t i = 0; i < m_sessions.size(); ++i)
        indices.insert(m_sessions[i].session->id, static_cast<int>(i));
    QHash<std::pair<int, SessionId>, bool> reported;
    for (const PastAiring& airing : m_input->past) {
        const int item = itemIndex(airing.item);
        bool& completed = reported[{item, airing.session}];
        if (airing.completed && !completed)
            addPlay(item, {airing.localDate.toJulianDay(), indices.value(airing.session, -1), true});
        completed = completed || airing.completed;
    }
    for (std::size_t s = 0; s < m_sessions.size(); ++s) {
        if (m_sessions[s].open)
            continue;
        for (const Placement* placement : m_existing[s]) {
            const int item = itemIndex(placement->item);
            if (item >= 0 && !reported.contains({item, placement->session}))
                addPlay(item, {m_sessions[s].day, static_cast<int>(s), false});
        }
    }
}

std::vector<int> Board::groupsOf(std::span<const QString> names) const
{
    std::vector<int> indices;
    for (const QString& name : names) {
        const auto found = std::ranges::find(m_groupNames, name);
        if (found != m_groupNames.end())
            indices.push_back(static_cast<int>(found - m_groupNames.begin()));
    }
    return indices;
}

std::span<const Placement* const> Board::closedPlacements(int session) const
{
    const auto index = static_cast<std::size_t>(session);
    return m_sessions[index].open ? std::span<const Placement* const>() : m_existing[index];
}

int Board::itemIndex(const ItemId& id) const
{
    const auto found = std::ranges::lower_bound(m_itemIndex, id, {}, &std::pair<ItemId, int>::first);
    return found != m_itemIndex.end() && found->first == id ? found->second : -1;
}

int Board::existingRank(int item, int session) const
{
    const auto& placements = m_existing[static_cast<std::size_t>(session)];
    const ItemId& id = this->item(item).id;
    const auto found = std::ranges::find(placements, id, &Placement::item);
    return found == placements.end() ? -1 : static_cast<int>(found - placements.begin());
}

bool Board::fits(int item, int session) const
{
    const BoardItem& what = this->item(item);
    const BoardSession& where = this->session(session);
    return where.open && what.frames <= where.free() && what.validOn(where.day) && !where.contains(item);
}

bool Board::welcome(int item, int session) const
{
    if (!fits(item, session))
        return false;
    const Day day = this->session(session).day;
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

bool Board::playsWithin(int item, Day first, Day last) const
{
    return std::ranges::any_of(plays(item), [&](const Play& play) { return first <= play.day && play.day <= last; });
}

int Board::countWithin(int item, Day first, Day last) const
{
    return static_cast<int>(
        std::ranges::count_if(plays(item), [&](const Play& play) { return first <= play.day && play.day <= last; }));
}

bool Board::soundedWithin(int item, Day first, Day last) const
{
    return std::ranges::any_of(plays(item),
                               [&](const Play& play) { return play.sounded && first <= play.day && play.day <= last; });
}

void Board::addPlay(int item, Play play)
{
    auto& plays = m_plays[static_cast<std::size_t>(item)];
    const auto after = std::ranges::upper_bound(plays, play, [](const Play& a, const Play& b) {
        return a.day != b.day ? a.day < b.day : a.session < b.session;
    });
    plays.insert(after, play);
    ++m_groupPlays[static_cast<std::size_t>(m_items[static_cast<std::size_t>(item)].mainGroup)];
}

void Board::place(int item, int session)
{
    BoardSession& where = m_sessions[static_cast<std::size_t>(session)];
    where.items.push_back(item);
    where.used += m_items[static_cast<std::size_t>(item)].frames;
    addPlay(item, {where.day, session, false});
}

void Board::remove(int item, int session)
{
    BoardSession& where = m_sessions[static_cast<std::size_t>(session)];
    std::erase(where.items, item);
    where.used -= m_items[static_cast<std::size_t>(item)].frames;
    std::erase_if(m_plays[static_cast<std::size_t>(item)],
                  [&](const Play& play) { return play.session == session && !play.sounded; });
    --m_groupPlays[static_cast<std::size_t>(m_items[static_cast<std::size_t>(item)].mainGroup)];
}

void Board::keepExisting()
{
    for (std::size_t s = 0; s < m_sessions.size(); ++s) {
        for (const Placement* placement : m_existing[s]) {
            const int item = itemIndex(placement->item);
            if (item >= 0 && fits(item, static_cast<int>(s)))
                place(item, static_cast<int>(s));
        }
    }
}

void Board::clearOpen()
{
    for (std::size_t s = 0; s < m_sessions.size(); ++s) {
        while (m_sessions[s].open && !m_sessions[s].items.empty())
            remove(m_sessions[s].items.back(), static_cast<int>(s));
    }
}

} // namespace loa::planner
