// The thread that owns the database. Everything that reads or writes it is handed in as a function and runs here, one
// after another. Threads: run() and stop() from any thread but the storage thread itself may wait on a future; run()
// never blocks. Ownership: owns the thread and the connection; the destructor stops. Failure state: start() leaves no
// thread behind when it fails.
#pragma once

#include "media/error.h"
#include "scheduler/store/database.h"

#include <QFuture>
#include <QPromise>
#include <QString>

#include <memory>
#include <type_traits>
#include <utility>

namespace loa::store {

class StorageThread {
public:
    // Opens the database on the new thread and waits for it. Errors: those of Database::open().
    [[nodiscard]] static Result<std::unique_ptr<StorageThread>> start(const QString& path);

    ~StorageThread();
    StorageThread(const StorageThread&) = delete;
    StorageThread& operator=(const StorageThread&) = delete;

    // Queues `work(Database&)` and gives its answer. After stop() the future is cancelled and `work` is never called.
    template <typename F>
    [[nodiscard]] auto run(F work) -> QFuture<std::invoke_result_t<F, Database&>>
    {
        using Answer = std::invoke_result_t<F, Database&>;
        auto task = std::make_unique<TaskOf<F, Answer>>(std::move(work));
        QFuture<Answer> future = task->promise.future();
        post(std::move(task));
        return future;
    }

    // Queues work whose answer nobody waits for.
    template <typename F>
    void dispatch(F work)
    {
        post(std::make_unique<SilentTaskOf<F>>(std::move(work)));
    }

    // Takes no more work, finishes what is queued, closes the database, ends the thread. Idempotent.
    void stop();

    // True on the storage thread itself.
    [[nodiscard]] bool isCurrent() const;

private:
    struct Task {
        virtual ~Task() = default;
        virtual void execute(Database& database) = 0;
    };

    template <typename F>
    struct SilentTaskOf final : Task {
        explicit SilentTaskOf(F given) : work(std::move(given)) {}
        void execute(Database& database) override { work(database); }

        F work;
    };

    template <typename F, typename Answer>
    struct TaskOf final : Task {
        explicit TaskOf(F given) : work(std::move(given)) { promise.start(); }

        void execute(Database& database) override
        {
            if constexpr (std::is_void_v<Answer>)
                work(database);
            else
                promise.addResult(work(database));
            promise.finish();
        }

        F work;
        QPromise<Answer> promise;
    };

    struct Private;
    explicit StorageThread(std::unique_ptr<Private> d);
    void post(std::unique_ptr<Task> task);

    std::unique_ptr<Private> m_d;
};

} // namespace loa::store
