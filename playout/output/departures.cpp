#include "playout/output/departures.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace loa::playout {

namespace {

constexpr std::size_t together = 64; // more cost as much each

}

int openDatagramSocket(const DatagramService& service)
{
    const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0)
        return -1;
    const int typeOfService = service.dscp << 2;
    const in_addr from{htonl(service.interfaceAddress)};
    const bool done = setsockopt(made, IPPROTO_IP, IP_TOS, &typeOfService, sizeof typeOfService) == 0 &&
                      setsockopt(made, IPPROTO_IP, service.isMulticast ? IP_MULTICAST_TTL : IP_TTL, &service.ttl,
                                 sizeof service.ttl) == 0 &&
                      (!service.isMulticast || service.interfaceAddress == 0 ||
                       setsockopt(made, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) == 0);
    if (done)
        return made;
    const int error = errno;
    ::close(made);
    errno = error;
    return -1;
}

struct Departures::Line {
    explicit Line(const DatagramService& served) : service(served), socket(openDatagramSocket(served))
    {
        for (std::size_t index = 0; index < together; ++index) {
            parts[index].iov_base = bytes[index].data();
            msghdr& header = messages[index].msg_hdr;
            header.msg_name = &to[index];
            header.msg_namelen = sizeof to[index];
            header.msg_iov = &parts[index];
            header.msg_iovlen = 1;
        }
    }
    ~Line()
    {
        if (socket >= 0)
            ::close(socket);
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void flush();

    const DatagramService service;
    const int socket;
    std::size_t count = 0; // that wait
    std::array<std::array<std::byte, longest>, together> bytes;
    std::array<iovec, together> parts{};
    std::array<sockaddr_in, together> to{};
    std::array<mmsghdr, together> messages{};
    std::array<Sender*, together> senders{};
    std::array<SentFrames, together> frames{};
};

void Departures::Line::flush()
{
    std::size_t tried = 0;
    const auto tell = [this](std::size_t index, bool wasSent) {
        senders[index]->departed(frames[index], std::span(bytes[index]).first(parts[index].iov_len), wasSent);
    };
    while (tried < count) {
        const int sent = ::sendmmsg(socket, &messages[tried], static_cast<unsigned>(count - tried), MSG_NOSIGNAL);
        for (int index = 0; index < sent; ++index)
            tell(tried++, true);
        if (sent <= 0) // of the first of these; the next call is for those behind it
            tell(tried++, false);
    }
    count = 0;
}

Departures::Departures() = default;
Departures::~Departures() = default;

std::byte* Departures::room(const DatagramService& service)
{
    auto found =
        std::find_if(m_lines.begin(), m_lines.end(), [&](const auto& line) { return line->service == service; });
    if (found == m_lines.end())
        found = m_lines.insert(m_lines.end(), std::make_unique<Line>(service));
    m_line = found->get();
    return m_line->socket >= 0 ? m_line->bytes[m_line->count].data() : nullptr;
}

void Departures::depart(std::size_t size, const sockaddr_in& to, const SentFrames& frames, Sender& sender)
{
    Line& line = *m_line;
    const std::size_t index = line.count++;
    line.to[index] = to;
    line.senders[index] = &sender;
    line.frames[index] = frames;
    line.parts[index].iov_len = size;
    if (line.count == together)
        line.flush();
}

void Departures::flush()
{
    for (const auto& line : m_lines)
        line->flush();
}

} // namespace loa::playout
