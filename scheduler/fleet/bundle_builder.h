// Makes a station's bundle from its plan. Pure: values in, bundle out; what may not sound is left out here, whatever
// the plan says, and checkBundle() has the last word. Values, any thread. Promises 1, 2, 6 and 10.
#pragma once

#include "scheduler/contract/bundle.h"
#include "scheduler/model/item.h"
#include "scheduler/model/organisation.h"
#include "scheduler/model/relay_source.h"
#include "scheduler/planner/plan.h"

#include <chrono>
#include <span>
#include <vector>

namespace loa::fleet {

// An agent lives 35 days from its own disk. A bundle is renewed once a day at the latest, so it holds a day more.
inline constexpr std::chrono::days bundleDays{35};
inline constexpr std::chrono::days renewalDays{1};

struct BundleMaterial {
    model::Station station;
    std::vector<HoursPolicy> policies; // as hoursInForce() gives them
    std::vector<model::Session> sessions;
    std::vector<planner::Placement> placements;
    std::span<const model::Item> items;              // at least those placed, and standby items; borrowed
    std::span<const model::RelaySource> relays = {}; // at least those that sessions name; borrowed
};

struct BuiltBundle {
    Bundle bundle; // its version is 0: who issues it gives it
    std::vector<AiringId> leftOut;
};

// The schedule of bundleDays and renewalDays from `now`, a session under way included. A placement is left out, and
// named in `leftOut`, when its item is not approved with exactly the audio placed, is not valid on that local day, when
// the session is not within the hours, when another item of the bundle has the same audio, or when it meets its
// neighbours against contract/mix_rules.h. So is a relay whose source is not approved exactly as it stands. A standby
// item is listed when it is approved and valid on every day on which its source is relayed. Error: Unsupported (unknown
// time zone).
[[nodiscard]] Result<BuiltBundle> buildBundle(const BundleMaterial& material, UtcTime now);

// Whether `next` tells an agent at `now` nothing that `last` does not: the same but for version, issue and validity,
// for what is over, and for what lies after the end of `last`.
[[nodiscard]] bool saysTheSame(const Bundle& last, const Bundle& next, UtcTime now);

} // namespace loa::fleet
