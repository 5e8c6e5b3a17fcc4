#include "tests/playout/engine/path_counters.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
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

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

// Syscall user dispatch (prctl(2)): while the thread's selector says so, a call of the kernel becomes SIGSYS.
constexpr int setDispatch = 59;
constexpr unsigned long dispatchOn = 1;
constexpr char allow = 0;
constexpr char block = 1;
thread_local volatile char selector = allow;

// Counts it, makes it in its caller's place, and lets the others pass.
void onKernelCall(int, siginfo_t*, void* given)
{
    selector = allow;
    note(&PathCount::kernelCalls);
    greg_t* const registers = static_cast<ucontext_t*>(given)->uc_mcontext.gregs;
    greg_t result = registers[REG_RAX];
    register greg_t fourth asm("r10") = registers[REG_R10];
    register greg_t fifth asm("r8") = registers[REG_R8];
    register greg_t sixth asm("r9") = registers[REG_R9];
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(registers[REG_RDI]), "S"(registers[REG_RSI]), "d"(registers[REG_RDX]), "r"(fourth), "r"(fifth),
                   "r"(sixth)
                 : "rcx", "r11", "memory");
    registers[REG_RAX] = result;
}

bool watchKernelCalls()
{
    static const bool hasHandler = [] {
        struct sigaction action {};
        action.sa_sigaction = onKernelCall;
        action.sa_flags = SA_SIGINFO;
        return sigaction(SIGSYS, &action, nullptr) == 0;
    }();
    thread_local const bool isOn = hasHandler && prctl(setDispatch, dispatchOn, 0UL, 0UL, &selector) == 0;
    return isOn;
}

void watch(bool isWatching)
{
    if (watchKernelCalls())
        selector = isWatching ? block : allow;
}

} // namespace

bool areKernelCallsCounted()
{
    return watchKernelCalls();
}

#else

namespace {

void watch(bool) {}

} // namespace

bool areKernelCallsCounted()
{
    return false;
}

#endif

CountedPath::CountedPath()
{
    isCounting = true;
    watch(true);
}
CountedPath::~CountedPath()
{
    watch(false);
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
