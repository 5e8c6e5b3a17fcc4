// What the planner reads off a list of items once, for all stations that share
// it: order, groups, rules as indices. Internal to the planner. Immutable after
// construction; any thread.
#pragma once

#include "scheduler/planner/plan.h"

#include <QHash>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace loa::planner {

using Day = std::int32_t; // Julian day number

inline constexpr Day endlessDay = std::numeric_limits<Day>::max();
inline constexpr int noItem = -1;
inline constexpr int ranks = 3; // of urgency: 0 NORMAL, 1 PRIORITY, 2 EMERGENCY

// Rules of one item, others by index. Only items that have any, or that others'
// rules name, have one.
struct ItemRules {
    std::int64_t gap = 0; // microseconds
    int mostADay = 0;
    int mostInPeriod = -1; // -1: no limit
    model::ObligationPeriod period = model::ObligationPeriod::Week;
    int notBefore = -1; // milliseconds of the local day
    bool forbiddenSomewhere = false;
    bool paired = false;
    int pairWith = noItem;      // with `paired`: noItem means that it never can sound
    std::vector<int> followers; // paired with this one
    std::vector<int> beside;    // never with these, either way round
    std::vector<int> series;    // of the same series, by episode, itself among them
    int episode = 0;
};

struct ItemFacts {
    const PlannableItem* plannable = nullptr; // null: only known from the past
    std::int64_t frames = 0;
    Day firstDay = 0;
    Day lastDay = 0;
    int urgency = 0;
    int mainGroup = 0;
    int rules = -1; // index in ItemPool::Tables::rules; -1: none
    [[nodiscard]] bool validOn(Day day) const { return firstDay <= day && day <= lastDay; }
};

struct ItemPool::Tables {
    explicit Tables(std::span<const PlannableItem> given);

    [[nodiscard]] int indexOf(const ItemId& id) const { return index.value(id, noItem); }

    std::vector<PlannableItem> own;
    std::vector<ItemFacts> facts; // by id; of two with one id the first given
    std::vector<ItemRules> rules;
    std::vector<std::vector<int>> groups; // by item, each rising
    std::vector<QString> groupNames;
    std::vector<std::vector<int>> inGroup;         // items, rising
    std::vector<std::vector<int>> freshest[ranks]; // by rank, main group: newest approval first
    QHash<ItemId, int> index;
    std::int64_t leastFrames = std::numeric_limits<std::int64_t>::max();
    bool hasHours = false; // some item has notBefore

private:
    int groupIndex(const QString& name);
    void readRules(std::span<const PlannableItem* const> byId);
};

} // namespace loa::planner
