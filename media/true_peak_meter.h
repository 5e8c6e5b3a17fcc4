// True peak by oversampling, ITU-R BS.1770-4 annex 2: four times below 96 kHz, twice below 192 kHz.
//
// Thread: one at a time. Memory: flat. Input: interleaved float of a fixed channel count. Result: linear, 1 = full
// scale, the largest of all channels, never below the largest sample. The interpolation runs only where it could raise
// the result: its gain is bounded by the sum of its taps' magnitudes, so a stretch whose samples stay below peak /
// bound needs none. The figure is the same as if it ran everywhere.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace loa::media {

class TruePeakMeter {
public:
    TruePeakMeter(int rate, int channels);

    void add(std::span<const float> interleaved);
    // Includes the last frames: the signal is taken to go on in silence.
    [[nodiscard]] double peak() const;
    [[nodiscard]] double samplePeak() const { return m_samplePeak; }

private:
    struct Channel {
        std::vector<float> line; // `taps` frames of history, then the block
        float peak = 0.0F;
    };
    void scan(Channel& channel, std::size_t frames) const;

    int m_factor;
    std::size_t m_channelCount;
    std::vector<Channel> m_channels;
    float m_samplePeak = 0.0F;
};

} // namespace loa::media
