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
    const auto at = std::ranges::find(groupNames, name) - groupNames.begin();
    if (at == std::ssize(groupNames))
        groupNames.push_back(name);
    return static_cast<int>(at);
}

ItemPool::Tables::Tables(std::span<const PlannableItem> given)
{
    // By id, so that the plan does not hang on the order in which items come.
    std::vector<const PlannableItem*> byId;
    byId.reserve(given.size());
    for (const PlannableItem& item : given)
        byId.push_back(&item);
    const auto idOf = [](const PlannableItem* item) -> const ItemId& { return item->id; };
    if (!std::ranges::is_sorted(byId, {}, idOf))
        std::ranges::stable_sort(byId, {}, idOf);
    const auto repeated = std::ranges::unique(byId, {}, idOf);
    byId.erase(repeated.begin(), repeated.end());
    readFacts(byId);
    readGroups();
    readDays();
    readLengths();
    readRules();
}

void ItemPool::Tables::readFacts(std::span<const PlannableItem* const> byId)
{
    facts.reserve(byId.size());
    QHash<std::pair<int, QString>, int> numbers;
    for (const PlannableItem* item : byId) {
        ItemFacts fact;
        fact.plannable = item;
        fact.frames = item->frames.value;
        fact.firstDay = static_cast<Day>(item->validFrom.toJulianDay());
        fact.lastDay = item->validUntil ? static_cast<Day>(item->validUntil->toJulianDay()) : endlessDay;
        if (fact.frames <= 0)
            fact.lastDay = fact.firstDay - 1;
        fact.approved = item->approvedAt.time_since_epoch().count();
        fact.urgency = std::clamp(static_cast<int>(item->priority), 0, ranks - 1);
        fact.mainGroup = groupIndex(item->topicGroups.empty() ? QString() : item->topicGroups.front());
        if (item->rules.series) {
            const std::pair key(fact.mainGroup, item->rules.series->series);
            fact.series = numbers.value(key, seriesCount);
            if (fact.series == seriesCount)
                numbers.insert(key, seriesCount++);
        }
        facts.push_back(fact);
    }
    std::ranges::stable_sort(facts, [](const ItemFacts& a, const ItemFacts& b) {
        if (a.urgency != b.urgency)
            return a.urgency > b.urgency;
        if (a.mainGroup != b.mainGroup)
            return a.mainGroup < b.mainGroup;
        return a.series != b.series ? a.series < b.series : a.plannable->approvedAt > b.plannable->approvedAt;
    });
}

void ItemPool::Tables::readGroups()
{
    groups.resize(facts.size());
    index.reserve(static_cast<qsizetype>(facts.size()));
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const ItemFacts& fact = facts[i];
        const int item = static_cast<int>(i);
        for (const QString& name : fact.plannable->topicGroups)
            addOnce(groups[i], groupIndex(name));
        std::ranges::sort(groups[i]);
        index.insert(fact.plannable->id, item);
        auto& [begin, end] = ranksAt[static_cast<std::size_t>(fact.urgency)];
        begin = end == 0 ? item : begin;
        end = item + 1;
        auto& list = ranges[static_cast<std::size_t>(fact.urgency)];
        if (list.empty() || list.back().group != fact.mainGroup || list.back().series != fact.series)
            list.push_back({fact.mainGroup, fact.series, item, item});
        list.back().end = item + 1;
    }
    for (auto& list : ranges) {
        for (GroupRange& range : list) {
            range.firstWord = wordOf(range.begin);
            range.lastWord = wordOf(range.end - 1);
            range.inFirst = clipped(range.firstWord, range.begin, range.end);
            range.inLast = clipped(range.lastWord, range.begin, range.end);
        }
    }
    inGroup.assign(groupNames.size(), Bits(wordsFor(static_cast<int>(facts.size()))));
    for (std::size_t i = 0; i < facts.size(); ++i) {
        for (const int group : groups[i])
            add(inGroup[static_cast<std::size_t>(group)], static_cast<int>(i));
    }
    if (groupNames.size() > wordBits)
        return;
    groupMasks.assign(facts.size(), 0);
    for (std::size_t i = 0; i < facts.size(); ++i) {
        for (const int group : groups[i])
            groupMasks[i] |= maskOf(group);
    }
}

void ItemPool::Tables::readDays()
{
    constexpr std::size_t mostWords = 1U << 20U;
    std::vector<std::pair<Day, int>> changes;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (facts[i].lastDay < facts[i].firstDay)
            continue;
        changes.emplace_back(facts[i].firstDay, static_cast<int>(i));
        if (facts[i].lastDay != endlessDay)
            changes.emplace_back(facts[i].lastDay + 1, static_cast<int>(i));
    }
    std::ranges::sort(changes);
    const std::size_t words = wordsFor(static_cast<int>(facts.size()));
    Bits set(words);
    validSets.push_back(set);
    for (std::size_t at = 0; at < changes.size();) {
        const Day day = changes[at].first;
        for (; at < changes.size() && changes[at].first == day; ++at)
            set[wordOf(changes[at].second)] ^= maskOf(changes[at].second);
        changeDays.push_back(day);
        validSets.push_back(set);
        if (validSets.size() * words > mostWords) {
            validSets.clear();
            return;
        }
    }
}

void ItemPool::Tables::readLengths()
{
    constexpr std::size_t fewestSteps = 64;
    constexpr std::size_t mostWords = 1U << 14U; // where a step for each item takes more, several share one
    std::vector<std::pair<std::int64_t, int>> byLength;
    byLength.reserve(facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i)
        byLength.emplace_back(facts[i].frames, static_cast<int>(i));
    std::ranges::sort(byLength);
    shortest = byLength.empty() ? 0 : byLength.front().first;
    Bits set(wordsFor(static_cast<int>(facts.size())));
    const std::size_t steps = std::max(fewestSteps, mostWords / std::max<std::size_t>(set.size(), 1));
    const std::size_t size = std::max<std::size_t>((byLength.size() + steps - 1) / steps, 1);
    exactLengths = size == 1;
    for (std::size_t at = 0; at < byLength.size(); ++at) {
        add(set, byLength[at].second);
        if ((at + 1) % size == 0 || at + 1 == byLength.size()) {
            lengthSteps.push_back(byLength[at].first);
            briefSets.push_back(set);
        }
    }
}

const BitWord* ItemPool::Tables::validOn(Day day) const
{
    if (validSets.empty())
        return nullptr;
    return validSets[static_cast<std::size_t>(std::ranges::upper_bound(changeDays, day) - changeDays.begin())].data();
}

const BitWord* ItemPool::Tables::noLongerThan(std::int64_t frames) const
{
    if (briefSets.empty() || frames < shortest)
        return nullptr;
    const auto longer = static_cast<std::size_t>(std::ranges::upper_bound(lengthSteps, frames) - lengthSteps.begin());
    // Where several share a step, the first that is longer, so that all that are as short are among them.
    return briefSets[exactLengths ? longer - 1 : std::min(longer, briefSets.size() - 1)].data();
}

int ItemPool::Tables::countValid(Day first, Day last) const
{
    return static_cast<int>(std::ranges::count_if(facts, [&](const ItemFacts& item) {
        return item.firstDay <= last && item.lastDay >= first && item.frames > 0;
    }));
}

void ItemPool::Tables::readRules()
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
    for (int i = 0; i < static_cast<int>(facts.size()); ++i) {
        const model::PlayRules& given = facts[static_cast<std::size_t>(i)].plannable->rules;
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
            while (end != noItem && steps <= facts.size()) {
                const auto& next = facts[static_cast<std::size_t>(end)].plannable->rules.pairWith;
                if (!next)
                    break;
                end = indexOf(*next);
                ++steps;
            }
            rulesOf(i).paired = true;
            const bool possible = end != noItem && steps <= facts.size();
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
