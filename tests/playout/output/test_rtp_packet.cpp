#include "playout/output/rtp_packet.h"

#include <catch2/catch.hpp>

namespace loa::playout {

TEST_CASE("An RTP header, byte by byte (RFC 3550, 5.1)")
{
    const auto bytes = toBytes({96, true, 0x1234, 0x89ABCDEF, 0x01020304});
    const std::array<int, 12> expected{0x80, 0x80 | 96, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 1, 2, 3, 4};
    for (std::size_t index = 0; index < bytes.size(); ++index)
        CHECK(std::to_integer<int>(bytes[index]) == expected[index]);
    CHECK(std::to_integer<int>(toBytes({97, false, 0, 0, 0})[1]) == 97);
}

TEST_CASE("Destinations: unicast and multicast")
{
    const auto unicast = rtpDestinationFrom(QStringLiteral("rtp://192.168.1.20:5004"));
    REQUIRE(unicast);
    CHECK(unicast->address == 0xC0A80114);
    CHECK(unicast->port == 5004);
    CHECK_FALSE(unicast->isMulticast());
    CHECK(rtpDestinationFrom(QStringLiteral("rtp://239.255.0.1:5004"))->isMulticast());
    CHECK(rtpDestinationFrom(QStringLiteral("rtp://224.0.0.1:1"))->isMulticast());
    CHECK_FALSE(rtpDestinationFrom(QStringLiteral("rtp://240.0.0.1:1"))->isMulticast());
    for (const char* wrong :
         {"", "rtp://", "rtp://1.2.3.4", "rtp://1.2.3.4:0", "rtp://[::1]:5004", "rtp://1.2.3.4:5004/x"})
        CHECK_FALSE(rtpDestinationFrom(QString::fromLatin1(wrong)));
}

TEST_CASE("A session description says what a receiver must know")
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.streamName = QStringLiteral("Xã Một\r\na=evil");
    config.ttl = 4;
    config.payloadType = 97;
    const auto destination = *rtpDestinationFrom(QStringLiteral("rtp://239.255.1.2:5004"));
    const QByteArray opus = sessionDescription(config, destination, *rtpPayloadOf(media::AudioCodec::Opus), 7);
    CHECK(opus == QByteArrayLiteral("v=0\r\n"
                                    "o=- 7 1 IN IP4 0.0.0.0\r\n"
                                    "s=X\xc3\xa3 M\xe1\xbb\x99ta=evil\r\n"
                                    "c=IN IP4 239.255.1.2/4\r\n"
                                    "t=0 0\r\n"
                                    "m=audio 5004 RTP/AVP 97\r\n"
                                    "a=rtpmap:97 opus/48000/2\r\n"
                                    "a=fmtp:97 sprop-stereo=0\r\n"
                                    "a=ptime:20\r\n"
                                    "a=recvonly\r\n"));
    config.packetTime = std::chrono::milliseconds(60);
    CHECK(
        sessionDescription(config, destination, *rtpPayloadOf(media::AudioCodec::Opus), 7).contains("a=ptime:60\r\n"));
    config.packetTime = std::chrono::milliseconds(72);
    CHECK(sessionDescription(config, destination, *rtpPayloadOf(media::AudioCodec::Mp3), 7).contains("a=ptime:72\r\n"));
    config.packetTime.reset();
    config.codec = media::AudioCodec::L16;
    const auto unicast = *rtpDestinationFrom(QStringLiteral("rtp://127.0.0.1:5004"));
    const QByteArray linear = sessionDescription(config, unicast, *rtpPayloadOf(media::AudioCodec::L16), 7);
    CHECK(linear.contains("c=IN IP4 127.0.0.1\r\n"));
    CHECK(linear.contains("a=rtpmap:97 L16/48000/1\r\n"));
    CHECK(linear.contains("a=ptime:10\r\n"));
    config.channel = media::Channels::Right;
    const QByteArray two = sessionDescription(config, unicast, *rtpPayloadOf(media::AudioCodec::L16), 7);
    CHECK(two.contains("a=rtpmap:97 L16/48000/2\r\n"));
    CHECK(two.contains("a=ptime:5\r\n"));
    CHECK(sessionDescription(config, unicast, *rtpPayloadOf(media::AudioCodec::Opus), 7)
              .contains("a=rtpmap:97 opus/48000/2\r\na=fmtp:97 sprop-stereo=1\r\n"));
    config.channel.reset();
    const QByteArray telephone = sessionDescription(config, unicast, *rtpPayloadOf(media::AudioCodec::Pcma), 7);
    CHECK(telephone.contains("m=audio 5004 RTP/AVP 8\r\n"));
    CHECK(telephone.contains("a=rtpmap:8 PCMA/8000\r\n"));
    CHECK_FALSE(telephone.contains("fmtp"));
    CHECK(rtpPayloadOf(media::AudioCodec::Aac) == nullptr);
}

TEST_CASE("RTP's clocks follow the stream without drift")
{
    const FrameCount week{7 * 24 * 3600 * sampleRate + 1152};
    for (const auto codec : {media::AudioCodec::Opus, media::AudioCodec::Pcmu, media::AudioCodec::Mp3}) {
        const RtpPayload& payload = *rtpPayloadOf(codec);
        const auto expected =
            static_cast<std::uint32_t>(7 * 24 * 3600 * payload.clockRate + payload.clockRate * 24 / 1000);
        CHECK(rtpTicks(payload, week) == expected);
        const FrameCount whole = wholeTicks(payload, week + FrameCount{7});
        CHECK(whole.value * payload.clockRate % sampleRate == 0);
        CHECK(whole >= week);
        CHECK(whole <= week + FrameCount{7});
    }
}

TEST_CASE("A sender report, byte by byte (RFC 3550, 6.4.1 and 6.5)")
{
    // 2026-11-23T22:00:00.5Z
    const UtcTime at{std::chrono::microseconds(1'795'471'200'500'000)};
    const QByteArray bytes = toBytes(SenderReport{0x01020304, at, 0x0A0B0C0D, 7, 1000}, "loa-1");
    const QByteArray expected = QByteArray::fromHex("80c80006"
                                                    "01020304"
                                                    "eeaf35e0" // seconds since 1900
                                                    "80000000" // half a second
                                                    "0a0b0c0d"
                                                    "00000007"
                                                    "000003e8"
                                                    "81ca0003"
                                                    "01020304"
                                                    "01056c6f"
                                                    "612d3100");
    CHECK(bytes.toHex() == expected.toHex());
    for (int length = 0; length < 8; ++length)
        CHECK(toBytes(SenderReport{}, QByteArray(length, 'x')).size() % 4 == 0);
    CHECK(goodbye(0x01020304).toHex() == QByteArrayLiteral("81cb000101020304")); // 6.6
}

TEST_CASE("An announcement, byte by byte (RFC 2974, 6)")
{
    const QByteArray here = toAnnouncement("v=0\r\n", 0xC0A8010A, Announcement::Here);
    REQUIRE(here.size() == 8 + 16 + 5);
    CHECK(here[0] == '\x20');
    CHECK(here[1] == '\0'); // no signature
    CHECK(here.mid(2, 2) != QByteArray(2, '\0'));
    CHECK(here.mid(4, 4) == QByteArray("\xC0\xA8\x01\x0A", 4));
    CHECK(here.mid(8) == QByteArray("application/sdp\0v=0\r\n", 21));
    const QByteArray gone = toAnnouncement("v=0\r\n", 0xC0A8010A, Announcement::Gone);
    CHECK(gone[0] == '\x24');
    CHECK(gone.mid(1) == here.mid(1));
    CHECK(announcementAddressFrom(QStringLiteral("239.255.255.255:9875"))->port == 9875);
    CHECK_FALSE(announcementAddressFrom(QStringLiteral("239.255.255.255")));
}

} // namespace loa::playout
