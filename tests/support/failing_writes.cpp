#include "tests/support/failing_writes.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> isArmed = false;
std::atomic<int> toSucceed = 0;
std::atomic<int> toFail = 0;
std::atomic<int> hasFailed = 0;

bool failsNow(int file)
{
    struct stat kind {};
    if (!isArmed || fstat(file, &kind) != 0 || !S_ISREG(kind.st_mode) || toSucceed.fetch_sub(1) > 0 ||
        toFail.fetch_sub(1) <= 0)
        return false;
    ++hasFailed;
    return true;
}

} // namespace

extern "C" ssize_t write(int file, const void* bytes, std::size_t size)
{
    using Write = ssize_t (*)(int, const void*, std::size_t);
    static const auto real = reinterpret_cast<Write>(dlsym(RTLD_NEXT, "write"));
    if (failsNow(file)) {
        errno = ENOSPC;
        return -1;
    }
    return real(file, bytes, size);
}

namespace loa::test {

FailingWrites::FailingWrites(int before, int failing)
{
    toSucceed = before;
    toFail = failing;
    hasFailed = 0;
    isArmed = true;
}

FailingWrites::~FailingWrites()
{
    isArmed = false;
}

int FailingWrites::failed() const
{
    return hasFailed;
}

} // namespace loa::test
