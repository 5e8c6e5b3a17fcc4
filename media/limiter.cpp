#include "media/limiter.h"

#include "media/frames.h"
#include "media/oversampler.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::media {

namespace {

constexpr std::size_t groupFrames = 8;
constexpr std::int64_t lookAheadGroups = 30; // 5 ms
constexpr std::int64_t lookAhead = (lookAheadGroups + 1) * static_cast<std::int64_t>(groupFrames);
constexpr std::int64_t reach = static_cast<std::int64_t>(Oversampler::taps) / 2;
constexpr std::size_t stretchGroups = 8;
constexpr std::size_t stretchFrames = stretchGroups * groupFrames;
constexpr double releaseSeconds = 0.03;
constexpr float restingGain = 0.9999F;
constexpr float audibleGain = 0.989F; // 0.1 dB

float largestOf(const float* from, std::size_t count)
{
    float largest = 0.0F;
    for (std::size_t index = 0; index < count; ++index)
        largest = std::max(largest, std::abs(from[index]));
    return largest;
}

} // namespace

Limiter::Limiter(double gain, double ceiling)
    : m_gain(static_cast<float>(gain)), m_ceiling(static_cast<float>(ceiling)),
      m_line(static_cast<std::size_t>(reach + lookAhead), 0.0F), m_lineBegin(-reach - lookAhead),
      m_recent(static_cast<std::size_t>(lookAheadGroups), 1.0F), m_sum(static_cast<double>(lookAheadGroups))
{
}

bool Limiter::resting() const
{
    return m_minima.empty() && m_node >= 1.0F && m_sum >= static_cast<double>(lookAheadGroups) - 1e-9;
}

// The gain that each group from frame `begin` on wants: ceiling over its true peak, at most 1.
void Limiter::wantedGains(std::int64_t begin, std::span<float> groups) const
{
    // peaks[i]: largest interpolated value between frames begin - 1 + i and the next.
    const std::size_t count = groups.size() * groupFrames;
    std::array<float, stretchFrames + 1> peaks{};
    const Oversampler& filter = Oversampler::forRate(static_cast<int>(sampleRate));
    const float* line = at(begin - reach);
    for (const auto& phase : filter.phases) {
        std::array<float, stretchFrames + 1> sums{};
        for (std::size_t tap = 0; tap < Oversampler::taps; ++tap) {
            for (std::size_t index = 0; index <= count; ++index)
                sums[index] += phase[tap] * line[index + tap];
        }
        for (std::size_t index = 0; index <= count; ++index)
            peaks[index] = std::max(peaks[index], std::abs(sums[index]));
    }
    for (std::size_t group = 0; group < groups.size(); ++group) {
        const std::size_t first = group * groupFrames;
        const float samples = largestOf(at(begin) + first, groupFrames);
        const float peak =
            std::max(samples, *std::max_element(peaks.begin() + static_cast<std::ptrdiff_t>(first),
                                                peaks.begin() + static_cast<std::ptrdiff_t>(first + groupFrames + 1)));
        groups[group] = peak > m_ceiling ? m_ceiling / peak : 1.0F;
    }
}

void Limiter::giveOut(std::int64_t begin, std::size_t count, float gain, float slope, std::vector<float>& out)
{
    if (begin < 0)
        return;
    if (m_ended)
        count =
            static_cast<std::size_t>(std::clamp<std::int64_t>(m_length - begin, 0, static_cast<std::int64_t>(count)));
    const float* from = at(begin);
    const std::size_t before = out.size();
    out.resize(before + count);
    float* to = out.data() + before;
    for (std::size_t index = 0; index < count; ++index)
        to[index] = from[index] * (gain + slope * static_cast<float>(index));
    m_limited += gain < audibleGain ? static_cast<std::int64_t>(count) : 0;
}

// Takes the wanted gain of `group` into the window and gives out the group that leaves it. The released gain of a group
// k is at most what any of k - 1 … k + lookAheadGroups wants, and a node is the mean of the last lookAheadGroups of
// those, so both nodes of a group, and the line between, keep to what the group wants.
void Limiter::step(std::int64_t group, float wanted, std::vector<float>& out)
{
    constexpr auto seconds = static_cast<double>(groupFrames) / static_cast<double>(sampleRate);
    static const auto release = static_cast<float>(1.0 - std::exp(-seconds / releaseSeconds));
    if (wanted < 1.0F) {
        while (!m_minima.empty() && m_minima.back().second >= wanted)
            m_minima.pop_back();
        m_minima.emplace_back(group, wanted);
    }
    const std::int64_t released = group - lookAheadGroups;
    while (!m_minima.empty() && m_minima.front().first < released - 1)
        m_minima.pop_front();
    const float lowest = m_minima.empty() ? 1.0F : m_minima.front().second;
    const float risen = m_released + (1.0F - m_released) * release;
    m_released = std::min(lowest, risen > restingGain ? 1.0F : risen);

    float& oldest = m_recent[static_cast<std::size_t>((group + lookAheadGroups) % lookAheadGroups)];
    m_sum += static_cast<double>(m_released) - static_cast<double>(oldest);
    oldest = m_released;
    const float node = std::min(static_cast<float>(m_sum / static_cast<double>(lookAheadGroups)), 1.0F);
    const float slope = (node - m_node) / static_cast<float>(groupFrames);
    giveOut((released - 1) * static_cast<std::int64_t>(groupFrames), groupFrames, m_node, slope, out);
    m_node = node;
}

void Limiter::process(std::vector<float>& out)
{
    const Oversampler& filter = Oversampler::forRate(static_cast<int>(sampleRate));
    const std::int64_t end = m_lineBegin + static_cast<std::int64_t>(m_line.size()) - reach;
    std::array<float, stretchGroups> wanted{};
    while (m_next + static_cast<std::int64_t>(groupFrames) <= end) {
        const std::size_t groups = std::min(stretchGroups, static_cast<std::size_t>(end - m_next) / groupFrames);
        const std::size_t count = groups * groupFrames;
        const float largest = largestOf(at(m_next - reach), count + 2 * static_cast<std::size_t>(reach));
        const bool quiet = largest * filter.bound <= m_ceiling;
        if (quiet && resting()) {
            for (std::size_t group = 0; group < groups; ++group)
                giveOut(m_next - lookAhead + static_cast<std::int64_t>(group * groupFrames), groupFrames, 1.0F, 0.0F,
                        out);
        } else {
            wanted.fill(1.0F);
            if (!quiet)
                wantedGains(m_next, std::span(wanted).first(groups));
            const std::int64_t first = m_next / static_cast<std::int64_t>(groupFrames);
            for (std::size_t group = 0; group < groups; ++group)
                step(first + static_cast<std::int64_t>(group), wanted[group], out);
        }
        m_next += static_cast<std::int64_t>(count);
    }
    const std::int64_t keep = m_next - lookAhead - reach;
    m_line.erase(m_line.begin(), m_line.begin() + (keep - m_lineBegin));
    m_lineBegin = keep;
}

void Limiter::write(std::span<const float> mono, std::vector<float>& out)
{
    m_length += static_cast<std::int64_t>(mono.size());
    const std::size_t before = m_line.size();
    m_line.resize(before + mono.size());
    std::transform(mono.begin(), mono.end(), m_line.begin() + static_cast<std::ptrdiff_t>(before),
                   [gain = m_gain](float sample) { return sample * gain; });
    process(out);
}

void Limiter::finish(std::vector<float>& out)
{
    m_ended = true;
    m_line.resize(m_line.size() + static_cast<std::size_t>(lookAhead + reach) + groupFrames, 0.0F);
    process(out);
}

} // namespace loa::media
