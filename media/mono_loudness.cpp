#include "media/mono_loudness.h"

#include <algorithm>
#include <cmath>

namespace loa::media {

namespace {

constexpr std::size_t partFrames = 4800;
constexpr double offset = -0.691; // LKFS of a mean square of 1
constexpr double absoluteGate = -70.0;
constexpr double relativeGate = 0.1; // -10 LU

struct Biquad {
    double b0, b1, b2, a1, a2;

    // Transposed direct form II.
    double run(double in, std::array<double, 2>& kept) const
    {
        const double out = b0 * in + kept[0];
        kept[0] = b1 * in - a1 * out + kept[1];
        kept[1] = b2 * in - a2 * out;
        return out;
    }
};

constexpr Biquad shelf{1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585};
constexpr Biquad highPass{1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621};
constexpr double smallest = 1e-30; // silence ends here, not in numbers too small for the processor to be quick with

void settle(std::array<double, 2>& kept)
{
    for (double& value : kept) {
        if (std::abs(value) < smallest)
            value = 0.0;
    }
}

} // namespace

void MonoLoudness::add(std::span<const float> samples)
{
    for (const float sample : samples) {
        const double heard = highPass.run(shelf.run(static_cast<double>(sample), m_shelf), m_pass);
        m_sum += heard * heard;
        if (++m_heard == partFrames)
            endPart();
    }
}

void MonoLoudness::endPart()
{
    settle(m_shelf);
    settle(m_pass);
    m_parts[m_whole++ % m_parts.size()] = m_sum;
    m_sum = 0.0;
    m_heard = 0;
    if (m_whole < m_parts.size())
        return;
    double power = 0.0;
    for (const double part : m_parts)
        power += part;
    power /= static_cast<double>(m_parts.size() * partFrames);
    if (power >= std::pow(10.0, (absoluteGate - offset) / 10.0))
        m_blocks.push_back(power);
}

std::optional<double> MonoLoudness::integratedLufs() const
{
    const auto meanFrom = [this](double gate) -> std::optional<double> {
        double sum = 0.0;
        std::size_t count = 0;
        for (const double power : m_blocks) {
            if (power >= gate) {
                sum += power;
                ++count;
            }
        }
        return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
    };
    const auto ungated = meanFrom(0.0);
    const auto gated = ungated ? meanFrom(*ungated * relativeGate) : std::nullopt;
    return gated ? std::optional(offset + 10.0 * std::log10(*gated)) : std::nullopt;
}

} // namespace loa::media
