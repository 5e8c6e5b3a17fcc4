#include "scheduler/store/storage_thread.h"

#include <cassert>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace loa::store {

struct StorageThread::Private {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::unique_ptr<Task>> queue; // under mutex
    bool stopping = false;                   // under mutex
    std::mutex joining;
    std::thread thread;
    std::thread::id id;

    void serve(Database& database)
    {
        for (;;) {
            std::unique_ptr<Task> task;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return stopping || !queue.empty(); });
                if (queue.empty())
                    return;
                task = std::move(queue.front());
                queue.pop_front();
            }
            task->execute(database);
        }
    }
};

StorageThread::StorageThread(std::unique_ptr<Private> d) : m_d(std::move(d)) {}

StorageThread::~StorageThread()
{
    stop();
}

Result<std::unique_ptr<StorageThread>> StorageThread::start(const QString& path)
{
    auto d = std::make_unique<Private>();
    std::promise<Result<void>> opened;
    std::future<Result<void>> whenOpened = opened.get_future();
    d->thread = std::thread([shared = d.get(), path, report = std::move(opened)]() mutable {
        auto database = Database::open(path);
        if (!database) {
            report.set_value(passOn(database));
            return;
        }
        shared->id = std::this_thread::get_id();
        report.set_value({});
        shared->serve(**database);
    });
    const Result<void> outcome = whenOpened.get();
    if (!outcome) {
        d->thread.join();
        return passOn(outcome);
    }
    return std::unique_ptr<StorageThread>(new StorageThread(std::move(d)));
}

void StorageThread::post(std::unique_ptr<Task> task)
{
    {
        const std::lock_guard lock(m_d->mutex);
        if (m_d->stopping)
            return; // the task ends here, and its promise cancels the future
        m_d->queue.push_back(std::move(task));
    }
    m_d->wake.notify_one();
}

void StorageThread::stop()
{
    assert(!isCurrent());
    {
        const std::lock_guard lock(m_d->mutex);
        m_d->stopping = true;
    }
    m_d->wake.notify_one();
    const std::lock_guard lock(m_d->joining);
    if (m_d->thread.joinable())
        m_d->thread.join();
}

bool StorageThread::isCurrent() const
{
    return std::this_thread::get_id() == m_d->id;
}

} // namespace loa::store
