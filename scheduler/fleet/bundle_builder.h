// Makes a station's bundle from its plan. Pure: values in, bundle out; what may not sound is left out here, whatever
// the plan says, and checkBundle() has the last word. Values, any thread. Promises 1, 6 and 10.
#pragma once

#include "scheduler/contract/bundle.h"
#include "scheduler/model/item.h"
#include "scheduler/model/organisation.h"
#include "scheduler/planner/plan.h"

#include <span>
#include <vector>

namespace loa::fleet {

inline constexpr std::chrono::days bundleDays{35};

struct BundleMaterial {
    model::Station station;
    std::vector<HoursPolicy> policies; // nearest unit's first
    std::vector<model::Session> sessions;
    std::vector<planner::Placement> placements;
    std::vector<model::Item> items; // at least those placed
};

// The schedule of 35 days from `now`, sessions under way included. A placement is left out, and named in `leftOut`,
// when its item is not approved with exactly the audio placed, is not valid on that local day or when the session is
// not within the hours. The version is 0: issueBundle() gives it. Errors: Unsupported (unknown time zone), those of
// checkBundle() (a bug of the plan).
struct BuiltBundle {
    Bundle bundle;
    std::vector<AiringId> leftOut;
};
[[nodiscard]] Result<BuiltBundle> buildBundle(const BundleMaterial& material, UtcTime now);

// SHA-256 of what the bundle says, apart from version, issue and validity. Error: InvalidInput.
[[nodiscard]] Result<Sha256> contentOf(const Bundle& bundle);

} // namespace loa::fleet
