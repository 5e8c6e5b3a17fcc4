// How a station's player is: what the agent tells with its status, and the scheduler tells people. Plain values and
// pure functions, any thread. Holds nothing secret: no address, no password.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QJsonObject>
#include <QString>

#include <vector>

namespace loa {

// One output, since the agent started.
struct OutputCondition {
    QString name;
    bool open = false;         // stands ready, or is delivering
    std::int64_t failures = 0; // failed opens and writes
    QString failure = {};      // category of the last one, "unavailable"; empty: none
    std::int64_t starts = 0;   // airings begun
    Duration startErrorP50{0}; // of the last 512: first frame against its planned instant, absolute
    Duration startErrorP99{0};
    std::chrono::milliseconds lost{0}; // of sessions, what did not leave
    bool operator==(const OutputCondition&) const = default;
};

struct StationCondition {
    StationId station;
    bool playing = false;
    bool silent = false;           // something should sound, and has been silence for too long
    std::int64_t mediaMissing = 0; // files that its agent's bundles name and that have not arrived
    std::vector<OutputCondition> outputs;
    bool operator==(const StationCondition&) const = default;
};

inline constexpr qsizetype mostOutputs = 64; // of a station

[[nodiscard]] QJsonObject toJson(const StationCondition& condition);
// Error: InvalidInput with the place, which begins with `path`; unknown members are refused.
[[nodiscard]] Result<StationCondition> stationConditionFromJson(const QJsonObject& json, const QString& path = {});

} // namespace loa
