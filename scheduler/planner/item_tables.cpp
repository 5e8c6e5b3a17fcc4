#include "scheduler/planner/item_tables.h"

#include <QMap>

#include <algorithm>

namespace loa::planner {

namespace {

bool hasRules(const model::PlayRules& rules)
{
    return rules != model::PlayRules{};
}

void addOnce(std::vector<int>& list, int value)
{
    if (std::ranges::find(list, value) == list.end())
        list.push_back(value);
}

} // namespace

int ItemPool::Tables::groupIndex(const QString& name)
{
    const auto found = std::ranges::find(groupNames, name);
    if (found != groupNames.end())
        return static_cast<int>(found - groupNames.begin());
    groupNames.push_back(name);
    inGroup.emplace_back();
    return static_cast<int>(groupNames.size()) - 1;
}

ItemPool::Tables::Tables(std::span<const PlannableItem> given)
{
    // By id, so that the plan does not hang on the order in which items come.
    std::vector<const PlannableItem*> byId;
    byId.reserve(given.size());
    for (const PlannableItem& item : given)
        byId.push_back(&item);
    std::ranges::stable_sort(byId, {}, [](const PlannableItem* item) -> const ItemId& { return item->id; });
    const auto repeated =
        std::ranges::unique(byId, {}, [](const PlannableItem* item) -> const ItemId& { return item->id; });
    byId.erase(repeated.begin(), repeated.end());

    facts.reserve(byId.size());
    groups.resize(byId.size());
    index.reserve(static_cast<qsizetype>(byId.size()));
    for (std::size_t i = 0; i < byId.size(); ++i) {
        const PlannableItem& item = *byId[i];
        ItemFacts fact;
        fact.plannable = &item;
        fact.frames = item.frames.value;
        fact.firstDay = static_cast<Day>(item.validFrom.toJulianDay());
        fact.lastDay = item.validUntil ? static_cast<Day>(item.validUntil->toJulianDay()) : endlessDay;
        if (fact.frames <= 0)
            fact.lastDay = fact.firstDay - 1;
        else
            leastFrames = std::min(leastFrames, fact.frames);
        fact.urgency = static_cast<int>(item.priority);
        for (const QString& name : item.topicGroups) {
            const int group = groupIndex(name);
            addOnce(groups[i], group);
            addOnce(inGroup[static_cast<std::size_t>(group)], static_cast<int>(i));
        }
        fact.mainGroup = groups[i].empty() ? groupIndex(QString()) : groups[i].front();
        std::ranges::sort(groups[i]);
        index.insert(item.id, static_cast<int>(i));
        facts.push_back(fact);
    }
    for (auto& lists : freshest)
        lists.resize(groupNames.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (facts[i].frames > 0)
            freshest[facts[i].urgency][static_cast<std::size_t>(facts[i].mainGroup)].push_back(static_cast<int>(i));
    }
    for (auto& lists : freshest) {
        for (auto& list : lists) {
            std::ranges::stable_sort(list, std::ranges::greater(), [&](int item) {
                return facts[static_cast<std::size_t>(item)].plannable->approvedAt;
            });
        }
    }
    readRules(byId);
}

void ItemPool::Tables::readRules(std::span<const PlannableItem* const> byId)
{
    const auto rulesOf = [&](int item) -> ItemRules& {
        int& at = facts[static_cast<std::size_t>(item)].rules;
        if (at < 0) {
            at = static_cast<int>(rules.size());
            rules.emplace_back();
        }
        return rules[static_cast<std::size_t>(at)];
    };
    QMap<QString, std::vector<int>> series;
    for (int i = 0; i < static_cast<int>(byId.size()); ++i) {
        const model::PlayRules& given = byId[static_cast<std::size_t>(i)]->rules;
        if (!hasRules(given))
            continue;
        rulesOf(i).gap = std::chrono::microseconds(given.leastGap).count();
        rulesOf(i).mostADay = given.mostPlaysADay;
        if (given.mostPlays) {
            rulesOf(i).mostInPeriod = std::max(given.mostPlays->plays, 0);
            rulesOf(i).period = given.mostPlays->period;
        }
        if (given.notBefore) {
            rulesOf(i).notBefore = given.notBefore->msecsSinceStartOfDay();
            hasHours = true;
        }
        rulesOf(i).forbiddenSomewhere = !given.forbiddenAt.empty();
        if (given.series) {
            rulesOf(i).episode = given.series->episode;
            series[given.series->series].push_back(i);
        }
        for (const ItemId& other : given.notBeside) {
            const int neighbour = indexOf(other);
            if (neighbour == noItem || neighbour == i)
                continue;
            addOnce(rulesOf(i).beside, neighbour);
            addOnce(rulesOf(neighbour).beside, i);
        }
        if (given.pairWith) {
            // A chain that comes back to itself, or ends at nothing, can never sound.
            int end = i;
            std::size_t steps = 0;
            while (end != noItem && steps <= byId.size()) {
                const auto& next = byId[static_cast<std::size_t>(end)]->rules.pairWith;
                if (!next)
                    break;
                end = indexOf(*next);
                ++steps;
            }
            rulesOf(i).paired = true;
            const bool possible = end != noItem && steps <= byId.size();
            const int leader = possible ? indexOf(*given.pairWith) : noItem;
            rulesOf(i).pairWith = leader;
            if (leader != noItem)
                rulesOf(leader).followers.push_back(i);
        }
    }
    for (std::vector<int>& episodes : series) {
        std::ranges::stable_sort(episodes, {}, [&](int item) { return rulesOf(item).episode; });
        for (const int item : episodes)
            rulesOf(item).series = episodes;
    }
}

ItemPool::ItemPool(std::vector<PlannableItem> items)
{
    auto tables = std::make_unique<Tables>(items);
    // The facts point into the vector's memory, which moves along with it.
    tables->own = std::move(items);
    m_tables = std::move(tables);
}
ItemPool::~ItemPool() = default;
ItemPool::ItemPool(ItemPool&&) noexcept = default;
ItemPool& ItemPool::operator=(ItemPool&&) noexcept = default;

const std::vector<PlannableItem>& ItemPool::items() const
{
    return m_tables->own;
}

} // namespace loa::planner
