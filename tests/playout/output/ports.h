// Free ports of 127.0.0.1.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace loa::playout::test {

// A port of 127.0.0.1 that nobody has (RTP: an even one).
inline std::uint16_t freePort(int type, bool even = false)
{
    for (;;) {
        const int probe = ::socket(AF_INET, type, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        ::close(probe);
        if (!bound)
            throw std::runtime_error("no free port");
        const std::uint16_t port = ntohs(address.sin_port);
        if (!even || port % 2 == 0)
            return port;
    }
}

} // namespace loa::playout::test
