#include "media/gated_loudness.h"

#include <algorithm>
#include <cmath>

namespace loa::media {

namespace {

double powerOf(double lufs)
{
    return std::pow(10.0, lufs / 10.0);
}

double lufsOf(double power)
{
    return 10.0 * std::log10(power);
}

} // namespace

void GatedLoudness::add(double lufs)
{
    if (!(lufs >= lowest))
        return;
    const auto index = static_cast<std::size_t>((lufs - lowest) / width);
    ++m_counts[std::min(index, classes - 1)];
}

std::optional<double> GatedLoudness::integratedLufs() const
{
    const auto meanAbove = [this](double gate) -> std::optional<double> {
        double power = 0.0;
        std::uint64_t blocks = 0;
        for (std::size_t index = 0; index < classes; ++index) {
            const double middle = lowest + (static_cast<double>(index) + 0.5) * width;
            if (m_counts[index] == 0 || middle < gate)
                continue;
            power += powerOf(middle) * m_counts[index];
            blocks += m_counts[index];
        }
        if (blocks == 0)
            return std::nullopt;
        return lufsOf(power / static_cast<double>(blocks));
    };
    const auto ungated = meanAbove(lowest);
    return ungated ? meanAbove(*ungated - 10.0) : std::nullopt;
}

double loudnessOfBoth(double firstLufs, double secondLufs, double firstShare)
{
    return lufsOf(firstShare * powerOf(firstLufs) + (1.0 - firstShare) * powerOf(secondLufs));
}

} // namespace loa::media
