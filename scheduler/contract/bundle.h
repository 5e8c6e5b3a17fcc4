// The bundle (bản kê phát): all that one station needs to play 35 days alone, signed by its scheduler. The agent obeys
// nothing else (promise 10). Form on disk and wire, see PROTOCOL.md: one header line "loa-bundle/1 <key id> <signature,
// base64>\n", then the canonical JSON of the payload, to the last byte. Values, any thread.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/hours.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/relay.h"
#include "scheduler/contract/signature.h"
#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

#include <cstdint>
#include <vector>

namespace loa {

// TT 39/2020: thông thường, ưu tiên, khẩn cấp.
enum class Priority { Normal, Priority, Emergency };
[[nodiscard]] QString toString(Priority priority); // "NORMAL", "PRIORITY", "EMERGENCY"
[[nodiscard]] Result<Priority> priorityFromString(QStringView text);

// A named person's consent to one exact audio file (promise 1).
struct BundleApproval {
    UserId approvedBy;
    QString approvedByName;
    UtcTime approvedAt;
    bool operator==(const BundleApproval&) const = default;
};

struct BundleMedia {
    Sha256 sha256; // of the house file; also its name
    std::int64_t bytes = 0;
    FrameCount frames;
    ItemId item;
    int itemVersion = 0;
    QString title;
    BundleApproval approval;
    bool mayFade = false; // may be faded, cut short and lowered beneath another: see mix_rules.h
    bool operator==(const BundleMedia&) const = default;
};
[[nodiscard]] QJsonObject toJson(const BundleMedia& media);
// `path` stands before member names in errors. Error: InvalidInput.
[[nodiscard]] Result<BundleMedia> bundleMediaFromJson(const QJsonObject& object, const QString& path);

// A named person's consent to one exact definition of a live source, and what stands by for it.
struct BundleRelay {
    RelayDefinition definition;
    Sha256 approved;                    // hash of the definition that was approved: hashOf(definition)
    BundleApproval approval;            // of that hash
    std::optional<Sha256> standby = {}; // the standby item's audio, one of the media; none: it may not sound now
    bool operator==(const BundleRelay&) const = default;
};

// An item at its place; or a relay, which has no item, and whose `sha256` is that of its approved definition.
struct BundleAiring {
    AiringId id;
    ItemId item;
    Sha256 sha256;
    FrameCount offset; // from the session's first frame
    FrameCount frames; // that sound, from the recording's first; fewer than it has: it ends early
    Priority priority = Priority::Normal;
    RelayId relay = {}; // empty: an item
    // How it meets its neighbours: see mix_rules.h.
    FrameCount fadeIn = {};    // rise of its first frames
    FrameCount fadeOut = {};   // fall of its last ones
    int duckDb = 0;            // lowers what it sounds over; 0: sounds over nothing
    FrameCount duckGlide = {}; // before its first frame and after its last
    bool operator==(const BundleAiring&) const = default;
};

struct BundleSession {
    SessionId id;
    QString title;
    UtcTime startsAt;
    FrameCount frames;                 // longest the session may last
    std::vector<BundleAiring> airings; // by offset; they overlap as mix_rules.h allows
    bool operator==(const BundleSession&) const = default;
};

struct BundleOutput {
    QString name;                  // the agent binds it to a device in its own configuration
    std::vector<QString> clusters; // speaker clusters it feeds; none for an archive
    bool operator==(const BundleOutput&) const = default;
};

struct Bundle {
    StationId station;
    QString stationName;
    QByteArray timeZone;      // IANA
    std::int64_t version = 0; // from 1, rises by every issue
    UtcTime issuedAt;
    UtcTime validFrom;
    UtcTime validUntil;
    std::vector<BundleOutput> outputs;
    std::vector<HoursPolicy> policies;
    std::vector<BundleMedia> media;      // by sha256
    std::vector<BundleRelay> relays;     // by id; absent on the wire when there are none
    std::vector<BundleSession> sessions; // by startsAt
    bool operator==(const Bundle&) const = default;
};

// The relay source of that id; null: none.
[[nodiscard]] const BundleRelay* findRelay(const Bundle& bundle, const RelayId& id);

inline constexpr qsizetype maxBundleBytes = 16 * 1024 * 1024;

// Where a bundle contradicts itself: airings out of order, over the session's end or against mix_rules.h, media or
// relays not listed or of another hash, ids or addresses not valid, unknown zone, sessions or validity reversed. The
// same check for who makes one and who obeys one.
[[nodiscard]] Result<void> checkBundle(const Bundle& bundle);

// Error: InvalidInput when checkBundle() fails.
[[nodiscard]] Result<QByteArray> sealBundle(const Bundle& bundle, const SigningKey& key);

// Verifies the signature before it reads the payload. Errors: Unauthorized (signature), InvalidInput (form,
// contradiction, with where), LimitExceeded (size).
[[nodiscard]] Result<Bundle> openBundle(QByteArrayView sealed, const VerifyKey& scheduler);

} // namespace loa
