// Follows a sound card's clock: from how early or late its sound is, by how much to stretch the sound that it gets.
//
// Pure; one thread at a time.
// Units: errors in stream frames, positive when the sound is heard too early (the card runs fast); corrections as a
// part of one (80e-6: 80 ppm), positive to give the card more frames.
// Rule: soft before hard. A PI controller (second order, critically damped, 0.01 Hz) on the error as it is on average
// over two seconds corrects by at most `mostCorrection`, less than one cent of pitch. What it has learnt of the card's
// drift stays for the next start. Only an average error of more than `hardBound` is corrected by a gap.
#pragma once

#include "media/frames.h"

#include <chrono>

namespace loa::playout {

class DriftFollower {
public:
    static constexpr double mostCorrection = 500e-6;
    static constexpr FrameCount hardBound{sampleRate / 50}; // 20 ms

    enum class Verdict { Soft, Hard };

    // The sound was put where it belongs: there is no error now.
    void placed();
    // `elapsed`: since the last observation.
    Verdict observe(double errorFrames, std::chrono::nanoseconds elapsed);

    [[nodiscard]] double correction() const { return m_correction; }
    [[nodiscard]] double drift() const { return m_drift; }     // of the card's clock, as learnt
    [[nodiscard]] double error() const { return m_meanError; } // on average, frames

private:
    double m_meanError = 0;
    double m_drift = 0;
    double m_correction = 0;
};

} // namespace loa::playout
