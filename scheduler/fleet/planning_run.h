// What planning works on: what one run loads for all its stations, and the question of one of them. Internal to fleet;
// values of the storage thread.
#pragma once

#include "scheduler/fleet/planning.h"
#include "scheduler/planner/layout.h"

#include <QHash>
#include <QSet>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace loa::fleet {

struct Planning::Run {
    UtcTime now;
    model::UnitTree tree;
    QHash<UnitId, std::vector<HoursPolicy>> policies;
    std::vector<model::Item> approved;
    std::vector<model::SessionTemplate> templates;
    std::vector<model::RelaySource> relays;
    QHash<UnitId, std::vector<model::SpecialCalendar>> specialDays;
    QSet<ItemId> tunes; // of the templates: they play there and nowhere else
    QHash<TopicId, QString> groups;
    QHash<ItemId, std::vector<QString>> groupsOfItems; // of all items, withdrawn ones too

    // Stations that lie within the same scopes share one pool. A few are kept: neighbours follow one another.
    using Pool = std::shared_ptr<const planner::ItemPool>;
    static constexpr qsizetype mostPools = 16;
    std::vector<UnitId> scopes; // of the approved items, each once
    QHash<QString, Pool> pools;
    QHash<QDate, std::vector<QDate>> changes; // of the tree, by today: stations may have different ones

    // Approved items of the unit's scopes from `today` on, each on the days on which the unit lies within its scope; of
    // a scope that it comes back to, until it first leaves.
    [[nodiscard]] Pool poolFor(const UnitId& unit, QDate today);
    // Days after `today` on which the tree changes.
    [[nodiscard]] const std::vector<QDate>& changesAfter(QDate today);
    [[nodiscard]] std::optional<planner::TuneRecording> tuneAt(const StationId& station, const ItemId& item,
                                                               QDate date) const;
    void layOut(std::span<const model::SessionRule> rules, planner::Expansion& expansion) const;
    // With its template's parts; without, where that is what refuses it.
    [[nodiscard]] model::Session asItWouldBe(const planner::SessionRefusal& refusal,
                                             std::span<const model::SessionRule> rules) const;
    [[nodiscard]] const model::SessionTemplate* templateOf(const SessionRuleId& id,
                                                           std::span<const model::SessionRule> rules) const;
};

struct Planning::Question {
    planner::PlanInput input; // without items: those are the pool's
    Run::Pool pool;
    std::vector<HoursPolicy> policies;
    std::vector<planner::SessionRefusal> refusals;
    std::vector<model::Session> standing; // not yet begun, as stored
    std::vector<planner::Placement> kept; // as stored
};

} // namespace loa::fleet
