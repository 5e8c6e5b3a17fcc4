// Who runs what: administrative units in a dated tree, stations with their speaker clusters, and the agents that play
// for them. Plain values, any thread. Sources: NĐ 49/2024 (a station is run by a commune), the two-tier reform of
// 1/7/2025 (dated nodes).
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QString>

#include <optional>
#include <vector>

namespace loa::model {

// A node of the tree, of any depth: country, province or city, district, commune or ward, hamlet.
struct Unit {
    UnitId id;
    std::optional<UnitId> parent;
    QString code; // the state's number or an own one; unique
    QString name;
    QString kind; // "province", "district", "commune", "ward", "hamlet", …
    QDate validFrom;
    std::optional<QDate> validUntil; // last day; a merged unit ends, its history stays
    bool operator==(const Unit&) const = default;
};

// A cluster of loudspeakers fed by one output of the station's agent.
struct SpeakerCluster {
    ClusterId id;
    QString name;
    QString output; // name that the agent's configuration binds to a device
    int speakers = 1;
    bool operator==(const SpeakerCluster&) const = default;
};

struct Station {
    StationId id;
    UnitId unit;
    QString code; // unique
    QString name;
    QByteArray timeZone = "Asia/Ho_Chi_Minh"; // IANA
    std::vector<SpeakerCluster> clusters;
    std::optional<AgentId> agent;
    bool operator==(const Station&) const = default;
};

// A playout program, known by its key; it may carry several stations.
struct Agent {
    AgentId id;
    QString name;
    VerifyKey key;
    std::vector<StationId> stations;
    UtcTime enrolledAt;
    bool revoked = false;

    // As last reported by the agent itself.
    std::optional<UtcTime> lastSeenAt;
    QString software;
    ClockState clock = ClockState::Untrusted;
    std::int64_t journalBacklog = 0; // entries not acknowledged yet
    bool operator==(const Agent&) const = default;
};

} // namespace loa::model
