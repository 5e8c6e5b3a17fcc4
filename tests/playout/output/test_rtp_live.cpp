#include "playout/output/rtp_packet.h"
#include "tests/playout/output/live.h"

#include <QFile>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <poll.h>

#include <atomic>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

struct Received {
    UtcTime at;
    std::uint8_t payloadType = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t source = 0;
    std::vector<std::uint8_t> payload;
    int ttl = 0;
    int service = 0; // the byte of the IP header: DSCP and two bits more
};

int controlOf(msghdr& message, int type)
{
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == type)
            return type == IP_TOS ? *CMSG_DATA(one) : *reinterpret_cast<const int*>(CMSG_DATA(one));
    }
    return -1;
}

// Takes packets on a thread of its own until it is told to end.
class Receiver {
public:
    explicit Receiver(const char* group = nullptr, std::uint16_t wanted = 0)
    {
        m_socket = ::socket(AF_INET, SOCK_DGRAM, 0);
        port = bindToFreePort(m_socket, group ? INADDR_ANY : INADDR_LOOPBACK, wanted);
        if (group) {
            ip_mreq membership{};
            inet_pton(AF_INET, group, &membership.imr_multiaddr);
            membership.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
            REQUIRE(setsockopt(m_socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) == 0);
        }
        const int on = 1;
        REQUIRE(setsockopt(m_socket, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) == 0);
        REQUIRE(setsockopt(m_socket, IPPROTO_IP, IP_RECVTOS, &on, sizeof on) == 0);
        m_thread = std::thread([this] { run(); });
    }
    ~Receiver() { end(); }

    std::vector<Received> end()
    {
        if (m_thread.joinable()) {
            m_quit = true;
            m_thread.join();
            ::close(m_socket);
        }
        return m_packets;
    }

    std::uint16_t port = 0;

private:
    void run()
    {
        const SystemClock clock;
        std::uint8_t bytes[2048];
        while (!m_quit) {
            pollfd descriptor{m_socket, POLLIN, 0};
            if (poll(&descriptor, 1, 50) <= 0)
                continue;
            iovec part{bytes, sizeof bytes};
            alignas(cmsghdr) std::array<char, 128> control{};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            const ssize_t size = recvmsg(m_socket, &message, 0);
            if (size < 12 || bytes[0] != 0x80)
                continue;
            const auto word = [&](int at) {
                return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
                       static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
            };
            m_packets.push_back({clock.now(),
                                 static_cast<std::uint8_t>(bytes[1] & 0x7F),
                                 (bytes[1] & 0x80) != 0,
                                 static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]),
                                 word(4),
                                 word(8),
                                 {bytes + 12, bytes + size},
                                 controlOf(message, IP_TTL),
                                 controlOf(message, IP_TOS)});
        }
    }

    int m_socket = -1;
    std::atomic<bool> m_quit = false;
    std::vector<Received> m_packets;
    std::thread m_thread;
};

OutputConfig rtpOutput(const QString& address, std::uint16_t port, media::AudioCodec codec)
{
    OutputConfig config;
    config.name = QStringLiteral("rtp");
    config.device = QStringLiteral("rtp");
    config.url = QStringLiteral("rtp://%1:%2").arg(address).arg(port);
    config.codec = codec;
    return config;
}

// Sequence numbers rise by one, timestamps by the packet's length, from one source.
void requireContinuous(const std::vector<Received>& packets, std::uint32_t step)
{
    for (std::size_t index = 1; index < packets.size(); ++index) {
        REQUIRE(packets[index].source == packets[0].source);
        REQUIRE(packets[index].sequence == static_cast<std::uint16_t>(packets[index - 1].sequence + 1));
        REQUIRE((packets[index].marker || packets[index].timestamp == packets[index - 1].timestamp + step));
    }
}

// Whether a sender report gives the instant of each packet; `ahead`: of the receiver's clock the sender's is. What a
// loaded machine makes late is late by chance: the best of many packets is not.
void requireTied(const Received& report, const std::vector<Received>& packets, std::int64_t clockRate,
                 Duration ahead = {})
{
    // RFC 3550, section 6.4.1: sender, NTP seconds and fraction, timestamp, packets, octets.
    CHECK(report.payloadType == (200 & 0x7F));
    REQUIRE(report.payload.size() >= 16);
    const auto word = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t index = 0; index < 4; ++index)
            value = value << 8U | report.payload[at + index];
        return value;
    };
    const UtcTime at = UtcTime(std::chrono::seconds(report.source - 2'208'988'800LL)) +
                       std::chrono::microseconds((std::uint64_t{word(0)} * 1'000'000) >> 32U);
    const Duration underWay = report.at + ahead - at;
    INFO("report " << underWay.count() << " us under way");
    CHECK(underWay > -1ms);
    CHECK(underWay < 100ms); // what a loaded machine may be late
    Duration least = Duration::max();
    for (const Received& packet : packets) {
        const auto ticks = static_cast<std::int32_t>(packet.timestamp - word(4));
        const UtcTime due = at + std::chrono::microseconds(std::int64_t{ticks} * 1'000'000 / clockRate);
        least = std::min(least, packet.at + ahead - due);
    }
    INFO("packets leave " << least.count() << " us after the instant that it gives them");
    CHECK(least > -1ms);
    CHECK(least < 2ms);
}

} // namespace

TEST_CASE("Promise 8: L16 over RTP carries the programme to the sample, each packet at its instant", "[promise-8]")
{
    Receiver receiver;
    LivePlayer live({rtpOutput(QStringLiteral("127.0.0.1"), receiver.port, media::AudioCodec::L16)},
                    {24000, 24001, 12000});
    const UtcTime start = live.playIn(700ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    std::this_thread::sleep_for(100ms); // the last packets are on their way
    const std::vector<Received> packets = receiver.end();
    REQUIRE(packets.size() >= 126);
    CHECK(packets[0].marker);
    CHECK(packets[0].payloadType == 96);
    requireContinuous(packets, 480);

    std::vector<std::int16_t> heard;
    for (const Received& packet : packets) {
        REQUIRE(packet.payload.size() == 960);
        for (std::size_t index = 0; index < packet.payload.size(); index += 2)
            heard.push_back(static_cast<std::int16_t>(packet.payload[index] << 8 | packet.payload[index + 1]));
    }
    // A lead-in of a tenth of a second, then the programme.
    constexpr std::size_t leadIn = 4800;
    REQUIRE(heard.size() >= leadIn + live.programme.size());
    bool equal = std::all_of(heard.begin(), heard.begin() + leadIn, [](std::int16_t sample) { return sample == 0; });
    for (std::size_t index = 0; index < live.programme.size(); ++index)
        equal &= heard[leadIn + index] == std::lrint(live.programme[index] * 32768.0F);
    CHECK(equal);

    std::vector<Duration> lateness;
    for (const Received& packet : packets)
        lateness.push_back(packet.at - (start - 100ms + toDuration({packet.timestamp - packets[0].timestamp})));
    std::sort(lateness.begin(), lateness.end());
    CHECK(lateness.front() >= -1ms); // the stream clock's and the frame's rounding
    CHECK(lateness[lateness.size() / 2] < 100ms);
    for (const AiringRecord& record : live.recorder.ended)
        CHECK(record.outcome == Outcome::Complete);
}

TEST_CASE("Promise 8: a sender report ties timestamps to the time of day; packets have the TTL and DSCP asked for",
          "[promise-8]")
{
    Receiver receiver;
    Receiver reports(nullptr, static_cast<std::uint16_t>(receiver.port + 1));
    OutputConfig config = rtpOutput(QStringLiteral("127.0.0.1"), receiver.port, media::AudioCodec::L16);
    config.ttl = 7;
    config.dscp = 46;
    LivePlayer live({config}, {24000});
    live.playIn(700ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    std::this_thread::sleep_for(100ms);
    const std::vector<Received> packets = receiver.end();
    REQUIRE(packets.size() > 50);
    for (const Received& packet : packets) {
        REQUIRE(packet.ttl == 7);
        REQUIRE(packet.service == 46 << 2);
    }
    const std::vector<Received> told = reports.end();
    REQUIRE_FALSE(told.empty());
    CHECK(told.front().timestamp == packets[0].source);
    requireTied(told.front(), packets, 48'000);
}

TEST_CASE("Promise 8: later reports follow a clock that is set in mid-session; BYE comes at the end", "[promise-8]")
{
    struct Kind {
        media::AudioCodec codec;
        std::int64_t clockRate;
    };
    constexpr std::array kinds{Kind{media::AudioCodec::Opus, 48'000}, Kind{media::AudioCodec::Mp3, 90'000},
                               Kind{media::AudioCodec::Pcmu, 8'000}};
    std::vector<std::unique_ptr<Receiver>> receivers; // the sound's and the reports' of each
    const auto outputs = [&](int delay) {
        std::vector<OutputConfig> configs;
        for (const Kind& kind : kinds) {
            receivers.push_back(std::make_unique<Receiver>());
            const std::uint16_t port = receivers.back()->port;
            receivers.push_back(std::make_unique<Receiver>(nullptr, static_cast<std::uint16_t>(port + 1)));
            configs.push_back(rtpOutput(QStringLiteral("127.0.0.1"), port, kind.codec));
            configs.back().name = QString::number(configs.size());
            configs.back().delay = std::chrono::milliseconds(delay);
        }
        return configs;
    };
    {
        // Threads of its own, and with others of a hub.
        LivePlayer alone(outputs(0), {6 * sampleRate});
        LivePlayer crowded(outputs(70), {6 * sampleRate}, Hub::fewStations + 1);
        alone.playIn(700ms);
        crowded.playIn(700ms);
        std::this_thread::sleep_for(3s);
        alone.clock.step(30s);
        crowded.clock.step(30s);
        REQUIRE(alone.recorder.awaitSessions(1, 20s));
        REQUIRE(crowded.recorder.awaitSessions(1, 20s));
    }
    std::this_thread::sleep_for(100ms);
    for (std::size_t index = 0; index < receivers.size(); index += 2) {
        const Kind& kind = kinds[index / 2 % kinds.size()];
        INFO("output " << index / 2 << ", clock rate " << kind.clockRate);
        const std::vector<Received> packets = receivers[index]->end();
        std::vector<Received> told = receivers[index + 1]->end();
        REQUIRE(packets.size() > 200);
        REQUIRE(told.size() == 3); // with the first packet, five seconds later, at the end
        requireTied(told[0], packets, kind.clockRate);
        for (std::size_t later : {1U, 2U})
            requireTied(told[later], packets, kind.clockRate, 30s);
        const std::vector<std::uint8_t>& last = told[2].payload;
        REQUIRE(last.size() > 8);
        CHECK(std::vector<std::uint8_t>(last.end() - 8, last.end() - 4) == std::vector<std::uint8_t>{0x81, 203, 0, 1});
    }
}

TEST_CASE("A stream is announced when it comes up, and taken back when it goes")
{
    const int listener = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const std::uint16_t announced = bindToFreePort(listener);
    Receiver receiver;
    QTemporaryDir folder;
    OutputConfig config = rtpOutput(QStringLiteral("127.0.0.1"), receiver.port, media::AudioCodec::Opus);
    config.announceTo = QStringLiteral("127.0.0.1:%1").arg(announced);
    config.sdpPath = folder.filePath(QStringLiteral("main.sdp"));
    {
        LivePlayer live({config}, {24000});
        live.playIn(700ms);
        REQUIRE(live.recorder.awaitSessions(1, 15s));
    }
    receiver.end();
    QFile sdp(config.sdpPath);
    REQUIRE(sdp.open(QIODevice::ReadOnly));
    const QByteArray description = sdp.readAll();
    std::vector<QByteArray> heard;
    for (;;) {
        char bytes[2048];
        const ssize_t length = recv(listener, bytes, sizeof bytes, 0);
        if (length <= 0)
            break;
        heard.emplace_back(bytes, length);
    }
    ::close(listener);
    REQUIRE(heard.size() >= 2);
    CHECK(heard.front()[0] == '\x20');
    CHECK(heard.front().endsWith(description));
    CHECK(heard.back()[0] == '\x24');
    CHECK(heard.back().mid(1) == heard.front().mid(1));
}

TEST_CASE("Opus over RTP to a multicast group; timestamps go on across the pause between sessions")
{
    const QString group = QStringLiteral("239.255.77.7");
    Receiver receiver("239.255.77.7");
    QTemporaryDir folder;
    OutputConfig config = rtpOutput(group, receiver.port, media::AudioCodec::Opus);
    config.interfaceAddress = QStringLiteral("127.0.0.1");
    config.ttl = 1;
    config.sdpPath = folder.filePath(QStringLiteral("main.sdp"));
    LivePlayer live({config}, {24000});
    QFile sdp(config.sdpPath);
    REQUIRE(sdp.open(QIODevice::ReadOnly));
    CHECK(sdp.readAll().contains("c=IN IP4 239.255.77.7/1\r\n"));

    const UtcTime first = live.playIn(700ms, "one");
    REQUIRE(live.player->play(timelineAt(first + 1500ms, live.frames, "two")));
    REQUIRE(live.recorder.awaitSessions(2, 15s));
    const std::vector<Received> packets = receiver.end();
    requireContinuous(packets, 960);
    std::vector<std::size_t> runs;
    for (std::size_t index = 0; index < packets.size(); ++index) {
        if (packets[index].marker)
            runs.push_back(index);
    }
    REQUIRE(runs.size() == 2);
    REQUIRE(runs[0] == 0);
    // Both runs began a lead-in before their session, and the sessions lie 1.5 s apart: to the frame or its rounding.
    const auto apart = static_cast<std::int64_t>(packets[runs[1]].timestamp - packets[0].timestamp);
    CHECK(std::abs(apart - 72000) <= 1);
    for (const AiringRecord& record : live.recorder.ended) {
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.gaps == 0);
    }
}

TEST_CASE("A receiver that is not there yet is no failure, and hears the stream from when it is")
{
    const int placeholder = ::socket(AF_INET, SOCK_DGRAM, 0);
    const std::uint16_t port = bindToFreePort(placeholder);
    ::close(placeholder); // whoever sends there is told that nobody listens
    LivePlayer live({rtpOutput(QStringLiteral("127.0.0.1"), port, media::AudioCodec::Opus)}, {48000});
    live.playIn(700ms);
    for (int tries = 0; live.recorder.beganCount() == 0 && tries < 500; ++tries)
        std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(300ms);
    Receiver receiver(nullptr, port);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    const std::vector<Received> packets = receiver.end();
    CHECK(packets.size() > 10);
    requireContinuous(packets, 960);
    CHECK(live.recorder.events.empty());
    CHECK(live.recorder.ended[0].outcome == Outcome::Complete);
}

TEST_CASE("An RTP output whose network is gone loses its frames and says so")
{
    // A group without a route from this interface address.
    OutputConfig config = rtpOutput(QStringLiteral("239.255.77.8"), 5004, media::AudioCodec::Opus);
    config.interfaceAddress = QStringLiteral("203.0.113.7");
    LivePlayer live({config}, {12000});
    live.playIn(600ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    REQUIRE(live.recorder.ended.size() == 1);
    CHECK(live.recorder.ended[0].outcome == Outcome::Missed);
    CHECK(live.recorder.ended[0].reason == Break::OutputDown);
    REQUIRE_FALSE(live.recorder.events.empty());
    CHECK(live.recorder.events[0].kind == OutputEvent::Kind::Lost);
}

} // namespace loa::playout
