#include "tests/playout/engine/path_counters.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace loa::playout::test {

namespace {

thread_local bool isCounting = false;
thread_local PathCount counted;

void note(int PathCount::*what)
{
    if (isCounting)
        ++(counted.*what);
}

template <typename Function>
Function* following(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

CountedPath::CountedPath()
{
    isCounting = true;
}
CountedPath::~CountedPath()
{
    isCounting = false;
}

PathCount takeCount()
{
    return std::exchange(counted, {});
}

} // namespace loa::playout::test

using loa::playout::test::following;
using loa::playout::test::note;
using loa::playout::test::PathCount;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// The sanitizers have their own memory, and say when it is used.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
namespace {

const int hooksInstalled =
    __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { note(&PathCount::allocations); },
                                              [](const volatile void*) { note(&PathCount::frees); });

} // namespace

#if defined(__SANITIZE_THREAD__) // whose hooks do not hear of these
extern "C" {
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept
{
    static auto* const real = following<int(void**, std::size_t, std::size_t)>("posix_memalign");
    note(&PathCount::allocations);
    return real(memory, alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    static auto* const real = following<void*(std::size_t, std::size_t)>("aligned_alloc");
    note(&PathCount::allocations);
    return real(alignment, size);
}
}
#endif

#else

// The ways of glibc to its own; operator new, QString and C libraries come here.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept
{
    note(&PathCount::allocations);
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept
{
    note(&PathCount::allocations);
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept
{
    note(&PathCount::allocations);
    return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    note(&PathCount::allocations);
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept
{
    note(&PathCount::allocations);
    if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    void* const made = __libc_memalign(alignment, size);
    if (!made)
        return ENOMEM;
    *memory = made;
    return 0;
}
void free(void* memory) noexcept
{
    if (memory)
        note(&PathCount::frees);
    __libc_free(memory);
}
}

#endif

extern "C" {
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept
{
    static auto* const real = following<int(pthread_mutex_t*)>("pthread_mutex_lock");
    note(&PathCount::locks);
    return real(mutex);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept
{
    static auto* const real = following<int(pthread_mutex_t*)>("pthread_mutex_trylock");
    note(&PathCount::locks);
    return real(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept
{
    static auto* const real = following<int(pthread_rwlock_t*)>("pthread_rwlock_rdlock");
    note(&PathCount::locks);
    return real(lock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept
{
    static auto* const real = following<int(pthread_rwlock_t*)>("pthread_rwlock_wrlock");
    note(&PathCount::locks);
    return real(lock);
}
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
{
    static auto* const real = following<int(pthread_cond_t*, pthread_mutex_t*)>("pthread_cond_wait");
    note(&PathCount::waits);
    return real(condition, mutex);
}
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until)
{
    static auto* const real =
        following<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
    note(&PathCount::waits);
    return real(condition, mutex, until);
}
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until)
{
    static auto* const real =
        following<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>("pthread_cond_clockwait");
    note(&PathCount::waits);
    return real(condition, mutex, clock, until);
}
long syscall(long number, ...) noexcept // the only calls without a name of their own here are futex's
{
    static auto* const real = following<long(long, ...)>("syscall");
    va_list arguments;
    va_start(arguments, number);
    long values[6];
    for (long& value : values)
        value = va_arg(arguments, long);
    va_end(arguments);
    note(&PathCount::locks);
    return real(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}
int nanosleep(const timespec* span, timespec* left)
{
    static auto* const real = following<int(const timespec*, timespec*)>("nanosleep");
    note(&PathCount::waits);
    return real(span, left);
}
int clock_nanosleep(clockid_t clock, int flags, const timespec* span, timespec* left)
{
    static auto* const real = following<int(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
    note(&PathCount::waits);
    return real(clock, flags, span, left);
}
int poll(pollfd* files, nfds_t count, int milliseconds)
{
    static auto* const real = following<int(pollfd*, nfds_t, int)>("poll");
    note(&PathCount::waits);
    return real(files, count, milliseconds);
}
ssize_t write(int file, const void* bytes, std::size_t size)
{
    static auto* const real = following<ssize_t(int, const void*, std::size_t)>("write");
    note(&PathCount::writes);
    return real(file, bytes, size);
}
ssize_t writev(int file, const iovec* parts, int count)
{
    static auto* const real = following<ssize_t(int, const iovec*, int)>("writev");
    note(&PathCount::writes);
    return real(file, parts, count);
}
ssize_t send(int socket, const void* bytes, std::size_t size, int flags)
{
    static auto* const real = following<ssize_t(int, const void*, std::size_t, int)>("send");
    note(&PathCount::writes);
    return real(socket, bytes, size, flags);
}
ssize_t sendto(int socket, const void* bytes, std::size_t size, int flags, const sockaddr* to, socklen_t toSize)
{
    static auto* const real =
        following<ssize_t(int, const void*, std::size_t, int, const sockaddr*, socklen_t)>("sendto");
    note(&PathCount::writes);
    return real(socket, bytes, size, flags, to, toSize);
}
ssize_t sendmsg(int socket, const msghdr* message, int flags)
{
    static auto* const real = following<ssize_t(int, const msghdr*, int)>("sendmsg");
    note(&PathCount::writes);
    return real(socket, message, flags);
}
int sendmmsg(int socket, mmsghdr* messages, unsigned count, int flags)
{
    static auto* const real = following<int(int, mmsghdr*, unsigned, int)>("sendmmsg");
    note(&PathCount::writes);
    return real(socket, messages, count, flags);
}
}
