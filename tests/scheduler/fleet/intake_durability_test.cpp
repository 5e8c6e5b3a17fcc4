// Promise 4: kill -9 during intake loses nothing that was acknowledged.
#include "scheduler/fleet/airing_intake.h"
#include "tests/scheduler/store/sample_log.h"

#include <QTemporaryDir>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

using namespace loa;
using namespace loa::test;

namespace {

// Takes in the chain from the beginning, five entries a call, as an agent would that has heard no acknowledgement;
// reports each.
[[noreturn]] void takeUntilKilled(const QString& path, const model::Agent& agent,
                                  const std::vector<SignedLogEntry>& chain, int reports)
{
    auto database = store::Database::open(path);
    if (!database)
        ::_exit(3);
    store::Store repositories(**database);
    constexpr std::size_t call = 5;
    for (std::size_t from = 0; from < chain.size(); from += call) {
        const std::span entries(chain.data() + from, std::min(call, chain.size() - from));
        const auto result = fleet::intakeAirings(repositories, agent, entries, morning);
        if (!result || !result->rejected.empty())
            ::_exit(4);
        if (::write(reports, &result->acknowledgedThrough, sizeof(std::int64_t)) != sizeof(std::int64_t))
            ::_exit(5);
    }
    ::_exit(0);
}

} // namespace

TEST_CASE("Promise 4: kill -9 during intake loses nothing acknowledged and doubles nothing", "[promise-4]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("loa.db"));
    model::Agent agent;
    std::vector<SignedLogEntry> chain;
    {
        LoggingAgent at(path);
        agent = at.agent;
        chain = at.chain(400);
    }
    std::mt19937 random(5);
    std::int64_t acknowledged = 0;
    int killed = 0;
    for (int round = 0; round < 15; ++round) {
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(pipe[0]);
            takeUntilKilled(path, agent, chain, pipe[1]);
        }
        ::close(pipe[1]);
        std::int64_t report = 0;
        const int calls = static_cast<int>(random() % 70);
        for (int i = 0; i < calls && ::read(pipe[0], &report, sizeof report) == sizeof report; ++i)
            acknowledged = std::max(acknowledged, report);
        ::usleep(static_cast<useconds_t>(random() % 2000));
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &report, sizeof report) == sizeof report)
            acknowledged = std::max(acknowledged, report);
        ::close(pipe[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        killed += WIFSIGNALED(status) ? 1 : 0;
        REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));

        LoggingAgent at(path);
        REQUIRE(at.database->checkIntegrity());
        const auto state = taken(at.store.airings.state(agent.id));
        REQUIRE(state.acknowledgedThrough >= acknowledged);
        REQUIRE(state.gaps.empty());
        REQUIRE(state.incidents.empty());
        const auto stored = taken(at.store.airings.entries(agent.id, 1, 1000));
        REQUIRE(stored.size() == static_cast<std::size_t>(state.last));
        REQUIRE(std::equal(stored.begin(), stored.end(), chain.begin()));
    }
    CHECK(killed > 5);
    LoggingAgent at(path);
    CHECK(taken(fleet::intakeAirings(at.store, agent, chain, morning)).acknowledgedThrough == 400);
}
