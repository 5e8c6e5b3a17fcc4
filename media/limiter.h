// Gain, then a true-peak limiter with look-ahead, over a mono 48 kHz stream.
//
// Thread: one at a time. Memory: flat, a few milliseconds. Input and output have the same number of frames; the
// look-ahead delay is taken out (finish() gives the rest). Where gain times signal stays below the ceiling the signal
// passes unchanged but for the gain.
//
// Curve: the gain is set every 8 frames and runs straight between. It falls over 5 ms ahead of a peak, along a moving
// average, and returns with a time constant of 30 ms. The true peak (4 times oversampled) after it stays at the
// ceiling, give or take 0.1 dB, since the gain hardly moves within the interpolation filter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace loa::media {

class Limiter {
public:
    // Linear factors, both > 0.
    Limiter(double gain, double ceiling);

    // Appends to `out`.
    void write(std::span<const float> mono, std::vector<float>& out);
    void finish(std::vector<float>& out);

    // Frames whose gain was lowered by 0.1 dB or more.
    [[nodiscard]] std::int64_t limitedFrames() const { return m_limited; }

private:
    void process(std::vector<float>& out);
    void wantedGains(std::int64_t begin, std::span<float> groups) const;
    void step(std::int64_t group, float wanted, std::vector<float>& out);
    void giveOut(std::int64_t begin, std::size_t count, float gain, float slope, std::vector<float>& out);
    [[nodiscard]] bool resting() const;
    [[nodiscard]] const float* at(std::int64_t frame) const { return m_line.data() + (frame - m_lineBegin); }

    float m_gain;
    float m_ceiling;
    std::vector<float> m_line; // signal after the gain, from frame m_lineBegin
    std::int64_t m_lineBegin;
    std::deque<std::pair<std::int64_t, float>> m_minima; // lowered gains of the look-ahead window, by group, rising
    std::vector<float> m_recent;                         // ring of the last groups' gains after release
    double m_sum;                                        // of m_recent
    float m_released = 1.0F;
    float m_node = 1.0F;       // gain at the start of the group given out next
    std::int64_t m_next = 0;   // frame whose wanted gain comes next, a multiple of the group
    std::int64_t m_length = 0; // frames written
    bool m_ended = false;
    std::int64_t m_limited = 0;
};

} // namespace loa::media
