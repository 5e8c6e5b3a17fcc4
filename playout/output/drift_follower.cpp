#include "playout/output/drift_follower.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loa::playout {

namespace {

constexpr double averageOver = 2.0;                         // seconds
constexpr double bandwidth = 2.0 * std::numbers::pi * 0.01; // radians a second
constexpr double proportional = 2.0 * bandwidth / sampleRate;
constexpr double integral = bandwidth * bandwidth / sampleRate;

double limited(double correction)
{
    return std::clamp(correction, -DriftFollower::mostCorrection, DriftFollower::mostCorrection);
}

} // namespace

void DriftFollower::placed()
{
    m_meanError = 0;
    m_correction = m_drift;
}

DriftFollower::Verdict DriftFollower::observe(double errorFrames, std::chrono::nanoseconds elapsed)
{
    const double seconds = std::clamp(std::chrono::duration<double>(elapsed).count(), 0.0, 10.0);
    m_meanError += (errorFrames - m_meanError) * seconds / (averageOver + seconds);
    m_drift = limited(m_drift + integral * m_meanError * seconds);
    m_correction = limited(m_drift + proportional * m_meanError);
    return std::abs(m_meanError) > static_cast<double>(hardBound.value) ? Verdict::Hard : Verdict::Soft;
}

} // namespace loa::playout
