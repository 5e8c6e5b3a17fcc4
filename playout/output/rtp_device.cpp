// RTP over UDP, to one address or a multicast group: Opus, PCMU and PCMA (20 ms a packet), MP3 (24 ms) or L16 (10 ms,
// of two channels 5, so that a packet fits a frame of Ethernet); Opus and MP3 as configured, up to 120 and 72 ms; every
// five seconds a sender report goes to the port above, which ties timestamps to the system's clock as it stands then,
// so one that was set in mid-session is followed within those five seconds; a good-bye (BYE) goes there when the output
// ends for good. Between sessions the source is silent, not gone: a receiver told that it is gone would not tie its
// next packets to the time of day until it has forgotten it. A packet leaves when its first frame is due; its timestamp
// is its position on the stream clock, so timestamps go on across the pauses between sessions. "Left" means: handed to
// the network; UDP says no more. Packets more than a fifth of a second late are not sent. While it is up the stream is
// announced by SAP every five seconds, where configuration asks for it.
//
// Each output has a socket of its own, connected, so that the way to its receiver is looked up once. It hears that
// nobody listens (ICMP), which is no failure here: the next receiver may come. Where outputs share a thread their
// packets leave together, through departures.h, and by the own socket what that does not take: its send buffer is
// everybody's, and a receiver that does not answer ARP can fill it.
#include "media/codecs/opus_bundle.h"
#include "playout/output/departures.h"
#include "playout/output/device_table.h"
#include "playout/output/rtp_packet.h"
#include "playout/output/stream_encoder.h"
#include "playout/output/whole_file.h"

#include <QDir>
#include <QFileInfo>
#include <QHostAddress>
#include <QRandomGenerator>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace loa::playout::detail {

namespace {

using namespace std::chrono_literals;

constexpr FrameCount latestPacket{sampleRate / 5};
constexpr int largestPacket = media::OpusBundle::most;

media::AudioCodec rtpCodec(const OutputConfig& config)
{
    return config.codec.value_or(media::AudioCodec::Opus);
}

// Opus is encoded, and house files are, in packets of 20 ms; longer ones are several of them.
int bundleOf(const OutputConfig& config)
{
    const RtpPayload& payload = *rtpPayloadOf(rtpCodec(config));
    return payload.codec == media::AudioCodec::Opus
               ? static_cast<int>(packetTimeOf(payload, config) / payload.packetTime)
               : 1;
}

media::EncoderSettings settingsOf(const OutputConfig& config)
{
    media::EncoderSettings settings = encoderSettingsOf(config, rtpCodec(config));
    const RtpPayload& payload = *rtpPayloadOf(settings.codec);
    settings.frameDuration = bundleOf(config) > 1 ? payload.packetTime : packetTimeOf(payload, config);
    return settings;
}

// L16 costs nothing to encode, and its first packet begins with a session's first frame: made here. The rest comes as
// packets.
bool takesPackets(media::AudioCodec codec)
{
    return codec != media::AudioCodec::L16;
}

bool hasBitRate(media::AudioCodec codec)
{
    return codec == media::AudioCodec::Opus || codec == media::AudioCodec::Mp3;
}

bool mayLast(media::AudioCodec codec, std::chrono::milliseconds packet)
{
    const auto ofCodec = rtpPayloadOf(codec)->packetTime;
    const std::int64_t most = codec == media::AudioCodec::Opus ? 6 : 3; // RFC 7587: up to 120 ms
    return hasBitRate(codec) && packet.count() % ofCodec.count() == 0 && packet / ofCodec >= 1 &&
           packet / ofCodec <= most;
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

class RtpDevice final : public OutputDevice, private Departures::Sender {
public:
    RtpDevice(const OutputConfig& config, const RtpDestination& destination, QByteArray description, Pacing& pacing,
              StreamSink& sink)
        : m_pacing(pacing), m_sink(sink),
          m_payload(*rtpPayloadOf(rtpCodec(config))), m_service{config.dscp, config.ttl, destination.isMulticast(),
                                                                QHostAddress(config.interfaceAddress).toIPv4Address()},
          m_to(socketAddress(destination.address, destination.port)), m_source(QRandomGenerator::global()->generate()),
          m_timestampBase(QRandomGenerator::global()->generate()),
          m_sequence(static_cast<std::uint16_t>(QRandomGenerator::global()->generate())),
          m_payloadType(static_cast<std::uint8_t>(payloadTypeOf(m_payload, config))),
          m_takesPackets(takesPackets(rtpCodec(config))), m_config(config), m_destination(destination),
          m_description(std::move(description)), m_settings(settingsOf(config))
    {
    }
    ~RtpDevice() override
    {
        close();
        sayGoodbye();
    }

    void share(Departures& departures) override { m_departures = &departures; }

    // The SDP file, where one is wanted. A disk that is full costs the file alone, not the stream.
    [[nodiscard]] Result<void> describe()
    {
        if (m_isDescribed || m_config.sdpPath.isEmpty())
            return {};
        const auto written =
            writeWhole(m_config.sdpPath, m_description,
                       {QStringLiteral("Không ghi được tệp SDP"), QStringLiteral("The SDP file cannot be written")});
        m_isDescribed = written.has_value();
        return written;
    }

    Result<void> open(const StreamStart& start) override
    {
        if (auto described = describe(); !described)
            m_sink.warned(described.error());
        if (auto opened = openSocket(); !opened) {
            close();
            return opened;
        }
        m_marker = true;
        m_runEnd = start.position;
        if (!m_takesPackets) {
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
        if (m_hasFailed) // what was left to be sent
            return takeFailure();
        if (m_takesPackets) {
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
        if (m_waiting > 0)
            m_departures->flush();
        m_hasFailed = false;
        m_failure.reset();
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
        m_socket = openDatagramSocket(m_service);
        if (m_socket < 0)
            return networkError(QStringLiteral("Không mở được cổng UDP"), QStringLiteral("No UDP socket"));
        if (::connect(m_socket, reinterpret_cast<const sockaddr*>(&m_to), sizeof m_to) != 0)
            return networkError(QStringLiteral("Không có đường mạng tới nơi nhận RTP"),
                                QStringLiteral("There is no network to the RTP receiver"));
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
        const auto header = toBytes({m_payloadType, std::exchange(m_marker, false), m_sequence++,
                                     m_timestampBase + rtpTicks(m_payload, packet.from), m_source});
        const std::size_t headers = header.size() + m_payload.headerBytes;
        const std::size_t size = headers + packet.data.size();
        std::byte* const room = m_departures && size <= Departures::longest ? m_departures->room(m_service) : nullptr;
        std::byte* const bytes = room ? room : (m_bytes.resize(size), m_bytes.data());
        std::copy(header.begin(), header.end(), bytes);
        std::fill_n(bytes + header.size(), m_payload.headerBytes, std::byte{});
        std::copy(packet.data.begin(), packet.data.end(), bytes + headers);
        if (room) {
            ++m_waiting;
            m_departures->depart(size, m_to, {packet.from, packet.to}, *this);
            return {};
        }
        const UtcTime now = m_pacing.now();
        settle({packet.from, packet.to}, {bytes, size}, send({bytes, size}), now);
        return m_hasFailed ? takeFailure() : Result<void>{};
    }

    Result<void> takeFailure()
    {
        m_hasFailed = false;
        return tl::unexpected(*std::exchange(m_failure, std::nullopt));
    }

    void departed(const SentFrames& frames, std::span<const std::byte> datagram, bool wasSent) override
    {
        --m_waiting;
        settle(frames, datagram, wasSent || send(datagram), m_pacing.now());
    }

    // Not sent: errno says why.
    void settle(const SentFrames& sent, std::span<const std::byte> datagram, bool wasSent, UtcTime at)
    {
        if (!wasSent) {
            const bool isFull = errno == EAGAIN || errno == ENOBUFS || errno == EINTR;
            if (!isFull) {
                m_hasFailed = true;
                m_failure = networkError(QStringLiteral("Không gửi được gói RTP"),
                                         QStringLiteral("An RTP packet cannot be sent"))
                                .value();
            }
            m_sink.lost(sent.from, sent.to, isFull ? Break::OutputHung : Break::OutputDown);
            return;
        }
        ++m_packets;
        m_octets += static_cast<std::uint32_t>(datagram.size() - rtpHeaderBytes);
        m_sink.delivered(sent.from, sent.to, at);
        if (sent.to >= m_nextReport) {
            m_nextReport = sent.to + reportEvery;
            sendReport();
            announce(Announcement::Here);
        }
    }

    // By its own socket. False: errno says why. What came back for an earlier packet is told once, in place of sending
    // this one.
    [[nodiscard]] bool send(std::span<const std::byte> datagram) const
    {
        if (::send(m_socket, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0)
            return true;
        return errno != EAGAIN && errno != ENOBUFS &&
               ::send(m_socket, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
    }

    [[nodiscard]] SenderReport report() const
    {
        const FrameCount position = wholeTicks(m_payload, m_pacing.livePosition());
        return {m_source, m_pacing.systemInstantOf(position), m_timestampBase + rtpTicks(m_payload, position),
                m_packets, m_octets};
    }

    // One that is lost is followed by the next: no reason to give up the stream.
    void sendReport() const { sendControl(toBytes(report(), m_canonicalName)); }

    void sayGoodbye()
    {
        if (m_packets == 0) // nobody has heard of it
            return;
        m_socket = openDatagramSocket(m_service);
        if (m_socket < 0)
            return;
        sendControl(toBytes(report(), m_canonicalName) + goodbye(m_source));
        ::close(m_socket);
    }

    void sendControl(const QByteArray& bytes) const
    {
        const sockaddr_in to = socketAddress(m_destination.address, static_cast<std::uint16_t>(m_destination.port + 1));
        static_cast<void>(::sendto(m_socket, bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&to), sizeof to));
    }

    // Lost ones are repeated, too.
    void announce(Announcement what)
    {
        if (m_config.announceTo.isEmpty())
            return;
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

    // What each packet needs lies together: a hub has thousands of them, and a processor's cache holds little.
    Pacing& m_pacing;
    StreamSink& m_sink;
    const RtpPayload& m_payload;
    Departures* m_departures = nullptr; // null: it sends each packet itself
    const DatagramService m_service;
    const sockaddr_in m_to;
    const std::uint32_t m_source;
    const std::uint32_t m_timestampBase;
    std::uint16_t m_sequence;
    const std::uint8_t m_payloadType;
    const bool m_takesPackets;
    bool m_marker = true;
    int m_waiting = 0; // that departures have
    FrameCount m_runStart;
    FrameCount m_runEnd;     // of the packets made so far
    FrameCount m_nextReport; // with the first packet, then every five seconds
    std::uint32_t m_packets = 0;
    std::uint32_t m_octets = 0;
    bool m_hasFailed = false; // m_failure

    const OutputConfig m_config;
    const RtpDestination m_destination;
    const QByteArray m_description; // SDP
    bool m_isDescribed = false;
    const media::EncoderSettings m_settings;
    int m_socket = -1;
    std::optional<Error> m_failure;         // of one of those that wait
    std::vector<std::byte> m_bytes;         // of the packet that it sends itself
    std::optional<StreamEncoder> m_encoder; // unless it takes packets
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
    const bool isG711 = codec == media::AudioCodec::Pcmu || codec == media::AudioCodec::Pcma;
    if (isG711 && channelsOf(config) != media::Channels::Mono)
        return wrongValue(config, "channel", QStringLiteral("RTP với pcmu hoặc pcma chỉ có một kênh."),
                          QStringLiteral("RTP of pcmu or pcma has one channel."));
    if (config.packetTime && !mayLast(codec, *config.packetTime))
        return wrongValue(
            config, "packet",
            QStringLiteral(
                "Chỉ opus và mp3 có gói dài khác: opus 20, 40, 60, 80, 100 hoặc 120 ms, mp3 24, 48 hoặc 72 ms."),
            QStringLiteral(
                "Opus and MP3 alone have packets of other lengths: 20, 40, 60, 80, 100 or 120 ms, and 24, 48 "
                "or 72 ms."));
    if (hasBitRate(codec) &&
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
        return wrongValue(config, "interface", QStringLiteral("Địa chỉ giao diện mạng phải là IPv4."),
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
    const auto held = rtpCodec(config) == media::AudioCodec::Mp3 ? 250ms : 80ms;
    traits.tail =
        std::max<std::chrono::milliseconds>(100ms, held + packetTimeOf(*rtpPayloadOf(rtpCodec(config)), config));
    if (takesPackets(rtpCodec(config))) {
        traits.packets = settingsOf(config);
        traits.bundle = bundleOf(config);
        traits.isPrompt = true;
    }
    traits.passes = passesHousePackets(config, rtpCodec(config));
    return traits;
}

Created createRtp(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    auto destination = rtpDestinationFrom(config.url);
    if (!destination)
        return passOn(destination);
    const QByteArray text = sessionDescription(config, *destination, *rtpPayloadOf(rtpCodec(config)),
                                               QRandomGenerator::global()->generate());
    auto device = std::make_unique<RtpDevice>(config, *destination, text, pacing, sink);
    // A folder that is not there is a mistake of whoever wrote the configuration; all else may pass.
    if (auto described = device->describe(); !described && !QFileInfo(config.sdpPath).absoluteDir().exists())
        return passOn(described);
    return device;
}

} // namespace loa::playout::detail
