// What must hold at the end of any simulated month, whatever went wrong in it. Catch2 assertions.
#pragma once

#include "tests/simulation/district.h"

namespace loa::simulation {

// The office holds each agent's journal to the byte: a chain without a gap, a fork or a second entry for an airing on
// an output.
void checkLogsArrivedWhole(District& district);

// Every placement of the month has its one entry on every output of its site.
void checkNothingIsMissing(District& district);

// No entry claims a frame that the witness did not hear, and "complete" is said where all were heard and nowhere else.
void checkLogSaysWhatSounded(District& district);

// Each station is green, and each completed item is counted on one line.
void checkQuota(District& district);

} // namespace loa::simulation
