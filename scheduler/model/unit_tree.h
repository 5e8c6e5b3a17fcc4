// The dated tree of units. A unit hangs under one parent at a time, and each such link holds from a date until the next
// one. A unit that was merged ends, and from that day hangs under the unit that took it over: so its stations, rights
// and reports roll up to the new one after the date and to the old one before. Values and pure functions, any thread.
// Source: the two-tier reform of 1/7/2025 (domain.md).
#pragma once

#include "scheduler/model/organisation.h"

#include <QDate>
#include <QHash>

#include <map>
#include <optional>
#include <vector>

namespace loa::model {

struct UnitLink {
    UnitId unit;
    QDate from;                   // first day
    std::optional<UnitId> parent; // absent: a root
    bool operator==(const UnitLink&) const = default;
};

// Whole days; `last` is one of them, absent: without end.
struct DaySpan {
    QDate first;
    std::optional<QDate> last;
    bool operator==(const DaySpan&) const = default;
};

class UnitTree {
public:
    UnitTree() = default;
    UnitTree(std::vector<Unit> units, std::vector<UnitLink> links);

    [[nodiscard]] const Unit* find(const UnitId& unit) const;
    [[nodiscard]] const std::vector<Unit>& units() const { return m_units; }

    // Before the first link of a unit that first link counts, so that a wrong starting date does not orphan it.
    [[nodiscard]] std::optional<UnitId> parentOn(const UnitId& unit, QDate date) const;
    // The unit itself, then its ancestors, nearest first. Empty for an unknown unit.
    [[nodiscard]] std::vector<UnitId> pathOn(const UnitId& unit, QDate date) const;
    // The unit itself and all below it.
    [[nodiscard]] std::vector<UnitId> withDescendantsOn(const UnitId& unit, QDate date) const;
    // `unit` is `ancestor` or lies below it.
    [[nodiscard]] bool isWithin(const UnitId& unit, const UnitId& ancestor, QDate date) const;

    // Days after `date` on which some link begins, rising: between two of them the tree is one.
    [[nodiscard]] std::vector<QDate> changesAfter(QDate date) const;
    // When `unit` is `ancestor` or lies below it, from `from` on; `changes` are changesAfter(from).
    [[nodiscard]] std::vector<DaySpan> spansWithin(const UnitId& unit, const UnitId& ancestor, QDate from,
                                                   const std::vector<QDate>& changes) const;

    // A date on which the links would run in a circle through `unit` if `link` were added (or replaced the one of that
    // date).
    [[nodiscard]] std::optional<QDate> circleWith(const UnitLink& link) const;

private:
    std::vector<Unit> m_units;
    QHash<UnitId, qsizetype> m_index;
    QHash<UnitId, std::map<QDate, std::optional<UnitId>>> m_links; // parent by first day
};

} // namespace loa::model
