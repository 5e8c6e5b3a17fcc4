// Stretches the stream to a sound card's rate and clock, and knows to which stream frame each frame that comes out
// belongs. libsamplerate (SRC_SINC_FASTEST: 97 dB, flat to 0.8 of half the rate), loaded when the first of these is
// made.
//
// Thread: one at a time.
// Units: `ratio` card frames for a stream frame.
// Failure: Unsupported without the library; Internal with its words.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

class CardResampler {
public:
    [[nodiscard]] static Result<std::unique_ptr<CardResampler>> create();
    ~CardResampler();
    CardResampler(const CardResampler&) = delete;
    CardResampler& operator=(const CardResampler&) = delete;

    // Forgets what it holds: the next sample in is stream frame `position`.
    void reset(FrameCount position);
    // What comes out is valid until the next call. Some 20 frames stay inside until more come.
    [[nodiscard]] Result<std::span<const float>> process(std::span<const float> samples, double ratio);
    // The stream position of the next frame that comes out.
    [[nodiscard]] double position() const { return static_cast<double>(m_whole) + m_part; }

private:
    explicit CardResampler(void* state) : m_state(state) {}

    void* m_state;
    std::int64_t m_whole = 0;
    double m_part = 0; // kept apart, so that weeks lose no precision
    std::vector<float> m_out;
};

} // namespace loa::playout
