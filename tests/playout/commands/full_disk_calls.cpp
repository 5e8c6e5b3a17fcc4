// Stands between a program and the kernel (LD_PRELOAD): a disk that is full from a certain call on. All that needs room
// under the folder named by LOA_FULL_DISK_FOLDER answers "No space left on device" as the file LOA_FULL_DISK_ORDER
// says; what needs none (reading, removing, cutting short, times and modes) is left alone, as are sockets, pipes and
// the standard streams. Not seen: files mapped into memory, and the C library's own streams, which no part of Loa
// writes to a file with.
#undef _FORTIFY_SOURCE
#include "tests/playout/commands/full_disk_order.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

using namespace loa::playout::test;

template <typename Function>
Function next(const char* name)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

FullDiskOrder& order()
{
    static auto* const mapped = [] {
        const char* const path = std::getenv("LOA_FULL_DISK_ORDER");
        const int file = path == nullptr ? -1 : next<int (*)(const char*, int, ...)>("open")(path, O_RDWR | O_CLOEXEC);
        void* const memory =
            file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(FullDiskOrder), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED)
            abort(); // a disk that is never full would prove nothing
        close(file);
        return static_cast<FullDiskOrder*>(memory);
    }();
    return *mapped;
}

thread_local char asked[PATH_MAX]; // the last path that was found inside

bool isInside(const char* path)
{
    static const char* const folder = std::getenv("LOA_FULL_DISK_FOLDER");
    const std::size_t length = folder == nullptr ? 0 : std::strlen(folder);
    const bool inside =
        length > 0 && std::strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
    if (inside)
        std::snprintf(asked, sizeof asked, "%s", path);
    return inside;
}

bool isOurs(int file)
{
    if (file <= 2)
        return false;
    char link[64];
    char path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    return isInside(path);
}

// A path as the program gave it, `at` a folder.
bool isOurs(int at, const char* path)
{
    if (path[0] == '/')
        return isInside(path);
    if (at != AT_FDCWD)
        return isOurs(at);
    char here[PATH_MAX];
    return getcwd(here, sizeof here) != nullptr && isInside(here);
}

// Counts a call; true when it is refused, with errno set.
bool isRefused(RoomCall kind)
{
    FullDiskOrder& now = order();
    ++now.byKind[static_cast<std::size_t>(kind)];
    const std::int64_t number = now.calls++;
    if (number < now.from || number >= now.until)
        return false;
    if (now.refused++ == 0) {
        timespec time{};
        clock_gettime(CLOCK_REALTIME, &time);
        const std::size_t length = std::strlen(asked);
        const std::size_t room = now.refusedPath.size() - 1;
        std::memcpy(now.refusedPath.data(), asked + (length > room ? length - room : 0), std::min(length, room));
        now.refusedKind = static_cast<std::int64_t>(kind);
        now.refusedAt = time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
    }
    errno = ENOSPC;
    return true;
}

bool grows(int file, off_t size)
{
    struct stat status {};
    return fstat(file, &status) == 0 && size > status.st_size;
}

// Opens by `real`, unless it would have to make a file.
template <typename Open>
int openedBy(Open real, int at, const char* path, int flags)
{
    const bool makes =
        (flags & O_TMPFILE) == O_TMPFILE || ((flags & O_CREAT) != 0 && faccessat(at, path, F_OK, 0) != 0);
    if (makes && isOurs(at, path) && isRefused(RoomCall::Create))
        return -1;
    return real();
}

void given(const char* path)
{
    struct stat status {};
    if (order().givesRoom != 0 && isInside(path) && lstat(path, &status) == 0 && status.st_size >= 1 << 20 &&
        order().refused > 0 && order().until == FullDiskOrder::never)
        order().until = order().calls.load();
}

// The folder may still be made to keep the name.
void named(const char* path)
{
    FullDiskOrder& now = order();
    const std::size_t all = std::strlen(path);
    const std::size_t end = std::strlen(now.after.data());
    if (end > 0 && all >= end && std::strcmp(path + all - end, now.after.data()) == 0 &&
        now.from == FullDiskOrder::never)
        now.from = now.calls + 1;
}

mode_t modeOf(va_list arguments, int flags)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

} // namespace

// NOLINTBEGIN: the C library's own names and shapes
#define LOA_OPEN(name)                                                                                                 \
    int name(const char* path, int flags, ...)                                                                         \
    {                                                                                                                  \
        static const auto real = next<int (*)(const char*, int, ...)>(#name);                                          \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = modeOf(arguments, flags);                                                                  \
        va_end(arguments);                                                                                             \
        return openedBy([&] { return real(path, flags, mode); }, AT_FDCWD, path, flags);                               \
    }
#define LOA_OPENAT(name)                                                                                               \
    int name(int at, const char* path, int flags, ...)                                                                 \
    {                                                                                                                  \
        static const auto real = next<int (*)(int, const char*, int, ...)>(#name);                                     \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = modeOf(arguments, flags);                                                                  \
        va_end(arguments);                                                                                             \
        return openedBy([&] { return real(at, path, flags, mode); }, at, path, flags);                                 \
    }
#define LOA_ON_FILE(result, name, kind, condition, failure, parameters, arguments)                                     \
    result name parameters                                                                                             \
    {                                                                                                                  \
        static const auto real = next<result(*) parameters>(#name);                                                    \
        if ((condition) && isRefused(kind))                                                                            \
            return failure;                                                                                            \
        return real arguments;                                                                                         \
    }

extern "C" {

LOA_OPEN(open)
LOA_OPEN(open64)
LOA_OPENAT(openat)
LOA_OPENAT(openat64)
int creat(const char* path, mode_t mode)
{
    return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

LOA_ON_FILE(ssize_t, write, RoomCall::Write, isOurs(file), -1, (int file, const void* bytes, size_t size),
            (file, bytes, size))
LOA_ON_FILE(ssize_t, writev, RoomCall::Write, isOurs(file), -1, (int file, const iovec* parts, int count),
            (file, parts, count))
LOA_ON_FILE(ssize_t, pwrite, RoomCall::WriteAt, isOurs(file), -1,
            (int file, const void* bytes, size_t size, off_t offset), (file, bytes, size, offset))
LOA_ON_FILE(ssize_t, pwrite64, RoomCall::WriteAt, isOurs(file), -1,
            (int file, const void* bytes, size_t size, off64_t offset), (file, bytes, size, offset))
LOA_ON_FILE(ssize_t, pwritev, RoomCall::WriteAt, isOurs(file), -1,
            (int file, const iovec* parts, int count, off_t offset), (file, parts, count, offset))
LOA_ON_FILE(ssize_t, pwritev64, RoomCall::WriteAt, isOurs(file), -1,
            (int file, const iovec* parts, int count, off64_t offset), (file, parts, count, offset))
LOA_ON_FILE(ssize_t, sendfile, RoomCall::Write, isOurs(to), -1, (int to, int from, off_t* offset, size_t size),
            (to, from, offset, size))
LOA_ON_FILE(ssize_t, sendfile64, RoomCall::Write, isOurs(to), -1, (int to, int from, off64_t* offset, size_t size),
            (to, from, offset, size))
LOA_ON_FILE(ssize_t, copy_file_range, RoomCall::Write, isOurs(to), -1,
            (int from, off64_t* read, int to, off64_t* written, size_t size, unsigned flags),
            (from, read, to, written, size, flags))

LOA_ON_FILE(int, ftruncate, RoomCall::Grow, grows(file, size) && isOurs(file), -1, (int file, off_t size) noexcept,
            (file, size))
LOA_ON_FILE(int, ftruncate64, RoomCall::Grow, grows(file, size) && isOurs(file), -1, (int file, off64_t size) noexcept,
            (file, size))
LOA_ON_FILE(int, fallocate, RoomCall::Grow, isOurs(file), -1, (int file, int mode, off_t offset, off_t size),
            (file, mode, offset, size))
LOA_ON_FILE(int, fallocate64, RoomCall::Grow, isOurs(file), -1, (int file, int mode, off64_t offset, off64_t size),
            (file, mode, offset, size))
LOA_ON_FILE(int, posix_fallocate, RoomCall::Grow, isOurs(file), ENOSPC, (int file, off_t offset, off_t size),
            (file, offset, size))
LOA_ON_FILE(int, posix_fallocate64, RoomCall::Grow, isOurs(file), ENOSPC, (int file, off64_t offset, off64_t size),
            (file, offset, size))

LOA_ON_FILE(int, mkdir, RoomCall::Folder, isOurs(AT_FDCWD, path) && access(path, F_OK) != 0, -1,
            (const char* path, mode_t mode) noexcept, (path, mode))
LOA_ON_FILE(int, mkdirat, RoomCall::Folder, isOurs(at, path) && faccessat(at, path, F_OK, 0) != 0, -1,
            (int at, const char* path, mode_t mode) noexcept, (at, path, mode))

int rename(const char* from, const char* to) noexcept
{
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    if (isOurs(AT_FDCWD, to) && isRefused(RoomCall::Name))
        return -1;
    const int result = real(from, to);
    named(to);
    return result;
}
LOA_ON_FILE(int, renameat, RoomCall::Name, isOurs(place, to), -1,
            (int at, const char* from, int place, const char* to) noexcept, (at, from, place, to))
LOA_ON_FILE(int, renameat2, RoomCall::Name, isOurs(place, to), -1,
            (int at, const char* from, int place, const char* to, unsigned flags) noexcept,
            (at, from, place, to, flags))
LOA_ON_FILE(int, link, RoomCall::Name, isOurs(AT_FDCWD, to), -1, (const char* from, const char* to) noexcept,
            (from, to))
LOA_ON_FILE(int, linkat, RoomCall::Name, isOurs(place, to), -1,
            (int at, const char* from, int place, const char* to, int flags) noexcept, (at, from, place, to, flags))
LOA_ON_FILE(int, symlink, RoomCall::Name, isOurs(AT_FDCWD, to), -1, (const char* from, const char* to) noexcept,
            (from, to))

LOA_ON_FILE(int, fsync, RoomCall::Sync, isOurs(file), -1, (int file), (file))
LOA_ON_FILE(int, fdatasync, RoomCall::Sync, isOurs(file), -1, (int file), (file))

int unlink(const char* path) noexcept
{
    static const auto real = next<int (*)(const char*)>("unlink");
    given(path);
    return real(path);
}

int unlinkat(int at, const char* path, int flags) noexcept
{
    static const auto real = next<int (*)(int, const char*, int)>("unlinkat");
    given(path);
    return real(at, path, flags);
}

} // extern "C"
// NOLINTEND
