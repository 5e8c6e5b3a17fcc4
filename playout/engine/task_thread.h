// A thread that does several things from time to time, each when it is due or called for: the pumps of a process's
// stations, and the outputs that never wait.
//
// Threads: all functions from any, add() and remove() not from inside a task. Tasks of one thread are worked one at a
// time, in the order in which they were added; each delays the others by what it takes. The thread asks for real-time
// priority: what has to be on time and needs little goes before what merely computes. Where the system does not grant
// that (no CAP_SYS_NICE, RLIMIT_RTPRIO 0) it runs like others, and OutputHealth::startErrorP99 shows what it costs.
// Units: instants in nanoseconds of Clock::monotonic(), woken exactly (no timer slack). Tasks that are due at one
// instant cost one waking. Ownership: tasks outlive their stay; remove() returns when the task is not being worked, and
// will not be.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace loa::playout {

class Task {
public:
    virtual ~Task() = default;
    // Does what is due. When it is due again, unless somebody calls; 0: at once.
    [[nodiscard]] virtual std::chrono::nanoseconds work() = 0;
};

class TaskThread {
public:
    // `name`: at most 15 characters. `finish` is called on the thread when all that was due has been worked, before it
    // rests, and before remove() returns for any of it.
    explicit TaskThread(const char* name, std::function<void()> finish = {});
    ~TaskThread(); // ends after the task that it is in

    void add(Task& task); // due at once
    void remove(Task& task);
    void call(Task& task); // due at once; one that is not here is not worked
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        Task* task;
        std::chrono::steady_clock::time_point due;
    };
    void run(const char* name);
    void work(std::unique_lock<std::mutex>& lock, std::size_t index);

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::condition_variable m_left; // a task has been worked
    std::vector<Entry> m_entries;
    const Task* m_working = nullptr;
    const std::function<void()> m_finish;
    bool m_isInTurn = false;
    std::int64_t m_turn = 0;
    bool m_isCalled = false;
    bool m_quit = false;
    std::thread m_thread; // last
};

} // namespace loa::playout
