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
    const QByteArray opus = sessionDescription(config, destination, std::chrono::milliseconds(20), 7);
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
    config.codec = media::AudioCodec::L16;
    const auto unicast = *rtpDestinationFrom(QStringLiteral("rtp://127.0.0.1:5004"));
    const QByteArray linear = sessionDescription(config, unicast, std::chrono::milliseconds(10), 7);
    CHECK(linear.contains("c=IN IP4 127.0.0.1\r\n"));
    CHECK(linear.contains("a=rtpmap:97 L16/48000/1\r\n"));
}

} // namespace loa::playout
