#include "scheduler/fleet/absence.h"

#include "scheduler/model/item.h"

#include <QSet>

#include <algorithm>

namespace loa::fleet {

namespace {

planner::AbsenceCause causeOf(const model::Item& item)
{
    using planner::AbsenceCause;
    const bool renewed = item.versions.size() > 1;
    switch (item.status) {
    case model::ItemStatus::Rejected:
        return AbsenceCause::Rejected;
    case model::ItemStatus::Withdrawn:
        return AbsenceCause::Withdrawn;
    case model::ItemStatus::Submitted:
        return renewed ? AbsenceCause::NewRecording : AbsenceCause::AwaitsApproval;
    default:
        return renewed ? AbsenceCause::NewRecording : AbsenceCause::NotSubmitted;
    }
}

// Of an approved item: it plays elsewhere, or another plays for it.
Result<std::optional<planner::Absence>> absenceOfApproved(store::Store& store, const model::Station& station,
                                                          const model::Item& item, QDate today)
{
    const auto tree = store.units.tree();
    if (!tree)
        return passOn(tree);
    if (!tree->isWithin(station.unit, item.scope, today)) {
        const model::Unit* scope = tree->find(item.scope);
        return planner::Absence{item.id, planner::AbsenceCause::OutOfScope, scope ? scope->name : item.scope.value};
    }
    const auto approved = store.items.approved();
    if (!approved)
        return passOn(approved);
    const auto twin = std::ranges::find_if(*approved, [&](const model::Item& other) {
        return other.id != item.id && other.approval->sha256 == item.approval->sha256 &&
               other.approval->approvedAt <= item.approval->approvedAt;
    });
    if (twin == approved->end())
        return std::nullopt;
    return planner::Absence{item.id, planner::AbsenceCause::Twin, twin->title};
}

// Of an approved tune, wherever its template wants it: where or when it may not sound.
planner::Absence absenceOfTune(const model::Station& station, const model::Item& item)
{
    const auto& away = item.playRules.forbiddenAt;
    if (std::ranges::find(away, station.id) != away.end())
        return {item.id, planner::AbsenceCause::TuneForbidden};
    return {item.id, planner::AbsenceCause::TuneNotValid, {}, item.validFrom, item.validUntil};
}

} // namespace

Result<std::vector<planner::Absence>> absencesOf(store::Store& store, const model::Station& station,
                                                 const planner::PlanInput& input, std::span<const ItemId> asked)
{
    std::vector<planner::Absence> absences;
    for (const ItemId& id : asked) {
        if (std::ranges::find(input.items, id, &planner::PlannableItem::id) != input.items.end())
            continue;
        const auto item = store.items.find(id);
        if (!item) {
            if (item.error().category == ErrorCategory::NotFound)
                continue;
            return passOn(item);
        }
        if (model::soundingVersion(*item) == nullptr) {
            absences.push_back({id, causeOf(*item), item->decisionReason});
            continue;
        }
        if (std::ranges::find(input.tunes, id) != input.tunes.end()) {
            absences.push_back(absenceOfTune(station, *item));
            continue;
        }
        auto absence = absenceOfApproved(store, station, *item, input.from);
        if (!absence)
            return passOn(absence);
        if (*absence)
            absences.push_back(**std::move(absence));
    }
    return absences;
}

Result<std::vector<planner::Absence>> absencesFrom(store::Store& store, const model::Station& station,
                                                   const planner::PlanInput& input,
                                                   std::span<const planner::Placement> before)
{
    QSet<ItemId> known;
    for (const planner::PlannableItem& item : input.items)
        known.insert(item.id);
    std::vector<ItemId> asked;
    for (const planner::Placement& placement : before) {
        if (!known.contains(placement.item)) {
            known.insert(placement.item);
            asked.push_back(placement.item);
        }
    }
    return absencesOf(store, station, input, asked);
}

} // namespace loa::fleet
