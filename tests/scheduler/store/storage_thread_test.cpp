#include "scheduler/store/storage_thread.h"
#include "tests/scheduler/store/sample_store.h"

#include <QTemporaryDir>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

using namespace loa;
using namespace loa::test;
using store::Database;
using store::StorageThread;

namespace {

const QString insertTopic =
    text("INSERT INTO topics (id, place, topic_group, name_vi, name_en) VALUES (?, ?, 'g', 'v', 'e')");

// Waits by the standard library alone: the thread sanitizer does not see how Qt's futures, built without it,
// synchronise. Those are in storage_future_test.cpp.
template <typename F>
auto ask(StorageThread& storage, F work)
{
    using Answer = std::invoke_result_t<F, Database&>;
    auto answer = std::make_shared<std::promise<Answer>>();
    std::future<Answer> future = answer->get_future();
    storage.dispatch([answer = std::move(answer), work = std::move(work)](Database& database) mutable {
        answer->set_value(work(database));
    });
    return future.get();
}

std::int64_t countTopics(Database& database)
{
    return taken(database.select(text("SELECT COUNT(*) FROM topics"))).front().front().toLongLong();
}

} // namespace

TEST_CASE("Work from many threads runs on one, whole and in order of each")
{
    const QTemporaryDir folder;
    const auto storage = taken(StorageThread::start(folder.filePath(text("loa.db"))));
    CHECK_FALSE(storage->isCurrent());
    constexpr int writers = 6;
    constexpr int each = 60;
    std::atomic<int> inside = 0; // how many pieces of work run at once
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            int last = -1;
            for (int i = 0; i < each; ++i) {
                const Result<int> got = ask(*storage, [&, writer, i](Database& database) -> Result<int> {
                    const bool alone = ++inside == 1 && storage->isCurrent();
                    const auto added = database.execute(insertTopic, {QStringLiteral("%1-%2").arg(writer).arg(i), i});
                    --inside;
                    if (!added || !alone)
                        return fail(ErrorCategory::Internal, {});
                    return i;
                });
                failures += got && *got == last + 1 ? 0 : 1;
                last = i;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(failures == 0);
    CHECK(ask(*storage, countTopics) == writers * each);
}

TEST_CASE("Stopping finishes what is queued, and takes nothing more")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    auto storage = taken(StorageThread::start(path));
    std::atomic<int> done = 0;
    for (int i = 0; i < 200; ++i) {
        storage->dispatch([&done, i](Database& database) {
            if (database.execute(insertTopic, {QString::number(i), i}))
                ++done;
        });
    }
    storage->stop();
    CHECK(done == 200);
    bool called = false;
    storage->dispatch([&called](Database&) { called = true; });
    CHECK_FALSE(called);
    storage->stop();
    storage.reset();
    CHECK(countTopics(*taken(Database::open(path))) == 200);
}

TEST_CASE("Work that queues work while others stop never hangs")
{
    for (int round = 0; round < 20; ++round) {
        const auto storage = taken(StorageThread::start(text(":memory:")));
        std::atomic<int> done = 0;
        std::thread poster([&] {
            for (int i = 0; i < 50; ++i) {
                storage->dispatch([&](Database&) {
                    ++done;
                    storage->dispatch([&](Database&) { ++done; });
                });
            }
        });
        std::thread stopper([&] { storage->stop(); });
        poster.join();
        stopper.join();
        storage->stop();
        CHECK(done <= 100);
    }
}

TEST_CASE("A database that cannot be opened is reported, and no thread stays")
{
    const auto refused = StorageThread::start(text("/nonexistent-folder/loa.db"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().category == ErrorCategory::Storage);
    CHECK(refused.error().where == text("/nonexistent-folder/loa.db"));
}
