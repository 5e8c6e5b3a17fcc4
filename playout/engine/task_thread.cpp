#include "playout/engine/task_thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>

namespace loa::playout {

using std::chrono::steady_clock;

namespace {

// Of thousands of tasks that come one behind the other none is in the processor's cache when its turn comes: its
// beginning is asked for while those before it are worked.
constexpr std::size_t fetchedAhead = 2;

void fetch(const Task& task)
{
    constexpr std::size_t line = 64;
    constexpr std::size_t lines = 6;
    const char* const begin = reinterpret_cast<const char*>(&task);
    for (std::size_t index = 0; index < lines; ++index)
        __builtin_prefetch(begin + index * line);
}

} // namespace

TaskThread::TaskThread(const char* name, std::function<void()> finish)
    : m_finish(std::move(finish)), m_thread([this, name] { run(name); })
{
}

TaskThread::~TaskThread()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void TaskThread::add(Task& task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back({&task, {}});
        m_isCalled = true;
    }
    m_wake.notify_one();
}

void TaskThread::remove(Task& task)
{
    std::unique_lock lock(m_mutex);
    std::erase_if(m_entries, [&](const Entry& entry) { return entry.task == &task; });
    const std::int64_t turn = m_turn;
    m_left.wait(lock, [&] { return m_working != &task && (!m_finish || !m_isInTurn || m_turn != turn); });
}

void TaskThread::call(Task& task)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto entry =
            std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& one) { return one.task == &task; });
        if (entry == m_entries.end())
            return;
        entry->due = {};
        m_isCalled = true;
    }
    m_wake.notify_one();
}

std::size_t TaskThread::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.size();
}

void TaskThread::run(const char* name)
{
    pthread_setname_np(pthread_self(), name);
    prctl(PR_SET_TIMERSLACK, 1UL); // wake up when it is due, not up to 50 us later
    const sched_param lowest{sched_get_priority_min(SCHED_RR)};
    static_cast<void>(pthread_setschedparam(pthread_self(), SCHED_RR, &lowest));

    std::unique_lock lock(m_mutex);
    while (!m_quit) {
        m_isCalled = false;
        m_isInTurn = true;
        const auto now = steady_clock::now();
        for (std::size_t index = 0; index < m_entries.size() && !m_quit; ++index) {
            if (index + fetchedAhead < m_entries.size())
                fetch(*m_entries[index + fetchedAhead].task);
            if (m_entries[index].due <= now)
                work(lock, index);
        }
        if (m_finish) {
            lock.unlock();
            m_finish();
            lock.lock();
        }
        m_isInTurn = false;
        ++m_turn;
        m_left.notify_all();
        const auto first = std::min_element(m_entries.begin(), m_entries.end(),
                                            [](const Entry& a, const Entry& b) { return a.due < b.due; });
        const auto isWanted = [this] { return m_isCalled || m_quit; };
        const auto due = first == m_entries.end() ? steady_clock::time_point::max() : first->due; // may move meanwhile
        if (due == steady_clock::time_point::max())
            m_wake.wait(lock, isWanted);
        else if (due > steady_clock::now())
            m_wake.wait_until(lock, due, isWanted);
    }
}

void TaskThread::work(std::unique_lock<std::mutex>& lock, std::size_t index)
{
    Task* const task = m_entries[index].task;
    m_entries[index].due = steady_clock::time_point::max(); // until it says when, or is called
    m_working = task;
    lock.unlock();
    const steady_clock::time_point due(task->work());
    lock.lock();
    m_working = nullptr;
    m_left.notify_all();
    // Where it was, unless one before it has gone meanwhile.
    auto entry = m_entries.begin() + static_cast<std::ptrdiff_t>(std::min(index, m_entries.size()));
    if (entry == m_entries.end() || entry->task != task)
        entry = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& one) { return one.task == task; });
    if (entry != m_entries.end() && entry->due == steady_clock::time_point::max())
        entry->due = due;
}

} // namespace loa::playout
