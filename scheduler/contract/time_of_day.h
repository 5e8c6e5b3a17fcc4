// A time on a wall clock, as people and files write it. Values and pure functions, any thread. Whose clock it is says
// the place that holds it.
#pragma once

#include "media/error.h"

#include <QString>
#include <QStringView>
#include <QTime>

namespace loa {

// "05:30", with seconds where there are some: "05:30:15".
[[nodiscard]] QString timeOfDayText(QTime time);
// Reads exactly these forms, and "05:30:00". Error: InvalidInput.
[[nodiscard]] Result<QTime> timeOfDayFromString(QStringView text);

} // namespace loa
