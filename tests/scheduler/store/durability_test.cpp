// Promise 4 on the scheduler's side: what was reported as stored is there after kill -9, and nothing else is half
// there.
#include "tests/scheduler/store/sample_store.h"

#include <QTemporaryDir>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

using namespace loa;
using namespace loa::test;
using store::Database;

namespace {

const QString insertTopic =
    text("INSERT INTO topics (id, place, topic_group, name_vi, name_en) VALUES (?, ?, 'g', 'v', 'e')");

// Each transaction stores a pair; only then the number of pairs is reported. Never returns.
[[noreturn]] void writeUntilKilled(const QString& path, int reports)
{
    const auto database = Database::open(path);
    if (!database)
        ::_exit(3);
    auto rows = (*database)->select(text("SELECT COUNT(*) FROM topics"));
    std::int64_t pairs = rows ? rows->front().front().toLongLong() / 2 : 0;
    for (;;) {
        const auto stored = (*database)->transaction([&]() -> Result<void> {
            for (const char* half : {"a", "b"}) {
                const auto added = (*database)->execute(insertTopic, {QString::number(pairs) + text(half), 1});
                if (!added)
                    return passOn(added);
            }
            return {};
        });
        if (!stored)
            ::_exit(4);
        ++pairs;
        if (::write(reports, &pairs, sizeof pairs) != sizeof pairs)
            ::_exit(5);
    }
}

} // namespace

TEST_CASE("Promise 4: what was committed outlives kill -9, and nothing is half there", "[promise-4]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    REQUIRE(Database::open(path));
    std::mt19937 random(99);
    std::int64_t reported = 0;
    for (int round = 0; round < 12; ++round) {
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(pipe[0]);
            writeUntilKilled(path, pipe[1]);
        }
        ::close(pipe[1]);
        // Killed at the moment of a report, or a little after it: in the midst of the next transactions.
        const int wanted = 1 + static_cast<int>(random() % 30);
        std::int64_t report = 0;
        for (int i = 0; i < wanted && ::read(pipe[0], &report, sizeof report) == sizeof report; ++i)
            reported = report;
        ::usleep(static_cast<useconds_t>(random() % 3000));
        REQUIRE(::kill(child, SIGKILL) == 0);
        while (::read(pipe[0], &report, sizeof report) == sizeof report)
            reported = report;
        ::close(pipe[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));

        const auto database = taken(Database::open(path));
        REQUIRE(database->checkIntegrity());
        const auto rows = taken(database->select(text("SELECT COUNT(*) FROM topics")));
        const std::int64_t stored = rows.front().front().toLongLong();
        REQUIRE(stored % 2 == 0);
        REQUIRE(stored / 2 >= reported);
        REQUIRE(stored / 2 <= reported + 1); // at most the one that was under way
        reported = stored / 2;
    }
    CHECK(reported >= 12);
}
