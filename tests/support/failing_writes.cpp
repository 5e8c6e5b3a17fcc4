#include "tests/support/failing_writes.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> isArmed = false;
std::atomic<int> toSucceed = 0;
std::atomic<int> toFail = 0;
std::atomic<int> hasFailed = 0;
std::atomic<std::int64_t> roomLeft = -1; // as it is

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

extern "C" int statvfs(const char* path, struct statvfs* disk)
{
    using Statvfs = int (*)(const char*, struct statvfs*);
    static const auto real = reinterpret_cast<Statvfs>(dlsym(RTLD_NEXT, "statvfs"));
    const int code = real(path, disk);
    if (const std::int64_t left = roomLeft; code == 0 && left >= 0)
        disk->f_bavail = static_cast<fsblkcnt_t>(left) / disk->f_frsize;
    return code;
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

RoomLeft::RoomLeft(std::int64_t bytes)
{
    roomLeft = bytes;
}

RoomLeft::~RoomLeft()
{
    roomLeft = -1;
}

} // namespace loa::test
