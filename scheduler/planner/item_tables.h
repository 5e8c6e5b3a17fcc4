// What the planner reads off a list of items once, for all stations that share
// it: order, groups, rules as indices. Internal to the planner. Immutable after
// construction; any thread.
#pragma once

#include "scheduler/planner/bits.h"
#include "scheduler/planner/plan.h"

#include <QHash>

#include <array>
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
    int series = -1;           // of its main group, by number; -1: none
    int rules = -1;            // index in ItemPool::Tables::rules; -1: none
    std::int64_t approved = 0; // microseconds of the instant
    [[nodiscard]] bool validOn(Day day) const { return firstDay <= day && day <= lastDay; }
};

// Items [begin, end) of one rank whose first topic group is `group`, and that are of that series (-1: of none).
struct GroupRange {
    int group = 0;
    int series = -1;
    int begin = 0;
    int end = 0;
    // The same as words of bits, and which bits of the first and the last word are of it.
    std::size_t firstWord = 0;
    std::size_t lastWord = 0;
    BitWord inFirst = 0;
    BitWord inLast = 0;

    [[nodiscard]] BitWord bitsIn(std::size_t word) const
    {
        return (word == firstWord ? inFirst : ~BitWord{0}) & (word == lastWord ? inLast : ~BitWord{0});
    }
};

// Items stand by rank, the most urgent first, then by main group and series, then newest approval first, then by id; of
// two with one id the first given counts.
struct ItemPool::Tables {
    explicit Tables(std::span<const PlannableItem> given);

    [[nodiscard]] int indexOf(const ItemId& id) const { return index.value(id, noItem); }
    [[nodiscard]] std::pair<int, int> rankRange(int rank) const { return ranksAt[static_cast<std::size_t>(rank)]; }
    [[nodiscard]] std::span<const GroupRange> groupRanges(int rank) const
    {
        return ranges[static_cast<std::size_t>(rank)];
    }
    // Sets of items, one bit each: valid on the day (null: not known by day); of at most `frames`, and of a
    // large pool some that are longer (null: none is as short).
    [[nodiscard]] const BitWord* validOn(Day day) const;
    [[nodiscard]] const BitWord* noLongerThan(std::int64_t frames) const;
    [[nodiscard]] int countValid(Day first, Day last) const; // on at least one of these days

    std::vector<PlannableItem> own;
    std::vector<ItemFacts> facts;
    std::vector<ItemRules> rules;
    std::vector<std::vector<int>> groups;  // by item, each rising
    std::vector<std::uint64_t> groupMasks; // the same as bits; empty: there are more than 64
    std::vector<QString> groupNames;
    std::vector<Bits> inGroup; // by group: items
    QHash<ItemId, int> index;
    int seriesCount = 0;       // of main groups: one that spans two counts in each
    bool hasHours = false;     // some item has notBefore
    bool exactLengths = false; // noLongerThan() has none that is longer

private:
    void readFacts(std::span<const PlannableItem* const> byId);
    void readGroups();
    void readDays();
    void readLengths();
    void readRules();
    int groupIndex(const QString& name);

    std::array<std::pair<int, int>, ranks> ranksAt{};
    std::array<std::vector<GroupRange>, ranks> ranges;
    std::vector<Day> changeDays; // from each of them on, the items of validSets are valid; rising
    std::vector<Bits> validSets; // one more: before the first of them none is
    std::int64_t shortest = 0;
    std::vector<std::int64_t> lengthSteps;
    std::vector<Bits> briefSets; // items no longer than the step
};

} // namespace loa::planner
