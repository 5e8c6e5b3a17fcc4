// `loa-media match`: how well one file is heard in another. Reads both inside the sandbox, since a recording may be
// anybody's: the process that calls matchMain() is confined from then on and is to end with the exit code that it
// gives.
#pragma once

#include <QString>

namespace loa::media {

// Prints {"correlation","at_frames"} or {"error":…} on standard output. 0: compared; 2: cannot be compared.
[[nodiscard]] int matchMain(const QString& reference, const QString& recording);

} // namespace loa::media
