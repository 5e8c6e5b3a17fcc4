#include "playout/output/rtp_packet.h"

#include "playout/output/stream_encoder.h"

#include <QHostAddress>
#include <QUrl>

#include <algorithm>
#include <numeric>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;

constexpr std::array rtpPayloads{
    RtpPayload{media::AudioCodec::Opus, -1, 48000, 20ms, "opus/48000/2", 0},
    RtpPayload{media::AudioCodec::L16, -1, 48000, 10ms, "L16/48000", 0},
    RtpPayload{media::AudioCodec::Pcmu, 0, 8000, 20ms, "PCMU/8000", 0},
    RtpPayload{media::AudioCodec::Pcma, 8, 8000, 20ms, "PCMA/8000", 0},
    RtpPayload{media::AudioCodec::Mp3, 14, 90000, 24ms, "MPA/90000", 4},
};

constexpr std::int64_t ntpEpoch = 2'208'988'800; // seconds from 1900 to 1970

void appendWord(QByteArray& bytes, std::uint32_t word)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.append(static_cast<char>(word >> shift));
}

} // namespace

const RtpPayload* rtpPayloadOf(media::AudioCodec codec)
{
    const auto* found = std::find_if(rtpPayloads.begin(), rtpPayloads.end(),
                                     [codec](const RtpPayload& payload) { return payload.codec == codec; });
    return found == rtpPayloads.end() ? nullptr : found;
}

std::chrono::milliseconds packetTimeOf(const RtpPayload& payload, const OutputConfig& config)
{
    const bool isFree = payload.codec == media::AudioCodec::Opus || payload.codec == media::AudioCodec::Mp3;
    if (isFree)
        return config.packetTime.value_or(payload.packetTime);
    // Two channels of L16 take twice the bytes, and a packet still fits a frame of Ethernet.
    return payload.codec == media::AudioCodec::L16 ? payload.packetTime / countOf(channelsOf(config))
                                                   : payload.packetTime;
}

int payloadTypeOf(const RtpPayload& payload, const OutputConfig& config)
{
    return payload.fixedType >= 0 ? payload.fixedType : config.payloadType;
}

std::uint32_t rtpTicks(const RtpPayload& payload, FrameCount position)
{
    const std::int64_t seconds = position.value / sampleRate;
    const std::int64_t rest = position.value % sampleRate;
    return static_cast<std::uint32_t>(seconds * payload.clockRate + rest * payload.clockRate / sampleRate);
}

FrameCount wholeTicks(const RtpPayload& payload, FrameCount position)
{
    const std::int64_t unit = sampleRate / std::gcd(sampleRate, payload.clockRate);
    return {position.value / unit * unit};
}

QByteArray toBytes(const SenderReport& report, const QByteArray& canonicalName)
{
    const std::int64_t micros = report.at.time_since_epoch().count();
    const auto fraction = (static_cast<std::uint64_t>(micros % 1'000'000) << 32U) / 1'000'000U;
    QByteArray bytes;
    appendWord(bytes, 0x80C80006U); // version 2, no report blocks, type 200, 7 words
    appendWord(bytes, report.source);
    appendWord(bytes, static_cast<std::uint32_t>(micros / 1'000'000 + ntpEpoch));
    appendWord(bytes, static_cast<std::uint32_t>(fraction));
    appendWord(bytes, report.timestamp);
    appendWord(bytes, report.packets);
    appendWord(bytes, report.octets);
    QByteArray item;
    item.append('\x01');
    item.append(static_cast<char>(canonicalName.size()));
    item.append(canonicalName);
    do
        item.append('\0'); // the end of the list, then up to the next word
    while (item.size() % 4 != 0);
    appendWord(bytes, 0x81CA0000U + static_cast<std::uint32_t>(item.size() / 4 + 1)); // one source, type 202
    appendWord(bytes, report.source);
    return bytes + item;
}

QByteArray goodbye(std::uint32_t source)
{
    QByteArray bytes;
    appendWord(bytes, 0x81CB0001U); // one source, type 203
    appendWord(bytes, source);
    return bytes;
}

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
        url.port() < 1 || url.port() > 65534) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Địa chỉ RTP có dạng rtp://địa-chỉ-IPv4:cổng."),
                     QStringLiteral("An RTP address looks like rtp://IPv4-address:port.")},
                    text);
    }
    return RtpDestination{address.toIPv4Address(), static_cast<std::uint16_t>(url.port())};
}

Result<RtpDestination> announcementAddressFrom(const QString& text)
{
    auto address = rtpDestinationFrom(QStringLiteral("rtp://") + text);
    if (!address) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Địa chỉ SAP có dạng địa-chỉ-IPv4:cổng, ví dụ 239.255.255.255:9875."),
                     QStringLiteral("A SAP address looks like IPv4-address:port, 239.255.255.255:9875 for one.")},
                    text);
    }
    return address;
}

QByteArray toAnnouncement(const QByteArray& description, std::uint32_t origin, Announcement what)
{
    QByteArray bytes;
    // Version 1, IPv4, neither encrypted nor compressed nor signed; the hash tells versions of one session apart.
    const std::uint32_t flags = what == Announcement::Gone ? 0x24U : 0x20U;
    appendWord(bytes, (flags << 24U) | std::max<std::uint32_t>(qChecksum(description), 1));
    appendWord(bytes, origin);
    bytes += QByteArrayLiteral("application/sdp");
    bytes += '\0';
    return bytes + description;
}

QByteArray sessionDescription(const OutputConfig& config, const RtpDestination& destination, const RtpPayload& payload,
                              std::uint32_t sessionNumber)
{
    const QByteArray address = QHostAddress(destination.address).toString().toLatin1();
    const QByteArray type = QByteArray::number(payloadTypeOf(payload, config));
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
    const QByteArray channels = QByteArray::number(countOf(channelsOf(config)));
    text += "a=rtpmap:" + type + ' ' + payload.encoding;
    if (payload.codec == media::AudioCodec::L16)
        text += '/' + channels;
    text += "\r\n";
    if (payload.codec == media::AudioCodec::Opus) // announced as stereo in any case (RFC 7587, section 7)
        text += "a=fmtp:" + type + " sprop-stereo=" + (channels == "2" ? '1' : '0') + "\r\n";
    text += "a=ptime:" + QByteArray::number(static_cast<qint64>(packetTimeOf(payload, config).count())) + "\r\n";
    text += "a=recvonly\r\n";
    return text;
}

} // namespace loa::playout
