// Free ports of 127.0.0.1.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace loa::playout::test {

// Binds the socket to this port or, with none, to one that nobody has, which it tells.
inline std::uint16_t bindToFreePort(int socket, in_addr_t address = INADDR_LOOPBACK, std::uint16_t port = 0)
{
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(address);
    place.sin_port = htons(port);
    socklen_t size = sizeof place;
    if (bind(socket, reinterpret_cast<sockaddr*>(&place), size) != 0 ||
        getsockname(socket, reinterpret_cast<sockaddr*>(&place), &size) != 0)
        throw std::runtime_error("no free port");
    return ntohs(place.sin_port);
}

// A port of 127.0.0.1 that nobody has (RTP: an even one).
inline std::uint16_t freePort(int type, bool even = false)
{
    for (;;) {
        const int probe = ::socket(AF_INET, type, 0);
        const std::uint16_t port = bindToFreePort(probe);
        ::close(probe);
        if (!even || port % 2 == 0)
            return port;
    }
}

} // namespace loa::playout::test
