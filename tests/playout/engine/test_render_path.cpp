// render() takes no lock, allocates nothing and writes nothing: this program counts all three.
#include "playout/engine/block_ring.h"
#include "playout/engine/mix_bus.h"
#include "playout/proof/prover.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/recorder.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

thread_local bool isCounting = false;
thread_local int allocations = 0;
thread_local int frees = 0;
thread_local int locks = 0;
thread_local int writes = 0;

} // namespace

#if defined(__SANITIZE_ADDRESS__)

// The address sanitizer has its own operators, and says when they are used.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
namespace {

const int hooksInstalled = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { allocations += isCounting ? 1 : 0; },
    [](const volatile void*) { frees += isCounting ? 1 : 0; });

} // namespace

#else

void* operator new(std::size_t size)
{
    if (isCounting)
        ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept
{
    if (isCounting)
        ++frees;
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

#endif

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept
{
    using Lock = int (*)(pthread_mutex_t*);
    static const auto real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    if (isCounting)
        ++locks;
    return real(mutex);
}
extern "C" ssize_t write(int file, const void* bytes, std::size_t size)
{
    using Write = ssize_t (*)(int, const void*, std::size_t);
    static const auto real = reinterpret_cast<Write>(dlsym(RTLD_NEXT, "write"));
    if (isCounting)
        ++writes;
    return real(file, bytes, size);
}

namespace loa::playout {

using namespace test;

TEST_CASE("The counters count")
{
    isCounting = true;
    auto* memory = new std::vector<int>(1);
    delete memory;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    const ssize_t written = write(STDERR_FILENO, "", 0);
    isCounting = false;
    CHECK(written == 0);
    CHECK(allocations >= 1);
    CHECK(frees >= 1);
    CHECK(locks == 1);
    CHECK(writes == 1);
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
    tap.placed(timeline, {960});
    std::vector<float> out(960);
    BlockRing ring(8192); // an output's, on the way of each block as well
    allocations = frees = locks = writes = 0;
    std::int64_t sounding = 0;
    std::int64_t missing = 0;
    DeviceTraits traits;
    for (FrameCount position; position < FrameCount{120'000};) {
        programme.prepare(position, {sampleRate});
        isCounting = true;
        const bool wanted = programme.untilWanted(traits, position).value == 0;
        const RenderedRun run = bus.render(position, out);
        tap.hear(position, run, std::span<const float>(out).first(static_cast<std::size_t>(run.frames.value)));
        tap.flush();
        const auto size = static_cast<std::size_t>(run.frames.value) * sizeof(float);
        if (std::byte* room = ring.claim(size)) {
            std::memcpy(room, out.data(), size);
            ring.publish();
        }
        const bool came = ring.front().size() == size;
        ring.pop();
        isCounting = false;
        REQUIRE(came);
        sounding += run.sounding ? run.frames.value : 0;
        missing += run.missing != Break::None && wanted ? run.frames.value : 0;
        position += run.frames;
    }
    CHECK(sounding == 50'000 + 40'000);
    CHECK(missing == 5'000);
    CHECK(allocations == 0);
    CHECK(frees == 0);
    CHECK(locks == 0);
    CHECK(writes == 0);
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
    allocations = frees = locks = writes = 0;
    std::int64_t absent = 0;
    bool isAmended = false;
    for (FrameCount position; position < FrameCount{90'000};) {
        if (!isAmended && position >= FrameCount{15'000}) {
            isAmended = programme.amend({960}, std::make_shared<const SessionTimeline>(withLiveEvents(plan, {alert})));
        }
        programme.prepare(position, {sampleRate});
        isCounting = true;
        const RenderedRun run = bus.render(position, out);
        isCounting = false;
        absent += run.absent.isEmpty() ? 0 : run.frames.value;
        position += run.frames;
    }
    CHECK(isAmended);
    CHECK(absent == 5'000);
    CHECK(allocations == 0);
    CHECK(frees == 0);
    CHECK(locks == 0);
    CHECK(writes == 0);
}

} // namespace loa::playout
