// What the calling thread does that a render path must not: memory taken or given back (malloc and free beneath all
// else), locks, waits, writes, and calls of the kernel of any kind. The program that links path_counters.cpp has them
// counted; nothing is changed.
//
// Threads: each counts for itself, and only inside CountedPath.
#pragma once

#include <ostream>

namespace loa::playout::test {

struct PathCount {
    int allocations = 0;
    int frees = 0;
    int locks = 0;  // mutexes and read-write locks, tried or taken; whoever sleeps on a futex by himself, as Qt does
    int waits = 0;  // sleeps, polls and waits for a condition
    int writes = 0; // to files and sockets
    // Of the kernel, whoever makes them (a log through stdio, a file that is read, a contended lock): the first within
    // a CountedPath, which ends that watch. Where the kernel can tell (Linux on x86-64, without sanitizers).
    int kernelCalls = 0;

    bool operator==(const PathCount&) const = default;
    PathCount& operator+=(const PathCount& other)
    {
        allocations += other.allocations;
        frees += other.frees;
        locks += other.locks;
        waits += other.waits;
        writes += other.writes;
        kernelCalls += other.kernelCalls;
        return *this;
    }
};

inline std::ostream& operator<<(std::ostream& out, const PathCount& count)
{
    return out << count.allocations << " allocations, " << count.frees << " frees, " << count.locks << " locks, "
               << count.waits << " waits, " << count.writes << " writes, " << count.kernelCalls
               << " calls of the kernel";
}

[[nodiscard]] bool areKernelCallsCounted();

// Counts while it lives.
class CountedPath {
public:
    CountedPath();
    ~CountedPath();
    CountedPath(const CountedPath&) = delete;
    CountedPath& operator=(const CountedPath&) = delete;
};

// On this thread since it was last asked for.
[[nodiscard]] PathCount takeCount();

} // namespace loa::playout::test
