#include "scheduler/api/station_ledger.h"

#include "scheduler/planner/sessions.h"

#include <QSet>
#include <QTimeZone>

#include <algorithm>

namespace loa::api {

Result<void> KnownItems::load(const ItemId& id)
{
    if (m_items.contains(id))
        return {};
    if (!m_groups) {
        const auto topics = m_context.store.topics.all();
        if (!topics)
            return passOn(topics);
        m_groups.emplace();
        for (const model::Topic& topic : *topics)
            m_groups->insert(topic.id, topic.group);
    }
    auto item = m_context.store.items.find(id);
    if (!item && item.error().category != ErrorCategory::NotFound)
        return passOn(item);
    Entry entry;
    if (item) {
        entry.known.id = item->id;
        entry.known.title = item->title;
        entry.known.approvedByName = item->approval ? item->approval->approvedByName : QString();
        for (const TopicId& topic : item->topics) {
            if (m_groups->contains(topic))
                entry.known.topicGroups.push_back(m_groups->value(topic));
        }
        for (model::ItemVersion& version : item->versions) {
            version.report.clear();
            if (version.sha256)
                entry.known.recordings.push_back(*version.sha256);
        }
        entry.item = *std::move(item);
    }
    m_items.insert(id, std::move(entry));
    return {};
}

Result<const compliance::KnownItem*> KnownItems::find(const ItemId& id)
{
    if (const auto loaded = load(id); !loaded)
        return passOn(loaded);
    const Entry& entry = *m_items.constFind(id);
    return entry.item ? &entry.known : nullptr;
}

Result<const model::Item*> KnownItems::item(const ItemId& id)
{
    if (const auto loaded = load(id); !loaded)
        return passOn(loaded);
    const Entry& entry = *m_items.constFind(id);
    return entry.item ? &*entry.item : nullptr;
}

Result<StationLedger> StationLedger::read(Context& context, KnownItems& items, const model::Station& station,
                                          QDate first, QDate last)
{
    StationLedger ledger;
    compliance::ComplianceInput& input = ledger.m_input;
    input.station = station.id;
    input.zone = QTimeZone(station.timeZone);
    input.clusters = station.clusters;
    // A day more on both sides: an airing counts on the day on which it sounded, which may not be the one for which it
    // was planned.
    auto log =
        context.store.airings.ofStation(station.id, planner::instantOf(first.addDays(-1), QTime(0, 0), input.zone),
                                        planner::instantOf(last.addDays(2), QTime(0, 0), input.zone));
    if (!log)
        return passOn(log);
    input.log = *std::move(log);

    const auto sessions = context.store.plans.sessions(station.id, first, last);
    if (!sessions)
        return passOn(sessions);
    const auto placements = context.store.plans.placements(station.id, first, last);
    if (!placements)
        return passOn(placements);
    QHash<SessionId, UtcTime> starts;
    for (const model::Session& session : *sessions)
        starts.insert(session.id, session.startsAt);
    QSet<ItemId> named;
    for (const planner::Placement& placement : *placements) {
        input.planned.push_back(
            {placement.airing, placement.item, starts.value(placement.session) + toDuration(placement.offset)});
        named.insert(placement.item);
    }
    for (const SignedLogEntry& line : input.log) {
        if (line.entry.kind == EntryKind::Airing)
            named.insert(line.entry.item);
    }
    for (const ItemId& id : named) {
        const auto known = items.find(id);
        if (!known)
            return passOn(known);
        if (*known != nullptr)
            input.items.push_back(**known);
    }
    return ledger;
}

compliance::StationStanding StationLedger::standingIn(const model::Obligation& obligation,
                                                      const model::PeriodDates& period, UtcTime now) const
{
    compliance::ComplianceInput input = m_input;
    input.obligation = obligation;
    input.period = period;
    input.now = now;
    return compliance::standing(input);
}

Result<std::optional<MonthlyDuty>> monthlyDuty(Context& context, const model::Station& station, QDate first)
{
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    const QDate last = first.addMonths(1).addDays(-1);
    // A duty may begin or end, and a unit be merged, within the month.
    for (const QDate date : {last, first}) {
        const auto binding = context.store.obligations.binding(station.unit, **tree, date);
        if (!binding)
            return passOn(binding);
        const auto duty = std::find_if(binding->begin(), binding->end(), [](const model::Obligation& obligation) {
            return obligation.evidence == model::ObligationEvidence::Airings &&
                   obligation.period == model::ObligationPeriod::Month;
        });
        if (duty == binding->end())
            continue;
        const auto periods = model::periodsOwed(*duty, first, last);
        if (!periods.empty())
            return MonthlyDuty{*duty, periods.front()};
    }
    return std::nullopt;
}

} // namespace loa::api
