// A file that appears whole or not at all.
//
// Threads: any. Failure: Storage, `what` and the system's words; what stood there before stands still. A disk that is
// full is noticed: QSaveFile alone (Qt 6.4) takes a buffer that it could not write for written when it commits, and
// puts an empty file in the old one's place.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QString>

namespace loa::playout {

// `what`: "The playlist cannot be written".
[[nodiscard]] Result<void> writeWhole(const QString& path, const QByteArray& bytes, const Text& what);

} // namespace loa::playout
