#include "media/codecs/house_reader.h"
#include "playout/engine/source.h"
#include "scheduler/contract/hash.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace loa::playout {

namespace {

constexpr std::size_t aheadFrames = 131072; // 2.7 s at 48 kHz, a power of two
constexpr std::size_t refillBelow = aheadFrames / 2;
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

// What the worker and one source share: a ring of samples, each side's position in atomics.
class Prefetch {
public:
    Prefetch(QString path, const Segment& segment, FrameCount from)
        : m_path(std::move(path)), m_sha256(segment.sha256), m_end(segment.itemEnd().value),
          m_ring(std::make_unique<float[]>(aheadFrames)), m_written(from.value), m_read(from.value)
    {
    }

    // Worker's side. Decodes until the ring is full; false when there is nothing more to do.
    bool work()
    {
        const bool more = fill();
        if (!more)
            m_decoder.reset();
        return more;
    }
    void abandon() { m_abandoned.store(true, std::memory_order_relaxed); }

    // Reader's side. `out` null: skip.
    std::size_t take(std::int64_t position, float* out, std::size_t frames)
    {
        m_stopped = m_done.load(std::memory_order_acquire); // before the position: what was decoded last is still given
        const std::int64_t written = m_written.load(std::memory_order_acquire);
        const auto there = static_cast<std::size_t>(std::max<std::int64_t>(written - position, 0));
        const std::size_t given = std::min(there, frames);
        if (out) {
            const std::size_t from = static_cast<std::size_t>(position) & (aheadFrames - 1);
            const std::size_t first = std::min(given, aheadFrames - from);
            std::copy_n(&m_ring[from], first, out);
            std::copy_n(&m_ring[0], given - first, out + first);
        }
        // What was asked for and is not there is given up, so that the source catches up with the clock.
        const auto until = given > 0 ? position + static_cast<std::int64_t>(given) : position;
        if (until > m_read.load(std::memory_order_relaxed))
            m_read.store(until, std::memory_order_release);
        m_starved = given == 0;
        return given;
    }
    Break failure() const { return m_stopped && m_starved ? Break::SourceFailed : Break::None; }

private:
    bool fill()
    {
        if (m_abandoned.load(std::memory_order_relaxed))
            return false;
        if (!m_decoder && !open())
            return false;
        std::int64_t written = m_written.load(std::memory_order_relaxed);
        if (written - m_read.load(std::memory_order_acquire) > static_cast<std::int64_t>(refillBelow))
            return true;
        while (written < m_end) {
            const std::int64_t read = m_read.load(std::memory_order_acquire);
            if (read > written) { // the reader went ahead of what is decoded
                if (!drop(read - written))
                    return false;
                written = read;
                m_written.store(written, std::memory_order_release);
                continue;
            }
            const std::int64_t room = static_cast<std::int64_t>(aheadFrames) - (written - read);
            if (room == 0 || m_abandoned.load(std::memory_order_relaxed))
                return true;
            if (m_pending.empty() && !decodeMore())
                return false;
            const auto count = static_cast<std::size_t>(
                std::min({static_cast<std::int64_t>(m_pending.size()), room, m_end - written}));
            const std::size_t to = static_cast<std::size_t>(written) & (aheadFrames - 1);
            const std::size_t first = std::min(count, aheadFrames - to);
            std::copy_n(m_pending.begin(), first, &m_ring[to]);
            std::copy_n(m_pending.begin() + static_cast<std::ptrdiff_t>(first), count - first, &m_ring[0]);
            m_pending = m_pending.subspan(count);
            written += static_cast<std::int64_t>(count);
            m_written.store(written, std::memory_order_release);
        }
        return false;
    }
    bool open()
    {
        auto decoder = openVerified(m_path, m_sha256, FrameCount{m_written.load(std::memory_order_relaxed)});
        if (!decoder)
            return finish();
        m_decoder.emplace(std::move(*decoder));
        return true;
    }
    bool decodeMore()
    {
        auto block = m_decoder->read();
        if (!block || block->empty())
            return finish();
        m_pending = *block;
        return true;
    }
    bool drop(std::int64_t frames)
    {
        const auto pending = std::min(frames, static_cast<std::int64_t>(m_pending.size()));
        m_pending = m_pending.subspan(static_cast<std::size_t>(pending));
        auto skipped = m_decoder->skip(FrameCount{frames - pending});
        return (skipped && skipped->value == frames - pending) || finish();
    }
    bool finish()
    {
        m_done.store(true, std::memory_order_release);
        return false;
    }

    // Worker's.
    QString m_path;
    Sha256 m_sha256;
    std::int64_t m_end;
    std::optional<media::HouseReader> m_decoder;
    std::span<const float> m_pending;

    // Shared.
    std::unique_ptr<float[]> m_ring; // frame n at n modulo its size
    std::atomic<std::int64_t> m_written;
    std::atomic<std::int64_t> m_read;
    std::atomic<bool> m_done = false; // no frame will come any more
    std::atomic<bool> m_abandoned = false;

    // Reader's.
    bool m_stopped = false;
    bool m_starved = false;
};

class FileSource final : public Source {
public:
    explicit FileSource(std::shared_ptr<Prefetch> prefetch) : m_prefetch(std::move(prefetch)) {}
    ~FileSource() override { m_prefetch->abandon(); }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        return m_prefetch->take(position.value, out.data(), out.size());
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        return m_prefetch->take(position.value, nullptr, frames);
    }
    Break failure() const override { return m_prefetch->failure(); }

private:
    std::shared_ptr<Prefetch> m_prefetch;
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
    MediaPath path;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<std::shared_ptr<Prefetch>> arrivals;
    bool quit = false;
    std::thread thread;

    void run()
    {
        std::vector<std::shared_ptr<Prefetch>> active;
        std::unique_lock lock(mutex);
        while (!quit) {
            active.insert(active.end(), arrivals.begin(), arrivals.end());
            arrivals.clear();
            lock.unlock();
            std::erase_if(active, [](const std::shared_ptr<Prefetch>& prefetch) { return !prefetch->work(); });
            lock.lock();
            const auto called = [this] { return quit || !arrivals.empty(); };
            if (active.empty())
                wake.wait(lock, called);
            else
                wake.wait_for(lock, refillEvery, called);
        }
    }
};

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
        for (const auto& prefetch : m_worker->arrivals)
            prefetch->abandon();
    }
    m_worker->wake.notify_one();
    m_worker->thread.join();
}

std::unique_ptr<Source> FileSourceFactory::open(const Segment& segment, FrameCount from)
{
    auto prefetch = std::make_shared<Prefetch>(m_worker->path(segment.sha256), segment, from);
    {
        const std::lock_guard lock(m_worker->mutex);
        m_worker->arrivals.push_back(prefetch);
    }
    m_worker->wake.notify_one();
    return std::make_unique<FileSource>(std::move(prefetch));
}

std::unique_ptr<Source> BlockingFileSourceFactory::open(const Segment& segment, FrameCount from)
{
    return std::make_unique<BlockingFileSource>(m_path(segment.sha256), segment, from);
}

} // namespace loa::playout
