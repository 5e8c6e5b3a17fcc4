// How often the process has waited for a disk: the program that links disk_waits.cpp has its fsync() and fdatasync()
// counted. Threads: any.
#pragma once

namespace loa::test {

[[nodiscard]] int diskWaits();

} // namespace loa::test
