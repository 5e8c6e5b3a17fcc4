#include "scheduler/model/unit_tree.h"

#include <algorithm>
#include <utility>

namespace loa::model {

UnitTree::UnitTree(std::vector<Unit> units, std::vector<UnitLink> links) : m_units(std::move(units))
{
    for (qsizetype i = 0; i < static_cast<qsizetype>(m_units.size()); ++i)
        m_index.insert(m_units[static_cast<std::size_t>(i)].id, i);
    for (UnitLink& link : links)
        m_links[link.unit].insert_or_assign(link.from, std::move(link.parent));
}

const Unit* UnitTree::find(const UnitId& unit) const
{
    const auto found = m_index.constFind(unit);
    return found == m_index.cend() ? nullptr : &m_units[static_cast<std::size_t>(*found)];
}

std::optional<UnitId> UnitTree::parentOn(const UnitId& unit, QDate date) const
{
    const auto links = m_links.constFind(unit);
    if (links == m_links.cend())
        return std::nullopt;
    if (links->empty())
        return std::nullopt;
    const auto later = links->upper_bound(date);
    return later == links->begin() ? later->second : std::prev(later)->second;
}

std::vector<UnitId> UnitTree::pathOn(const UnitId& unit, QDate date) const
{
    std::vector<UnitId> path;
    std::optional<UnitId> at = find(unit) == nullptr ? std::nullopt : std::optional(unit);
    // The bound ends a walk in links that someone bent into a circle outside Loa.
    while (at && path.size() < m_units.size()) {
        path.push_back(*at);
        at = parentOn(*at, date);
    }
    return path;
}

std::vector<UnitId> UnitTree::withDescendantsOn(const UnitId& unit, QDate date) const
{
    std::vector<UnitId> within;
    for (const Unit& candidate : m_units) {
        if (isWithin(candidate.id, unit, date))
            within.push_back(candidate.id);
    }
    return within;
}

bool UnitTree::isWithin(const UnitId& unit, const UnitId& ancestor, QDate date) const
{
    const std::vector<UnitId> path = pathOn(unit, date);
    return std::find(path.begin(), path.end(), ancestor) != path.end();
}

std::vector<QDate> UnitTree::changesAfter(QDate date) const
{
    std::vector<QDate> dates;
    for (const auto& parents : m_links) {
        for (auto link = parents.upper_bound(date); link != parents.end(); ++link)
            dates.push_back(link->first);
    }
    std::sort(dates.begin(), dates.end());
    dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
    return dates;
}

std::vector<DaySpan> UnitTree::spansWithin(const UnitId& unit, const UnitId& ancestor, QDate from,
                                           const std::vector<QDate>& changes) const
{
    std::vector<DaySpan> spans;
    bool within = isWithin(unit, ancestor, from);
    if (within)
        spans.push_back({from, {}});
    for (const QDate change : changes) {
        const bool then = isWithin(unit, ancestor, change);
        if (then && !within)
            spans.push_back({change, {}});
        else if (within && !then)
            spans.back().last = change.addDays(-1);
        within = then;
    }
    return spans;
}

std::optional<QDate> UnitTree::circleWith(const UnitLink& link) const
{
    if (!link.parent)
        return std::nullopt;
    UnitTree changed = *this;
    changed.m_links[link.unit].insert_or_assign(link.from, link.parent);

    std::vector<QDate> dates; // on which the tree changes while the new link may count
    for (const auto& parents : std::as_const(changed.m_links)) {
        for (const auto& [from, parent] : parents)
            dates.push_back(from);
    }
    // A unit's first link also counts before its date.
    dates.push_back(std::min_element(dates.begin(), dates.end())->addDays(-1));
    std::sort(dates.begin(), dates.end());
    dates.erase(std::unique(dates.begin(), dates.end()), dates.end());

    for (const QDate date : dates) {
        std::optional<UnitId> at = changed.parentOn(link.unit, date);
        for (std::size_t steps = 0; at && steps <= m_units.size(); ++steps) {
            if (*at == link.unit)
                return date;
            at = changed.parentOn(*at, date);
        }
    }
    return std::nullopt;
}

} // namespace loa::model
