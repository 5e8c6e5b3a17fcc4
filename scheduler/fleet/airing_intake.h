// Takes in what agents logged. All entries of one call are judged and stored in one transaction; what is acknowledged
// is on disk. Entries may come late, twice, in any order and with holes. Promise 4. Storage thread. Taken: entries of
// this agent, whose hash and signature hold, about itself or a station that it carries or has carried. A second entry
// with a stored number and another hash is not stored as the log but recorded as a fork; an entry that does not
// continue its neighbour is stored and recorded as a broken link. Both are shown (AiringRepository::state).
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/model/organisation.h"
#include "scheduler/store/store.h"

#include <span>
#include <vector>

namespace loa::fleet {

inline constexpr std::size_t maxEntriesPerIntake = 1000;

struct RejectedEntry {
    std::int64_t sequence = 0;
    Error error;
};

struct IntakeResult {
    std::int64_t acknowledgedThrough = 0; // every entry from 1 to here is stored for good
    int accepted = 0;                     // stored by this call
    int known = 0;                        // were stored already, to the byte
    std::vector<RejectedEntry> rejected;
    // Whose plan may have to change: an airing failed, or sounded though nothing said that it would, or the numbers of
    // a shortfall changed. One that sounded as planned changes nothing.
    std::vector<StationId> stations;
};

// `agent` is who signed the request. Errors: LimitExceeded, Forbidden (revoked), Storage: then nothing was stored.
[[nodiscard]] Result<IntakeResult> intakeAirings(store::Store& store, const model::Agent& agent,
                                                 std::span<const SignedLogEntry> entries, UtcTime now,
                                                 std::optional<int> leastMatch = std::nullopt);

} // namespace loa::fleet
