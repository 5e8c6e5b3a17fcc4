// What leaves the mix of a station: the programme through a true-peak limiter with look-ahead, so that no sum, no
// volume and no item drives a loudspeaker into clipping.
//
// Threads: one, the pump's. render() takes no lock, allocates nothing, logs nothing, waits for nothing; all memory is
// in the object. Units: stream positions as in programme.h; the ceiling in dBTP, measured with 4 times oversampling
// (ITU-R BS.1770-4 annex 2). Frames keep their positions: the look-ahead is read from the programme in advance, so the
// programme is always `readUntil()` far, a few milliseconds before what was given out. Curve: where the signal stays
// below the ceiling it passes bit by bit. The gain falls over 5 ms ahead of a peak, along a moving average of the
// lowest gain wanted in the next 5 ms, and returns with a time constant of 60 ms. It aims 0.2 dB under the ceiling,
// more than the gain's own movement adds between samples.
#pragma once

#include "media/oversampler.h"
#include "playout/engine/programme.h"

#include <array>

namespace loa::playout {

inline constexpr double defaultCeilingDb = -1.0;

class MixBus {
public:
    static constexpr std::int64_t longestBlock = 960;
    static constexpr double marginDb = 0.2; // it aims so much under the ceiling

    explicit MixBus(Programme& programme, double ceilingDb = defaultCeilingDb);
    // Goes on as `other` would; `programme` is a copy of that one's.
    MixBus(const MixBus& other, Programme& programme) : MixBus(other) { m_programme = &programme; }

    // One run of one kind from `position` on, at most `longestBlock` frames; positions never go back.
    RenderedRun render(FrameCount position, std::span<float> out);
    // As render(), for who needs no samples; the limiter hears none either, and so rests when it is next asked for
    // some.
    RenderedRun advance(FrameCount position, FrameCount frames);
    // What render() gives from `position` on is the programme, bit by bit, as far as is known.
    [[nodiscard]] bool restsAt(FrameCount position) const;
    // The programme has been read up to here: what changes it counts from this frame on, if it is later than the next
    // to be rendered.
    [[nodiscard]] FrameCount readUntil() const { return {m_filled}; }
    // Forgets what was read ahead.
    void reset();
    // Both give the same to the same from `position` on.
    [[nodiscard]] bool isLike(const MixBus& other, FrameCount position) const;

private:
    static constexpr std::int64_t window = 240; // 5 ms
    static constexpr std::int64_t reach = static_cast<std::int64_t>(media::Oversampler::taps) / 2;
    static constexpr std::int64_t capacity = reach + 2 * longestBlock + window + 2 * reach;

    struct Run {
        std::int64_t end = 0;
        bool sounding = false;
        Break missing = Break::None;
        Absences absent = {};
    };
    MixBus(const MixBus&) = default;

    // Silence has gone through it, and nothing of what was before is left in it.
    [[nodiscard]] bool isBlank() const;
    void restartAt(std::int64_t position);
    void pull(std::int64_t until);
    void note(const RenderedRun& run);
    void judge(std::int64_t until);
    void judgeLoud(std::int64_t until);
    [[nodiscard]] float nextGain(std::int64_t position);
    void drop(std::int64_t until);
    [[nodiscard]] std::size_t at(std::int64_t position) const { return static_cast<std::size_t>(position - m_begin); }

    Programme* m_programme;
    const media::Oversampler& m_filter; // made at the first use, which is not in render()
    const float m_target;
    void (*m_findPeaks)(const media::Oversampler& filter, const float* line, float* peaks); // what suits the processor
    std::array<float, static_cast<std::size_t>(capacity)> m_samples{};                      // of frames from m_begin on
    std::array<float, static_cast<std::size_t>(capacity)> m_wanted{}; // gain that each frame wants
    std::array<float, static_cast<std::size_t>(window)> m_released{}; // ring, by position
    std::array<Run, 256> m_runs{};
    std::size_t m_runCount = 0;
    std::int64_t m_begin = 0;    // a reach before the next frame
    std::int64_t m_next = 0;     // to be given out
    std::int64_t m_filled = 0;   // behind the last frame read
    std::int64_t m_judged = 0;   // m_wanted is known up to here
    std::int64_t m_lowUntil = 0; // no frame from here on is known to want less than 1
    std::int64_t m_start = 0;    // nothing was read before
    bool m_isFresh = true;
    float m_last = 1.0F;
    int m_lowered = 0; // of m_released, below 1
};

} // namespace loa::playout
