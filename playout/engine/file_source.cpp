#include "playout/engine/file_feed.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace loa::playout {

using namespace detail;

namespace {

constexpr std::int64_t packetsAtOnce = 32;
constexpr std::int64_t aheadFrames = chunksAhead * chunkFrames;
constexpr auto refillEvery = std::chrono::milliseconds(250);

// One decoder, and all who play its file at the same time. The worker's.
class Decoding {
public:
    Decoding(QString path, const Sha256& sha256, std::shared_ptr<Feed> first)
        : m_path(std::move(path)), m_sha256(sha256), m_lead(first->lead()), m_position(first->given()),
          m_kept(first->given())
    {
        m_feeds.push_back(std::move(first));
    }

    // It gives this feed what it lacks from here on: its file, and nothing that has gone by.
    [[nodiscard]] bool serves(const Sha256& sha256, const Feed& feed) const
    {
        return !m_failed && sha256 == m_sha256 && feed.lead() == m_lead && feed.given() >= m_kept &&
               feed.given() <= m_position;
    }
    void add(std::shared_ptr<Feed> feed) { m_feeds.push_back(std::move(feed)); }
    [[nodiscard]] const Sha256& sha256() const { return m_sha256; }
    [[nodiscard]] const QString& path() const { return m_path; }
    [[nodiscard]] bool isOver() const { return m_feeds.empty(); }

    // Decodes, or reads packets, until who is furthest has enough. Feeds that cannot keep up with him leave for
    // `stragglers`.
    void work(std::vector<std::shared_ptr<Feed>>& stragglers)
    {
        std::erase_if(m_feeds, [](const auto& feed) { return feed->isAbandoned() || feed->isServed(); });
        if (m_feeds.empty())
            return;
        const std::int64_t front = furthest();
        release(front, stragglers);
        deliver();
        const std::int64_t end = (*std::max_element(m_feeds.begin(), m_feeds.end(), [](const auto& a, const auto& b) {
                                     return a->end() < b->end();
                                 }))->end();
        if (!m_failed && !m_decoder && !m_packets &&
            m_position < end) // at once: it may take a while to get to its frame
            m_failed = !open();
        if (m_position - front <= aheadFrames / 2) {
            while (!m_failed && m_position < std::min(end, front + aheadFrames)) {
                m_failed = !fetch(front, end);
                deliver();
            }
        }
        if (m_failed) {
            for (const auto& feed : m_feeds) {
                if (feed->given() >= m_position)
                    feed->finish();
            }
            std::erase_if(m_feeds, [&](const auto& feed) { return feed->given() >= m_position; });
        }
    }

private:
    [[nodiscard]] std::int64_t furthest() const
    {
        std::int64_t most = -m_lead;
        for (const auto& feed : m_feeds)
            most = std::max(most, feed->wanted() - m_lead);
        return most;
    }
    void release(std::int64_t until, std::vector<std::shared_ptr<Feed>>& stragglers)
    {
        while (!m_chunks.empty() && m_chunks.front()->end() <= until) {
            m_kept = m_chunks.front()->end();
            m_chunks.pop_front();
        }
        if (m_chunks.empty())
            m_kept = m_position;
        std::erase_if(m_feeds, [&](const auto& feed) {
            feed->pass(feed->wanted());
            if (feed->given() >= m_kept)
                return false;
            stragglers.push_back(feed);
            return true;
        });
    }
    void deliver()
    {
        for (const auto& feed : m_feeds) {
            auto next = std::partition_point(m_chunks.begin(), m_chunks.end(),
                                             [&](const auto& chunk) { return chunk->end() <= feed->given(); });
            while (next != m_chunks.end() && !feed->isServed() && feed->give(*next))
                ++next;
        }
    }
    // As packets, where they are wanted and its packets are a house file's; else to be decoded.
    bool open()
    {
        if (m_lead == 0)
            return openDecoder();
        if (!verify(m_path, m_sha256))
            return false;
        auto packets = media::HousePackets::open(m_path);
        if (!packets)
            return packets.error().category == ErrorCategory::Unsupported && openDecoder();
        const std::int64_t before = std::max(m_position - packets->begin().value, std::int64_t{0});
        m_position = packets->begin().value + before - before % packetFrames;
        m_packets.emplace(std::move(*packets));
        return true;
    }
    bool openDecoder()
    {
        m_packets.reset();
        m_position = std::max(m_position, std::int64_t{0});
        auto decoder = openVerified(m_path, m_sha256, FrameCount{m_position});
        if (decoder)
            m_decoder.emplace(std::move(*decoder));
        return decoder.has_value();
    }
    // False: nothing more will come.
    bool fetch(std::int64_t front, std::int64_t end)
    {
        return m_packets ? fetchPackets(front, end) : decode(front, end);
    }
    bool fetchPackets(std::int64_t front, std::int64_t end)
    {
        if (front > m_position) // somebody went ahead of what has been read
            m_kept = m_position += (front - m_position) / packetFrames * packetFrames;
        auto chunk = std::make_shared<PacketChunk>();
        chunk->first = m_position;
        bool isWhole = true;
        while (isWhole && m_position < end && chunk->ends.size() < packetsAtOnce) {
            const auto packet = m_packets->read();
            isWhole = packet && *packet;
            if (!packet && packet.error().category == ErrorCategory::Unsupported) {
                isWhole = openDecoder();
                break;
            }
            if (!isWhole || (*packet)->position.value < m_position)
                continue;
            chunk->bytes.insert(chunk->bytes.end(), (*packet)->data.begin(), (*packet)->data.end());
            chunk->ends.push_back(static_cast<std::uint32_t>(chunk->bytes.size()));
            chunk->count += packetFrames;
            m_position += packetFrames;
        }
        if (chunk->count > 0)
            m_chunks.push_back(std::move(chunk));
        return isWhole;
    }
    bool decode(std::int64_t front, std::int64_t end)
    {
        if (front > m_position) { // somebody went ahead of what is decoded
            if (!drop(front - m_position))
                return false;
            m_kept = m_position = front;
        }
        auto chunk = std::make_shared_for_overwrite<SampleChunk>();
        chunk->first = m_position;
        const std::int64_t wanted = std::min(chunkFrames, end - m_position);
        while (chunk->count < wanted) {
            if (m_pending.empty()) {
                auto block = m_decoder->read();
                if (!block || block->empty())
                    break;
                m_pending = *block;
            }
            const auto count = std::min(static_cast<std::int64_t>(m_pending.size()), wanted - chunk->count);
            std::copy_n(m_pending.begin(), count, chunk->samples.begin() + chunk->count);
            m_pending = m_pending.subspan(static_cast<std::size_t>(count));
            chunk->count += count;
        }
        m_position += chunk->count;
        const bool isWhole = chunk->count == wanted;
        if (chunk->count > 0)
            m_chunks.push_back(std::move(chunk));
        return isWhole;
    }
    bool drop(std::int64_t frames)
    {
        const auto pending = std::min(frames, static_cast<std::int64_t>(m_pending.size()));
        m_pending = m_pending.subspan(static_cast<std::size_t>(pending));
        const auto skipped = m_decoder->skip(FrameCount{frames - pending});
        return skipped && skipped->value == frames - pending;
    }

    const QString m_path;
    const Sha256 m_sha256;
    const std::int64_t m_lead; // over 0: packets are wanted
    std::optional<media::HousePackets> m_packets;
    std::optional<media::HouseReader> m_decoder; // one of the two, once it is open
    std::span<const float> m_pending;
    std::int64_t m_position; // decoded, or read, up to here
    std::int64_t m_kept;     // chunks from here on are there
    std::deque<std::shared_ptr<const Chunk>> m_chunks;
    std::vector<std::shared_ptr<Feed>> m_feeds;
    bool m_failed = false;
};

} // namespace

struct FileSourceFactory::Worker {
    struct Arrival {
        QString path;
        Sha256 sha256;
        std::shared_ptr<Feed> feed;
    };
    MediaPath path;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Arrival> arrivals;
    bool quit = false;
    std::thread thread;
    std::vector<std::unique_ptr<Decoding>> active; // the worker's

    void run()
    {
        std::unique_lock lock(mutex);
        while (!quit) {
            const std::vector<Arrival> arrived = std::exchange(arrivals, {});
            lock.unlock();
            for (const Arrival& arrival : arrived)
                take(arrival);
            work();
            lock.lock();
            const auto called = [this] { return quit || !arrivals.empty(); };
            if (active.empty())
                wake.wait(lock, called);
            else
                wake.wait_for(lock, refillEvery, called);
        }
    }
    // Any thread.
    void add(const Sha256& sha256, const std::shared_ptr<Feed>& feed)
    {
        {
            const std::lock_guard lock(mutex);
            arrivals.push_back({path(sha256), sha256, feed});
        }
        wake.notify_one();
    }
    void take(const Arrival& arrival)
    {
        const auto found = std::find_if(active.begin(), active.end(), [&](const auto& decoding) {
            return decoding->serves(arrival.sha256, *arrival.feed);
        });
        if (found != active.end())
            (*found)->add(arrival.feed);
        else
            active.push_back(std::make_unique<Decoding>(arrival.path, arrival.sha256, arrival.feed));
    }
    void work()
    {
        std::vector<Arrival> stragglers;
        std::vector<std::shared_ptr<Feed>> left;
        for (const auto& decoding : active) {
            decoding->work(left);
            for (std::shared_ptr<Feed>& feed : left)
                stragglers.push_back({decoding->path(), decoding->sha256(), std::move(feed)});
            left.clear();
        }
        std::erase_if(active, [](const auto& decoding) { return decoding->isOver(); });
        for (const Arrival& straggler : stragglers) // their rings are full: the next round is soon enough
            take(straggler);
    }
};

namespace {

// Reads a feed; its copies do, too.
class FileSource final : public Source {
public:
    FileSource(std::shared_ptr<Feed> feed, FileSourceFactory::Worker& worker, const Sha256& sha256)
        : m_feed(std::move(feed)), m_worker(worker), m_sha256(sha256)
    {
    }
    ~FileSource() override { m_feed->abandon(); }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        return m_feed->take(position.value, out.data(), out.size());
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        return m_feed->take(position.value, nullptr, frames);
    }
    std::span<const std::byte> packet(FrameCount position) override { return m_feed->packet(position.value); }
    Break failure() const override { return m_feed->failure(); }
    std::unique_ptr<Source> copy() const override;

private:
    std::shared_ptr<Feed> m_feed;
    FileSourceFactory::Worker& m_worker;
    const Sha256 m_sha256;
};

std::unique_ptr<Source> FileSource::copy() const
{
    auto twin = m_feed->copy();
    if (!twin)
        return nullptr;
    if (!twin->isServed())
        m_worker.add(m_sha256, twin);
    return std::make_unique<FileSource>(std::move(twin), m_worker, m_sha256);
}

} // namespace

FileSourceFactory::FileSourceFactory(MediaPath path) : m_worker(std::make_unique<Worker>())
{
    m_worker->path = std::move(path);
    m_worker->thread = std::thread([worker = m_worker.get()] { worker->run(); });
}

FileSourceFactory::~FileSourceFactory()
{
    {
        const std::lock_guard lock(m_worker->mutex);
        m_worker->quit = true;
    }
    m_worker->wake.notify_one();
    m_worker->thread.join();
}

std::unique_ptr<Source> FileSourceFactory::open(const Segment& segment, FrameCount from, Fetching fetching)
{
    std::unique_ptr<media::SpeechDecoder> decoder; // of packets, when samples are asked for
    if (fetching == Fetching::Packets) {
        if (auto made = media::SpeechDecoder::create())
            decoder = std::move(*made);
    }
    auto feed = std::make_shared<Feed>(segment.itemEnd().value, from.value, std::move(decoder));
    m_worker->add(segment.sha256, feed);
    return std::make_unique<FileSource>(std::move(feed), *m_worker, segment.sha256);
}

} // namespace loa::playout
