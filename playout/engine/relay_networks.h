// Which networks a relay may be taken from. Values, any thread.
//
// A district's own relays stand on its network, so private addresses are allowed unless the configuration says
// otherwise; this machine itself and its link are not: what listens there was never meant for a stranger's redirect.
// Multicast counts as private, since it stays there. Source: RFC 1918, 4193, 6598, 3927, 6890.
#pragma once

#include "media/error.h"

#include <QString>

#include <sys/socket.h>

namespace loa::playout {

struct RelayNetworks {
    bool isPublic = true;          // "public"
    bool isPrivate = true;         // "private": also carrier-grade NAT, unique local, multicast
    bool isLoopback = false;       // "loopback"
    QString caFile = {};           // authorities whose certificates count for https; empty: the system's
    QString interfaceAddress = {}; // local IPv4 address by which multicast is received; empty: the system's choice

    [[nodiscard]] bool allows(const sockaddr& address) const;
    bool operator==(const RelayNetworks&) const = default;
};

// Of the words above. Error: InvalidInput, naming the word.
[[nodiscard]] Result<RelayNetworks> relayNetworksFromWords(const QStringList& words);

} // namespace loa::playout
