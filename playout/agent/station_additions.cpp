// What a newer bundle adds to a session that is with the player already.
#include "playout/agent/log.h"
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

// An addition must be with the player so long before its first frame: what is nearer has been rendered.
constexpr std::chrono::seconds amendLead{2};
// And its media are awaited until then.
constexpr std::chrono::seconds additionGrace{4};

} // namespace

// Airings of the session that the player has not heard of, and still can.
std::vector<BundleAiring> StationDesk::additionsTo(const Bundle& bundle, const Handed& handed,
                                                   const SessionId& id) const
{
    const UtcTime now = timeIn(handed);
    const BundleSession* session = findSession(bundle, id);
    if (!session || session->startsAt != handed.timeline.startsAt() || now + amendLead > handed.timeline.endsAt())
        return {};
    std::vector<BundleAiring> additions;
    for (const BundleAiring& airing : session->airings) {
        if (!handed.timeline.findAiring(airing.id) && !handed.refused.contains(airing.id) &&
            startOf(*session, airing) >= now + amendLead)
            additions.push_back(airing);
    }
    return additions;
}

std::optional<UtcTime> StationDesk::nextAddition(const Bundle& bundle, const Handed& handed, const SessionId& id) const
{
    for (const BundleAiring& airing : additionsTo(bundle, handed, id)) {
        const UtcTime due = handed.timeline.startsAt() + toDuration(airing.offset) - additionGrace;
        if (due > timeIn(handed))
            return due + movedSince(handed);
    }
    return std::nullopt;
}

void StationDesk::takeAdditions(const Bundle& bundle, Handed& handed, const SessionId& id)
{
    const UtcTime now = timeIn(handed);
    std::vector<BundleAiring> additions = additionsTo(bundle, handed, id);
    const BundleSession* session = findSession(bundle, id);
    std::erase_if(additions, [&](const BundleAiring& airing) {
        if (airing.relay.isEmpty() && !m_cache.holds(airing.sha256) && startOf(*session, airing) > now + additionGrace)
            return true; // its media may still come
        const auto isOpen = [&](const PlannedAiring& row) {
            const auto state = m_notebook.journal().state(row.key);
            return state && (*state == AiringState::None || *state == AiringState::Planned);
        };
        const auto rows = onAllOutputs(bundle, *session, airing);
        return !std::all_of(rows.begin(), rows.end(), isOpen);
    });
    if (additions.empty())
        return;

    AdmissionFacts facts = judgeMedia(*session, additions);
    facts.verified.unite(factsOf(handed).verified);
    const Admission admission = admit(bundle, *session, facts);
    std::vector<Segment> airings = handed.timeline.airings();
    std::vector<Segment> pieces = handed.timeline.segments();
    // What was withdrawn and has not begun makes room; what sounds at this moment ends by its own fall.
    const FrameCount soon = toFrames(now - handed.timeline.startsAt() + amendLead);
    const auto isFree = [&](const Segment& one) { return handed.revoked.contains(one.airing) && one.offset >= soon; };
    std::erase_if(airings, isFree);
    std::erase_if(pieces, isFree);
    std::vector<PlannedAiring> planned;
    std::vector<BundleAiring> givenUp;
    for (const BundleAiring& airing : additions) {
        const Segment* admitted = admission.timeline.findAiring(airing.id);
        if (admitted && isStopped(airing.id, startOf(*session, airing))) {
            handed.refused.insert(airing.id);
            m_notebook.closeUnplayed(onAllOutputs(bundle, *session, airing), unplayed(u"stopped"_s));
            continue;
        }
        if (!admitted) {
            handed.refused.insert(airing.id);
            const auto refusal = std::find_if(admission.refusals.begin(), admission.refusals.end(),
                                              [&](const Refusal& one) { return one.airing.id == airing.id; });
            m_notebook.closeUnplayed(onAllOutputs(bundle, *session, airing),
                                     unplayed(toString(refusal->reason), refusal->detail));
            if (isOfMedia(refusal->reason))
                givenUp.push_back(airing);
            continue;
        }
        for (Segment& piece : pieces) { // a withdrawn item that sounds now gives its rest away
            if (handed.revoked.contains(piece.airing) && piece.offset < admitted->offset &&
                admitted->offset < piece.end())
                piece.frames = admitted->offset - piece.offset;
        }
        airings.push_back(*admitted);
        pieces.push_back(*admitted);
        planRow(bundle, *session, airing, planned);
    }
    if (!planned.empty())
        amendWith(bundle, *session, handed, std::move(planned), airings, pieces);
    for (const BundleAiring& airing : givenUp)
        fillFor(bundle, *session, airing);
}

void StationDesk::amendWith(const Bundle& bundle, const BundleSession& session, Handed& handed,
                            std::vector<PlannedAiring> planned, std::vector<Segment> airings,
                            std::vector<Segment> pieces)
{
    const auto byOffset = [](const Segment& a, const Segment& b) { return a.offset < b.offset; };
    std::stable_sort(airings.begin(), airings.end(), byOffset);
    std::stable_sort(pieces.begin(), pieces.end(), byOffset);
    for (Segment& piece : pieces)
        piece.fadeIn = piece.fadeOut = {};
    const SessionTimeline whole(m_station.id, session.id, bundle.version, session.startsAt, {});
    Handed amended = handed;
    amended.timeline = whole.withPieces(airings, pieces).softened();
    const SessionTimeline played = asPlayed(amended, &bundle);
    m_notebook.plan(planned);
    if (auto accepted = m_player->amend(played); !accepted) {
        for (const PlannedAiring& row : planned)
            handed.refused.insert(row.key.airing);
        m_notebook.closeUnplayed(std::move(planned), unplayed(u"player-refused"_s, describe(accepted.error())));
        return;
    }
    qCInfo(agentLog).noquote().nospace() << "session-amended station=" << m_station.id.value
                                         << " session=" << session.id.value << " bundle=" << bundle.version
                                         << " airings=" << played.airings().size();
    handed.timeline = amended.timeline;
    handed.until = played.endsAt();
}

// One row for each configured output; the others are told of at once.
void StationDesk::planRow(const Bundle& bundle, const BundleSession& session, const BundleAiring& airing,
                          std::vector<PlannedAiring>& planned)
{
    std::vector<PlannedAiring> unbound;
    for (PlannedAiring& row : onAllOutputs(bundle, session, airing)) {
        auto& rows = isConfigured(row.key.output) ? planned : unbound;
        rows.push_back(std::move(row));
    }
    m_notebook.closeUnplayed(std::move(unbound), unplayed(u"output-not-configured"_s));
}

} // namespace loa::playout
