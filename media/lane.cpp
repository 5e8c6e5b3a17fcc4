#include "media/lane.h"

#include <new>
#include <utility>

namespace loa::media {

namespace {

constexpr std::size_t longestQueue = 4;
constexpr std::size_t blockSamples = 48 * 1024;

Result<void> runGuarded(const Lane::Work& work, std::span<const float> block)
{
    try {
        return work(block);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp cần quá nhiều bộ nhớ; hãy xuất lại thành MP3 hoặc WAV."),
                     QStringLiteral("The file needs too much memory; export it again as MP3 or WAV.")});
    }
}

} // namespace

Lane::Lane(Work work) : m_work(std::move(work)), m_thread([this] { run(); }) {}

Lane::~Lane()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
        m_dropped = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void Lane::give(Block block)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_queue.size() < longestQueue || m_failure; });
    if (m_failure)
        return;
    m_queue.push(std::move(block));
    lock.unlock();
    m_changed.notify_all();
}

Result<void> Lane::finish()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    if (m_failure)
        return tl::unexpected(*m_failure);
    return {};
}

void Lane::run()
{
    for (;;) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_queue.empty() || m_ended; });
        if (m_queue.empty() || m_dropped)
            return;
        const Block block = m_queue.front();
        lock.unlock();
        auto done = runGuarded(m_work, *block);
        lock.lock();
        m_queue.pop();
        if (!done)
            m_failure = done.error();
        lock.unlock();
        m_changed.notify_all();
        if (!done)
            return;
    }
}

void LaneFeeder::add(std::span<const float> samples)
{
    if (!m_block) {
        m_block = std::make_shared<std::vector<float>>();
        m_block->reserve(blockSamples + samples.size());
    }
    m_block->insert(m_block->end(), samples.begin(), samples.end());
    if (m_block->size() >= blockSamples)
        flush();
}

void LaneFeeder::flush()
{
    if (!m_block)
        return;
    const Lane::Block block = std::exchange(m_block, nullptr);
    for (Lane* lane : m_lanes)
        lane->give(block);
}

} // namespace loa::media
