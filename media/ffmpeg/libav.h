// FFmpeg's libraries, loaded on first need.
//
// Thread: any. Whoever gives up the right to open files (media/sandbox.h) calls this first; open() and create() of this
// folder call it themselves.
// Failure: Unsupported with the loader's words, the same each time.
#pragma once

#include "media/error.h"

namespace loa::media {

[[nodiscard]] Result<void> loadLibav();

} // namespace loa::media
