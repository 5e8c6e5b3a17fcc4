// Files for others to read (a web server, a receiver): they appear whole or not at all, and anybody may read them,
// whatever the umask is that keeps the agent's own files its own.
//
// Threads: any. Failure: Storage, `what` and the system's words; what stood there before stands still. A disk that is
// full is noticed: QSaveFile alone (Qt 6.4) takes a buffer that it could not write for written when it commits, and
// puts an empty file in the old one's place.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QString>

namespace loa::playout {

// Mode 0644. `what`: "The playlist cannot be written".
[[nodiscard]] Result<void> writeWhole(const QString& path, const QByteArray& bytes, const Text& what);
// With all above it that is not there; what is made has mode 0755, what is there keeps its own.
[[nodiscard]] Result<void> makePublicFolder(const QString& path, const Text& what);

} // namespace loa::playout
