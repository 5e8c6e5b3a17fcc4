// One station's sessions: hands each to the player in time, after judging every airing of it; sees to it that every
// planned airing gets its one entry, whatever happened; and follows a new bundle in mid-session. See agent.h for the
// rules. What commands let sound between and inside sessions is in station_events.cpp. Thread: the agent's. Ownership:
// owns its player, borrows the rest. Failure: becomes a "missed" entry with the reason.
#pragma once

#include "playout/agent/agent.h"
#include "playout/agent/notebook.h"
#include "playout/journal/delivery_inbox.h"
#include "playout/timeline/preemption.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>

namespace loa::playout {

// Since when the agent runs, and when it last could not trust its clock, all in today's time of day.
struct RunFacts {
    UtcTime startedAt;
    UtcTime untrustedFrom;
    UtcTime untrustedUntil; // not after untrustedFrom: never
    UtcTime jumpedFrom;     // instants that a step of the clock passed over
    UtcTime jumpedTo;       // not after jumpedFrom: none
};

// A volume that a command ordered, in place of the station's own and of what was ordered before.
struct OrderedVolume {
    double gainDb = 0.0;
    std::chrono::nanoseconds from{0}; // monotonic
    UtcTime until;
};

// What measures the station's airings; all may be empty.
struct StationProofs {
    StationProof* mix = nullptr;
    std::function<void(const Sha256&)> wantReference = {};
    FindReference findReference = {};
    std::vector<std::unique_ptr<Monitor>> monitors = {};
};

class StationDesk {
public:
    // What became of an airing on one output: null when it has begun, its end otherwise.
    using Told = std::function<void(const AiringId&, const AiringEnd*)>;

    StationDesk(AgentStation station, std::chrono::seconds lead, const Clock& clock, Cache& cache, Notebook& notebook,
                RelayService* relays, std::unique_ptr<Player> player, StationProofs proofs);

    [[nodiscard]] const StationId& station() const { return m_station.id; }

    // The clock is trusted: closes what passed unplayed, hands over what is due.
    void step(const RunFacts& run);
    // Before the cache changes its bundle, with a trusted clock: closes what passed under the old one.
    void beforeSwitch(const RunFacts& run);
    // The cache has a new bundle. `trusted` false: times are not judged, running sessions are.
    void afterSwitch(bool trusted);
    // The clock is not trusted any more, or was stepped, or the agent stops: what has not begun is taken back from the
    // player.
    void holdBack();
    void stop() { m_player->stop(); }
    void beginStop()
    {
        m_isStopping = true;
        m_player->beginStop();
    }

    // By order, at any time, with a trusted clock or without. `wanted.at` is not looked at.
    // Lets an event sound as soon as its turn comes: in the session that runs, else in one of its own, named `name`.
    // Its media must have been verified. The instant at which it is to begin. Errors, with the log's word in `where`:
    // Forbidden ("outside-hours"), Conflict ("player-refused"); nothing is heard or written then.
    [[nodiscard]] Result<UtcTime> playNow(LiveEvent wanted, const SessionId& name);
    // Goes on, at the live frame, with an event that began at `began` in an earlier run of the agent, in a session of
    // its own named `name`. False: too little of it is left, or it may not sound now.
    [[nodiscard]] bool joinEvent(LiveEvent wanted, const SessionId& name, UtcTime began);
    // What sounds falls silent, and what of the plan would begin before `until` does not. How much sounded or was with
    // the player.
    int silence(UtcTime until);
    // The same for one airing, wherever it is; `reason` for the log. False: it is over, or nobody knows it.
    bool silence(const AiringId& airing, const QString& reason = QStringLiteral("stopped"));
    // What sounds glides to it, a second from now.
    void setVolume(double gainDb, UtcTime until);
    [[nodiscard]] const AgentStation& settings() const { return m_station; }
    void setTold(Told told) { m_told = std::move(told); }

    void delivered(const AiringBegan& delivery);
    void delivered(const AiringProgressed& delivery);
    void delivered(const AiringEnded& delivery);
    void delivered(const SessionEnded& delivery);
    void delivered(const OutputEvent& event);
    // To a relay of this station; others are ignored.
    void happened(const RelayEvent& event);

    // When a session must be handed over next; none: not before the next bundle.
    [[nodiscard]] std::optional<UtcTime> nextHandover() const;
    [[nodiscard]] bool isBusy() const { return !m_handed.empty(); }
    // A file failed its check: it should be fetched again.
    [[nodiscard]] bool takeMediaLost() { return std::exchange(m_mediaLost, false); }
    [[nodiscard]] StationHealth health() const;

private:
    [[nodiscard]] QString silenceSubject() const;
    struct StandIn {
        AiringId instead;
        QString why; // for the log
    };
    struct Handed {
        SessionTimeline timeline;
        std::set<AiringId> revoked;
        std::set<AiringId> refused;        // added by a newer bundle, and told of as missed
        std::map<AiringId, QString> ended; // by order, and the log's word for it
        std::vector<LiveEvent> events;
        bool isOwn = false;                        // made for events: no bundle knows it
        UtcTime until;                             // when all of it is over
        std::map<AiringId, StandIn> standIns = {}; // by their own name
        // What sounds by somebody's order is not taken back.
        [[nodiscard]] bool hasOrders() const
        {
            return std::any_of(events.begin(), events.end(),
                               [&](const LiveEvent& event) { return !standIns.contains(event.airing); });
        }
        std::chrono::nanoseconds begins{0}; // its frame 0, on the monotonic clock
    };
    // Instants at which what should have begun did not, because of `reason`.
    struct Cover {
        UtcTime from;
        UtcTime until;
        QString reason;
        bool canBeJoined = false; // what began under it is entered where it is by then
        SessionId event;          // the session that made it; empty: an order
    };
    // Files without which nothing of a session can sound yet; it is judged again when one comes, and then.
    struct Awaited {
        std::set<Sha256> media;
        UtcTime until;
    };
    using Unplayed = std::map<QString, std::vector<PlannedAiring>>; // by reason

    void handOver(const Bundle& bundle, const BundleSession& session, const RunFacts& run);
    // Files: see station_media.cpp.
    [[nodiscard]] bool waitsForMedia(const BundleSession& session) const;
    [[nodiscard]] UtcTime handoverOf(const BundleSession& session) const;
    [[nodiscard]] bool mayStillCome(const BundleSession& session, const BundleAiring& airing) const;
    void await(const BundleSession& session, const BundleAiring& airing);
    void forgetWithdrawn(const Handed& handed);
    void handOverTheRest(const SessionId& id);
    // Of these airings of the session: hashes what is here.
    [[nodiscard]] AdmissionFacts judgeMedia(const BundleSession& session, std::span<const BundleAiring> airings);
    void settle(const Bundle& bundle, const RunFacts& run);
    void followRunning(const Bundle& bundle, Handed& handed, const SessionId& id);
    [[nodiscard]] bool standsUnchanged(const Bundle& bundle, const Handed& handed, const SessionId& id) const;
    [[nodiscard]] AdmissionFacts factsOf(const Handed& handed) const;
    [[nodiscard]] std::vector<BundleAiring> additionsTo(const Bundle& bundle, const Handed& handed,
                                                        const SessionId& id) const;
    [[nodiscard]] std::optional<UtcTime> nextAddition(const Bundle& bundle, const Handed& handed,
                                                      const SessionId& id) const;
    void takeAdditions(const Bundle& bundle, Handed& handed, const SessionId& id);
    void amendWith(const Bundle& bundle, const BundleSession& session, Handed& handed,
                   std::vector<PlannedAiring> planned, std::vector<Segment> airings, std::vector<Segment> pieces);
    void planRow(const Bundle& bundle, const BundleSession& session, const BundleAiring& airing,
                 std::vector<PlannedAiring>& planned);
    [[nodiscard]] SessionTimeline atVolume(const SessionTimeline& timeline, const Bundle* bundle,
                                           std::chrono::nanoseconds begins) const;
    // The plan with its events, as the player is to have it.
    [[nodiscard]] SessionTimeline asPlayed(const Handed& handed, const Bundle* bundle) const;
    // A session that is with the player goes on by the time of day that was then, whoever sets the clock meanwhile: the
    // instant that it is in it; and what must be added to its instants to have those of now.
    [[nodiscard]] UtcTime timeIn(const Handed& handed) const;
    [[nodiscard]] Duration movedSince(const Handed& handed) const { return m_clock.now() - timeIn(handed); }
    [[nodiscard]] std::chrono::nanoseconds monotonicAt(UtcTime instant) const;
    [[nodiscard]] std::map<SessionId, Handed>::iterator hostIn(Duration lead);
    void dropOutsideHours(Handed& handed, const Bundle* bundle);
    bool clearTheWay(const SessionId& host, UtcTime from, UtcTime until);
    [[nodiscard]] std::vector<PlannedAiring> rowsOf(const LiveEvent& event, const SessionTimeline& played,
                                                    const Bundle* bundle) const;
    bool endByOrder(Handed& handed, const AiringId& airing, const QString& reason);
    void amendByOrder(const SessionId& id, Handed& handed);
    void coverBy(const SessionId& id, const Handed& handed);
    [[nodiscard]] std::optional<UtcTime> busyUntil(const BundleSession& session) const;
    [[nodiscard]] const Cover* coverOf(UtcTime start) const;
    [[nodiscard]] bool isStopped(const AiringId& airing, UtcTime start) const;
    void close(const AiringKey& key, const AiringEnd& end);
    [[nodiscard]] std::chrono::milliseconds ownLead() const;
    // Silence: see station_silence.cpp.
    void heedSilence(const Bundle& bundle);
    [[nodiscard]] bool isOwnSilence(const Segment& segment, FrameCount at) const;
    bool endSilentEvent(const SessionId& id, const AiringId& airing);
    bool standIn(const Bundle& bundle, const SessionId& id, const Segment& silent);
    [[nodiscard]] std::vector<LiveEvent> standInsFor(const Bundle& bundle, const AiringId& instead,
                                                     const Sha256& without, FrameCount left);
    void fillFor(const Bundle& bundle, const BundleSession& session, const BundleAiring& missing);
    // Relays: see station_relays.cpp.
    void openRelays(const Bundle& bundle, const SessionTimeline& timeline);
    void forgetRelays(const SessionTimeline& timeline);
    [[nodiscard]] std::optional<UtcTime> nextRelay() const;
    [[nodiscard]] std::vector<RelayShare> sharesOf(const AiringRecord& record) const;
    void closeStandby(const AiringRecord& record);
    void count(const RelayEvent& event);
    [[nodiscard]] std::optional<RelayStandby> standbyOf(const Bundle& bundle, const BundleRelay& relay) const;
    void seekStandby(const Bundle& bundle, const SessionTimeline& timeline, const Segment& airing);
    void closeOrphans(const Bundle& bundle);
    void closeLate(const Bundle& bundle);
    [[nodiscard]] bool isConfigured(const QString& output) const;
    [[nodiscard]] std::vector<PlannedAiring> onAllOutputs(const Bundle& bundle, const BundleSession& session,
                                                          const BundleAiring& airing) const;
    [[nodiscard]] std::set<QString> outputs(const Bundle& bundle) const;
    [[nodiscard]] bool canJoin(const BundleSession& session, const BundleAiring& airing, const RunFacts& run) const;
    [[nodiscard]] QString reasonFor(const AiringId& airing, UtcTime plannedStart, const RunFacts& run) const;
    [[nodiscard]] QString markName() const;
    void wantReferences(const Bundle& bundle) const;
    void askMonitors(const AiringRecord& record);
    void takeMonitorNews();

    AgentStation m_station;
    std::chrono::seconds m_lead;
    const Clock& m_clock;
    Cache& m_cache;
    Notebook& m_notebook;
    RelayService* m_relays;                           // null: relays need no opening
    std::map<AiringId, RelayPlan> m_openRelays;       // prepared
    std::set<AiringId> m_standbyLacks;                // told of: nothing stands by for them
    std::set<std::pair<AiringId, int>> m_failedLines; // addresses that have not opened since
    RelayCount m_relayCount;
    std::map<SessionId, Handed> m_handed; // with the player
    std::set<SessionId> m_over;           // handed over once; not again
    std::optional<UtcTime> m_settledUntil;
    std::map<SessionId, Awaited> m_awaited;
    std::set<Sha256> m_altered; // found so, and not replaced yet
    bool m_mediaLost = false;
    bool m_isStopping = false; // what has not begun is left for the next run
    std::vector<Cover> m_covers;
    std::set<AiringId> m_stopped;         // by order, before they began
    std::vector<OrderedVolume> m_volumes; // in the order in which they were given
    AiringId m_unanswered;                // silent, and nothing could stand in
    Told m_told;
    StationProofs m_proofs;
    std::unique_ptr<Player> m_player; // last: gone before what its threads use
};

} // namespace loa::playout
