#include "playout/output/rtp_packet.h"

#include <QHostAddress>
#include <QUrl>

namespace loa::playout {

std::array<std::byte, rtpHeaderBytes> toBytes(const RtpHeader& header)
{
    std::array<std::byte, rtpHeaderBytes> bytes{};
    bytes[0] = std::byte{0x80}; // version 2, no padding, extension or contributing sources
    bytes[1] = static_cast<std::byte>((header.marker ? 0x80 : 0) | (header.payloadType & 0x7F));
    bytes[2] = static_cast<std::byte>(header.sequence >> 8);
    bytes[3] = static_cast<std::byte>(header.sequence);
    for (std::size_t index = 0; index < 4; ++index) {
        bytes[4 + index] = static_cast<std::byte>(header.timestamp >> (24 - 8 * index));
        bytes[8 + index] = static_cast<std::byte>(header.source >> (24 - 8 * index));
    }
    return bytes;
}

Result<RtpDestination> rtpDestinationFrom(const QString& text)
{
    const QUrl url(text, QUrl::StrictMode);
    const QHostAddress address(url.host());
    const bool plain = url.path().isEmpty() && !url.hasQuery() && !url.hasFragment() && url.userInfo().isEmpty();
    if (!url.isValid() || url.scheme() != u"rtp" || !plain || address.protocol() != QAbstractSocket::IPv4Protocol ||
        url.port() < 1 || url.port() > 65535) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Địa chỉ RTP có dạng rtp://địa-chỉ-IPv4:cổng."),
                     QStringLiteral("An RTP address looks like rtp://IPv4-address:port.")},
                    text);
    }
    return RtpDestination{address.toIPv4Address(), static_cast<std::uint16_t>(url.port())};
}

QByteArray sessionDescription(const OutputConfig& config, const RtpDestination& destination,
                              std::chrono::milliseconds packetTime, std::uint32_t sessionNumber)
{
    const QByteArray address = QHostAddress(destination.address).toString().toLatin1();
    const QByteArray type = QByteArray::number(config.payloadType);
    const bool isOpus = config.codec.value_or(media::AudioCodec::Opus) == media::AudioCodec::Opus;
    const QByteArray origin =
        config.interfaceAddress.isEmpty() ? QByteArrayLiteral("0.0.0.0") : config.interfaceAddress.toLatin1();
    QByteArray name = (config.streamName.isEmpty() ? config.name : config.streamName).toUtf8();
    name.removeIf([](char character) { return static_cast<unsigned char>(character) < 0x20; });

    QByteArray text = "v=0\r\n";
    text += "o=- " + QByteArray::number(sessionNumber) + " 1 IN IP4 " + origin + "\r\n";
    text += "s=" + name + "\r\n";
    text += "c=IN IP4 " + address + (destination.isMulticast() ? '/' + QByteArray::number(config.ttl) : QByteArray()) +
            "\r\n";
    text += "t=0 0\r\n";
    text += "m=audio " + QByteArray::number(destination.port) + " RTP/AVP " + type + "\r\n";
    if (isOpus) {
        // RFC 7587, section 7: always "opus/48000/2"; what is sent is mono.
        text += "a=rtpmap:" + type + " opus/48000/2\r\n";
        text += "a=fmtp:" + type + " sprop-stereo=0\r\n";
    } else {
        text += "a=rtpmap:" + type + " L16/48000/1\r\n";
    }
    text += "a=ptime:" + QByteArray::number(static_cast<qint64>(packetTime.count())) + "\r\n";
    text += "a=recvonly\r\n";
    return text;
}

} // namespace loa::playout
