// How many files a hub holds open: three a journal, a line to the scheduler and what its outputs and monitors hold, for
// each station. Shells allow 1,024.
//
// Thread: any; the limit is the process's.
#pragma once

#include "playout/agent/configuration.h"

namespace loa::playout {

// About as many as it will need, with room.
[[nodiscard]] int descriptorsFor(const Configuration& configuration);

// So many may be open, as far as the system lets this process raise its own limit. Error: Conflict, when it does not;
// the limit is then as high as can be.
[[nodiscard]] Result<void> allowDescriptors(int wanted);

} // namespace loa::playout
