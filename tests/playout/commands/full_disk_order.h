// What the library that stands for a full disk (full_disk_calls.cpp, LD_PRELOAD) is told, and what it tells: one file,
// mapped by the test and by the program. Any thread, any process.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

namespace loa::playout::test {

// The calls that need room. A file's end, a name in a folder and what a disk writes late all do.
enum class RoomCall : std::uint8_t { Write, WriteAt, Grow, Create, Folder, Name, Sync };
inline constexpr std::array roomCallNames{"write", "pwrite", "grow", "create", "mkdir", "rename", "sync"};

struct FullDiskOrder {
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    std::atomic<std::int64_t> from = never;  // the number of the first call that is refused, counted from 0 …
    std::atomic<std::int64_t> until = never; // … and of the first one that is not any more
    std::atomic<std::int64_t> givesRoom = 0; // 1: from then on, too, when a file of a mebibyte is removed
    std::array<char, 64> after = {};         // with the call after next once a file has got a name that ends so
    std::atomic<std::int64_t> calls = 0;     // that needed room so far
    std::atomic<std::int64_t> refused = 0;
    std::atomic<std::int64_t> refusedKind = -1; // of the first refusal
    std::atomic<std::int64_t> refusedAt = 0;    // in microseconds of the machine's time
    std::array<char, 256> refusedPath = {};     // the end of it
    std::array<std::atomic<std::int64_t>, roomCallNames.size()> byKind = {};
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

} // namespace loa::playout::test
