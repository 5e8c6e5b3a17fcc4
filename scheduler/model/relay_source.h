// A relay source as its unit keeps it: the definition that agents get, and a named person's consent to exactly that
// one. Plain values and pure functions, any thread. See contract/relay.h and promise 1.
#pragma once

#include "scheduler/contract/relay.h"

#include <optional>

namespace loa::model {

struct RelayApproval {
    Sha256 definition; // hash of what was approved
    UserId approvedBy;
    QString approvedByName;
    UtcTime approvedAt;
    bool operator==(const RelayApproval&) const = default;
};

struct RelaySource {
    RelayDefinition definition;
    std::optional<RelayApproval> approval = {}; // kept after an edit, which makes it void
    std::int64_t revision = 1;                  // rises with every change and decision, for If-Match
    bool operator==(const RelaySource&) const = default;
};

// The consent is there, names somebody, and is to the definition as it stands.
[[nodiscard]] bool isApproved(const RelaySource& source);

// With the consent of that person to `seen`. Error: Conflict when the definition is another by now.
[[nodiscard]] Result<RelaySource> approve(const RelaySource& source, const Sha256& seen, const UserId& by,
                                          const QString& name, UtcTime now);

} // namespace loa::model
