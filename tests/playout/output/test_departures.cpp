#include "playout/output/departures.h"
#include "playout/output/output.h"
#include "scheduler/contract/time.h"
#include "tests/playout/output/ports.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>

namespace loa::playout {

using namespace test;

namespace {

class Ear {
public:
    Ear() : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)), port(bindToFreePort(m_socket)) {}
    ~Ear() { ::close(m_socket); }

    std::vector<std::string> heard()
    {
        std::vector<std::string> all;
        std::array<char, 2048> bytes;
        for (ssize_t size = 0; (size = recv(m_socket, bytes.data(), bytes.size(), 0)) >= 0;)
            all.emplace_back(bytes.data(), static_cast<std::size_t>(size));
        return all;
    }
    [[nodiscard]] sockaddr_in address() const { return addressOf(INADDR_LOOPBACK, port); }
    static sockaddr_in addressOf(std::uint32_t host, std::uint16_t port)
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(host);
        to.sin_port = htons(port);
        return to;
    }

private:
    int m_socket;

public:
    const std::uint16_t port;
};

class Writer final : public Departures::Sender {
public:
    void departed(const SentFrames&, std::span<const std::byte> datagram, bool wasSent) override
    {
        (wasSent ? sent : refused).emplace_back(reinterpret_cast<const char*>(datagram.data()), datagram.size());
    }
    void write(Departures& departures, const DatagramService& service, const sockaddr_in& to, const std::string& text)
    {
        std::byte* room = departures.room(service);
        REQUIRE(room);
        std::memcpy(room, text.data(), text.size());
        departures.depart(text.size(), to, {}, *this);
    }

    std::vector<std::string> sent;
    std::vector<std::string> refused;
};

class Instant final : public Pacing, public StreamSink {
public:
    bool waitUntil(FrameCount) override { return true; }
    [[nodiscard]] bool isRunning() const override { return true; }
    [[nodiscard]] UtcTime now() const override { return {}; }
    [[nodiscard]] FrameCount livePosition() const override { return {}; }
    void delivered(FrameCount from, FrameCount to, UtcTime) override { left.emplace_back(from, to); }
    void lost(FrameCount, FrameCount, Break) override { ++losses; }

    std::vector<std::pair<FrameCount, FrameCount>> left;
    int losses = 0;
};

} // namespace

TEST_CASE("Promise 7: datagrams that leave together reach each its receiver; what one cannot send is its own",
          "[promise-7]")
{
    Departures departures;
    const DatagramService plain;
    const DatagramService hurried{46, 16};
    Ear left;
    Ear right;
    Writer one;
    Writer other;
    Writer astray;
    // Nobody may send to all without asking for it.
    const sockaddr_in everybody = Ear::addressOf(INADDR_BROADCAST, left.port);
    std::vector<std::string> texts;
    for (int number = 0; number < 100; ++number) { // more than leave at once
        texts.push_back("packet " + std::to_string(number));
        if (number % 7 == 0)
            astray.write(departures, plain, everybody, texts.back());
        one.write(departures, plain, left.address(), texts.back());
        other.write(departures, number % 2 ? plain : hurried, right.address(), texts.back());
    }
    astray.write(departures, plain, everybody, "last");
    departures.flush();
    CHECK(left.heard() == texts);
    CHECK(one.sent == texts);
    CHECK(one.refused.empty());
    auto all = right.heard(); // those of one service in order
    std::sort(all.begin(), all.end());
    std::sort(texts.begin(), texts.end());
    CHECK(all == texts);
    CHECK(other.sent.size() == texts.size());
    CHECK(astray.sent.empty());
    CHECK(astray.refused.size() == 16);
    departures.flush(); // nothing waits any more
    CHECK(left.heard().empty());
}

TEST_CASE("Promise 3: an RTP packet that is left to be sent counts when it has been", "[promise-3]")
{
    Ear receiver;
    Departures departures;
    Instant line;
    OutputConfig config;
    config.name = QStringLiteral("rtp");
    config.device = QStringLiteral("rtp");
    config.url = QStringLiteral("rtp://127.0.0.1:%1").arg(receiver.port);
    const auto device = *createDevice(config, line, line);
    device->share(departures);
    REQUIRE(device->open({}));
    std::array<std::byte, 40> packet{};
    for (std::int64_t at = 0; at < 3; ++at)
        REQUIRE(device->write({FrameCount{at * 960}, {}, FrameCount{960}, packet}));
    CHECK(line.left.empty());
    CHECK(receiver.heard().empty());
    SECTION("with the others of its thread")
    {
        departures.flush();
    }
    SECTION("when its output closes")
    {
        device->close();
    }
    REQUIRE(line.left.size() == 3);
    CHECK(line.left[2] == std::pair(FrameCount{1920}, FrameCount{2880}));
    CHECK(line.losses == 0);
    const auto heard = receiver.heard();
    REQUIRE(heard.size() == 3);
    CHECK(heard[2].size() == 52);
    CHECK(heard[2][3] == static_cast<char>(heard[0][3] + 2)); // sequence
}

} // namespace loa::playout
