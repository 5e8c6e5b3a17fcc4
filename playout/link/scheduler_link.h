// The agent's way to its scheduler, as two mailboxes: requests go in and return at once, replies are taken out when
// they are there. So nothing that plays ever waits for the network (promises 6 and 7), and a simulation answers at once
// with the same interface. Thread: the agent's. Every request gets exactly one reply, in any order; announcements come
// unasked. Times out by itself.
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/contract/command.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"

#include <QByteArray>
#include <QJsonObject>

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

namespace loa::playout {

// Sealed bundle as received, unverified. `sealed` is empty when the scheduler has nothing newer than the version named.
struct BundleReply {
    StationId station;
    Result<QByteArray> sealed;
};

// A part of a media file, from `offset`. Category NotFound: the scheduler has no such file; LimitExceeded: it is longer
// than asked for.
struct MediaPart {
    std::int64_t offset = 0;
    QByteArray bytes; // empty: the file ends at offset
};
struct MediaReply {
    Sha256 sha256;
    Result<MediaPart> part;
};

struct RejectedEntry {
    std::int64_t sequence = 0;
    QString category;
    QString message;
};
struct EntriesReceipt {
    std::int64_t acknowledgedThrough = 0; // the scheduler holds every entry up to here
    std::vector<RejectedEntry> rejected;
};
struct EntriesReply {
    Result<EntriesReceipt> receipt;
};

struct StatusReply {
    Result<void> accepted;
};

// The sheet of a station's commands as received, unverified, and the question that it answers.
struct SheetReply {
    StationId station;
    QByteArray challenge;                // the nonce of the request
    std::chrono::nanoseconds askedAt{0}; // monotonic, before it left
    Result<QByteArray> sealed;
};

struct AnswersReply {
    std::vector<Acknowledgement> answers; // as they were sent
    Result<void> accepted;
};

// A command came unasked, unverified; more may wait on the sheet.
struct CommandPushed {
    StationId station;
    QByteArray sealed;
};
// Announcements and commands can come from now on; those before may have been missed.
struct EventsOpened {};
// From now on they cannot, until the next EventsOpened; it is tried again by itself.
struct EventsClosed {
    Error why;
};

// The scheduler says that it has a bundle of this version: a reason to ask, never to obey.
struct BundleAnnounced {
    StationId station;
    std::int64_t version = 0;
};

using LinkReply = std::variant<BundleReply, MediaReply, EntriesReply, StatusReply, BundleAnnounced, SheetReply,
                               AnswersReply, CommandPushed, EventsOpened, EventsClosed>;

class SchedulerLink {
public:
    virtual ~SchedulerLink() = default;

    // GET /agent/bundles/{station}; `knownVersion` 0: none known.
    virtual void fetchBundle(const StationId& station, std::int64_t knownVersion) = 0;
    // GET /media/{sha256} from `offset` on; at most `length` bytes come with one reply.
    virtual void fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length) = 0;
    // POST /agent/airings, in order of sequence.
    virtual void sendEntries(const std::vector<SignedLogEntry>& entries) = 0;
    // GET /agent/commands/{station}
    virtual void fetchSheet(const StationId& station) = 0;
    // POST /agent/commands
    virtual void sendAnswers(const std::vector<Acknowledgement>& answers) = 0;
    // POST /agent/status
    virtual void sendStatus(const QJsonObject& status) = 0;

    // Frames of live speech go to `sink` as they come, on the network's thread: they cannot wait for the agent's. Once
    // this has returned, the sink before is not called any more. Empty: dropped.
    virtual void onSpeech(std::function<void(const QByteArray&)> sink) { static_cast<void>(sink); }

    // What has arrived since the last call, oldest first.
    [[nodiscard]] virtual std::vector<LinkReply> takeReplies() = 0;
};

} // namespace loa::playout
