#include "tests/support/disk_waits.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<int> waits = 0;

int counted(const char* name, int file)
{
    ++waits;
    return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(file);
}

} // namespace

extern "C" int fsync(int file)
{
    return counted("fsync", file);
}

extern "C" int fdatasync(int file)
{
    return counted("fdatasync", file);
}

namespace loa::test {

int diskWaits()
{
    return waits;
}

} // namespace loa::test
