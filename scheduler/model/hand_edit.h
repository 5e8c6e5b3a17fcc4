// What a person decided about the plan of one station, against or beside the planner. Plain values, any thread. Edits
// survive every replan until they are taken back or their session has gone. Move is Away there and Keep here, swap is
// both twice; remove is Away; pin and insert are Keep.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QString>

#include <optional>

namespace loa::model {

enum class HandEditKind {
    Keep, // the item sounds in this session
    Away, // the item does not sound in this session
};
[[nodiscard]] QString toString(HandEditKind kind); // "keep", "away"
[[nodiscard]] Result<HandEditKind> handEditKindFromString(QStringView text);

// At most one for a session and an item.
struct HandEdit {
    HandEditId id;
    StationId station;
    SessionId session;
    ItemId item;
    HandEditKind kind = HandEditKind::Keep;
    std::optional<int> position; // of Keep: index among the session's items; absent: the planner's choice
    QString note;                // why, in the person's words
    UserId madeBy;
    UtcTime madeAt;
    bool operator==(const HandEdit&) const = default;
};

} // namespace loa::model
