// Instants. UtcTime is the only time that crosses a boundary between rooms; local time exists in hours.h, the planner's
// session rules and the user interface. Values, any thread.
#pragma once

#include "media/error.h"

#include <QString>
#include <QStringView>

#include <chrono>

namespace loa {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// "2026-12-01T22:00:00.000000Z": always six decimals, always Z, so that text order is time order.
[[nodiscard]] QString toString(UtcTime instant);

// Reads exactly the form that toString() writes, years 1970 to 9999.
[[nodiscard]] Result<UtcTime> utcTimeFromString(QStringView text);

} // namespace loa
