#include "playout/engine/relay_networks.h"

#include <QHostAddress>
#include <QStringList>

#include <algorithm>
#include <array>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

bool isIn(const QHostAddress& address, std::initializer_list<const char*> networks)
{
    return std::ranges::any_of(networks, [&](const char* network) {
        return address.isInSubnet(QHostAddress::parseSubnet(QString::fromLatin1(network)));
    });
}

} // namespace

bool RelayNetworks::allows(const sockaddr& socketAddress) const
{
    QHostAddress address(&socketAddress);
    bool isMapped = false;
    if (const quint32 inner = address.toIPv4Address(&isMapped); isMapped)
        address = QHostAddress(inner); // ::ffff:127.0.0.1 is 127.0.0.1
    if (address.isNull())
        return false;
    if (isIn(address, {"127.0.0.0/8", "::1/128"}))
        return isLoopback;
    if (isIn(address, {"0.0.0.0/8", "169.254.0.0/16", "240.0.0.0/4", "::/128", "fe80::/10"}))
        return false;
    if (isIn(address, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "224.0.0.0/4", "fc00::/7",
                       "fec0::/10", "ff00::/8"}))
        return isPrivate;
    return isPublic;
}

Result<RelayNetworks> relayNetworksFromWords(const QStringList& words)
{
    RelayNetworks networks{false, false, false};
    for (const QString& word : words) {
        if (word == u"public")
            networks.isPublic = true;
        else if (word == u"private")
            networks.isPrivate = true;
        else if (word == u"loopback")
            networks.isLoopback = true;
        else
            return fail(
                ErrorCategory::InvalidInput,
                {u"Mạng phải là public, private hoặc loopback."_s, u"A network is public, private or loopback."_s},
                word.left(40));
    }
    return networks;
}

} // namespace loa::playout
