// The files of a session: which are here and whole, and which may still come. One that comes after its session was
// handed over is taken up as an addition (station_additions.cpp).
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

// A file may come until so long before what first needs it.
constexpr std::chrono::seconds mediaGrace{2};

} // namespace

bool StationDesk::waitsForMedia(const BundleSession& session) const
{
    const UtcTime now = m_clock.now();
    if (const auto awaited = m_awaited.find(session.id); awaited != m_awaited.end()) {
        const auto& [media, until] = awaited->second;
        return now < until &&
               std::none_of(media.begin(), media.end(), [&](const Sha256& hash) { return m_cache.holds(hash); });
    }
    return now < session.startsAt - mediaGrace &&
           std::any_of(session.airings.begin(), session.airings.end(), [&](const BundleAiring& airing) {
               return airing.relay.isEmpty() && !m_cache.holds(airing.sha256);
           });
}

UtcTime StationDesk::handoverOf(const BundleSession& session) const
{
    if (const auto awaited = m_awaited.find(session.id); awaited != m_awaited.end())
        return awaited->second.until;
    const bool waits = m_clock.now() >= session.startsAt - m_lead && waitsForMedia(session);
    return session.startsAt - (waits ? mediaGrace : m_lead);
}

bool StationDesk::mayStillCome(const BundleSession& session, const BundleAiring& airing) const
{
    return airing.relay.isEmpty() && !m_cache.holds(airing.sha256) &&
           startOf(session, airing) > m_clock.now() + mediaGrace;
}

void StationDesk::await(const BundleSession& session, const BundleAiring& airing)
{
    const UtcTime until = startOf(session, airing) - mediaGrace;
    const auto [awaited, isFirst] = m_awaited.try_emplace(session.id, Awaited{{}, until});
    awaited->second.media.insert(airing.sha256);
    awaited->second.until = std::min(awaited->second.until, until);
}

// All of it that the player had is over; what still waits for its file is judged as what is left of a session.
void StationDesk::handOverTheRest(const SessionId& id)
{
    const auto bundle = m_cache.bundle(m_station.id);
    const BundleSession* session = bundle ? findSession(*bundle, id) : nullptr;
    if (!session)
        return;
    const bool isLeft = std::any_of(session->airings.begin(), session->airings.end(), [&](const BundleAiring& airing) {
        const auto rows = onAllOutputs(*bundle, *session, airing);
        return startOf(*session, airing) > m_clock.now() + mediaGrace &&
               std::any_of(rows.begin(), rows.end(), [&](const PlannedAiring& row) {
                   const auto state = m_notebook.journal().state(row.key);
                   return state && *state == AiringState::None;
               });
    });
    if (isLeft)
        m_over.erase(id);
}

AdmissionFacts StationDesk::judgeMedia(const BundleSession& session, std::span<const BundleAiring> airings)
{
    AdmissionFacts facts;
    facts.station = m_station.id;
    facts.clock = m_notebook.clockState();
    for (const BundleAiring& airing : airings) {
        if (!airing.relay.isEmpty() || facts.verified.contains(airing.sha256) || facts.altered.contains(airing.sha256))
            continue;
        if (startOf(session, airing) + toDuration(airing.frames) <= m_clock.now())
            continue;
        const auto path = m_cache.verifiedPath(airing.sha256);
        if (path) {
            facts.verified.insert(airing.sha256);
            m_altered.erase(airing.sha256);
            continue;
        }
        m_mediaLost = true;
        if (path.error().category == ErrorCategory::InvalidInput) {
            m_altered.insert(airing.sha256);
            m_notebook.event(m_station.id, u"media-refused"_s, describe(path.error()));
        }
        // Until a whole one comes, that is what is wrong with it.
        if (m_altered.contains(airing.sha256))
            facts.altered.insert(airing.sha256);
    }
    return facts;
}

} // namespace loa::playout
