#include "scheduler/fleet/planning_run.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::fleet {

namespace {

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

Planning::Planning(store::Database& database, const SigningKey& key, const Clock& clock, BundleListener listener,
                   std::chrono::minutes freezeAhead, std::optional<int> leastMatch)
    : m_store(database), m_key(key), m_clock(clock), m_listener(std::move(listener)), m_freezeAhead(freezeAhead),
      m_leastMatch(leastMatch), m_heard(database, leastMatch)
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
    const auto concerned = stationsConcernedBy(item);
    if (!concerned)
        return passOn(concerned);
    return wish(*concerned);
}

Result<std::vector<StationId>> Planning::stationsConcernedBy(const model::Item& item)
{
    auto around = stationsUnder(item.scope);
    if (!around || item.playRules.forbiddenAt.empty())
        return around;
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
    return concerned;
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
    auto built = buildBundle(
        {station, question.policies, question.input.sessions, plan.placements, run.approved, run.relays}, run.now);
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
        m_store.database.afterCommit([this, id = station.id, version = bundle.version] {
            if (m_told)
                m_told->insert(id, version);
            m_listener(id, version);
        });
    }
    return {};
}

Result<int> Planning::announceOthers()
{
    const auto versions = m_store.bundles.latestVersions();
    if (!versions)
        return passOn(versions);
    const bool isFirst = !m_told;
    if (isFirst)
        m_told.emplace();
    int others = 0;
    for (const auto& [station, version] : *versions) {
        if (version <= m_told->value(station))
            continue;
        m_told->insert(station, version);
        if (isFirst)
            continue;
        ++others;
        if (m_listener)
            m_listener(station, version);
    }
    return others;
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
