// A mount on an Icecast server: Ogg Opus, MP3 or AAC (ADTS). Each packet leaves when its first frame is due. "Left"
// means: the server's host has acknowledged the packet's bytes; a frame counts from the instant its packet was handed
// to the kernel.
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

// The packet behind an ADTS header: AAC-LC, 48 kHz, mono, no checksum (ISO 13818-7, 6.2).
std::vector<std::byte> adtsFrame(std::span<const std::byte> packet)
{
    constexpr unsigned rateIndex = 3; // 48 kHz
    const auto length = static_cast<unsigned>(packet.size() + 7);
    const std::array<unsigned, 7> header{0xFF,
                                         0xF1,
                                         (1U << 6U) | (rateIndex << 2U),
                                         (1U << 6U) | (length >> 11U),
                                         length >> 3U,
                                         ((length & 7U) << 5U) | 0x1FU,
                                         0xFC};
    std::vector<std::byte> frame;
    frame.reserve(length);
    for (const unsigned value : header)
        frame.push_back(static_cast<std::byte>(value));
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
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
        : m_request(icecastRequest(config)), m_settings(encoderSettingsOf(config, icecastCodec(config))),
          m_pacing(pacing), m_sink(sink), m_connection([&pacing] { return pacing.isRunning(); })
    {
    }

    Result<void> open(const StreamStart& start) override
    {
        if (auto connected = m_connection.connect(m_request); !connected)
            return connected;
        auto encoder = StreamEncoder::create(m_settings, start.position);
        if (!encoder) {
            m_connection.close();
            return passOn(encoder);
        }
        m_encoder.emplace(std::move(*encoder));
        m_inFlight.clear();
        m_pager.reset();
        if (m_settings.codec != media::AudioCodec::Opus)
            return {};
        m_pager.emplace(QRandomGenerator::global()->generate(), m_encoder->delay());
        auto headers = m_connection.send(m_pager->headers({{QStringLiteral("TITLE"), m_request.name}}));
        if (!headers)
            m_connection.close();
        return headers;
    }

    Result<void> write(const OutputBlock& block) override
    {
        return m_encoder->write(block, [this](const StreamPacket& packet) { return sendPacket(packet); });
    }

    void close() override
    {
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
    struct InFlight {
        std::int64_t end; // of its bytes in the stream
        FrameCount from;
        FrameCount to;
        UtcTime at;
        FrameCount sentAt; // live position then
    };

    Result<void> sendPacket(const StreamPacket& packet)
    {
        if (!m_pacing.waitUntil(packet.from))
            return interrupted();
        const UtcTime at = m_pacing.now();
        auto sent = sendFramed(packet);
        if (!sent)
            return sent;
        m_inFlight.push_back({m_connection.sent(), packet.from, packet.to, at, m_pacing.livePosition()});
        settle();
        if (!m_inFlight.empty() && m_inFlight.front().sentAt + toFrames(m_request.timeout) < m_pacing.livePosition()) {
            return fail(
                ErrorCategory::LimitExceeded,
                {QStringLiteral("Icecast không nhận dữ liệu nữa."), QStringLiteral("Icecast takes no data any more.")},
                QString::fromLatin1(m_request.path));
        }
        return {};
    }

    Result<void> sendFramed(const StreamPacket& packet)
    {
        switch (m_settings.codec) {
        case media::AudioCodec::Opus:
            return m_connection.send(m_pager->page(packet.data, packet.sinceFirst));
        case media::AudioCodec::Aac:
            return m_connection.send(adtsFrame(packet.data));
        default:
            return m_connection.send(packet.data);
        }
    }

    void settle()
    {
        if (m_inFlight.empty())
            return;
        const std::int64_t acknowledged = m_connection.acknowledged();
        while (!m_inFlight.empty() && m_inFlight.front().end <= acknowledged) {
            const InFlight& packet = m_inFlight.front();
            m_sink.delivered(packet.from, packet.to, packet.at);
            m_inFlight.pop_front();
        }
    }

    const IcecastRequest m_request;
    const media::EncoderSettings m_settings;
    Pacing& m_pacing;
    StreamSink& m_sink;
    IcecastConnection m_connection;
    std::optional<StreamEncoder> m_encoder;
    std::optional<OggOpusPager> m_pager; // Opus alone
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
    return traits;
}

Created createIcecast(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<IcecastDevice>(config, pacing, sink);
}

} // namespace loa::playout::detail
