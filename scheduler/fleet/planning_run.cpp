#include "scheduler/fleet/planning_run.h"

#include <algorithm>

namespace loa::fleet {

namespace {

std::vector<QString> groupsOf(const model::Item& item, const QHash<TopicId, QString>& groups)
{
    std::vector<QString> names;
    for (const TopicId& topic : item.topics) {
        const QString group = groups.value(topic);
        if (!group.isEmpty() && std::find(names.begin(), names.end(), group) == names.end())
            names.push_back(group);
    }
    return names;
}

} // namespace

std::optional<planner::TuneRecording> Planning::Run::tuneAt(const StationId& station, const ItemId& item,
                                                            QDate date) const
{
    const auto found = std::ranges::find(approved, item, &model::Item::id);
    if (found == approved.end() ||
        std::ranges::find(found->playRules.forbiddenAt, station) != found->playRules.forbiddenAt.end())
        return std::nullopt;
    return planner::recordingOf(*found, date);
}

const model::SessionTemplate* Planning::Run::templateOf(const SessionRuleId& id,
                                                        std::span<const model::SessionRule> rules) const
{
    const auto rule = std::ranges::find(rules, id, &model::SessionRule::id);
    if (rule == rules.end() || !rule->made)
        return nullptr;
    const auto made = std::ranges::find(templates, *rule->made, &model::SessionTemplate::id);
    return made == templates.end() ? nullptr : &*made;
}

model::Session Planning::Run::asItWouldBe(const planner::SessionRefusal& refusal,
                                          std::span<const model::SessionRule> rules) const
{
    model::Session session;
    session.rule = refusal.rule;
    session.title = refusal.title;
    session.localDate = refusal.localDate;
    session.startsAt = *refusal.startsAt;
    const auto rule = std::ranges::find(rules, refusal.rule, &model::SessionRule::id);
    if (rule == rules.end())
        return session;
    session.station = rule->station;
    session.id = sessionIdFor(rule->station, rule->id, session.startsAt);
    session.frames = toFrames(rule->duration);
    if (const model::SessionTemplate* made = templateOf(rule->id, rules)) {
        auto laidOut = planner::layOut(
            *made, session, [&](const ItemId& item, QDate date) { return tuneAt(session.station, item, date); });
        if (laidOut)
            session = *std::move(laidOut);
    }
    return session;
}

// Sessions whose rule names a template get its parts; those that it does not fit are refused.
void Planning::Run::layOut(std::span<const model::SessionRule> rules, planner::Expansion& expansion) const
{
    std::erase_if(expansion.sessions, [&](model::Session& session) {
        const model::SessionTemplate* made = templateOf(session.rule, rules);
        if (!made)
            return false;
        auto laidOut = planner::layOut(
            *made, session, [&](const ItemId& item, QDate date) { return tuneAt(session.station, item, date); });
        if (laidOut) {
            session = *std::move(laidOut);
            return false;
        }
        expansion.refusals.push_back({session.rule, session.title, planner::RefusalCause::NoRoom, session.localDate,
                                      session.startsAt, laidOut.error().message});
        return true;
    });
}

Planning::Run::Pool Planning::Run::poolFor(const UnitId& unit, QDate today)
{
    QHash<UnitId, model::DaySpan> around;
    QString name;
    for (const UnitId& scope : scopes) {
        const auto spans = tree.spansWithin(unit, scope, today, changesAfter(today));
        if (spans.empty())
            continue;
        const model::DaySpan& span = *around.insert(scope, spans.front());
        name += scope.value + u' ';
        if (span.first > today)
            name += span.first.toString(Qt::ISODate) + u' ';
        if (span.last)
            name += QStringLiteral("- %1 ").arg(span.last->toString(Qt::ISODate));
    }
    if (const auto known = pools.constFind(name); known != pools.cend())
        return *known;
    std::vector<planner::PlannableItem> items;
    for (const model::Item& item : approved) {
        const auto span = around.constFind(item.scope);
        if (span == around.cend() || tunes.contains(item.id))
            continue;
        const QDate first = span->first > today ? std::max(item.validFrom, span->first) : item.validFrom;
        std::optional<QDate> last = item.validUntil;
        if (span->last)
            last = last ? std::min(*last, *span->last) : span->last;
        const model::ItemVersion& version = *soundingVersion(item);
        items.push_back({item.id, version.number, *version.sha256, version.frames, item.title, groupsOf(item, groups),
                         first, last, item.priority, item.approval->approvedAt, item.playRules});
    }
    if (pools.size() == mostPools)
        pools.clear();
    return *pools.insert(name, std::make_shared<const planner::ItemPool>(std::move(items)));
}

const std::vector<QDate>& Planning::Run::changesAfter(QDate today)
{
    auto known = changes.find(today);
    if (known == changes.end())
        known = changes.insert(today, tree.changesAfter(today));
    return *known;
}

Result<Planning::Run> Planning::beginRun()
{
    Run run;
    run.now = m_clock.now();
    auto tree = m_store.units.tree();
    if (!tree)
        return passOn(tree);
    run.tree = *std::move(tree);
    auto policies = m_store.policies.all();
    if (!policies)
        return passOn(policies);
    run.policies = *std::move(policies);
    auto specialDays = m_store.specialCalendars.all();
    if (!specialDays)
        return passOn(specialDays);
    run.specialDays = *std::move(specialDays);
    auto templates = m_store.templates.all();
    if (!templates)
        return passOn(templates);
    run.templates = *std::move(templates);
    for (const model::SessionTemplate& made : run.templates) {
        for (const model::TemplatePart& part : made.parts) {
            if (part.tune)
                run.tunes.insert(*part.tune);
        }
    }
    auto relays = m_store.relays.all();
    if (!relays)
        return passOn(relays);
    run.relays = *std::move(relays);
    const auto topics = m_store.topics.all();
    if (!topics)
        return passOn(topics);
    for (const model::Topic& topic : *topics)
        run.groups.insert(topic.id, topic.group);
    auto approved = m_store.items.approved();
    if (!approved)
        return passOn(approved);
    run.approved = *std::move(approved);
    // Two items with one recording are one thing to hear: the one approved first plays.
    std::stable_sort(run.approved.begin(), run.approved.end(), [](const model::Item& a, const model::Item& b) {
        return a.approval->approvedAt < b.approval->approvedAt;
    });
    QSet<Sha256> heard;
    std::erase_if(run.approved, [&](const model::Item& item) {
        const bool again = heard.contains(item.approval->sha256);
        heard.insert(item.approval->sha256);
        return again;
    });
    QSet<UnitId> scopes;
    for (const model::Item& item : run.approved) {
        if (!scopes.contains(item.scope))
            run.scopes.push_back(item.scope);
        scopes.insert(item.scope);
    }
    const auto topicsOfItems = m_store.items.topicsOfAll();
    if (!topicsOfItems)
        return passOn(topicsOfItems);
    for (const auto& [item, topic] : *topicsOfItems) {
        std::vector<QString>& names = run.groupsOfItems[item];
        const QString group = run.groups.value(topic);
        if (!group.isEmpty() && std::find(names.begin(), names.end(), group) == names.end())
            names.push_back(group);
    }
    return run;
}

} // namespace loa::fleet
