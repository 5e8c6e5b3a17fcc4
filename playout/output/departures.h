// Datagrams of several outputs that share a thread, sent together: one call of the system for all that leave at one
// instant instead of one for each, and one socket, whose state stays in the processor's cache.
//
// Thread: one, that of the outputs; senders live there, and call flush() before they go.
// Failure: each datagram has its own. What the common socket does not take, be it one destination without a route or a
// send buffer that others have filled, is given back to its sender alone, who has a socket of his own to try.
#pragma once

#include "media/frames.h"

#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

// What datagrams that go together have in common.
struct DatagramService {
    int dscp = 0;
    int ttl = 1;
    bool isMulticast = false;
    std::uint32_t interfaceAddress = 0; // that multicast leaves from, IPv4, host byte order; 0: the system's choice

    bool operator==(const DatagramService&) const = default;
};

// Stream positions.
struct SentFrames {
    FrameCount from;
    FrameCount to;
};

// A new UDP socket that does so, non-blocking; -1: errno says why not.
[[nodiscard]] int openDatagramSocket(const DatagramService& service);

class Departures {
public:
    class Sender {
    public:
        virtual ~Sender() = default;
        // A datagram of his, with these frames in it, has been given to the network, or has not. In order.
        virtual void departed(const SentFrames& frames, std::span<const std::byte> datagram, bool wasSent) = 0;
    };

    static constexpr std::size_t longest = 1472; // bytes: a frame of Ethernet

    Departures();
    ~Departures();

    // Room for a datagram, to be filled and sent by depart(); null: none can be sent here.
    [[nodiscard]] std::byte* room(const DatagramService& service);
    // The datagram in the room given last; it leaves now or with flush().
    void depart(std::size_t size, const sockaddr_in& to, const SentFrames& frames, Sender& sender);
    // All that waits leaves. Senders may not add any meanwhile.
    void flush();

private:
    struct Line;
    std::vector<std::unique_ptr<Line>> m_lines; // one a service
    Line* m_line = nullptr;                     // room() was given there
};

} // namespace loa::playout
