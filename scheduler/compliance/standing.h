// How a station stands against an obligation in one period, and the log line behind every number. Pure, any thread.
//
// The unit counted is the distinct item (tin/bài), not the airing (plan, IV.1.b). An item is completed at a station
// when an airing of it was delivered whole (outcome Complete) to an output that feeds speakers, by a clock that could
// be trusted. It counts in the period of the local day on which its first frame left, however late the log arrives, and
// once in that period however often it is played. Where a least match is asked for, the mix that the output was given
// must have been measured and have matched the item that well (contract/airing.h, MixProof).
#pragma once

#include "media/frames.h"
#include "scheduler/contract/airing.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/organisation.h"
#include "scheduler/model/period.h"

#include <QDate>
#include <QString>
#include <QTimeZone>

#include <optional>
#include <vector>

namespace loa::compliance {

// An item that the log or the plan may name, with all recordings that it ever had.
struct KnownItem {
    ItemId id;
    QString title;
    std::vector<QString> topicGroups; // "cchc-a", …
    std::vector<Sha256> recordings;   // house files of its versions
    QString approvedByName;           // for the evidence page; empty when no approval stands
};

// A placement of the station's current plan.
struct PlannedAiring {
    AiringId airing;
    ItemId item;
    UtcTime startsAt;
};

struct ComplianceInput {
    StationId station;
    QTimeZone zone;
    std::vector<model::SpeakerCluster> clusters; // outputs that none of them names are archives
    model::Obligation obligation;                // of evidence Airings
    model::PeriodDates period;                   // of periodsOwed()
    UtcTime now;
    std::vector<SignedLogEntry> log; // verified entries, any order; other stations, periods and events are passed over
    std::vector<SignedLogEntry>
        heard;                     // what monitors say of them, any order: shown beside the lines, counts for nothing
    std::optional<int> leastMatch; // 0 … 1000; none: a match is not asked for
    std::vector<KnownItem> items;
    std::vector<PlannedAiring> planned; // any order; those outside the period are passed over
};

// Why a log line counts or does not.
enum class Verdict {
    Counts,         // first whole airing of this item to speakers in the period
    AlreadyCounted, // the item has been counted in this period
    Partial,
    Missed,
    Unknown,
    ArchiveOutput,  // the output feeds no speakers
    ClockUntrusted, // the agent could not tell when it was
    NotTopical,     // none of the item's topics is the obligation's
    UnknownItem,    // no such item here
    WrongRecording, // the hash is of none of the item's recordings
    NotMatched,     // the mix was not like the item, or was not measured, and a match is asked for
    Contradictory,  // says complete, but frames or instants disagree
    Repeated,       // the same agent and sequence again
};
[[nodiscard]] QString toString(Verdict verdict); // "counts", "already-counted", …

struct EvidenceLine {
    SignedLogEntry line;
    QDate localDate; // on which it sounded; of the planned start when no frame left
    bool counts = false;
    Verdict verdict = Verdict::Unknown;
    Text why;
    std::optional<HeardProof> heard; // of several, the one that heard best
    bool operator==(const EvidenceLine&) const = default;
};

struct ItemEvidence {
    ItemId item;
    QString title;
    QString approvedByName;
    std::vector<QString> topicGroups;
    bool completed = false;
    std::vector<EvidenceLine> lines; // by instant, agent, sequence
    bool operator==(const ItemEvidence&) const = default;
};

// What the board colours.
enum class Standing {
    Green,  // met, whether or not the period is over
    AtRisk, // not met, and the period is not over: it still hangs on airings to come
    Failed, // not met, and the period is over
};
[[nodiscard]] QString toString(Standing standing); // "green", "at_risk", "failed"

// What to expect when everything that is planned sounds.
enum class Forecast {
    Met,
    OnCourse,    // completed and planned items reach the number
    Short,       // they do not: someone must act before the period ends
    AwaitingLog, // the period is over, but logs of planned airings are still out and could change the standing
    Missed,      // the period is over, and nothing is out
};
[[nodiscard]] QString toString(Forecast forecast); // "met", "on-course", "short", "awaiting-log", "missed"

struct StationStanding {
    int required = 0;
    int completed = 0; // distinct items
    int planned = 0;   // distinct further items in airings that have no log line yet
    int awaited = 0;   // of those, items with an airing whose time has passed: a log is out
    int airings =
        0; // lượt phát: airings of topical items that were complete on at least one output that feeds speakers
    FrameCount duration; // thời lượng: of those airings
    Standing standing = Standing::AtRisk;
    Forecast forecast = Forecast::Short;
    Text note;                       // the standing in a sentence, and what to do
    std::vector<ItemEvidence> items; // topical items first, completed before others, then by title and id
    bool operator==(const StationStanding&) const = default;
};

// The mix matched as well as is asked for.
[[nodiscard]] bool matchesEnough(const LogEntry& entry, std::optional<int> leastMatch);

[[nodiscard]] StationStanding standing(const ComplianceInput& input);

} // namespace loa::compliance
