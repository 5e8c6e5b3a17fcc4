#include "scheduler/fleet/planning.h"

#include "scheduler/model/hours_in_force.h"
#include "scheduler/planner/layout.h"

#include <QHash>
#include <QSet>
#include <QTimeZone>

#include <algorithm>
#include <memory>

namespace loa::fleet {

namespace {

// Whole weeks of the past count for how often an item is repeated.
constexpr int repeatDays = 7;

QDate horizonFrom(QDate today)
{
    const QDate bundleEnd = today.addDays(bundleDays.count() + renewalDays.count() + 1);
    const QDate nextMonth = QDate(today.year(), today.month(), 1).addMonths(2).addDays(-1);
    return std::max(bundleEnd, nextMonth);
}

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

QSet<SessionId> sessionsBegun(const planner::PlanInput& input, UtcTime now)
{
    QSet<SessionId> begun;
    for (const model::Session& session : input.sessions) {
        if (session.startsAt < now)
            begun.insert(session.id);
    }
    return begun;
}

} // namespace

struct Planning::Run {
    UtcTime now;
    model::UnitTree tree;
    QHash<UnitId, std::vector<HoursPolicy>> policies;
    std::vector<model::Item> approved;
    std::vector<model::SessionTemplate> templates;
    QHash<UnitId, std::vector<model::SpecialCalendar>> specialDays;
    QSet<ItemId> tunes; // of the templates: they play there and nowhere else
    QHash<TopicId, QString> groups;
    QHash<ItemId, std::vector<QString>> groupsOfItems; // of all items, withdrawn ones too

    // Stations that lie within the same scopes share one pool. A few are kept: neighbours follow one another.
    using Pool = std::shared_ptr<const planner::ItemPool>;
    static constexpr qsizetype mostPools = 16;
    std::vector<UnitId> scopes; // of the approved items, each once
    QHash<QString, Pool> pools;

    [[nodiscard]] Pool poolFor(const UnitId& unit, QDate today);
    [[nodiscard]] std::optional<planner::TuneRecording> tuneAt(const StationId& station, const ItemId& item,
                                                               QDate date) const;
    void layOut(std::span<const model::SessionRule> rules, planner::Expansion& expansion) const;
};

std::optional<planner::TuneRecording> Planning::Run::tuneAt(const StationId& station, const ItemId& item,
                                                            QDate date) const
{
    const auto found = std::ranges::find(approved, item, &model::Item::id);
    if (found == approved.end() ||
        std::ranges::find(found->playRules.forbiddenAt, station) != found->playRules.forbiddenAt.end())
        return std::nullopt;
    return planner::recordingOf(*found, date);
}

// Sessions whose rule names a template get its parts; those that it does not fit are refused.
void Planning::Run::layOut(std::span<const model::SessionRule> rules, planner::Expansion& expansion) const
{
    const auto templateOf = [&](const model::Session& session) -> const model::SessionTemplate* {
        const auto rule = std::ranges::find(rules, session.rule, &model::SessionRule::id);
        if (rule == rules.end() || !rule->made)
            return nullptr;
        const auto made = std::ranges::find(templates, *rule->made, &model::SessionTemplate::id);
        return made == templates.end() ? nullptr : &*made;
    };
    std::erase_if(expansion.sessions, [&](model::Session& session) {
        const model::SessionTemplate* made = templateOf(session);
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
    QSet<UnitId> around;
    QString name;
    for (const UnitId& scope : scopes) {
        if (!tree.isWithin(unit, scope, today))
            continue;
        around.insert(scope);
        name += scope.value + u' ';
    }
    if (const auto known = pools.constFind(name); known != pools.cend())
        return *known;
    std::vector<planner::PlannableItem> items;
    for (const model::Item& item : approved) {
        if (!around.contains(item.scope) || tunes.contains(item.id))
            continue;
        const model::ItemVersion& version = *soundingVersion(item);
        items.push_back({item.id, version.number, *version.sha256, version.frames, item.title, groupsOf(item, groups),
                         item.validFrom, item.validUntil, item.priority, item.approval->approvedAt, item.playRules});
    }
    if (pools.size() == mostPools)
        pools.clear();
    return *pools.insert(name, std::make_shared<const planner::ItemPool>(std::move(items)));
}

struct Planning::Question {
    planner::PlanInput input; // without items: those are the pool's
    Run::Pool pool;
    std::vector<HoursPolicy> policies;
    std::vector<planner::SessionRefusal> refusals;
    std::vector<model::Session> standing; // not yet begun, as stored
    std::vector<planner::Placement> kept; // as stored
};

// What is frozen stands, but not what may not sound any more: no agent plays it (promise 1), so no plan says so.
void Planning::dropRefused(Question& question, const Run& run)
{
    planner::PlanInput& input = question.input;
    QHash<SessionId, QDate> frozen;
    for (const model::Session& session : input.sessions) {
        if (session.startsAt >= run.now && session.startsAt < input.frozenUntil)
            frozen.insert(session.id, session.localDate);
    }
    std::erase_if(input.existing, [&](const planner::Placement& placement) {
        const auto date = frozen.constFind(placement.session);
        if (date != frozen.cend() && !placement.tune.isEmpty()) {
            const auto recording = run.tuneAt(input.station, placement.item, *date);
            return !recording || recording->sha256 != placement.sha256;
        }
        return date != frozen.cend() &&
               std::none_of(question.pool->items().begin(), question.pool->items().end(),
                            [&](const planner::PlannableItem& item) {
                                return item.id == placement.item && item.sha256 == placement.sha256 &&
                                       item.validFrom <= *date && (!item.validUntil || *date <= *item.validUntil);
                            });
    });
}

Planning::Planning(store::Database& database, const SigningKey& key, const Clock& clock, BundleListener listener,
                   std::chrono::minutes freezeAhead)
    : m_store(database), m_key(key), m_clock(clock), m_listener(std::move(listener)), m_freezeAhead(freezeAhead),
      m_heard(database)
{
}

Result<void> Planning::wish(std::span<const StationId> stations)
{
    return m_store.plans.wish(stations, m_clock.now());
}

Result<std::vector<StationId>> Planning::stationsUnder(const UnitId& unit)
{
    const auto tree = m_store.units.tree();
    if (!tree)
        return passOn(tree);
    const auto stations = m_store.stations.all();
    if (!stations)
        return passOn(stations);
    std::vector<StationId> concerned;
    for (const model::Station& station : *stations) {
        const QDate today = planner::localDateOf(m_clock.now(), QTimeZone(station.timeZone));
        if (tree->isWithin(station.unit, unit, today))
            concerned.push_back(station.id);
    }
    return concerned;
}

Result<bool> Planning::isNothingTo(const StationId& station, const model::Item& item)
{
    const std::vector<StationId>& forbidden = item.playRules.forbiddenAt;
    if (std::find(forbidden.begin(), forbidden.end(), station) == forbidden.end())
        return false;
    const auto held = m_store.plans.holds(station, item.id);
    if (!held)
        return held;
    return !*held;
}

Result<void> Planning::wishUnder(const UnitId& unit)
{
    const auto concerned = stationsUnder(unit);
    if (!concerned)
        return passOn(concerned);
    return wish(*concerned);
}

Result<void> Planning::wishFor(const model::Item& item)
{
    const auto around = stationsUnder(item.scope);
    if (!around)
        return passOn(around);
    if (item.playRules.forbiddenAt.empty())
        return wish(*around);
    const auto twin = hasTwin(item);
    if (!twin)
        return passOn(twin);
    std::vector<StationId> concerned;
    for (const StationId& station : *around) {
        const auto nothing = isNothingTo(station, item);
        if (!nothing)
            return passOn(nothing);
        if (*twin || !*nothing)
            concerned.push_back(station);
    }
    return wish(concerned);
}

// Of two items with one recording only the first plays (see beginRun()), so what becomes of one decides about the other
// where the one is forbidden, too.
Result<bool> Planning::hasTwin(const model::Item& item)
{
    const model::ItemVersion* sounding = soundingVersion(item);
    if (sounding == nullptr)
        return false;
    const auto approved = m_store.items.approved();
    if (!approved)
        return passOn(approved);
    return std::any_of(approved->begin(), approved->end(), [&](const model::Item& other) {
        return other.id != item.id && other.approval->sha256 == *sounding->sha256;
    });
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

Result<Planning::Question> Planning::ask(const model::Station& station, Run& run)
{
    const QTimeZone zone(station.timeZone);
    Question question;
    const QDate today = planner::localDateOf(run.now, zone);
    planner::PlanInput& input = question.input;
    input.station = station.id;
    input.from = today;
    input.until = horizonFrom(today);
    input.frozenUntil = run.now;
    input.zone = zone;
    input.tunes.assign(run.tunes.begin(), run.tunes.end());
    std::ranges::sort(input.tunes); // a set has no order, and the question is to be the same each time

    // A session may run on into the day after.
    question.policies =
        model::hoursInForce(station.unit, run.tree, run.policies, input.from.addDays(-1), input.until.addDays(1));

    auto obligations = m_store.obligations.binding(station.unit, run.tree, today);
    if (!obligations)
        return passOn(obligations);
    std::erase_if(*obligations,
                  [](const model::Obligation& some) { return some.evidence != model::ObligationEvidence::Airings; });
    QDate earliest = today.addDays(-repeatDays);
    for (const model::Obligation& obligation : *obligations) {
        for (const model::PeriodDates& period : periodsOwed(obligation, input.from, input.until))
            earliest = std::min(earliest, period.first);
    }
    input.obligations = *std::move(obligations);

    // What has begun stands as it was planned then, whatever rules and policies say now.
    auto stored = m_store.plans.sessions(station.id, earliest, input.until);
    if (!stored)
        return passOn(stored);
    // What lies so near that agents hold it already stands too; what no plan has named yet does not freeze.
    for (const model::Session& session : *stored) {
        if (session.startsAt >= run.now && session.startsAt < frozenUntil(run.now))
            input.frozenUntil = std::max(input.frozenUntil, session.startsAt + Duration(1));
    }
    UtcTime busyUntil = run.now;
    for (model::Session& session : *stored) {
        if (session.startsAt >= run.now)
            question.standing.push_back(session);
        if (session.startsAt >= input.frozenUntil)
            continue;
        busyUntil = std::max(busyUntil, session.startsAt + toDuration(session.frames));
        input.sessions.push_back(std::move(session));
    }
    const auto rules = m_store.sessionRules.ofStation(station.id);
    if (!rules)
        return passOn(rules);
    const planner::SpecialDays special{station.id, model::specialDaysInForce(station.unit, run.tree, run.specialDays,
                                                                             input.from.addDays(-planner::warmUpDays),
                                                                             input.until)};
    auto expansion =
        planner::expandSessions(*rules, question.policies, zone, input.from, input.until, run.templates, special);
    if (!expansion)
        return passOn(expansion);
    std::vector<model::SessionRule> named = *rules;
    for (const model::SpecialDayInForce& day : special.days)
        std::ranges::move(sessionRulesOf(day, station.id), std::back_inserter(named));
    run.layOut(named, *expansion);
    for (model::Session& session : expansion->sessions) {
        if (session.startsAt >= busyUntil)
            input.sessions.push_back(std::move(session));
    }
    question.refusals = std::move(expansion->refusals);

    auto existing = m_store.plans.placements(station.id, earliest, input.until);
    if (!existing)
        return passOn(existing);
    input.existing = *std::move(existing);
    question.kept = input.existing;

    question.pool = run.poolFor(station.unit, today);
    dropRefused(question, run);
    auto heard = m_heard.read(station, planner::instantOf(earliest, QTime(0, 0), zone) - std::chrono::days(1), run.now);
    if (!heard)
        return passOn(heard);
    input.past = std::move(heard->airings);
    for (planner::PastAiring& airing : input.past)
        airing.topicGroups = run.groupsOfItems.value(airing.item);
    input.failureRate = heard->failureRate;
    const auto edits = m_store.edits.ofStation(station.id, run.now);
    if (!edits)
        return passOn(edits);
    for (const store::StoredEdit& each : *edits)
        input.edits.push_back(each.edit);
    return question;
}

Result<planner::PlanInput> Planning::planInput(const StationId& id)
{
    const auto station = m_store.stations.find(id);
    if (!station)
        return passOn(station);
    auto run = beginRun();
    if (!run)
        return passOn(run);
    auto question = ask(*station, *run);
    if (!question)
        return passOn(question);
    question->input.items = question->pool->items();
    return std::move(question->input);
}

Result<std::vector<planner::SessionRefusal>> Planning::refusals(const StationId& id)
{
    const auto station = m_store.stations.find(id);
    if (!station)
        return passOn(station);
    auto run = beginRun();
    if (!run)
        return passOn(run);
    auto question = ask(*station, *run);
    if (!question)
        return passOn(question);
    return std::move(question->refusals);
}

// Bundles are opened once: replans are many, new bundles few. One of a key that was changed is as good as none.
bool Planning::repeatsLast(const store::IssuedBundle& last, const Bundle& next, UtcTime now)
{
    const Opened* opened = m_opened.object(last.station);
    if (opened != nullptr && opened->sha256 == last.sha256)
        return saysTheSame(opened->bundle, next, now);
    auto bundle = openBundle(last.sealed, m_key.verifyKey());
    if (!bundle)
        return false;
    const bool same = saysTheSame(*bundle, next, now);
    m_opened.insert(last.station, new Opened{last.sha256, *std::move(bundle)});
    return same;
}

Result<void> Planning::issue(const model::Station& station, const Question& question, const planner::Plan& plan,
                             const Run& run, StationOutcome& outcome)
{
    auto built =
        buildBundle({station, question.policies, question.input.sessions, plan.placements, run.approved}, run.now);
    if (!built)
        return passOn(built);
    outcome.leftOut = built->leftOut;
    Bundle& bundle = built->bundle;

    const auto last = m_store.bundles.latest(station.id);
    if (!last)
        return passOn(last);
    if (*last) {
        outcome.bundleVersion = (*last)->version;
        const bool isFresh = (*last)->issuedAt + renewalDays > run.now;
        if (isFresh && repeatsLast(**last, bundle, run.now))
            return {};
    }
    bundle.version = outcome.bundleVersion + 1;
    const auto sealed = sealBundle(bundle, m_key);
    if (!sealed)
        return passOn(sealed);
    const auto added =
        m_store.bundles.add({station.id, bundle.version, bundle.issuedAt, bundle.validUntil, sha256(*sealed), *sealed});
    if (!added)
        return passOn(added);
    outcome.bundleVersion = bundle.version;
    outcome.issued = true;
    if (m_listener) {
        m_store.database.afterCommit(
            [listener = m_listener, id = station.id, version = bundle.version] { listener(id, version); });
    }
    return {};
}

// Most logs that come in change nothing about what is to come; then nothing is written.
Result<void> Planning::keep(const Question& question, const planner::Plan& plan, const Run& run)
{
    const planner::PlanInput& input = question.input;
    const QSet<SessionId> begun = sessionsBegun(input, run.now);
    std::vector<model::Session> sessions = input.sessions;
    std::erase_if(sessions, [&](const model::Session& session) { return begun.contains(session.id); });
    const auto toCome = [&](std::vector<planner::Placement> placements) {
        std::erase_if(placements, [&](const planner::Placement& some) { return begun.contains(some.session); });
        return placements;
    };
    const auto shortfalls = m_store.plans.shortfalls(input.station);
    if (!shortfalls)
        return passOn(shortfalls);
    const bool same = sessions == question.standing && toCome(plan.placements) == toCome(question.kept) &&
                      plan.shortfalls == *shortfalls;
    return same ? Result<void>{} : m_store.plans.replace(input.station, run.now, input.sessions, plan);
}

Result<StationOutcome> Planning::replan(const model::Station& station, Run& run)
{
    return m_store.database.transaction([&]() -> Result<StationOutcome> {
        const auto question = ask(station, run);
        if (!question)
            return passOn(question);
        const planner::Plan plan = planner::plan(question->input, *question->pool);
        if (const auto kept = keep(*question, plan, run); !kept)
            return passOn(kept);
        StationOutcome outcome;
        outcome.station = station.id;
        outcome.shortfalls = plan.shortfalls;
        outcome.forecasts = plan.forecasts;
        outcome.refusals = question->refusals;
        const QSet<SessionId> begun = sessionsBegun(question->input, run.now);
        outcome.sessions = static_cast<int>(question->input.sessions.size()) - static_cast<int>(begun.size());
        for (const planner::Placement& placement : plan.placements)
            outcome.placements += begun.contains(placement.session) ? 0 : 1;

        if (const auto issued = issue(station, *question, plan, run, outcome); !issued)
            return passOn(issued);
        if (const auto fulfilled = m_store.plans.fulfilled(station.id); !fulfilled)
            return passOn(fulfilled);
        return outcome;
    });
}

Result<std::vector<StationOutcome>> Planning::replan(std::span<const model::Station> stations)
{
    std::vector<StationOutcome> outcomes;
    if (stations.empty())
        return outcomes;
    auto run = beginRun();
    if (!run)
        return passOn(run);
    for (const model::Station& station : stations) {
        auto outcome = replan(station, *run);
        if (!outcome) {
            const auto later = m_store.plans.postpone(station.id, run->now + retryAfter);
            if (!later)
                return passOn(later);
            StationOutcome failed;
            failed.station = station.id;
            failed.error = outcome.error();
            outcomes.push_back(std::move(failed));
            continue;
        }
        outcomes.push_back(*std::move(outcome));
    }
    return outcomes;
}

Result<std::vector<StationOutcome>> Planning::replanWished(int limit)
{
    const auto wished = m_store.plans.wished(m_clock.now(), limit);
    if (!wished)
        return passOn(wished);
    return replanStations(*wished);
}

Result<std::vector<StationOutcome>> Planning::replanStations(std::span<const StationId> ids)
{
    std::vector<model::Station> stations;
    for (const StationId& id : ids) {
        const auto station = m_store.stations.find(id);
        if (!station)
            return passOn(station);
        stations.push_back(*station);
    }
    return replan(stations);
}

Result<std::vector<StationOutcome>> Planning::replanAll()
{
    if (const auto forgotten = m_store.bundles.forget(m_clock.now()); !forgotten)
        return passOn(forgotten);
    const auto stations = m_store.stations.all();
    if (!stations)
        return passOn(stations);
    return replan(*stations);
}

} // namespace loa::fleet
