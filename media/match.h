// Where, and how well, one sound is found in another: the proof that a listener heard what was planned. Normalised
// cross- correlation, 1 for the same wave at any volume, about 0 for strangers; so a house file and what a lossy stream
// made of it stay near 1. Coarse search at 6 kHz through the Fourier transform, then exact at 48 kHz. Pure; any thread.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <span>

namespace loa::media {

struct Match {
    FrameCount at;            // where in the recording the reference begins
    double correlation = 0.0; // -1 to 1, over the whole reference
};

// Both mono at 48 kHz. The reference must lie wholly inside the recording. Errors: InvalidInput when the reference is
// silent, shorter than 100 ms or longer than the recording; LimitExceeded over 40 minutes of recording.
[[nodiscard]] Result<Match> findIn(std::span<const float> reference, std::span<const float> recording);

} // namespace loa::media
