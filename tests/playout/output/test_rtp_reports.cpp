// What RTCP says beside an RTP output, in walked time: no frame is waited for.
#include "playout/engine/stream_clock.h"
#include "playout/output/departures.h"
#include "playout/output/rtp_packet.h"
#include "tests/playout/output/ports.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>
#include <string>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// A receiver's two ports.
class ReportEar {
public:
    ReportEar()
        : m_sound(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)),
          m_control(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)), port(bindToFreePort(m_sound))
    {
        bindToFreePort(m_control, INADDR_LOOPBACK, static_cast<std::uint16_t>(port + 1));
    }
    ~ReportEar()
    {
        ::close(m_sound);
        ::close(m_control);
    }
    [[nodiscard]] std::vector<QByteArray> sound() const { return all(m_sound); }
    [[nodiscard]] std::vector<QByteArray> control() const { return all(m_control); }

private:
    static std::vector<QByteArray> all(int socket)
    {
        std::vector<QByteArray> heard;
        std::array<char, 2048> bytes;
        for (ssize_t size = 0; (size = recv(socket, bytes.data(), bytes.size(), 0)) >= 0;)
            heard.emplace_back(bytes.data(), size);
        return heard;
    }

    int m_sound;
    int m_control;

public:
    const std::uint16_t port;
};

std::uint32_t wordAt(const QByteArray& bytes, qsizetype at)
{
    std::uint32_t value = 0;
    for (qsizetype index = 0; index < 4; ++index)
        value = value << 8U | static_cast<std::uint8_t>(bytes[at + index]);
    return value;
}

UtcTime ntpTimeAt(const QByteArray& bytes, qsizetype at)
{
    return UtcTime(std::chrono::seconds(wordAt(bytes, at) - 2'208'988'800LL)) +
           std::chrono::microseconds((std::uint64_t{wordAt(bytes, at + 4)} * 1'000'000) >> 32U);
}

// Who waits makes the time pass. Frame 0 is due at `morning` by the clock as it was then.
class WalkedPacing final : public Pacing, public StreamSink {
public:
    bool waitUntil(FrameCount position) override
    {
        const auto wait = stream.untilDue(position);
        if (wait > 0ns)
            clock.advance(std::chrono::ceil<Duration>(wait));
        return true;
    }
    [[nodiscard]] bool isRunning() const override { return true; }
    [[nodiscard]] UtcTime now() const override { return stream.now(); }
    [[nodiscard]] FrameCount livePosition() const override { return stream.live(); }
    [[nodiscard]] UtcTime systemInstantOf(FrameCount position) const override
    {
        return stream.systemInstantOf(position);
    }
    void delivered(FrameCount from, FrameCount, UtcTime) override { left.push_back(from); }
    void lost(FrameCount, FrameCount, Break) override { FAIL("nothing is lost here"); }

    ManualClock clock{morning};
    StreamClock stream{clock};
    std::vector<FrameCount> left;
};

OutputConfig rtpConfig(const ReportEar& ear, media::AudioCodec codec)
{
    OutputConfig config;
    config.name = QStringLiteral("rtp");
    config.device = QStringLiteral("rtp");
    config.url = QStringLiteral("rtp://127.0.0.1:%1").arg(ear.port);
    config.codec = codec;
    return config;
}

} // namespace

TEST_CASE("Promise 8: every sender report ties timestamps to the system's clock, also when that is set in mid-session",
          "[promise-8]")
{
    const auto codec = GENERATE(media::AudioCodec::L16, media::AudioCodec::Opus, media::AudioCodec::Mp3,
                                media::AudioCodec::Pcmu, media::AudioCodec::Pcma);
    const bool together = GENERATE(false, true); // with others of its thread
    const RtpPayload& payload = *rtpPayloadOf(codec);
    INFO(payload.encoding << (together ? ", together" : ", alone"));
    const bool isSound = codec != media::AudioCodec::Opus && codec != media::AudioCodec::Mp3;
    const FrameCount length = toFrames(payload.packetTime);
    ReportEar ear;
    Departures departures;
    WalkedPacing line;
    const auto device = *createDevice(rtpConfig(ear, codec), line, line);
    if (together)
        device->share(departures);

    const std::vector<float> samples(static_cast<std::size_t>(length.value), 0.1F);
    const std::array<std::byte, 100> packet{};
    const FrameCount first{length.value * 7};
    REQUIRE(device->open({first, {}, {}, {}}));
    struct Report {
        QByteArray bytes;
        Duration stepped;
        UtcTime sent;
    };
    std::vector<QByteArray> packets;
    std::vector<Report> reports;
    Duration stepped{0};
    const std::array<std::pair<FrameCount, Duration>, 2> steps{
        {{FrameCount{7 * sampleRate}, 30s}, {FrameCount{12 * sampleRate}, -45s}}};
    for (FrameCount at = first; at < FrameCount{21 * sampleRate}; at += length) {
        for (const auto& [when, by] : steps) {
            if (at <= when && when < at + length) {
                stepped += by;
                line.clock.step(line.clock.now() + by);
            }
        }
        if (isSound)
            REQUIRE(device->write({at, samples, length}));
        else
            REQUIRE(device->write({at, {}, length, packet}));
        if (together)
            departures.flush();
        for (const QByteArray& one : ear.sound())
            packets.push_back(one);
        for (const QByteArray& one : ear.control())
            reports.push_back({one, stepped, line.clock.now()});
    }
    REQUIRE(packets.size() == line.left.size());
    REQUIRE(reports.size() == 5); // with the first packet, then every five seconds
    const Duration tick = std::chrono::microseconds(1'000'000 / payload.clockRate + 1);
    for (const Report& report : reports) {
        CHECK(wordAt(report.bytes, 4) == wordAt(packets[0], 8));
        const UtcTime told = ntpTimeAt(report.bytes, 8);
        CHECK(told <= report.sent + 2us);
        CHECK(told > report.sent - 1ms);
        for (std::size_t index = 0; index < packets.size(); index += 97) {
            const auto ticks = static_cast<std::int32_t>(wordAt(packets[index], 4) - wordAt(report.bytes, 16));
            const UtcTime by = told + std::chrono::microseconds(std::int64_t{ticks} * 1'000'000 / payload.clockRate);
            const Duration off = by - (morning + toDuration(line.left[index]) + report.stepped);
            INFO("report at " << (report.sent - report.stepped - morning).count() << " us, packet " << index << ", off "
                              << off.count() << " us");
            REQUIRE(std::chrono::abs(off) <= tick + 2us);
        }
    }
}

TEST_CASE("An RTP output that ends says good-bye; between sessions it does not")
{
    ReportEar ear;
    WalkedPacing line;
    const std::array<std::byte, 100> packet{};
    SECTION("of what it sent")
    {
        auto device = *createDevice(rtpConfig(ear, media::AudioCodec::Opus), line, line);
        REQUIRE(device->open({}));
        REQUIRE(device->write({FrameCount{0}, {}, FrameCount{960}, packet}));
        device->close();
        const auto source = wordAt(ear.sound().at(0), 8);
        const auto reports = ear.control();
        REQUIRE(reports.size() == 1);
        const bool isOpen = GENERATE(false, true);
        if (isOpen)
            REQUIRE(device->open({FrameCount{48000}, {}, {}, {}}));
        CHECK(ear.control().empty());
        device.reset();
        const auto last = ear.control();
        REQUIRE(last.size() == 1);
        CHECK(last[0].left(4).toHex() == "80c80006"); // a report comes first (6.1)
        CHECK(last[0].right(8).left(4).toHex() == "81cb0001");
        CHECK(wordAt(last[0], last[0].size() - 4) == source);
    }
    SECTION("not where nobody has heard of it")
    {
        auto device = *createDevice(rtpConfig(ear, media::AudioCodec::Opus), line, line);
        REQUIRE(device->open({}));
        device.reset();
        CHECK(ear.control().empty());
    }
}

} // namespace loa::playout
