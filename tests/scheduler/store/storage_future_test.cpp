#include "scheduler/store/storage_thread.h"
#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;
using store::Database;
using store::StorageThread;

TEST_CASE("An answer comes back as a future")
{
    const auto storage = taken(StorageThread::start(text(":memory:")));
    CHECK(storage->run([](Database& database) { return database.path(); }).result() == text(":memory:"));
    QFuture<Result<int>> failed = storage->run([](Database&) -> Result<int> {
        return fail(ErrorCategory::NotFound, {text("không"), text("no")});
    });
    CHECK(categoryOf(failed.result()) == ErrorCategory::NotFound);
}

TEST_CASE("An answer can be taken up by a continuation")
{
    const auto storage = taken(StorageThread::start(text(":memory:")));
    QFuture<int> doubled = storage->run([](Database&) { return 21; }).then([](int value) { return 2 * value; });
    CHECK(doubled.result() == 42);
}

TEST_CASE("Work given after the stop is never done, and its future says so")
{
    const auto storage = taken(StorageThread::start(text(":memory:")));
    storage->stop();
    bool called = false;
    const QFuture<void> late = storage->run([&called](Database&) { called = true; });
    CHECK(late.isFinished());
    CHECK(late.isCanceled());
    CHECK_FALSE(called);
}
