#include "scheduler/fleet/compliance_loading.h"

#include "scheduler/planner/sessions.h"

#include <QHash>

#include <algorithm>
#include <limits>

namespace loa::fleet {

Result<ComplianceLoader> ComplianceLoader::open(store::Store& store, UtcTime now, std::optional<int> leastMatch)
{
    ComplianceLoader loader(store, now, leastMatch);
    auto tree = store.units.tree();
    if (!tree)
        return passOn(tree);
    loader.m_tree = *std::move(tree);

    const auto topics = store.topics.all();
    if (!topics)
        return passOn(topics);
    QHash<TopicId, QString> groups;
    for (const model::Topic& topic : *topics)
        groups.insert(topic.id, topic.group);
    const auto approvers = store.items.lastApprovers();
    if (!approvers)
        return passOn(approvers);
    QHash<ItemId, QString> approverOf;
    for (const auto& [item, name] : *approvers)
        approverOf.insert(item, name);

    store::ItemFilter everything;
    everything.limit = std::numeric_limits<int>::max();
    const auto items = store.items.list(everything);
    if (!items)
        return passOn(items);
    for (const model::Item& item : *items) {
        compliance::KnownItem known;
        known.id = item.id;
        known.title = item.title;
        known.approvedByName = approverOf.value(item.id);
        for (const TopicId& topic : item.topics) {
            const QString group = groups.value(topic);
            if (std::find(known.topicGroups.begin(), known.topicGroups.end(), group) == known.topicGroups.end())
                known.topicGroups.push_back(group);
        }
        for (const model::ItemVersion& version : item.versions) {
            if (version.sha256)
                known.recordings.push_back(*version.sha256);
        }
        loader.m_items.push_back(std::move(known));
    }
    return loader;
}

Result<std::vector<model::Obligation>> ComplianceLoader::obligations(const model::Station& station, QDate first,
                                                                     QDate last)
{
    auto binding = m_store->obligations.binding(station.unit, m_tree, last);
    if (binding) {
        std::erase_if(*binding, [&](const model::Obligation& obligation) {
            return obligation.evidence != model::ObligationEvidence::Airings ||
                   periodsOwed(obligation, first, last).empty();
        });
    }
    return binding;
}

Result<compliance::ComplianceInput> ComplianceLoader::input(const model::Station& station,
                                                            const model::Obligation& obligation,
                                                            const model::PeriodDates& period)
{
    const QTimeZone zone(station.timeZone);
    if (!zone.isValid()) {
        return fail(
            ErrorCategory::Unsupported,
            {QStringLiteral("Đài có múi giờ không hợp lệ."), QStringLiteral("The station's time zone is not valid.")},
            station.id.value);
    }
    compliance::ComplianceInput input;
    input.station = station.id;
    input.zone = zone;
    input.obligation = obligation;
    input.period = period;
    input.now = m_now;
    input.items = m_items;
    auto clusters = m_store->stations.everyCluster(station.id);
    if (!clusters)
        return passOn(clusters);
    input.clusters = *std::move(clusters);

    // An airing may have been planned for the day before and have sounded on the first day, and the other way round.
    const UtcTime from = planner::instantOf(period.first, QTime(0, 0), zone) - std::chrono::days(1);
    const UtcTime until = planner::instantOf(period.last.addDays(1), QTime(0, 0), zone) + std::chrono::days(1);
    auto log = m_store->airings.ofStation(station.id, from, until);
    if (!log)
        return passOn(log);
    input.log = *std::move(log);
    // A relay is no item of the station's; a standby item that sounded in its stead has its own entry.
    std::erase_if(input.log, [](const SignedLogEntry& line) { return !line.entry.relay.isEmpty(); });
    auto heard = m_store->airings.heardAt(station.id, from, until);
    if (!heard)
        return passOn(heard);
    input.heard = *std::move(heard);
    input.leastMatch = m_leastMatch;

    const auto sessions = m_store->plans.sessions(station.id, period.first, period.last);
    if (!sessions)
        return passOn(sessions);
    QHash<SessionId, UtcTime> starts;
    for (const model::Session& session : *sessions)
        starts.insert(session.id, session.startsAt);
    const auto placements = m_store->plans.placements(station.id, period.first, period.last);
    if (!placements)
        return passOn(placements);
    for (const planner::Placement& placement : *placements) {
        input.planned.push_back(
            {placement.airing(), placement.item, starts.value(placement.session) + toDuration(placement.offset)});
    }
    return input;
}

} // namespace loa::fleet
