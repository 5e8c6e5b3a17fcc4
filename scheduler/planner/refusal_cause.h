// Why a session that a rule or a special day asks for does not take place. Values, any thread.
#pragma once

#include <QString>

namespace loa::planner {

enum class RefusalCause {
    BadRule,      // cannot be read, is too dense or has no length; stands once, without day
    NoPolicy,     // no hours policy holds on that day, so nothing may sound
    OutsideHours, // a part of it lies outside the hours
    TooLong,      // longer than the policy's longest session
    TooMany,      // the day has its most sessions already
    Overlap,      // another session of the station runs then
    NoRoom,       // its template does not fit into it (planner/layout)
};
[[nodiscard]] QString toString(RefusalCause cause); // "bad_rule", "no_policy", …

} // namespace loa::planner
