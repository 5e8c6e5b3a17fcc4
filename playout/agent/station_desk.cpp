#include "playout/agent/station_desk.h"

#include "playout/agent/log.h"
#include "playout/agent/session_facts.h"

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

// After the end of an event that keeps a session waiting, when nobody said that it is over.
constexpr std::chrono::milliseconds lookAgain{200};

} // namespace

StationDesk::StationDesk(AgentStation station, std::chrono::seconds lead, const Clock& clock, Cache& cache,
                         Notebook& notebook, RelayService* relays, std::unique_ptr<Player> player, StationProofs proofs)
    : m_station(std::move(station)), m_lead(lead), m_clock(clock), m_cache(cache), m_notebook(notebook),
      m_relays(relays), m_proofs(std::move(proofs)), m_player(std::move(player))
{
    for (const OutputConfig& output : m_station.outputs)
        m_notebook.assume(u"output:%1/%2"_s.arg(m_station.id.value, output.name), u"output-opened"_s);
    m_notebook.assume(silenceSubject(), u"programme-sounds"_s);
}

void StationDesk::step(const RunFacts& run)
{
    takeMonitorNews();
    const auto bundle = m_cache.bundle(m_station.id);
    if (!bundle)
        return;
    settle(*bundle, run);
    const UtcTime now = m_clock.now();
    for (const BundleSession& session : bundle->sessions) {
        if (session.startsAt - m_lead > now)
            break;
        if (endOf(session) > now && !m_over.contains(session.id) && !waitsForMedia(session) && !busyUntil(session))
            handOver(*bundle, session, run);
    }
    for (auto& [id, handed] : m_handed) {
        takeAdditions(*bundle, handed, id);
        openRelays(*bundle, handed.timeline);
    }
    heedSilence(*bundle);
}

QString StationDesk::silenceSubject() const
{
    return u"silence:"_s + m_station.id.value;
}

void StationDesk::beforeSwitch(const RunFacts& run)
{
    if (const auto bundle = m_cache.bundle(m_station.id))
        settle(*bundle, run);
}

void StationDesk::afterSwitch(bool trusted)
{
    const auto bundle = m_cache.bundle(m_station.id);
    for (auto handed = m_handed.begin(); handed != m_handed.end();) {
        const SessionId id = handed->first;
        if (handed->second.isOwn || standsUnchanged(*bundle, handed->second, id)) {
            ++handed;
            continue;
        }
        if (!handed->second.hasOrders() && m_player->withdraw(id)) {
            forgetWithdrawn(handed->second);
            m_over.erase(id);
            handed = m_handed.erase(handed);
            continue;
        }
        followRunning(*bundle, handed->second, id);
        ++handed;
    }
    closeOrphans(*bundle);
    wantReferences(*bundle);
    if (!trusted)
        return;
    closeLate(*bundle);
    m_settledUntil = m_clock.now();
    m_notebook.mark(markName(), *m_settledUntil);
}

// Whoever hands the session over again does not know what was ended in it by order.
void StationDesk::forgetWithdrawn(const Handed& handed)
{
    forgetRelays(handed.timeline);
    for (const auto& [airing, reason] : handed.ended) {
        const Segment* planned = handed.timeline.findAiring(airing);
        if (!planned)
            continue;
        std::vector<PlannedAiring> rows;
        for (const OutputConfig& output : m_station.outputs)
            rows.push_back({{airing, output.name},
                            m_station.id,
                            handed.timeline.session(),
                            planned->item,
                            planned->sha256,
                            handed.timeline.bundleVersion(),
                            handed.timeline.plannedStart(*planned),
                            planned->frames,
                            planned->relay});
        m_notebook.closeUnplayed(std::move(rows), unplayed(reason));
    }
}

void StationDesk::holdBack()
{
    for (auto handed = m_handed.begin(); handed != m_handed.end();) {
        if (handed->second.hasOrders() || !m_player->withdraw(handed->first)) {
            ++handed;
            continue;
        }
        forgetWithdrawn(handed->second);
        m_over.erase(handed->first);
        handed = m_handed.erase(handed);
    }
}

// The new bundle holds the session exactly as the player has it: a start that is seconds away is not put at risk.
bool StationDesk::standsUnchanged(const Bundle& bundle, const Handed& handed, const SessionId& id) const
{
    const BundleSession* session = findSession(bundle, id);
    if (!session || session->startsAt != handed.timeline.startsAt() || !handed.revoked.empty())
        return false;
    const auto awaited = std::count_if(session->airings.begin(), session->airings.end(), [&](const auto& airing) {
        return !handed.timeline.findAiring(airing.id) && airing.relay.isEmpty() && !m_cache.holds(airing.sha256);
    });
    if (std::ssize(session->airings) - awaited != std::ssize(handed.timeline.airings()))
        return false;
    return admit(bundle, *session, factsOf(handed)).timeline.airings() == handed.timeline.airings();
}

AdmissionFacts StationDesk::factsOf(const Handed& handed) const
{
    AdmissionFacts facts;
    facts.station = m_station.id;
    facts.clock = ClockState::Assumed;
    for (const Segment& segment : handed.timeline.airings())
        facts.verified.insert(segment.sha256);
    return facts;
}

// Judged with the new bundle as if it were handed over now; what began under the old one and still stands goes on.
void StationDesk::followRunning(const Bundle& bundle, Handed& handed, const SessionId& id)
{
    const BundleSession* session = findSession(bundle, id);
    const AdmissionFacts facts = factsOf(handed);
    std::set<AiringId> standing;
    if (session && session->startsAt == handed.timeline.startsAt()) {
        const Admission admission = admit(bundle, *session, facts);
        const auto& segments = admission.timeline.airings();
        for (const Segment& segment : handed.timeline.airings()) {
            // A bundle issued in mid-session is valid from then on; what began before it is not for it to judge.
            const bool listed =
                std::any_of(session->airings.begin(), session->airings.end(), [&](const BundleAiring& airing) {
                    return airing.id == segment.airing && airing.sha256 == segment.sha256 &&
                           airing.offset == segment.offset && handed.timeline.plannedStart(segment) < bundle.validFrom;
                });
            const bool admitted = std::find(segments.begin(), segments.end(), segment) != segments.end();
            const bool refused =
                std::any_of(admission.refusals.begin(), admission.refusals.end(), [&](const Refusal& refusal) {
                    return refusal.airing.id == segment.airing && refusal.reason != RefusalReason::OutsideBundle;
                });
            if (admitted || (listed && !refused))
                standing.insert(segment.airing);
        }
    }
    for (const Segment& segment : handed.timeline.airings()) {
        if (standing.contains(segment.airing) || !handed.revoked.insert(segment.airing).second)
            continue;
        qCInfo(agentLog).noquote().nospace()
            << "withdrawn station=" << m_station.id.value << " airing=" << segment.airing.value;
        m_player->revoke(id, segment.airing);
    }
}

// Airings that were taken up under an older bundle and are not in this one, nor with the player.
void StationDesk::closeOrphans(const Bundle& bundle)
{
    const auto open = m_notebook.journal().openAirings(m_station.id);
    if (!open) {
        qCWarning(agentLog).noquote().nospace() << "journal-unreadable " << describe(open.error());
        return;
    }
    std::vector<PlannedAiring> orphans;
    for (const PlannedAiring& airing : *open) {
        if (m_handed.contains(airing.session))
            continue;
        const BundleSession* session = findSession(bundle, airing.session);
        const bool stands =
            session && std::any_of(session->airings.begin(), session->airings.end(),
                                   [&](const BundleAiring& planned) { return planned.id == airing.key.airing; });
        // What was due before the switch has been settled, or waits for a clock to be judged by.
        if (!stands && airing.plannedStart >= m_clock.now())
            orphans.push_back(airing);
    }
    m_notebook.closeUnplayed(std::move(orphans), unplayed(u"withdrawn"_s, u"not in bundle %1"_s.arg(bundle.version)));
}

// Planned for between the bundle's issue and its arrival: could not be played.
void StationDesk::closeLate(const Bundle& bundle)
{
    const UtcTime now = m_clock.now();
    std::vector<PlannedAiring> late;
    for (const BundleSession& session : bundle.sessions) {
        for (const BundleAiring& airing : session.airings) {
            const UtcTime start = startOf(session, airing);
            if (start < bundle.issuedAt || start >= now)
                continue;
            for (PlannedAiring& planned : onAllOutputs(bundle, session, airing)) {
                const auto state = m_notebook.journal().state(planned.key);
                if (state && *state == AiringState::None)
                    late.push_back(std::move(planned));
            }
        }
    }
    m_notebook.closeUnplayed(
        std::move(late), unplayed(u"bundle-late"_s, u"bundle %1 came after the planned start"_s.arg(bundle.version)));
}

void StationDesk::settle(const Bundle& bundle, const RunFacts& run)
{
    const UtcTime now = m_clock.now();
    if (m_notebook.isBehind())
        return; // what is not written yet would look as if it had never been taken up
    if (!m_settledUntil) {
        const auto mark = m_notebook.journal().mark(markName());
        if (!mark)
            return;
        // A full disk may have had room for the bundle and not for the mark.
        const bool isUnwritten = m_notebook.journal().unwrittenUntil().has_value();
        m_settledUntil = mark->value_or(isUnwritten ? bundle.issuedAt : now);
    }
    if (now <= *m_settledUntil)
        return;
    Unplayed unplayedAirings;
    bool any = false;
    UtcTime settled = now;
    for (const BundleSession& session : bundle.sessions) {
        if (session.startsAt >= now)
            break;
        if (endOf(session) < *m_settledUntil)
            continue;
        for (const BundleAiring& airing : session.airings) {
            const UtcTime start = startOf(session, airing);
            if (start < *m_settledUntil || start >= now)
                continue;
            // One that the agent can still join is judged when its session is handed over.
            if (!m_over.contains(session.id) && canJoin(session, airing, run)) {
                settled = std::min(settled, start);
                continue;
            }
            any = true;
            for (PlannedAiring& planned : onAllOutputs(bundle, session, airing)) {
                const auto state = m_notebook.journal().state(planned.key);
                if (!state)
                    return;
                if (*state == AiringState::None || (*state == AiringState::Planned && !m_handed.contains(session.id)))
                    unplayedAirings[reasonFor(airing.id, start, run)].push_back(std::move(planned));
            }
        }
    }
    for (auto& [reason, airings] : unplayedAirings)
        m_notebook.closeUnplayed(std::move(airings), unplayed(reason));
    if (any && !m_notebook.isBehind()) {
        if (auto marked = m_notebook.journal().setMark(markName(), settled); !marked)
            return;
    }
    m_settledUntil = settled;
    std::erase_if(m_over, [&](const SessionId& id) {
        const BundleSession* session = findSession(bundle, id);
        return !m_handed.contains(id) && (!session || endOf(*session) < now);
    });
    std::erase_if(m_awaited, [&](const auto& awaited) {
        const BundleSession* session = findSession(bundle, awaited.first);
        return !session || endOf(*session) < now;
    });
}

void StationDesk::handOver(const Bundle& bundle, const BundleSession& session, const RunFacts& run)
{
    const UtcTime now = m_clock.now();
    // What has an outcome or began already is told of; what should have begun before now and cannot be joined will not
    // any more.
    QSet<AiringId> told;
    Unplayed unplayedAirings;
    for (const BundleAiring& airing : session.airings) {
        const UtcTime start = startOf(session, airing);
        const bool isDue = (start >= now || canJoin(session, airing, run)) && !isStopped(airing.id, start);
        for (PlannedAiring& planned : onAllOutputs(bundle, session, airing)) {
            const auto state = m_notebook.journal().state(planned.key);
            if (!state)
                return; // cannot be known yet: try again at the next step
            if (*state == AiringState::Closed || *state == AiringState::Sounding) {
                // What nobody configured was closed when the session was handed over before.
                if (isConfigured(planned.key.output))
                    told.insert(airing.id);
            } else if (!isDue && *state != AiringState::Interrupted)
                unplayedAirings[reasonFor(airing.id, planned.plannedStart, run)].push_back(std::move(planned));
        }
        if (!isDue)
            told.insert(airing.id);
    }
    m_over.insert(session.id);
    wantReferences(bundle);

    const Admission admission = admit(bundle, session, judgeMedia(session, session.airings));
    m_awaited.erase(session.id);
    std::vector<const BundleAiring*> givenUp;
    for (const Refusal& refusal : admission.refusals) {
        if (told.contains(refusal.airing.id))
            continue;
        if (isOfMedia(refusal.reason) && mayStillCome(session, refusal.airing)) {
            await(session, refusal.airing);
            continue;
        }
        m_notebook.closeUnplayed(onAllOutputs(bundle, session, refusal.airing),
                                 unplayed(toString(refusal.reason), refusal.detail));
        if (isOfMedia(refusal.reason))
            givenUp.push_back(&refusal.airing);
    }
    const auto begins = monotonicAt(session.startsAt);
    const SessionTimeline timeline = atVolume(admission.timeline.without(told).softened(), &bundle, begins);
    std::vector<PlannedAiring> planned;
    for (const Segment& segment : timeline.segments()) {
        const auto airing = std::find_if(session.airings.begin(), session.airings.end(),
                                         [&](const BundleAiring& candidate) { return candidate.id == segment.airing; });
        planRow(bundle, session, *airing, planned);
    }
    for (auto& [reason, airings] : unplayedAirings)
        m_notebook.closeUnplayed(std::move(airings), unplayed(reason));
    if (timeline.segments().empty() || planned.empty()) {
        if (m_awaited.contains(session.id))
            m_over.erase(session.id); // nothing of it can sound yet
        return;
    }
    m_awaited.erase(session.id); // what comes now is added to it

    // On disk before the first frame can leave, so that a crash finds what was under way.
    m_notebook.plan(planned);
    m_notebook.checkpoint();
    openRelays(bundle, timeline);
    if (auto accepted = m_player->play(timeline); !accepted) {
        forgetRelays(timeline);
        m_notebook.closeUnplayed(std::move(planned), unplayed(u"player-refused"_s, describe(accepted.error())));
        return;
    }
    qCInfo(agentLog).noquote().nospace() << "session station=" << m_station.id.value << " session=" << session.id.value
                                         << " starts=" << loa::toString(session.startsAt)
                                         << " airings=" << timeline.segments().size();
    m_handed.emplace(session.id, Handed{timeline, {}, {}, {}, {}, false, timeline.endsAt(), {}, begins});
    for (const BundleAiring* airing : givenUp)
        fillFor(bundle, session, *airing);
}

std::optional<UtcTime> StationDesk::nextHandover() const
{
    const auto bundle = m_cache.bundle(m_station.id);
    if (!bundle)
        return std::nullopt;
    const UtcTime now = m_clock.now();
    std::optional<UtcTime> next = nextRelay();
    const auto consider = [&](const std::optional<UtcTime>& due) {
        if (due && (!next || *due < *next))
            next = due;
    };
    for (const auto& [id, handed] : m_handed)
        consider(nextAddition(*bundle, handed, id));
    for (const BundleSession& session : bundle->sessions) {
        if (next && session.startsAt - m_lead >= *next)
            break;
        if (endOf(session) <= now || m_over.contains(session.id))
            continue;
        const auto busy = busyUntil(session);
        consider(busy ? *busy + lookAgain : handoverOf(session));
    }
    return next;
}

StationHealth StationDesk::health() const
{
    StationHealth health;
    health.station = m_station.id;
    health.bundleVersion = m_cache.version(m_station.id);
    if (const auto bundle = m_cache.bundle(m_station.id)) {
        const auto next = std::find_if(bundle->sessions.begin(), bundle->sessions.end(),
                                       [&](const BundleSession& session) { return endOf(session) > m_clock.now(); });
        if (next != bundle->sessions.end())
            health.nextSession = next->startsAt;
    }
    health.player = m_player->state();
    health.outputs = m_player->health();
    for (const auto& monitor : m_proofs.monitors)
        health.monitors.push_back({monitor->name(), monitor->output(), monitor->isOpen()});
    health.silence = m_player->silence();
    health.pulse = m_player->pulse();
    health.relays = m_relayCount;
    return health;
}

std::set<QString> StationDesk::outputs(const Bundle& bundle) const
{
    std::set<QString> names;
    for (const OutputConfig& output : m_station.outputs)
        names.insert(output.name);
    for (const BundleOutput& output : bundle.outputs)
        names.insert(output.name);
    return names;
}

bool StationDesk::isConfigured(const QString& output) const
{
    return std::any_of(m_station.outputs.begin(), m_station.outputs.end(),
                       [&](const OutputConfig& own) { return own.name == output; });
}

std::vector<PlannedAiring> StationDesk::onAllOutputs(const Bundle& bundle, const BundleSession& session,
                                                     const BundleAiring& airing) const
{
    std::vector<PlannedAiring> rows;
    for (const QString& output : outputs(bundle))
        rows.push_back({{airing.id, output},
                        m_station.id,
                        session.id,
                        airing.item,
                        airing.sha256,
                        bundle.version,
                        startOf(session, airing),
                        airing.frames,
                        airing.relay});
    return rows;
}

// It sounds now, and began while the agent was not running, or while an event sounded: see timeline.h.
bool StationDesk::canJoin(const BundleSession& session, const BundleAiring& airing, const RunFacts& run) const
{
    const UtcTime start = startOf(session, airing);
    const UtcTime now = m_clock.now();
    const Cover* cover = coverOf(start);
    const bool wasKept = start < run.startedAt || (cover && cover->canBeJoined);
    return start < now && wasKept && now + toDuration(shortestJoin) <= start + toDuration(airing.frames);
}

QString StationDesk::reasonFor(const AiringId& airing, UtcTime plannedStart, const RunFacts& run) const
{
    if (m_stopped.contains(airing))
        return u"stopped"_s;
    if (const Cover* cover = coverOf(plannedStart))
        return cover->reason;
    if (plannedStart < run.startedAt)
        return u"agent-not-running"_s;
    if (plannedStart >= run.untrustedFrom && plannedStart < run.untrustedUntil)
        return u"clock-untrusted"_s;
    if (plannedStart >= run.jumpedFrom && plannedStart < run.jumpedTo)
        return u"clock-stepped"_s;
    return u"not-started"_s;
}

QString StationDesk::markName() const
{
    return u"settled/"_s + m_station.id.value;
}

} // namespace loa::playout
