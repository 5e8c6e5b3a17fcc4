#include "media/limiter.h"

#include "media/frames.h"
#include "media/oversampler.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::media {

namespace {

constexpr std::int64_t lookAhead = 240; // 5 ms
constexpr std::int64_t reach = static_cast<std::int64_t>(Oversampler::taps) / 2;
constexpr std::size_t limiterStretch = 64;
constexpr double releaseSeconds = 0.06;
constexpr float restingGain = 0.99999F;

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
      m_recent(static_cast<std::size_t>(lookAhead), 1.0F), m_sum(static_cast<double>(lookAhead))
{
}

bool Limiter::resting() const
{
    return m_minima.empty() && m_released >= 1.0F && m_sum >= static_cast<double>(lookAhead) - 1e-6;
}

// Fills m_wanted for frames [begin, begin + count): ceiling over the true peak next to each, at most 1.
void Limiter::wantedGains(std::int64_t begin, std::size_t count)
{
    // peaks[i]: largest interpolated value between frames begin - 1 + i and the next.
    std::array<float, limiterStretch + 1> peaks{};
    const Oversampler& filter = Oversampler::forRate(static_cast<int>(sampleRate));
    const float* line = at(begin - 1 - (reach - 1));
    for (const auto& phase : filter.phases) {
        std::array<float, limiterStretch + 1> sums{};
        for (std::size_t tap = 0; tap < Oversampler::taps; ++tap) {
            for (std::size_t index = 0; index <= count; ++index)
                sums[index] += phase[tap] * line[index + tap];
        }
        for (std::size_t index = 0; index <= count; ++index)
            peaks[index] = std::max(peaks[index], std::abs(sums[index]));
    }
    const float* samples = at(begin);
    for (std::size_t index = 0; index < count; ++index) {
        const float peak = std::max({std::abs(samples[index]), peaks[index], peaks[index + 1]});
        m_wanted[index] = peak > m_ceiling ? m_ceiling / peak : 1.0F;
    }
}

// Takes the wanted gain of `frame` into the window and gives out the frame that leaves it.
void Limiter::step(std::int64_t frame, float wanted, std::vector<float>& out)
{
    static const auto release =
        static_cast<float>(1.0 - std::exp(-1.0 / (releaseSeconds * static_cast<double>(sampleRate))));
    if (wanted < 1.0F) {
        while (!m_minima.empty() && m_minima.back().second >= wanted)
            m_minima.pop_back();
        m_minima.emplace_back(frame, wanted);
    }
    const std::int64_t leaving = frame - lookAhead;
    while (!m_minima.empty() && m_minima.front().first < leaving)
        m_minima.pop_front();
    const float lowest = m_minima.empty() ? 1.0F : m_minima.front().second;
    float released = m_released + (1.0F - m_released) * release;
    if (released > restingGain)
        released = 1.0F;
    m_released = std::min(lowest, released);

    float& oldest = m_recent[static_cast<std::size_t>((frame + lookAhead) % lookAhead)];
    m_sum += static_cast<double>(m_released) - static_cast<double>(oldest);
    oldest = m_released;
    if (leaving < 0 || (m_ended && leaving >= m_length))
        return;
    const auto gain = static_cast<float>(m_sum / static_cast<double>(lookAhead));
    m_limited += gain < 0.989F ? 1 : 0; // 0.1 dB
    out.push_back(*at(leaving) * std::min(gain, 1.0F));
}

void Limiter::process(std::vector<float>& out)
{
    const Oversampler& filter = Oversampler::forRate(static_cast<int>(sampleRate));
    const std::int64_t end = m_lineBegin + static_cast<std::int64_t>(m_line.size()) - reach;
    m_wanted.resize(limiterStretch);
    while (m_next < end) {
        const std::size_t count = std::min(limiterStretch, static_cast<std::size_t>(end - m_next));
        const float largest = largestOf(at(m_next - reach), count + 2 * static_cast<std::size_t>(reach));
        const bool quiet = largest * filter.bound <= m_ceiling;
        const std::int64_t leaving = m_next - lookAhead;
        const bool inside = leaving >= 0 && (!m_ended || leaving + static_cast<std::int64_t>(count) <= m_length);
        if (quiet && inside && resting()) {
            out.insert(out.end(), at(leaving), at(leaving) + count);
        } else {
            if (quiet)
                std::fill_n(m_wanted.begin(), count, 1.0F);
            else
                wantedGains(m_next, count);
            for (std::size_t index = 0; index < count; ++index)
                step(m_next + static_cast<std::int64_t>(index), m_wanted[index], out);
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
    m_line.resize(m_line.size() + static_cast<std::size_t>(lookAhead + reach), 0.0F);
    process(out);
}

} // namespace loa::media
