// Disks that are full, and nearly full. A disk that is full at a certain write to a file, of the whole process: the
// program that links failing_writes.cpp has the C library's write() answer ENOSPC. Sockets and pipes are left alone.
// Threads: any; one at a time.
#pragma once

#include <cstdint>
#include <limits>

namespace loa::test {

class FailingWrites {
public:
    // The first `before` writes succeed, the next `failing` do not, and those behind do again.
    explicit FailingWrites(int before, int failing = std::numeric_limits<int>::max());
    ~FailingWrites();
    FailingWrites(const FailingWrites&) = delete;
    FailingWrites& operator=(const FailingWrites&) = delete;

    [[nodiscard]] int failed() const;
};

// Every disk has that many bytes left for this program, by what it says (statvfs).
class RoomLeft {
public:
    explicit RoomLeft(std::int64_t bytes);
    ~RoomLeft();
    RoomLeft(const RoomLeft&) = delete;
    RoomLeft& operator=(const RoomLeft&) = delete;
};

} // namespace loa::test
