// The airing log (nhật ký phát sóng): what an agent writes down, in the form in which it is chained, signed and sent.
// An entry about an airing is made from frames delivered to one output, never from the plan (promise 3). Values, any
// thread.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/relay.h"
#include "scheduler/contract/signature.h"
#include "scheduler/contract/time.h"

#include <QJsonObject>
#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace loa {

enum class Outcome {
    Complete, // every frame was delivered to the output
    Partial,  // some were; `frames` claims no more than is certain
    Missed,   // none was
    Unknown,  // the record of it was lost; nothing is claimed
};
[[nodiscard]] QString toString(Outcome outcome); // "complete", …
[[nodiscard]] Result<Outcome> outcomeFromString(QStringView text);

// How far the agent could trust its clock when it wrote the entry (promise 9).
enum class ClockState {
    Synchronised, // the kernel says so
    Assumed,      // configuration says "trust", it was synchronised until the network went, or the scheduler agrees
    Held,         // it went on by the board's battery clock while the power was gone, within bounds
    Untrusted,
};
[[nodiscard]] QString toString(ClockState state);
[[nodiscard]] Result<ClockState> clockStateFromString(QStringView text);

enum class EntryKind {
    Airing, // an item on one output
    Event,  // something that an inspector will ask about: start, stop, clock, bundle taken or refused, device lost
};

// What left the mix of the station in the airing's place, measured as it left: one mix feeds all outputs, so the
// entries of an airing on several outputs say the same here, while frames and gaps are each output's own. Whole
// numbers, since what is signed holds no fractions.
struct MixProof {
    FrameCount frames;           // of the mix that were measured
    std::optional<int> match;    // 0 … 1000: how like the item's verified file; absent: nothing to recognise it by
    std::optional<int> loudness; // EBU R128 integrated, hundredths of a LUFS; absent: too short or too quiet

    bool operator==(const MixProof&) const = default;
};

// Whether a monitor input (a listener's stream, a microphone at a loudspeaker) heard it.
enum class Heard {
    Yes,
    No,      // it surely would have been heard, and was not
    Unknown, // neither can be said
};
[[nodiscard]] QString toString(Heard heard); // "yes", "no", "unknown"
[[nodiscard]] Result<Heard> heardFromString(QStringView text);

// What a monitor says of an airing, known some seconds after it: an event of its own, "heard".
struct HeardProof {
    AiringId airing;
    SessionId session;
    ItemId item;
    Sha256 sha256;
    QString output; // that the monitor listens to
    UtcTime plannedStart;
    Heard result = Heard::Unknown;
    FrameCount frames;                              // of the item that were compared
    std::optional<int> match;                       // 0 … 1000; absent: nothing was received to compare
    std::optional<std::chrono::milliseconds> delay; // from the mix to the monitor; absent: not found

    bool operator==(const HeardProof&) const = default;
};

struct LogEntry {
    AgentId agent;
    std::int64_t sequence = 0; // from 1, without gaps
    Sha256 previous;           // hash of the entry before; of chainStart() for the first
    UtcTime recordedAt;
    ClockState clock = ClockState::Untrusted;
    StationId station; // empty for events of the agent itself
    EntryKind kind = EntryKind::Airing;

    // kind == Airing
    AiringId airing;
    SessionId session;
    ItemId item;
    Sha256 sha256;
    QString output;
    std::int64_t bundleVersion = 0;
    UtcTime plannedStart;
    FrameCount plannedFrames;
    std::optional<UtcTime> firstFrameAt; // when it left for the output; absent when none did
    std::optional<UtcTime> lastFrameAt;
    FrameCount frames; // delivered
    int gaps = 0;      // breaks between first and last frame
    Outcome outcome = Outcome::Unknown;
    // Of a relay: its source, whose approved definition `sha256` names; it has no item. Then how many of `frames` each
    // of its sources filled, those with none left out; together they may be fewer (a crash), never more.
    RelayId relay = {};
    std::vector<RelayShare> shares = {};
    std::optional<MixProof> mix; // absent: not measured, as in all entries before there was such a measure

    // kind == Event
    std::optional<HeardProof> heard; // with reason "heard"

    // Both kinds: why, or what happened. `reason` is a word for programs ("output-hung", "power-cut",
    // "bundle-refused"), `detail` for people.
    QString reason;
    QString detail;

    bool operator==(const LogEntry&) const = default;
};

// The planned start of the airing that an entry tells of, its own or the one that was heard; none for other events.
[[nodiscard]] std::optional<UtcTime> plannedStartOf(const LogEntry& entry);

struct SignedLogEntry {
    LogEntry entry;
    Sha256 hash; // SHA-256 of domain::logEntry, line feed, canonical JSON of the entry
    Signature signature{};

    bool operator==(const SignedLogEntry&) const = default;
};

// What the first entry of an agent's log names as `previous`: bound to the agent's key, so that no log can be grafted
// on another.
[[nodiscard]] Sha256 chainStart(const VerifyKey& agentKey);

// Error: InvalidInput when the entry cannot be written canonically.
[[nodiscard]] Result<SignedLogEntry> signEntry(const LogEntry& entry, const SigningKey& key);

// Hash and signature hold for the entry. Error: Unauthorized with the sequence in `where`.
[[nodiscard]] Result<void> verifyEntry(const SignedLogEntry& entry, const VerifyKey& agentKey);

// `next` follows `last` (null: is the first of the agent with this key). Error: Conflict: gap, fork or altered entry,
// told apart in words.
[[nodiscard]] Result<void> verifyLink(const SignedLogEntry* last, const SignedLogEntry& next,
                                      const VerifyKey& agentKey);

// Wire form: {"entry":{…},"hash":"…","signature":"…"}.
[[nodiscard]] QJsonObject toJson(const LogEntry& entry);
[[nodiscard]] Result<LogEntry> logEntryFromJson(const QJsonObject& object);
[[nodiscard]] QJsonObject toJson(const SignedLogEntry& entry);
[[nodiscard]] Result<SignedLogEntry> signedLogEntryFromJson(const QJsonObject& object);

} // namespace loa
