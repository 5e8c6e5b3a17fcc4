// What planning knows of a station's log: which airings sounded and which failed, and how often they fail. Storage
// thread; borrows the store. The log only grows, so what was read of a station is kept, up to a bound, until entries
// have been added.
#pragma once

#include "scheduler/planner/plan.h"
#include "scheduler/store/store.h"

#include <QCache>

namespace loa::fleet {

struct HeardAirings {
    std::vector<planner::PastAiring> airings; // of `from` and later; topicGroups are empty
    double failureRate = 0.0;
};

// A station's airings fail with the share (failed + 1) / (airings + 50) of its last 56 days: as if 50 had been seen
// before them and one of those had failed, so that a new station counts as failing in 2 of 100.
inline constexpr std::chrono::days failureRecord{56};
[[nodiscard]] double failureRateOf(std::int64_t airings, std::int64_t failed);

class HeardAiringsReader {
public:
    explicit HeardAiringsReader(store::Database& database, std::optional<int> leastMatch = std::nullopt)
        : m_store(database), m_leastMatch(leastMatch)
    {
    }

    // An item has sounded when one output that feeds speakers got all of it by a trusted clock and the mix matched
    // as well as is asked for; it failed when log
    // lines came for such outputs and none did. Without a log line nothing is said. Errors: Storage.
    [[nodiscard]] Result<HeardAirings> read(const model::Station& station, UtcTime from, UtcTime now);

private:
    struct Line {
        AiringId airing;
        ItemId item;
        SessionId session;
        QString output;
        UtcTime plannedStart;
        UtcTime soundedAt;
        FrameCount frames;
        bool sounded = false;
    };
    struct Log {
        UtcTime from;
        std::int64_t count = 0;
        std::vector<Line> lines;
    };

    [[nodiscard]] Result<Log> load(const StationId& station, UtcTime from, UtcTime now, std::int64_t count);

    static constexpr qsizetype mostLinesKept = 50'000;

    store::Store m_store;
    std::optional<int> m_leastMatch;
    QCache<StationId, Log> m_logs{mostLinesKept};
};

} // namespace loa::fleet
