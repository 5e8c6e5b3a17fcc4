#include "media/true_peak_meter.h"

#include "media/oversampler.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::media {

namespace {

constexpr std::size_t stretch = 64; // frames decided on together

float largestMagnitude(const float* from, std::size_t count)
{
    float largest = 0.0F;
    for (std::size_t index = 0; index < count; ++index)
        largest = std::max(largest, std::abs(from[index]));
    return largest;
}

} // namespace

TruePeakMeter::TruePeakMeter(int rate, int channels)
    : m_factor(Oversampler::factorFor(rate)), m_channelCount(static_cast<std::size_t>(channels)),
      m_channels(m_channelCount)
{
    for (Channel& channel : m_channels)
        channel.line.assign(Oversampler::taps, 0.0F);
}

// `line` holds taps frames of history and `frames` new ones. Output n of a phase needs line[n … n + taps - 1].
void TruePeakMeter::scan(Channel& channel, std::size_t frames) const
{
    const Oversampler& filter = Oversampler::forRate(m_factor == 4 ? 48000 : (m_factor == 2 ? 96000 : 192000));
    const float* line = channel.line.data();
    for (std::size_t begin = 0; begin < frames; begin += stretch) {
        const std::size_t count = std::min(stretch, frames - begin);
        const float largest = largestMagnitude(line + begin, count + Oversampler::taps);
        if (largest * filter.bound <= channel.peak)
            continue;
        channel.peak = std::max(channel.peak, largestMagnitude(line + begin, count + Oversampler::taps));
        for (const auto& phase : filter.phases) {
            std::array<float, stretch> sums{};
            for (std::size_t tap = 0; tap < Oversampler::taps; ++tap) {
                const float weight = phase[tap];
                const float* from = line + begin + tap;
                for (std::size_t index = 0; index < count; ++index)
                    sums[index] += weight * from[index];
            }
            channel.peak = std::max(channel.peak, largestMagnitude(sums.data(), count));
        }
    }
}

void TruePeakMeter::add(std::span<const float> interleaved)
{
    const std::size_t frames = interleaved.size() / m_channelCount;
    for (std::size_t index = 0; index < m_channelCount; ++index) {
        Channel& channel = m_channels[index];
        channel.line.resize(Oversampler::taps + frames);
        float* to = channel.line.data() + Oversampler::taps;
        for (std::size_t frame = 0; frame < frames; ++frame)
            to[frame] = interleaved[frame * m_channelCount + index];
        m_samplePeak = std::max(m_samplePeak, largestMagnitude(to, frames));
        scan(channel, frames);
        std::copy(channel.line.end() - static_cast<std::ptrdiff_t>(Oversampler::taps), channel.line.end(),
                  channel.line.begin());
    }
}

double TruePeakMeter::peak() const
{
    float largest = m_samplePeak;
    for (Channel channel : m_channels) {
        channel.line.resize(Oversampler::taps);
        channel.line.resize(2 * Oversampler::taps, 0.0F);
        scan(channel, Oversampler::taps);
        largest = std::max(largest, channel.peak);
    }
    return static_cast<double>(largest);
}

} // namespace loa::media
