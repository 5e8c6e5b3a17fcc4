// What keeps an item out of a session: the hard rules by name, and the places where each is judged. Values, any thread.
#pragma once

#include "media/error.h"

#include <QString>

namespace loa::planner {

enum class Obstacle {
    UnknownItem,    // not approved, withdrawn, or not of this station's area
    UnknownSession, // no such session
    RefusedSession, // its rule asks for it, but the policy, its template or another session does not let it be
    Frozen,         // agents hold the session already, or its day is outside of what is planned
    NotValid,       // not valid on that day
    Forbidden,      // its editors forbid it at this station
    TooEarly,       // not before an hour
    NoPart,         // no part of the session takes its topics
    TooLong,        // longer than any part that takes it, even if it were empty
    NoRoom,         // what stands there leaves too little
    AlreadyThere,   // once a session
    Gap,            // too near to another play
    DayLimit,       // most plays a day
    PeriodLimit,    // most plays a period
    Series,         // the episode below comes first
    Pair,           // sounds only directly after another item
    Beside,         // never in one session with another item
    ByHand,         // taken away by hand
    NotItsTurn,     // nothing forbids it; others were due first
    TooSoon,        // nothing forbids it, but it plays shortly before or after, or often enough that week
    Tune,           // a recording that templates play, and no item of the programme
    Repeats,        // nothing forbids it, but a person wants it twice on that day
};
[[nodiscard]] QString toString(Obstacle obstacle); // "unknown_item", "no_room", …

} // namespace loa::planner
