// Limits for the process that parses files of strangers.
//
// confine() binds the calling process, for good: no new privileges, no core dump, memory, CPU time and file size
// limited, and a system-call filter that leaves what decoding and encoding need on descriptors already open: no
// sockets, no opening of files, no new processes, no exec, no ptrace. A denied call fails with EPERM. Call it after all
// descriptors are open and before other threads exist. Linux, libseccomp. Failure: Internal, and the process may be
// half confined: end it. Built with a sanitizer, the memory limit is left out, since shadow memory is terabytes of
// address space.
#pragma once

#include "media/error.h"

#include <chrono>
#include <cstdint>

namespace loa::media {

struct ProcessLimits {
    std::int64_t memoryBytes = 1LL << 30; // address space
    std::chrono::seconds cpuTime{1800};
    std::chrono::seconds wallTime{3600}; // kept by the parent
    std::int64_t fileBytes = 16LL << 30; // of each file written
};

[[nodiscard]] Result<void> confine(const ProcessLimits& limits);

} // namespace loa::media
