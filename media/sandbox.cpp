#include "media/sandbox.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace loa::media {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

Error confineError(const char* what, int code)
{
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Không dựng được vùng cách ly để đọc tệp."),
                  QStringLiteral("The confinement for reading files could not be set up.")},
                 QString::fromLatin1(what) + QStringLiteral(": ") + QString::fromLocal8Bit(std::strerror(code))};
}

// Never raises a limit that the parent has set lower.
bool limitResource(__rlimit_resource resource, std::int64_t wanted)
{
    rlimit now{};
    if (getrlimit(resource, &now) != 0)
        return false;
    const rlim_t value = std::min(now.rlim_max, static_cast<rlim_t>(std::max<std::int64_t>(wanted, 0)));
    const rlimit limit{std::min(now.rlim_cur, value), value};
    return setrlimit(resource, &limit) == 0;
}

struct FilterCloser {
    void operator()(void* filter) const { seccomp_release(filter); }
};

constexpr std::initializer_list<int> allowedCalls{
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(fcntl),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(membarrier),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getcpu),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
};

// UBSan finds out by way of a pipe whether memory can be read.
constexpr std::initializer_list<int> sanitizerCalls{SCMP_SYS(pipe), SCMP_SYS(pipe2)};

// 0 or a negative errno, as libseccomp gives it.
int loadFilter()
{
    const std::unique_ptr<void, FilterCloser> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (!filter)
        return -ENOMEM;
    for (const int call : allowedCalls) {
        if (const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0); code < 0)
            return code;
    }
    if (sanitized) {
        for (const int call : sanitizerCalls) {
            if (const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0); code < 0)
                return code;
        }
    }
    // Threads, yes; processes, no. clone3 hides its flags from the filter: "not there" makes glibc use clone.
    int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (code == 0)
        code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    // Thread names and the like, but no change of what this function has set.
    if (code == 0)
        code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    return code < 0 ? code : seccomp_load(filter.get());
}

} // namespace

Result<void> confine(const ProcessLimits& limits)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return tl::unexpected(confineError("prctl", errno));
    // A write past the limit shall be an error that can be told, not a signal.
    std::signal(SIGXFSZ, SIG_IGN);
    const bool limited = (sanitized || limitResource(RLIMIT_AS, limits.memoryBytes)) &&
                         limitResource(RLIMIT_CPU, limits.cpuTime.count()) &&
                         limitResource(RLIMIT_FSIZE, limits.fileBytes) && limitResource(RLIMIT_CORE, 0);
    if (!limited)
        return tl::unexpected(confineError("setrlimit", errno));
    if (const int code = loadFilter(); code < 0)
        return tl::unexpected(confineError("seccomp", -code));
    return {};
}

} // namespace loa::media
