// Whether this process needs TLS. Qt loads OpenSSL as soon as a WebSocket is made, whatever its address: 5 MB, a
// quarter of an agent. Thread: main, before the first link.
#pragma once

#include <QUrl>

namespace loa::playout {

// For a scheduler at http://, leaves OpenSSL out of this process for good; https:// addresses then fail in words. Does
// nothing for one at https://, or where Qt's own backend without TLS is not installed.
void useTlsOnlyFor(const QUrl& scheduler);

} // namespace loa::playout
