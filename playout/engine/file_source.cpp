#include "media/codecs/house_reader.h"
#include "playout/engine/source.h"
#include "playout/engine/spsc_ring.h"
#include "scheduler/contract/hash.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace loa::playout {

namespace {

constexpr std::int64_t chunkFrames = 4096;
constexpr std::size_t chunksAhead = 32; // 2.7 s at 48 kHz, a power of two
constexpr std::int64_t aheadFrames = chunksAhead * chunkFrames;
constexpr auto refillEvery = std::chrono::milliseconds(250);

// Opens the house file when its hash is the segment's, `from` frames into it.
Result<media::HouseReader> openVerified(const QString& path, const Sha256& sha256, FrameCount from)
{
    auto hash = sha256OfFile(path);
    if (!hash)
        return passOn(hash);
    if (*hash != sha256) {
        return fail(
            ErrorCategory::Conflict,
            {QStringLiteral("Tệp âm thanh đã bị thay đổi."), QStringLiteral("The audio file has been altered.")}, path);
    }
    auto decoder = media::HouseReader::open(path);
    if (!decoder)
        return decoder;
    if (auto skipped = decoder->skip(from); !skipped)
        return passOn(skipped);
    return decoder;
}

// A stretch of decoded sound, shared by all who play it.
struct Chunk {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::array<float, chunkFrames> samples;

    [[nodiscard]] std::int64_t end() const { return first + count; }
};

// What the worker and one source share: a ring of chunks. What the reader is done with, the worker frees.
class Feed {
public:
    // Frames [from, end) of the item.
    Feed(std::int64_t end, std::int64_t from) : m_end(end), m_given(from)
    {
        m_wanted.store(from, std::memory_order_relaxed);
    }

    // Worker's side.
    [[nodiscard]] std::int64_t end() const { return m_end; }
    [[nodiscard]] std::int64_t given() const { return m_given; } // everything before has been handed over, or passed
    [[nodiscard]] bool isServed() const { return m_given >= m_end; }
    [[nodiscard]] std::int64_t wanted() const { return m_wanted.load(std::memory_order_acquire); }
    [[nodiscard]] bool isAbandoned() const { return m_abandoned.load(std::memory_order_relaxed); }
    void pass(std::int64_t position) { m_given = std::max(m_given, position); }
    // False: the ring is full.
    [[nodiscard]] bool give(const std::shared_ptr<const Chunk>& chunk)
    {
        std::shared_ptr<const Chunk>* slot = m_ring.claim();
        if (!slot)
            return false;
        *slot = chunk;
        m_ring.publish();
        m_given = chunk->end();
        return true;
    }
    void finish() { m_done.store(true, std::memory_order_release); } // no frame will come any more

    // Reader's side. `out` null: skip.
    std::size_t take(std::int64_t position, float* out, std::size_t frames)
    {
        m_stopped = m_done.load(std::memory_order_acquire); // before the ring: what was decoded last is still given
        std::size_t given = 0;
        while (const std::shared_ptr<const Chunk>* slot = m_ring.front()) {
            const Chunk& chunk = **slot;
            const std::int64_t at = position + static_cast<std::int64_t>(given);
            if (at < chunk.end() && (at < chunk.first || given == frames))
                break;
            if (at < chunk.end()) {
                const auto count = std::min(frames - given, static_cast<std::size_t>(chunk.end() - at));
                if (out)
                    std::copy_n(chunk.samples.begin() + (at - chunk.first), count, out + given);
                given += count;
            }
            if (position + static_cast<std::int64_t>(given) >= chunk.end())
                m_ring.pop();
        }
        // What was asked for and is not there is given up, so that the source catches up with the clock.
        const std::int64_t until = position + static_cast<std::int64_t>(given);
        if (until > m_wanted.load(std::memory_order_relaxed))
            m_wanted.store(until, std::memory_order_release);
        m_starved = given == 0;
        return given;
    }
    // What another reader would still get from here on. The worker does not know it yet.
    [[nodiscard]] std::shared_ptr<Feed> copy() const
    {
        auto twin = std::make_shared<Feed>(m_end, m_wanted.load(std::memory_order_relaxed));
        const bool isDone = m_done.load(std::memory_order_acquire); // before the ring, as in take()
        m_ring.forEach([&](const std::shared_ptr<const Chunk>& chunk) { static_cast<void>(twin->give(chunk)); });
        if (isDone)
            twin->finish();
        return twin;
    }
    void abandon() { m_abandoned.store(true, std::memory_order_relaxed); }
    [[nodiscard]] Break failure() const { return m_stopped && m_starved ? Break::SourceFailed : Break::None; }

private:
    // Worker's.
    const std::int64_t m_end;
    std::int64_t m_given;

    // Shared.
    SpscRing<std::shared_ptr<const Chunk>> m_ring{chunksAhead};
    std::atomic<std::int64_t> m_wanted;
    std::atomic<bool> m_done = false;
    std::atomic<bool> m_abandoned = false;

    // Reader's.
    bool m_stopped = false;
    bool m_starved = false;
};

// One decoder, and all who play its file at the same time. The worker's.
class Decoding {
public:
    Decoding(QString path, const Sha256& sha256, std::shared_ptr<Feed> first)
        : m_path(std::move(path)), m_sha256(sha256), m_position(first->given()), m_kept(first->given())
    {
        m_feeds.push_back(std::move(first));
    }

    // It gives this feed what it lacks from here on: its file, and nothing that has gone by.
    [[nodiscard]] bool serves(const Sha256& sha256, const Feed& feed) const
    {
        return !m_failed && sha256 == m_sha256 && feed.given() >= m_kept && feed.given() <= m_position;
    }
    void add(std::shared_ptr<Feed> feed) { m_feeds.push_back(std::move(feed)); }
    [[nodiscard]] const Sha256& sha256() const { return m_sha256; }
    [[nodiscard]] const QString& path() const { return m_path; }
    [[nodiscard]] bool isOver() const { return m_feeds.empty(); }

    // Decodes until who is furthest has enough. Feeds that cannot keep up with him leave for `stragglers`.
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
        if (!m_failed && !m_decoder && m_position < end) // at once: it may take a while to get to its frame
            m_failed = !open();
        if (m_position - front <= aheadFrames / 2) {
            while (!m_failed && m_position < std::min(end, front + aheadFrames)) {
                m_failed = !decode(front, end);
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
        std::int64_t most = 0;
        for (const auto& feed : m_feeds)
            most = std::max(most, feed->wanted());
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
    bool open()
    {
        auto decoder = openVerified(m_path, m_sha256, FrameCount{m_position});
        if (decoder)
            m_decoder.emplace(std::move(*decoder));
        return decoder.has_value();
    }
    // False: nothing more will come.
    bool decode(std::int64_t front, std::int64_t end)
    {
        if (front > m_position) { // somebody went ahead of what is decoded
            if (!drop(front - m_position))
                return false;
            m_kept = m_position = front;
        }
        auto chunk = std::make_shared_for_overwrite<Chunk>();
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
    std::optional<media::HouseReader> m_decoder;
    std::span<const float> m_pending;
    std::int64_t m_position; // decoded up to here
    std::int64_t m_kept;     // chunks from here on are there
    std::deque<std::shared_ptr<const Chunk>> m_chunks;
    std::vector<std::shared_ptr<Feed>> m_feeds;
    bool m_failed = false;
};

// Decodes when it is asked.
class BlockingFileSource final : public Source {
public:
    BlockingFileSource(const QString& path, const Segment& segment, FrameCount from)
        : m_end(segment.itemEnd().value), m_position(from.value)
    {
        auto decoder = openVerified(path, segment.sha256, from);
        if (decoder)
            m_decoder.emplace(std::move(*decoder));
        else
            m_failed = true;
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t there = await(position, out.size());
        std::copy_n(m_pending.begin(), there, out.begin());
        return there;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override { return await(position, frames); }
    Break failure() const override { return m_failed ? Break::SourceFailed : Break::None; }

private:
    // Brings m_pending to `position`; how many of `frames` lie in it.
    std::size_t await(FrameCount position, std::size_t frames)
    {
        while (!m_failed && position.value < m_end) {
            const auto behind = static_cast<std::size_t>(position.value - m_position);
            if (behind < m_pending.size()) {
                m_pending = m_pending.subspan(behind);
                m_position = position.value;
                return std::min({frames, m_pending.size(), static_cast<std::size_t>(m_end - m_position)});
            }
            m_position += static_cast<std::int64_t>(m_pending.size());
            m_pending = {};
            auto block = m_decoder->read();
            m_failed = !block || block->empty();
            if (!m_failed)
                m_pending = *block;
        }
        return 0;
    }

    std::int64_t m_end;
    std::int64_t m_position; // of m_pending's first frame
    std::optional<media::HouseReader> m_decoder;
    std::span<const float> m_pending;
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

std::unique_ptr<Source> FileSourceFactory::open(const Segment& segment, FrameCount from)
{
    auto feed = std::make_shared<Feed>(segment.itemEnd().value, from.value);
    m_worker->add(segment.sha256, feed);
    return std::make_unique<FileSource>(std::move(feed), *m_worker, segment.sha256);
}

std::unique_ptr<Source> BlockingFileSourceFactory::open(const Segment& segment, FrameCount from)
{
    return std::make_unique<BlockingFileSource>(m_path(segment.sha256), segment, from);
}

} // namespace loa::playout
