// Stands between a program and the kernel (LD_PRELOAD): the time of day is the machine's plus what the file named by
// LOA_MOVED_CLOCK holds, a 64-bit number of microseconds that another process may change at any time. The monotonic
// clock is left alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const std::atomic<std::int64_t>* offset()
{
    static const auto* const mapped = [] {
        const char* const path = std::getenv("LOA_MOVED_CLOCK");
        const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        void* const memory =
            file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED)
            abort(); // a clock that is not moved would prove nothing
        close(file);
        return static_cast<const std::atomic<std::int64_t>*>(memory);
    }();
    return mapped;
}

using Read = int (*)(clockid_t, timespec*);

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time)
{
    static const Read read = reinterpret_cast<Read>(dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = read(clock, time);
    if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return result;
    const std::int64_t micro = time->tv_sec * 1'000'000 + time->tv_nsec / 1000 + offset()->load();
    time->tv_sec = micro / 1'000'000;
    time->tv_nsec = micro % 1'000'000 * 1000 + time->tv_nsec % 1000;
    return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* given) noexcept
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (given != nullptr)
        *given = now.tv_sec;
    return now.tv_sec;
}

} // extern "C"
