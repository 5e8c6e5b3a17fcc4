#include "playout/engine/live_speech.h"

#include "media/codecs/speech_decoder.h"

#include <QCryptographicHash>
#include <QtEndian>

#include <algorithm>
#include <array>

namespace loa::playout {

using media::SpeechDecoder;

struct LiveSpeech::Stream {
    explicit Stream(OrderId name) : id(std::move(name)) {}

    const OrderId id;
    JitterBuffer buffer;
    std::atomic<bool> ended = false;                     // the reader's
    QCryptographicHash hash{QCryptographicHash::Sha256}; // the network's
    std::int64_t packets = 0;                            // the network's
};

namespace {

class SpeechSource final : public Source {
public:
    SpeechSource(std::shared_ptr<JitterBuffer> buffer, std::shared_ptr<std::atomic<bool>> ended,
                 std::unique_ptr<SpeechDecoder> decoder)
        : m_buffer(std::move(buffer)), m_ended(std::move(ended)), m_decoder(std::move(decoder))
    {
    }

    // Positions count time, not packets: speech has no other place than now.
    std::size_t read(FrameCount, std::span<float> out) override
    {
        std::size_t given = 0;
        while (given < out.size() && !m_isOver) {
            if (m_used == m_block.size())
                fill();
            const std::size_t part = std::min(out.size() - given, m_block.size() - m_used);
            std::copy_n(m_block.begin() + static_cast<std::ptrdiff_t>(m_used), part,
                        out.begin() + static_cast<std::ptrdiff_t>(given));
            m_used += part;
            given += part;
        }
        return given;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        std::array<float, SpeechDecoder::frame> thrown;
        std::size_t given = 0;
        while (given < frames) {
            const std::size_t part = read(position, std::span(thrown).first(std::min(frames - given, thrown.size())));
            given += part;
            if (part == 0)
                break;
        }
        return given;
    }
    [[nodiscard]] Break failure() const override { return m_isOver ? Break::Stopped : Break::None; }

private:
    void fill()
    {
        m_used = 0;
        const SpeechDecoder::Samples block(m_block);
        switch (m_buffer->take(m_packet)) {
        case JitterBuffer::Turn::Waiting:
            std::fill(m_block.begin(), m_block.end(), 0.0F);
            return;
        case JitterBuffer::Turn::Packet:
            m_decoder->decode(m_packet.data(), block);
            return;
        case JitterBuffer::Turn::Missing:
            m_decoder->recover(m_packet.data(), block);
            return;
        case JitterBuffer::Turn::LeaveOut:
            leaveOut();
            return;
        case JitterBuffer::Turn::Ended:
            std::fill(m_block.begin(), m_block.end(), 0.0F);
            m_isOver = true;
            m_ended->store(true, std::memory_order_release);
            return;
        }
    }
    // Two packets in the time of one, from the first over to the second.
    void leaveOut()
    {
        m_decoder->decode(m_packet.data(), SpeechDecoder::Samples(m_leaving));
        fill();
        for (std::size_t index = 0; index < m_block.size(); ++index) {
            const float way = static_cast<float>(index) / static_cast<float>(m_block.size());
            m_block[index] = m_leaving[index] + (m_block[index] - m_leaving[index]) * way;
        }
    }

    std::shared_ptr<JitterBuffer> m_buffer;
    std::shared_ptr<std::atomic<bool>> m_ended;
    std::unique_ptr<SpeechDecoder> m_decoder;
    SpeechPacket m_packet;
    std::array<float, SpeechDecoder::frame> m_block{};
    std::array<float, SpeechDecoder::frame> m_leaving{};
    std::size_t m_used = SpeechDecoder::frame;
    bool m_isOver = false;
};

} // namespace

LiveSpeech::LiveSpeech(SourceFactory& inner, VerifyKey scheduler) : m_inner(inner), m_scheduler(scheduler) {}

LiveSpeech::~LiveSpeech() = default;

void LiveSpeech::expect(const AiringId& airing, const OrderId& stream)
{
    const std::lock_guard lock(m_mutex);
    m_streams.try_emplace(airing, std::make_shared<Stream>(stream));
    m_recent.fill({}); // they were others': each stream takes a packet once by itself
}

void LiveSpeech::heard(QByteArrayView bytes)
{
    const std::lock_guard lock(m_mutex);
    if (m_streams.empty())
        return;
    if (std::find(m_recent.begin(), m_recent.end(), bytes) != m_recent.end())
        return;
    const auto frame = openSpeech(bytes, m_scheduler);
    if (!frame)
        return;
    m_recent[m_nextRecent] = bytes.toByteArray();
    m_nextRecent = (m_nextRecent + 1) % m_recent.size();
    for (auto& [airing, stream] : m_streams) {
        if (stream->id != frame->stream)
            continue;
        if (frame->opus.isEmpty()) {
            stream->buffer.end(frame->sequence);
            continue;
        }
        const std::span packet(reinterpret_cast<const std::uint8_t*>(frame->opus.constData()),
                               static_cast<std::size_t>(frame->opus.size()));
        if (!SpeechDecoder::isOneFrame(packet) || !stream->buffer.put(frame->sequence, packet))
            continue;
        QByteArray sequence(4, '\0');
        qToBigEndian(frame->sequence, sequence.data());
        stream->hash.addData(sequence);
        stream->hash.addData(frame->opus);
        ++stream->packets;
    }
}

bool LiveSpeech::hasEnded(const AiringId& airing) const
{
    const std::lock_guard lock(m_mutex);
    const auto stream = m_streams.find(airing);
    return stream != m_streams.end() && stream->second->ended.load(std::memory_order_acquire);
}

std::optional<LiveSpeech::Account> LiveSpeech::close(const AiringId& airing)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_streams.find(airing);
    if (found == m_streams.end())
        return std::nullopt;
    Stream& stream = *found->second;
    Account account{stream.packets, stream.buffer.missing(), {}};
    const QByteArray digest = stream.hash.result();
    std::copy_n(digest.begin(), account.sha256.bytes.size(), reinterpret_cast<char*>(account.sha256.bytes.data()));
    m_streams.erase(found);
    return account;
}

std::unique_ptr<Source> LiveSpeech::open(const Segment& segment, FrameCount from, Fetching fetching)
{
    auto speech = speechOf(segment);
    return speech ? std::move(speech) : m_inner.open(segment, from, fetching);
}

std::unique_ptr<Source> LiveSpeech::speechOf(const Segment& segment)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_streams.find(segment.airing);
    if (found == m_streams.end())
        return nullptr;
    auto decoder = SpeechDecoder::create();
    if (!decoder)
        return nullptr;
    // Both live as long as either of stream and source.
    std::shared_ptr<Stream> stream = found->second;
    return std::make_unique<SpeechSource>(std::shared_ptr<JitterBuffer>(stream, &stream->buffer),
                                          std::shared_ptr<std::atomic<bool>>(stream, &stream->ended),
                                          *std::move(decoder));
}

} // namespace loa::playout
