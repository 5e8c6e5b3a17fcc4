// render() takes no lock, allocates nothing, waits for nothing, writes nothing and does not call the kernel: this
// program counts them all (path_counters.h). test_render_sources.cpp has the same of each kind of source, and of the
// pump.
#include "playout/engine/mix_block.h"
#include "playout/engine/mix_bus.h"
#include "playout/engine/spsc_ring.h"
#include "playout/proof/prover.h"
#include "playout/timeline/preemption.h"
#include "scheduler/contract/clock.h"
#include "tests/playout/engine/path_counters.h"
#include "tests/playout/engine/recorder.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

namespace loa::playout {

using namespace test;

TEST_CASE("The counters count, on the marked thread and while it is marked")
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    ssize_t written = 0;
    void* volatile memory = nullptr; // or the compiler leaves all of it out
    const auto sin = [&] {
        memory = new int(1);
        delete static_cast<int*>(memory);
        memory = std::malloc(100);
        std::free(memory);
        void* aligned = nullptr;
        static_cast<void>(posix_memalign(&aligned, 64, 100));
        memory = aligned;
        std::free(memory);
        memory = std::aligned_alloc(64, 128);
        std::free(memory);
        QString text = QStringLiteral("one");
        text.append(QChar(u'!'));
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        std::this_thread::sleep_for(std::chrono::nanoseconds(1));
        written = write(STDERR_FILENO, "", 0);
        mmsghdr message{}; // to no socket
        static_cast<void>(send(-1, "", 0, 0));
        static_cast<void>(sendto(-1, "", 0, 0, nullptr, 0));
        static_cast<void>(sendmsg(-1, &message.msg_hdr, 0));
        static_cast<void>(sendmmsg(-1, &message, 1, 0));
    };
    static_cast<void>(takeCount());
    sin();
    CHECK(takeCount() == PathCount{});
    {
        const CountedPath counts;
        sin();
    }
    const PathCount count = takeCount();
    CHECK(written == 0);
    CHECK(count.allocations == 5);
    CHECK(count.frees == 5);
    CHECK(count.locks == 1);
    CHECK(count.waits == 1);
    CHECK(count.writes == 5);
    CHECK(count.kernelCalls == (areKernelCallsCounted() ? 1 : 0));
    PathCount others;
    {
        const CountedPath counts;
        std::thread(sin).join();
        others = takeCount();
    }
    CHECK(others.locks == 0);
    CHECK(others.writes == 0);
}

TEST_CASE("The counters see calls of the kernel that have no counter of their own, and those that libraries make")
{
    if (!areKernelCallsCounted()) {
        WARN("this kernel or build cannot tell");
        return;
    }
    static_cast<void>(takeCount());
    const auto counted = [](const auto& act) {
        {
            const CountedPath counts;
            act();
        }
        return takeCount().kernelCalls;
    };
    char byte = 0;
    ssize_t got = 0;
    CHECK(counted([] {}) == 0);
    CHECK(counted([] { static_cast<void>(SystemClock().monotonic()); }) == 0); // no call: read from shared memory
    CHECK(counted([] { std::fprintf(stderr, "%s", "a line of a log\n"); }) == 1);
    CHECK(counted([&] { got = pread(-1, &byte, 1, 0); }) == 1);
    CHECK(got == -1);
    CHECK(errno == EBADF);
    const int file = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    byte = 1;
    CHECK(counted([&] { got = pread(file, &byte, 1, 0); }) == 1); // and made all the same
    CHECK(got == 1);
    CHECK(byte == 0);
    close(file);
}

TEST_CASE("The counters count waits for a condition")
{
    std::mutex mutex;
    std::condition_variable condition;
    bool isReady = false;
    std::unique_lock lock(mutex);
    static_cast<void>(takeCount());
    SECTION("until somebody tells")
    {
        std::thread other([&] { // cannot before this one waits
            const std::lock_guard held(mutex);
            isReady = true;
            condition.notify_one();
        });
        {
            const CountedPath counts;
            while (!isReady)
                condition.wait(lock);
        }
        lock.unlock();
        other.join();
        CHECK(takeCount().waits >= 1);
    }
    SECTION("until an instant, which has passed")
    {
        {
            const CountedPath counts;
            condition.wait_until(lock, std::chrono::steady_clock::time_point{});
            condition.wait_until(lock, std::chrono::system_clock::time_point{});
        }
        CHECK(takeCount().waits == 2);
    }
}

TEST_CASE("Rendering and its rings take no lock, allocate nothing and write nothing")
{
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(50'000, 0.25F));
    sources.add(hashOf("item-1"), std::vector<float>(50'000, 1.5F)); // the limiter works
    sources.add(hashOf("alert"), std::vector<float>(10'000, 0.5F));
    // item-2 is not known: the run where a source fails is on the path as well.
    Programme programme(sources);
    MixBus bus(programme);
    const SessionTimeline plan =
        timelineAt(morning, {{50'000}, {50'000}, {5'000}}).withLevels({{{}, 0.7F}, {{20'000}, 0.9F}});
    const LiveEvent alert{AiringId{QStringLiteral("alert")},
                          ItemId{QStringLiteral("alert")},
                          hashOf("alert"),
                          {30'000},
                          {10'000},
                          Priority::Emergency};
    const auto timeline = std::make_shared<const SessionTimeline>(withLiveEvents(plan, {alert}));
    programme.place(timeline, {960});
    Prover prover({});
    MixTap& tap = prover.addStation().tap();
    const std::shared_ptr<MixEar> ear = tap.ears().open({});
    tap.follow(ear);
    tap.placed(timeline, {960}, {});
    std::vector<float> out(960);
    // On the way of each block as well, from the mix to an output.
    BlockPool pool;
    pool.reserve(2, out.size() * sizeof(float));
    SpscRing<HeldBlock> ring(8);
    static_cast<void>(takeCount());
    std::int64_t sounding = 0;
    std::int64_t missing = 0;
    DeviceTraits traits;
    for (FrameCount position; position < FrameCount{120'000};) {
        programme.prepare(position, {sampleRate});
        std::optional<CountedPath> counts(std::in_place);
        const bool wanted = programme.untilWanted(traits, position).value == 0;
        const RenderedRun run = bus.render(position, out);
        ear->hear(position, run, std::span<const float>(out).first(static_cast<std::size_t>(run.frames.value)));
        ear->flush(position + run.frames);
        const auto made = std::as_bytes(std::span(out).first(static_cast<std::size_t>(run.frames.value)));
        if (HeldBlock* slot = ring.claim()) {
            *slot = pool.make({position, run.frames, run.missing, RunnerBlock::Kind::Samples, run.absent}, made);
            ring.publish();
        }
        const HeldBlock taken = std::move(*ring.front());
        ring.pop();
        const bool came = taken->bytes().size() == made.size();
        counts.reset();
        REQUIRE(came);
        sounding += run.sounding ? run.frames.value : 0;
        missing += run.missing != Break::None && wanted ? run.frames.value : 0;
        position += run.frames;
    }
    CHECK(sounding == 50'000 + 40'000);
    CHECK(missing == 5'000);
    CHECK(takeCount() == PathCount{});
}

TEST_CASE("Nor does mixing overlaps, ducks and live events")
{
    MemorySourceFactory sources;
    for (const char* name : {"bed", "tune", "notice", "alert"})
        sources.add(hashOf(name), std::vector<float>(100'000, 0.5F));
    const auto segment = [](const char* name, std::int64_t offset, std::int64_t frames, Mixing mixing) {
        const QString text = QString::fromLatin1(name);
        mixing.length = {frames};
        return Segment{{text}, {text}, hashOf(name), {offset}, {frames}, Priority::Normal, {}, {}, {}, mixing};
    };
    const SessionTimeline plan({QStringLiteral("station-1")}, {QStringLiteral("session-1")}, 1, morning,
                               {segment("bed", 0, 60'000, {{}, {}, {20'000}, 0, {}}),
                                segment("notice", 10'000, 20'000, {{}, {}, {}, 12, {4'800}}),
                                segment("tune", 40'000, 40'000, {{}, {20'000}, {}, 0, {}}),
                                segment("unknown", 70'000, 5'000, {{}, {}, {}, 6, {}})});
    const LiveEvent alert{{QStringLiteral("alert")}, {QStringLiteral("alert")}, hashOf("alert"), {25'000}, {3'000},
                          Priority::Emergency};
    Programme programme(sources);
    MixBus bus(programme);
    programme.place(std::make_shared<const SessionTimeline>(plan.softened().withLevels({{{}, 0.7F}})), {960});
    std::vector<float> out(960);
    static_cast<void>(takeCount());
    std::int64_t absent = 0;
    bool isAmended = false;
    for (FrameCount position; position < FrameCount{90'000};) {
        if (!isAmended && position >= FrameCount{15'000}) {
            isAmended = programme.amend({960}, std::make_shared<const SessionTimeline>(withLiveEvents(plan, {alert})));
        }
        programme.prepare(position, {sampleRate});
        std::optional<CountedPath> counts(std::in_place);
        const RenderedRun run = bus.render(position, out);
        counts.reset();
        absent += run.absent.isEmpty() ? 0 : run.frames.value;
        position += run.frames;
    }
    CHECK(isAmended);
    CHECK(absent == 5'000);
    CHECK(takeCount() == PathCount{});
}

} // namespace loa::playout
