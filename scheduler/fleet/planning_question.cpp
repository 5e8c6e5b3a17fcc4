#include "scheduler/fleet/absence.h"
#include "scheduler/fleet/planning_run.h"
#include "scheduler/model/duties_in_force.h"
#include "scheduler/model/hours_in_force.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::fleet {

namespace {

// Whole weeks of the past count for how often an item is repeated.
constexpr int repeatDays = 7;
// Sessions that remedies and edits may name: two a day for the two months that are planned, and more.
constexpr std::size_t mostRefused = 256;

QDate horizonFrom(QDate today)
{
    const QDate bundleEnd = today.addDays(bundleDays.count() + renewalDays.count() + 1);
    const QDate nextMonth = QDate(today.year(), today.month(), 1).addMonths(2).addDays(-1);
    return std::max(bundleEnd, nextMonth);
}

} // namespace

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

    input.policies = question.policies;

    const auto all = m_store.obligations.all();
    if (!all)
        return passOn(all);
    auto obligations = model::dutiesInForce(station.unit, run.tree, *all, today, run.changesAfter(today));
    std::erase_if(obligations,
                  [](const model::Obligation& some) { return some.evidence != model::ObligationEvidence::Airings; });
    QDate earliest = today.addDays(-repeatDays);
    for (const model::Obligation& obligation : obligations) {
        for (const model::PeriodDates& period : periodsOwed(obligation, input.from, input.until))
            earliest = std::min(earliest, period.first);
    }
    input.obligations = std::move(obligations);

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
    for (const planner::SessionRefusal& refusal : expansion->refusals) {
        if (refusal.startsAt && *refusal.startsAt >= run.now && input.refused.size() < mostRefused)
            input.refused.push_back({run.asItWouldBe(refusal, named), refusal.cause, refusal.reason});
    }
    std::ranges::sort(input.refused, {}, [](const planner::RefusedSession& refused) {
        return std::pair(refused.session.startsAt, refused.session.id);
    });
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

Result<std::vector<PlanPreview>> Planning::preview(std::span<const StationId> stations)
{
    auto run = beginRun();
    if (!run)
        return passOn(run);
    std::vector<PlanPreview> previews;
    for (const StationId& id : stations) {
        PlanPreview preview;
        auto station = m_store.stations.find(id);
        if (!station)
            return passOn(station);
        preview.station = *std::move(station);
        auto question = ask(preview.station, *run);
        if (!question)
            return passOn(question);
        auto lacked = m_store.plans.shortfalls(id);
        if (!lacked)
            return passOn(lacked);
        preview.lacked = *std::move(lacked);
        preview.plan = planner::plan(question->input, *question->pool);
        planner::Plan before;
        before.station = id;
        before.placements = std::move(question->kept);
        preview.input = std::move(question->input);
        preview.input.items = question->pool->items();
        preview.input.frozenUntil = run->now; // what may not sound any more goes from what is frozen too
        const auto absences = absencesFrom(m_store, preview.station, preview.input, before.placements);
        if (!absences)
            return passOn(absences);
        preview.difference = planner::difference(before, preview.plan, preview.input, question->standing, *absences);
        preview.input.items.clear();
        preview.standing = std::move(question->standing);
        previews.push_back(std::move(preview));
    }
    return previews;
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

} // namespace loa::fleet
