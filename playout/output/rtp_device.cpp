// RTP over UDP, to one address or a multicast group: Opus, PCMU and PCMA (20 ms a packet), MP3 (24 ms) or L16 (10 ms,
// so that a packet fits a frame of Ethernet; Opus as configured, up to 60 ms); every five seconds a sender report goes
// to the port above. A packet leaves when its first frame is due; its timestamp is its position on the stream clock, so
// timestamps go on across the pauses between sessions. "Left" means: handed to the network; UDP says no more. Packets
// more than a fifth of a second late are not sent. While it is up the stream is announced by SAP every five seconds,
// where configuration asks for it.
#include "media/codecs/house_packets.h"
#include "playout/output/device_table.h"
#include "playout/output/rtp_packet.h"
#include "playout/output/stream_encoder.h"

#include <QHostAddress>
#include <QRandomGenerator>
#include <QSaveFile>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace loa::playout::detail {

namespace {

constexpr FrameCount latestPacket{sampleRate / 5};
constexpr int largestPacket = 1400;

media::AudioCodec rtpCodec(const OutputConfig& config)
{
    return config.codec.value_or(media::AudioCodec::Opus);
}

media::EncoderSettings settingsOf(const OutputConfig& config)
{
    media::EncoderSettings settings = encoderSettingsOf(config, rtpCodec(config));
    if (settings.codec != media::AudioCodec::Mp3)
        settings.frameDuration = packetTimeOf(*rtpPayloadOf(settings.codec), config);
    return settings;
}

// What costs next to nothing to encode has packets of its own length, made here; the rest comes as packets.
bool takesPackets(media::AudioCodec codec)
{
    return codec == media::AudioCodec::Opus || codec == media::AudioCodec::Mp3;
}

constexpr FrameCount reportEvery{5 * sampleRate};

sockaddr_in socketAddress(std::uint32_t address, std::uint16_t port)
{
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

class RtpDevice final : public OutputDevice {
public:
    RtpDevice(const OutputConfig& config, const RtpDestination& destination, QByteArray description, Pacing& pacing,
              StreamSink& sink)
        : m_config(config), m_payload(*rtpPayloadOf(rtpCodec(config))), m_destination(destination),
          m_description(std::move(description)), m_pacing(pacing), m_sink(sink),
          m_source(QRandomGenerator::global()->generate()), m_timestampBase(QRandomGenerator::global()->generate()),
          m_settings(settingsOf(config)), m_sequence(static_cast<std::uint16_t>(QRandomGenerator::global()->generate()))
    {
    }
    ~RtpDevice() override { close(); }

    Result<void> open(const StreamStart& start) override
    {
        if (auto opened = openSocket(); !opened) {
            close();
            return opened;
        }
        m_marker = true;
        m_runEnd = start.position;
        if (!takesPackets(m_settings.codec)) {
            if (auto begun = restart(start.position); !begun) {
                close();
                return begun;
            }
        }
        announce(Announcement::Here);
        return {};
    }

    Result<void> write(const OutputBlock& block) override
    {
        if (takesPackets(m_settings.codec)) {
            if (block.leadsIn)
                return {};
            m_marker |= block.position > m_runEnd;
            return sendPacket({block.packet, block.position, block.position + block.frames, {}});
        }
        if (block.position > m_encoder->next() + m_encoder->packetFrames()) {
            if (auto begun = restart(block.position); !begun)
                return begun;
        }
        return m_encoder->write(block, [this](const StreamPacket& packet) { return sendPacket(packet); });
    }

    void close() override
    {
        m_encoder.reset();
        if (m_socket >= 0) {
            announce(Announcement::Gone);
            ::close(m_socket);
        }
        m_socket = -1;
    }

private:
    // A new run of packets: the first one begins at `position`. What the encoder still held is given up.
    Result<void> restart(FrameCount position)
    {
        if (m_encoder)
            m_sink.lost(m_runEnd, m_encoder->next(), Break::OutputLate);
        auto encoder = StreamEncoder::create(m_settings, position);
        if (!encoder)
            return passOn(encoder);
        m_encoder.emplace(std::move(*encoder));
        m_runStart = position;
        m_runEnd = position;
        m_marker = true;
        return {};
    }

    Result<void> openSocket()
    {
        m_socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (m_socket < 0)
            return networkError(QStringLiteral("Không mở được cổng UDP"), QStringLiteral("No UDP socket"));
        const int typeOfService = m_config.dscp << 2;
        const int hops = m_config.ttl;
        const bool isMulticast = m_destination.isMulticast();
        bool done = setsockopt(m_socket, IPPROTO_IP, IP_TOS, &typeOfService, sizeof typeOfService) == 0 &&
                    setsockopt(m_socket, IPPROTO_IP, isMulticast ? IP_MULTICAST_TTL : IP_TTL, &hops, sizeof hops) == 0;
        if (done && isMulticast && !m_config.interfaceAddress.isEmpty()) {
            const in_addr from{htonl(QHostAddress(m_config.interfaceAddress).toIPv4Address())};
            done = setsockopt(m_socket, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) == 0;
        }
        if (!done)
            return networkError(QStringLiteral("Không đặt được tham số UDP"),
                                QStringLiteral("UDP options are not taken"));
        return {};
    }

    Result<void> sendPacket(const StreamPacket& packet)
    {
        if (packet.from < m_runStart) // the codec's run-in: silence before the first frame
            return {};
        if (!m_pacing.waitUntil(packet.from))
            return interrupted();
        m_runEnd = packet.to;
        if (packet.to + latestPacket < m_pacing.livePosition()) {
            m_sink.lost(packet.from, packet.to, Break::OutputLate);
            return {};
        }
        auto header = toBytes({static_cast<std::uint8_t>(payloadTypeOf(m_payload, m_config)), m_marker, m_sequence,
                               m_timestampBase + rtpTicks(m_payload, packet.from), m_source});
        std::array<std::byte, 4> payloadHeader{};
        iovec parts[3] = {{header.data(), header.size()},
                          {payloadHeader.data(), m_payload.headerBytes},
                          {const_cast<std::byte*>(packet.data.data()), packet.data.size()}}; // sendmsg() only reads
        sockaddr_in to = socketAddress(m_destination.address, m_destination.port);
        msghdr message{};
        message.msg_name = &to;
        message.msg_namelen = sizeof to;
        message.msg_iov = parts;
        message.msg_iovlen = 3;
        const UtcTime at = m_pacing.now();
        ++m_sequence;
        if (::sendmsg(m_socket, &message, MSG_NOSIGNAL) < 0) {
            if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
                return networkError(QStringLiteral("Không gửi được gói RTP"),
                                    QStringLiteral("An RTP packet cannot be sent"));
            m_sink.lost(packet.from, packet.to, Break::OutputHung);
            return {};
        }
        m_marker = false;
        ++m_packets;
        m_octets += static_cast<std::uint32_t>(m_payload.headerBytes + packet.data.size());
        m_sink.delivered(packet.from, packet.to, at);
        if (packet.to >= m_nextReport) {
            m_nextReport = packet.to + reportEvery;
            sendReport();
            announce(Announcement::Here);
        }
        return {};
    }

    // One that is lost is followed by the next: no reason to give up the stream.
    void sendReport()
    {
        const SenderReport report{m_source, m_pacing.now(),
                                  m_timestampBase + rtpTicks(m_payload, m_pacing.livePosition()), m_packets, m_octets};
        const QByteArray bytes = toBytes(report, m_canonicalName);
        const sockaddr_in to = socketAddress(m_destination.address, static_cast<std::uint16_t>(m_destination.port + 1));
        static_cast<void>(::sendto(m_socket, bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&to), sizeof to));
    }

    // Lost ones are repeated, too.
    void announce(Announcement what)
    {
        const auto address = announcementAddressFrom(m_config.announceTo);
        if (!address)
            return;
        const QByteArray bytes =
            toAnnouncement(m_description, QHostAddress(m_config.interfaceAddress).toIPv4Address(), what);
        const sockaddr_in to = socketAddress(address->address, address->port);
        static_cast<void>(::sendto(m_socket, bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&to), sizeof to));
    }

    tl::unexpected<Error> networkError(const QString& vi, const QString& en) const
    {
        return systemError(ErrorCategory::Unavailable, {vi, en}, m_config.url);
    }

    const OutputConfig m_config;
    const RtpPayload& m_payload;
    const RtpDestination m_destination;
    const QByteArray m_description; // SDP
    Pacing& m_pacing;
    StreamSink& m_sink;
    const std::uint32_t m_source;
    const std::uint32_t m_timestampBase;
    const media::EncoderSettings m_settings;
    std::uint16_t m_sequence;
    int m_socket = -1;
    std::optional<StreamEncoder> m_encoder; // unless it takes packets
    FrameCount m_runStart;
    FrameCount m_runEnd; // of the packets made so far
    bool m_marker = true;
    FrameCount m_nextReport; // with the first packet, then every five seconds
    std::uint32_t m_packets = 0;
    std::uint32_t m_octets = 0;
    const QByteArray m_canonicalName = "loa-" + QByteArray::number(m_source, 16);
};

} // namespace

Result<void> checkRtp(const OutputConfig& config)
{
    if (auto destination = rtpDestinationFrom(config.url); !destination)
        return wrongValue(config, "url", destination.error().message.vi, destination.error().message.en);
    const auto codec = rtpCodec(config);
    if (!rtpPayloadOf(codec))
        return wrongValue(config, "codec", QStringLiteral("RTP nhận opus, l16, pcmu, pcma hoặc mp3."),
                          QStringLiteral("RTP takes opus, l16, pcmu, pcma or mp3."));
    if (config.packetTime && (codec != media::AudioCodec::Opus || (*config.packetTime).count() % 20 != 0))
        return wrongValue(config, "packet", QStringLiteral("Chỉ opus có gói dài khác: 20, 40 hoặc 60 ms."),
                          QStringLiteral("Opus alone has packets of other lengths: 20, 40 or 60 ms."));
    if (codec == media::AudioCodec::Opus &&
        config.bitRate / 8 * packetTimeOf(*rtpPayloadOf(codec), config).count() / 1000 > largestPacket)
        return wrongValue(config, "bit_rate", QStringLiteral("Tốc độ bit quá lớn cho một gói RTP."),
                          QStringLiteral("The bit rate is too high for one RTP packet."));
    if (config.payloadType < 96 || config.payloadType > 127)
        return wrongValue(config, "payload_type", QStringLiteral("Kiểu tải RTP phải từ 96 đến 127."),
                          QStringLiteral("The RTP payload type must lie between 96 and 127."));
    if (config.ttl < 1 || config.ttl > 255)
        return wrongValue(config, "ttl", QStringLiteral("TTL phải từ 1 đến 255."),
                          QStringLiteral("The TTL must lie between 1 and 255."));
    if (config.dscp < 0 || config.dscp > 63)
        return wrongValue(config, "dscp", QStringLiteral("DSCP phải từ 0 đến 63."),
                          QStringLiteral("The DSCP must lie between 0 and 63."));
    if (auto announced = announcementAddressFrom(config.announceTo); !config.announceTo.isEmpty() && !announced)
        return wrongValue(config, "announce", announced.error().message.vi, announced.error().message.en);
    if (!config.interfaceAddress.isEmpty() &&
        QHostAddress(config.interfaceAddress).protocol() != QAbstractSocket::IPv4Protocol)
        return wrongValue(config, "interface_address", QStringLiteral("Địa chỉ giao diện mạng phải là IPv4."),
                          QStringLiteral("The interface address must be IPv4."));
    return {};
}

DeviceTraits traitsOfRtp(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.between = config.between.value_or(BetweenSessions::Closed);
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(100));
    traits.largestLateness = std::chrono::milliseconds(200);
    // What pushes the last sound out of the encoder here and out of the receiver's parser there: MP3 holds more.
    traits.tail = std::chrono::milliseconds(rtpCodec(config) == media::AudioCodec::Mp3 ? 250 : 100);
    if (takesPackets(rtpCodec(config))) {
        traits.packets = settingsOf(config);
        traits.isPrompt = true;
    }
    traits.passes = passesHousePackets(config, rtpCodec(config)) &&
                    toFrames(packetTimeOf(*rtpPayloadOf(rtpCodec(config)), config)) == media::HousePackets::frames;
    return traits;
}

Created createRtp(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    auto destination = rtpDestinationFrom(config.url);
    if (!destination)
        return passOn(destination);
    const QByteArray text = sessionDescription(config, *destination, *rtpPayloadOf(rtpCodec(config)),
                                               QRandomGenerator::global()->generate());
    if (!config.sdpPath.isEmpty()) {
        QSaveFile file(config.sdpPath);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Không ghi được tệp SDP: %1").arg(file.errorString()),
                         QStringLiteral("The SDP file cannot be written: %1").arg(file.errorString())},
                        config.sdpPath);
        }
    }
    return std::make_unique<RtpDevice>(config, *destination, text, pacing, sink);
}

} // namespace loa::playout::detail
