// The airing log on disk (SQLite, WAL, synchronous FULL): what is planned, what sounds now, and the chain of signed
// entries that can no longer change. An entry exists when its transaction is durable, and not before; its sequence
// follows the last one without a gap. Between hold() and release() transactions wait for the disk together.
//
// Each airing on each output passes once through planned -> sounding -> closed, and closing writes its one entry. What
// a crash leaves open, recover() closes with no more than the last checkpoint proves:
//   sounding                                 partial, frames of the last checkpoint      "interrupted"
//   planned, may have begun unrecorded       unknown                                     "interrupted"
//   planned for when the agent surely was gone, and over by now  missed                  "agent-not-running"
//   planned for later, or not over yet       stays planned
// An airing that was interrupted and is not over can be planned again (the agent joins it in its middle): it then gets
// another entry for what sounds from there on, which counts nothing of what the first one claims. When nothing sounds
// from there on, there is none: "missed" would contradict the first.
//
// Thread: the one that opened it (a QSqlDatabase connection). Errors are Storage; the journal stays usable and the call
// can be made again.
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/contract/signature.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace loa::playout {

struct AiringKey {
    AiringId airing;
    QString output;
    bool operator==(const AiringKey&) const = default;
    bool operator<(const AiringKey& other) const
    {
        return std::tie(airing.value, output) < std::tie(other.airing.value, other.output);
    }
};

// What the plan asks of one output.
struct PlannedAiring {
    AiringKey key;
    StationId station;
    SessionId session;
    ItemId item;
    Sha256 sha256;
    std::int64_t bundleVersion = 0;
    UtcTime plannedStart;
    FrameCount plannedFrames;
    RelayId relay = {}; // of a relay, which has no item
};

enum class AiringState {
    None,
    Planned,
    Sounding,
    Closed,
    Interrupted, // closed by recover(), and may be planned again
};

// What came of it; made from delivered frames.
struct AiringEnd {
    Outcome outcome = Outcome::Unknown;
    FrameCount frames;
    int gaps = 0;
    std::optional<UtcTime> firstFrameAt;
    std::optional<UtcTime> lastFrameAt;
    QString reason;
    QString detail;
    std::optional<MixProof> mix = {};
    std::vector<RelayShare> shares = {}; // of a relay
};

// So many frames were delivered, the last at `lastFrameAt`; of a relay, what filled them.
struct AiringCheckpoint {
    FrameCount frames;
    int gaps = 0;
    UtcTime lastFrameAt;
    std::vector<RelayShare> shares = {};
};

// Written into every entry.
struct Stamp {
    UtcTime now;
    ClockState clock = ClockState::Untrusted;
};

struct JournalSettings {
    QString path;
    AgentId agent;
    // How far behind the last checkpoint a crash may lie: an airing planned later than that was surely not begun.
    std::chrono::seconds checkpointSlack{10};
    // Acknowledged entries older than this may be removed by prune(). 0: kept for ever.
    std::chrono::days retention{0};
    // False in simulations alone: a power cut may then lose the last entries.
    bool durable = true;
    // Nobody else may read it meanwhile. It then needs no shared memory beside it, for which a full disk has no room.
    bool isAlone = false;
};

struct JournalStanding {
    std::int64_t lastSequence = 0;
    std::int64_t acknowledged = 0;
    std::int64_t open = 0; // planned or sounding
};

struct Recovery {
    int partial = 0;
    int unknown = 0;
    int missed = 0;
};

class Journal {
public:
    // Creates the file (0600) or migrates it. Errors: Storage; Conflict when it is another agent's or key's log. `key`
    // outlives the journal.
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const JournalSettings& settings, const SigningKey& key);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // Opens rows, all or none. One that is planned already takes the new details, one that was interrupted begins anew;
    // one that began or is closed stays as it is.
    [[nodiscard]] Result<void> plan(const std::vector<PlannedAiring>& airings);
    // The first frame left. No effect on a closed airing.
    [[nodiscard]] Result<void> begin(const AiringKey& key, UtcTime firstFrameAt);
    // Never lowers the count.
    [[nodiscard]] Result<void> progress(const AiringKey& key, const AiringCheckpoint& checkpoint);
    // progress() of all of them, and alive(), in one transaction.
    [[nodiscard]] Result<void> checkpoint(const std::map<AiringKey, AiringCheckpoint>& airings, UtcTime now);
    // Writes the entry. True when it is closed by that, false when it was closed already. Error NotFound: never
    // planned.
    [[nodiscard]] Result<bool> close(const AiringKey& key, const AiringEnd& end, const Stamp& stamp);
    // plan() and close() in one transaction, for airings that never began.
    [[nodiscard]] Result<int> closeUnplayed(const std::vector<PlannedAiring>& airings, const AiringEnd& end,
                                            const Stamp& stamp);
    // `station` empty: of the agent itself.
    [[nodiscard]] Result<void> event(const StationId& station, const QString& reason, const QString& detail,
                                     const Stamp& stamp);
    // What a monitor says of an airing, as an event of its own: it is known later than the airing's entry is due.
    [[nodiscard]] Result<void> heard(const StationId& station, const HeardProof& proof, const Stamp& stamp);
    // The agent runs and its clock is trusted: recover() measures from here.
    [[nodiscard]] Result<void> alive(UtcTime now);

    // Once after opening, with a trusted clock (otherwise times mean nothing: wait). See above.
    [[nodiscard]] Result<Recovery> recover(const Stamp& stamp);
    // Takes over what another identity's journal knows of a station: what was aired, what is open, up to where it is
    // settled. Before recover(), which then closes here what that one left open; its entries stay there. Durable here
    // before anything is removed there, and done once: called again after a power cut between the two, it finishes.
    // True: it was done now, with the event "journal-inherited".
    [[nodiscard]] Result<bool> inherit(Journal& from, const StationId& station, const Stamp& stamp);
    [[nodiscard]] Result<bool> hasInherited(const AgentId& from) const;
    // The record of what was before is beyond reading (`what`: which; told once): what should have sounded until `now`
    // is not called missed from here on but unknown, "records-lost".
    [[nodiscard]] Result<void> lost(const QString& what, UtcTime now);
    // What happened until `now` could not be written; said by the time of a file beside the journal, which takes no
    // room on a disk, so that whoever opens it next knows. What should have sounded until then and has no entry is not
    // called missed from there on but unknown, "records-lost". Not waited for.
    void unwritten(UtcTime now);
    // Until when that was so in an earlier run.
    [[nodiscard]] std::optional<UtcTime> unwrittenUntil() const { return m_unwrittenUntil; }
    [[nodiscard]] const AgentId& agent() const { return m_settings.agent; }

    // From here to release() what is written is on the disk after release() alone, by one wait for all of it; what a
    // power cut takes before is the latest of it, never the middle. entries() waits first. Release on failure: still
    // held, may be tried again.
    void hold();
    [[nodiscard]] Result<void> release();

    // Rows planned or sounding, by planned start.
    [[nodiscard]] Result<std::vector<PlannedAiring>> openAirings(const StationId& station) const;
    [[nodiscard]] Result<AiringState> state(const AiringKey& key) const;
    // As it was planned last. Error: NotFound.
    [[nodiscard]] Result<PlannedAiring> planned(const AiringKey& key) const;

    // A durable value by name, for the agent's own marks ("settled-until/<station>").
    [[nodiscard]] Result<std::optional<UtcTime>> mark(const QString& name) const;
    [[nodiscard]] Result<void> setMark(const QString& name, UtcTime value);

    [[nodiscard]] JournalStanding standing() const;
    // Entries from `first` on, at most `limit`.
    [[nodiscard]] Result<std::vector<SignedLogEntry>> entries(std::int64_t first, int limit) const;
    // The scheduler holds everything up to `through`; durable with the next entry. Lower than known: no effect. Error:
    // Conflict when it is more than was written.
    [[nodiscard]] Result<void> acknowledge(std::int64_t through);
    // Removes acknowledged entries past their retention; the last one always stays. Number removed.
    [[nodiscard]] Result<int> prune(UtcTime now);

private:
    struct Connection;
    Journal(JournalSettings settings, const SigningKey& key, std::unique_ptr<Connection> connection);

    struct Transaction;
    [[nodiscard]] Result<void> migrate();
    [[nodiscard]] Result<void> readState();
    void readUnwritten();
    [[nodiscard]] QByteArray unwrittenPath() const;
    [[nodiscard]] Result<bool> closeRow(Transaction& transaction, const AiringKey& key, const AiringEnd& end,
                                        const Stamp& stamp);
    [[nodiscard]] Result<void> append(Transaction& transaction, LogEntry entry, const Stamp& stamp);
    // As a transaction of its own.
    [[nodiscard]] Result<void> appendAlone(LogEntry entry, const Stamp& stamp);

    JournalSettings m_settings;
    const SigningKey& m_key;
    std::unique_ptr<Connection> m_connection;
    JournalStanding m_standing;
    std::optional<UtcTime> m_lostBefore;
    std::optional<UtcTime> m_unwrittenUntil;
    Sha256 m_lastHash;
};

} // namespace loa::playout
