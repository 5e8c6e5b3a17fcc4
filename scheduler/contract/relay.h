// A relay source (nguồn tiếp sóng): where a station takes another's programme from. A live stream has no SHA-256 to
// bind an approval to, so a named person's consent is bound to the hash of the exact definition instead: which
// addresses, in which order, how they are read, how long they may be silent, and what sounds in their stead. Any change
// makes another hash and voids the consent (promise 1); the agent computes the hash again by itself. Values, any
// thread.
//
// Addresses: http and https for streams and HLS, rtp for RTP, nothing else; without user name and password, since a
// bundle is no place for secrets.
#pragma once

#include "media/frames.h"
#include "media/rtp_map.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"

#include <QJsonObject>
#include <QString>

#include <chrono>
#include <optional>
#include <vector>

namespace loa {

enum class RelayKind {
    Stream, // one endless answer over HTTP: Icecast, Shoutcast
    Hls,    // a playlist of pieces, RFC 8216
    Rtp,    // packets, unicast or multicast
};
[[nodiscard]] QString toString(RelayKind kind); // "stream", "hls", "rtp"
[[nodiscard]] Result<RelayKind> relayKindFromString(QStringView text);

struct RelayDefinition {
    RelayId id;
    UnitId unit; // whose it is; stations of this unit and below use it
    QString name;
    RelayKind kind = RelayKind::Stream;
    std::vector<QString> addresses; // the main one, then what to turn to
    // Of RTP: what the packets of all addresses hold; none: they have a type that RFC 3551 fixes.
    std::optional<media::RtpMap> rtp = {};
    std::chrono::seconds silence{20};   // silent for so long: the next one is turned to
    std::optional<ItemId> standby = {}; // what sounds when no address does
    bool operator==(const RelayDefinition&) const = default;
};

inline constexpr std::size_t mostRelayAddresses = 4;
inline constexpr qsizetype longestRelayAddress = 500;
inline constexpr std::chrono::seconds shortestRelaySilence{5};
inline constexpr std::chrono::seconds longestRelaySilence{600};

// Error: InvalidInput with the place ("/addresses/1").
[[nodiscard]] Result<void> checkRelay(const RelayDefinition& relay);

// SHA-256 of "loa-relay/1", a line feed and the canonical JSON of the definition.
[[nodiscard]] Sha256 hashOf(const RelayDefinition& relay);

// The address as logs may show it: without what follows '?', which may be somebody's token.
[[nodiscard]] QString shownAddress(const QString& address);

[[nodiscard]] QJsonObject toJson(const RelayDefinition& relay);
// Error: InvalidInput with the place; unknown members are refused. Does not check what checkRelay() checks.
[[nodiscard]] Result<RelayDefinition> relayDefinitionFromJson(const QJsonObject& object);

// Frames of a relay's airing that one of its sources filled: 0 and up, the address of that place; standbyShare, the
// standby item.
inline constexpr int standbyShare = -1;
struct RelayShare {
    int source = 0;
    FrameCount frames;
    bool operator==(const RelayShare&) const = default;
};
[[nodiscard]] QString toString(const RelayShare& share); // "address-1" …, "standby"
[[nodiscard]] Result<int> shareSourceFromString(QStringView text);
// "address-1=480000 standby=4800"; empty for none. The form in which a journal keeps them.
[[nodiscard]] QString sharesToText(const std::vector<RelayShare>& shares);
[[nodiscard]] Result<std::vector<RelayShare>> sharesFromText(QStringView text);

} // namespace loa
