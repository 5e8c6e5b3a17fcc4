// A UDP socket on a free port of 127.0.0.1 that says when the kernel got each datagram, whoever reads it how late.
#pragma once

#include "scheduler/contract/time.h"
#include "tests/playout/output/ports.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>

namespace loa::playout::test {

class StampedSocket {
public:
    struct Datagram {
        std::span<const std::uint8_t> bytes; // valid until the next one is taken
        UtcTime at;                          // by the system's clock
    };

    StampedSocket() : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), m_port(bindToFreePort(m_socket))
    {
        const int on = 1;
        if (setsockopt(m_socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
            throw std::runtime_error("no UDP socket with stamps");
    }
    ~StampedSocket() { ::close(m_socket); }
    StampedSocket(const StampedSocket&) = delete;
    StampedSocket& operator=(const StampedSocket&) = delete;

    [[nodiscard]] int descriptor() const { return m_socket; }
    [[nodiscard]] std::uint16_t port() const { return m_port; }

    // The next that has come; nullopt: there is none.
    [[nodiscard]] std::optional<Datagram> take()
    {
        alignas(cmsghdr) std::array<char, 256> control;
        iovec part{m_bytes.data(), m_bytes.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = recvmsg(m_socket, &message, MSG_DONTWAIT);
        const cmsghdr* stamp = size >= 0 ? CMSG_FIRSTHDR(&message) : nullptr;
        if (!stamp)
            return std::nullopt;
        timespec at{};
        std::memcpy(&at, CMSG_DATA(stamp), sizeof at);
        return Datagram{std::span(m_bytes).first(static_cast<std::size_t>(size)),
                        UtcTime{Duration(static_cast<std::int64_t>(at.tv_sec) * 1'000'000 + at.tv_nsec / 1000)}};
    }

private:
    const int m_socket;
    const std::uint16_t m_port;
    std::array<std::uint8_t, 2048> m_bytes{};
};

} // namespace loa::playout::test
