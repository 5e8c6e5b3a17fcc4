// One station's sessions: hands each to the player in time, after judging every airing of it; sees to it that every
// planned airing gets its one entry, whatever happened; and follows a new bundle in mid-session. See agent.h for the
// rules. Thread: the agent's. Ownership: owns its player, borrows the rest. Failure: becomes a "missed" entry with the
// reason.
#pragma once

#include "playout/agent/agent.h"
#include "playout/agent/notebook.h"
#include "playout/agent/revocable_sources.h"
#include "playout/journal/delivery_inbox.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace loa::playout {

// Since when the agent runs, and when it last could not trust its clock, all in today's time of day.
struct RunFacts {
    UtcTime startedAt;
    UtcTime untrustedFrom;
    UtcTime untrustedUntil; // not after untrustedFrom: never
    UtcTime jumpedFrom;     // instants that a step of the clock passed over
    UtcTime jumpedTo;       // not after jumpedFrom: none
};

class StationDesk {
public:
    StationDesk(AgentStation station, std::chrono::seconds lead, const Clock& clock, Cache& cache, Notebook& notebook,
                RevocableSources& sources, std::unique_ptr<Player> player);

    [[nodiscard]] const StationId& station() const { return m_station.id; }

    // The clock is trusted: closes what passed unplayed, hands over what is due.
    void step(const RunFacts& run);
    // Before the cache changes its bundle, with a trusted clock: closes what passed under the old one.
    void beforeSwitch(const RunFacts& run);
    // The cache has a new bundle. `trusted` false: times are not judged, running sessions are.
    void afterSwitch(bool trusted);
    // The clock is not trusted any more, or was stepped: what has not begun is taken back from the player.
    void holdBack();
    void stop() { m_player->stop(); }

    void delivered(const AiringBegan& delivery);
    void delivered(const AiringProgressed& delivery);
    void delivered(const AiringEnded& delivery);
    void delivered(const SessionEnded& delivery);
    void delivered(const OutputEvent& event);

    // When a session must be handed over next; none: not before the next bundle.
    [[nodiscard]] std::optional<UtcTime> nextHandover() const;
    [[nodiscard]] bool isBusy() const { return !m_handed.empty(); }
    // A file failed its check: it should be fetched again.
    [[nodiscard]] bool takeMediaLost() { return std::exchange(m_mediaLost, false); }
    [[nodiscard]] StationHealth health() const;

private:
    [[nodiscard]] QString silenceSubject() const;
    struct Handed {
        SessionTimeline timeline;
        std::set<AiringId> revoked;
        std::set<AiringId> refused; // added by a newer bundle, and told of as missed
    };
    using Unplayed = std::map<QString, std::vector<PlannedAiring>>; // by reason

    void handOver(const Bundle& bundle, const BundleSession& session, const RunFacts& run);
    [[nodiscard]] bool waitsForMedia(const BundleSession& session) const;
    [[nodiscard]] AdmissionFacts judgeMedia(const BundleSession& session);
    void settle(const Bundle& bundle, const RunFacts& run);
    void followRunning(const Bundle& bundle, Handed& handed, const SessionId& id);
    [[nodiscard]] bool standsUnchanged(const Bundle& bundle, const Handed& handed, const SessionId& id) const;
    [[nodiscard]] AdmissionFacts factsOf(const Handed& handed) const;
    [[nodiscard]] std::vector<BundleAiring> additionsTo(const Bundle& bundle, const Handed& handed,
                                                        const SessionId& id) const;
    [[nodiscard]] std::optional<UtcTime> nextAddition(const Bundle& bundle, const Handed& handed,
                                                      const SessionId& id) const;
    void takeAdditions(const Bundle& bundle, Handed& handed, const SessionId& id);
    void planRow(const Bundle& bundle, const BundleSession& session, const BundleAiring& airing,
                 std::vector<PlannedAiring>& planned);
    [[nodiscard]] SessionTimeline atVolume(const SessionTimeline& timeline, const Bundle& bundle) const;
    void closeOrphans(const Bundle& bundle);
    void closeLate(const Bundle& bundle);
    [[nodiscard]] std::vector<PlannedAiring> onAllOutputs(const Bundle& bundle, const BundleSession& session,
                                                          const BundleAiring& airing) const;
    [[nodiscard]] std::set<QString> outputs(const Bundle& bundle) const;
    [[nodiscard]] bool canJoin(const BundleSession& session, const BundleAiring& airing, const RunFacts& run) const;
    [[nodiscard]] QString reasonFor(UtcTime plannedStart, const RunFacts& run) const;
    [[nodiscard]] QString markName() const;

    AgentStation m_station;
    std::chrono::seconds m_lead;
    const Clock& m_clock;
    Cache& m_cache;
    Notebook& m_notebook;
    RevocableSources& m_sources;
    std::map<SessionId, Handed> m_handed; // with the player
    std::set<SessionId> m_over;           // handed over once; not again
    std::optional<UtcTime> m_settledUntil;
    bool m_mediaLost = false;
    std::unique_ptr<Player> m_player; // last: gone before what its threads use
};

} // namespace loa::playout
