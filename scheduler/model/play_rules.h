// How often, when and beside what an item may sound: what its editors say of it, beside validity and scope. Plain
// values, any thread. A rule that is absent binds nothing. They are hard: the planner breaks none, for no quota.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/model/obligation.h"

#include <QString>
#include <QTime>

#include <chrono>
#include <optional>
#include <vector>

namespace loa::model {

// An episode (kỳ) of a series (loạt bài). At one station no episode sounds in full for the first time before the one
// below it has been placed earlier; episodes need not be consecutive numbers.
struct SeriesPlace {
    QString series; // name, compared whole
    int episode = 1;
    bool operator==(const SeriesPlace&) const = default;
};

// At most `plays` at one station in each calendar period.
struct PlayLimit {
    int plays = 0;
    ObligationPeriod period = ObligationPeriod::Week; // Once: over the whole validity
    bool operator==(const PlayLimit&) const = default;
};

struct PlayRules {
    std::chrono::minutes leastGap{0};   // between the starts of two sessions with it, at one station; 0: none
    int mostPlaysADay = 0;              // local day; 0: no limit
    std::optional<PlayLimit> mostPlays; // in a period
    std::optional<QTime> notBefore;     // sessions that start earlier on a day do not take it
    std::optional<SeriesPlace> series;
    std::optional<ItemId> pairWith;     // sounds only in sessions that also take that item, directly after it
    std::vector<ItemId> notBeside;      // never in one session with these
    std::vector<StationId> forbiddenAt; // stations that never play it
    bool mayFade = false; // music, tunes, beds: may be faded, cut short, and lowered beneath another (mix_rules.h)
    bool operator==(const PlayRules&) const = default;
};

} // namespace loa::model
