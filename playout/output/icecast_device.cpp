// A mount on an Icecast server: Ogg Opus, MP3 or AAC (ADTS). Packets leave a fifth of a second at a time, when the
// first frame of the first of them is due: a listener's player has them lie in its buffer in any case, and waking up
// five times a second costs an eighth of doing so for each packet. A connection's first packets need not wait for so
// many. "Left" means: the server's host has acknowledged the packet's bytes; a frame counts from the instant at which
// it was due, or at which its packet was handed to the kernel where that is later.
#include "playout/output/device_table.h"
#include "playout/output/icecast_connection.h"
#include "playout/output/ogg_opus.h"
#include "playout/output/stream_encoder.h"

#include <QRandomGenerator>
#include <QUrl>

#include <array>
#include <deque>
#include <thread>

namespace loa::playout::detail {

namespace {

constexpr FrameCount burst{sampleRate / 5};
constexpr FrameCount firstBurst{sampleRate / 20};

media::AudioCodec icecastCodec(const OutputConfig& config)
{
    return config.codec.value_or(media::AudioCodec::Mp3);
}

const char* contentTypeOf(media::AudioCodec codec)
{
    if (codec == media::AudioCodec::Opus)
        return "audio/ogg";
    return codec == media::AudioCodec::Aac ? "audio/aac" : "audio/mpeg";
}

// What stands before a packet of AAC-LC, 48 kHz, without checksum (ISO 13818-7, 6.2).
std::array<std::byte, 7> adtsHeader(std::size_t packetBytes, unsigned channels)
{
    constexpr unsigned rateIndex = 3; // 48 kHz
    const auto length = static_cast<unsigned>(packetBytes + 7);
    return {std::byte{0xFF},
            std::byte{0xF1},
            static_cast<std::byte>((1U << 6U) | (rateIndex << 2U)),
            static_cast<std::byte>((channels << 6U) | (length >> 11U)),
            static_cast<std::byte>(length >> 3U),
            static_cast<std::byte>(((length & 7U) << 5U) | 0x1FU),
            std::byte{0xFC}};
}

IcecastRequest icecastRequest(const OutputConfig& config)
{
    const QUrl url(config.url);
    IcecastRequest request;
    request.host = url.host();
    request.port = url.port(8000);
    request.path = url.path(QUrl::FullyEncoded).toLatin1();
    request.user = config.user;
    request.password = config.password;
    request.contentType = contentTypeOf(icecastCodec(config));
    request.name = config.streamName.isEmpty() ? config.name : config.streamName;
    request.genre = config.genre;
    request.listed = config.listed;
    request.bitRate = config.bitRate;
    request.timeout = config.timeout;
    return request;
}

class IcecastDevice final : public OutputDevice {
public:
    IcecastDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
        : m_request(icecastRequest(config)), m_codec(icecastCodec(config)),
          m_channels(media::countOf(channelsOf(config))), m_pacing(pacing), m_sink(sink),
          m_connection([&pacing] { return pacing.isRunning(); })
    {
    }

    Result<void> open(const StreamStart&) override
    {
        if (auto connected = m_connection.connect(m_request); !connected)
            return connected;
        m_inFlight.clear();
        m_burst.clear();
        m_waiting.clear();
        m_first.reset();
        m_hasSent = false;
        m_pager.reset();
        if (m_codec != media::AudioCodec::Opus)
            return {};
        m_pager.emplace(QRandomGenerator::global()->generate(), opusLookahead, m_channels);
        auto headers = m_connection.send(m_pager->headers({{QStringLiteral("TITLE"), m_request.name}}));
        if (!headers)
            m_connection.close();
        return headers;
    }

    Result<void> write(const OutputBlock& block) override
    {
        const FrameCount end = block.position + block.frames;
        if (!m_first)
            m_first = block.position;
        // Here and not when all are there: those that follow lie in the ring meanwhile, and wake nobody.
        if (m_waiting.empty() && !m_pacing.waitUntil(block.leadsIn ? end : block.position))
            return interrupted();
        append(block);
        m_waiting.push_back({m_connection.sent() + static_cast<std::int64_t>(m_burst.size()),
                             block.leadsIn ? end : block.position, end});
        return end - m_waiting.front().from < (m_hasSent ? burst : firstBurst) ? Result<void>{} : sendBurst();
    }

    void close() override
    {
        if (m_connection.isOpen() && !m_waiting.empty())
            static_cast<void>(sendBurst());
        if (m_connection.isOpen()) {
            for (int tries = 0; tries < 100 && m_pacing.isRunning(); ++tries) {
                settle();
                if (m_inFlight.empty())
                    break;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        }
        m_connection.close();
        m_inFlight.clear();
    }

private:
    struct Waiting {
        std::int64_t end; // of its bytes in the stream
        FrameCount from;
        FrameCount to;
    };
    struct InFlight {
        Waiting packet;
        UtcTime at;
        FrameCount sentAt; // live position then
    };

    Result<void> sendBurst()
    {
        const UtcTime now = m_pacing.now();
        const FrameCount live = m_pacing.livePosition();
        auto sent = m_connection.send(m_burst);
        if (!sent)
            return sent;
        for (const Waiting& packet : m_waiting)
            m_inFlight.push_back({packet, now + toDuration(std::max(FrameCount{}, packet.from - live)), live});
        m_hasSent = true;
        m_burst.clear();
        m_waiting.clear();
        settle();
        if (!m_inFlight.empty() && m_inFlight.front().sentAt + toFrames(m_request.timeout) < m_pacing.livePosition()) {
            return fail(
                ErrorCategory::LimitExceeded,
                {QStringLiteral("Icecast không nhận dữ liệu nữa."), QStringLiteral("Icecast takes no data any more.")},
                QString::fromLatin1(m_request.path));
        }
        return {};
    }

    void append(const OutputBlock& block)
    {
        const auto add = [this](std::span<const std::byte> bytes) {
            m_burst.insert(m_burst.end(), bytes.begin(), bytes.end());
        };
        if (m_codec == media::AudioCodec::Opus) {
            add(m_pager->page(block.packet, block.position + block.frames - *m_first));
            return;
        }
        if (m_codec == media::AudioCodec::Aac)
            add(adtsHeader(block.packet.size(), static_cast<unsigned>(m_channels)));
        add(block.packet);
    }

    void settle()
    {
        if (m_inFlight.empty())
            return;
        const std::int64_t acknowledged = m_connection.acknowledged();
        while (!m_inFlight.empty() && m_inFlight.front().packet.end <= acknowledged) {
            const InFlight& sent = m_inFlight.front();
            m_sink.delivered(sent.packet.from, sent.packet.to, sent.at);
            m_inFlight.pop_front();
        }
    }

    const IcecastRequest m_request;
    const media::AudioCodec m_codec;
    const int m_channels;
    Pacing& m_pacing;
    StreamSink& m_sink;
    IcecastConnection m_connection;
    std::optional<OggOpusPager> m_pager; // Opus alone
    std::optional<FrameCount> m_first;   // of the connection's first packet
    bool m_hasSent = false;              // since open()
    std::vector<std::byte> m_burst;      // bytes of m_waiting
    std::vector<Waiting> m_waiting;
    std::deque<InFlight> m_inFlight;
};

} // namespace

Result<void> checkIcecast(const OutputConfig& config)
{
    const QUrl url(config.url, QUrl::StrictMode);
    if (!url.isValid() || url.scheme() != u"http" || url.host().isEmpty() || url.path().size() < 2 ||
        !url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment())
        return wrongValue(config, "url", QStringLiteral("Địa chỉ Icecast có dạng http://máy:cổng/điểm-phát."),
                          QStringLiteral("An Icecast address looks like http://host:port/mount."));
    const auto codec = icecastCodec(config);
    if (codec != media::AudioCodec::Opus && codec != media::AudioCodec::Mp3 && codec != media::AudioCodec::Aac)
        return wrongValue(config, "codec", QStringLiteral("Icecast nhận opus, mp3 hoặc aac."),
                          QStringLiteral("Icecast takes opus, mp3 or aac."));
    if (config.password.isEmpty() || config.user.isEmpty() || config.user.contains(u':'))
        return wrongValue(config, "password", QStringLiteral("Icecast cần tên và mật khẩu nguồn phát."),
                          QStringLiteral("Icecast needs the source's user and password."));
    return {};
}

DeviceTraits traitsOfIcecast(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.between = config.between.value_or(BetweenSessions::Silence);
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(5000));
    traits.largestLateness = std::chrono::milliseconds(1500);
    traits.tail = std::chrono::milliseconds(300);
    traits.packets = encoderSettingsOf(config, icecastCodec(config));
    traits.passes = passesHousePackets(config, icecastCodec(config));
    return traits;
}

Created createIcecast(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<IcecastDevice>(config, pacing, sink);
}

} // namespace loa::playout::detail
