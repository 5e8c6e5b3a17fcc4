// What a sound is recognised by: how loud each of twelve bands is, sixteen times a second. It survives a volume, a
// limiter, a codec, a loudspeaker and a room; the same words from another mouth are another print.
//
// Thread: one at a time; memory flat, nothing allocated by add() but the rows. Any length: a row needs `printWindow`.
// Units: mono at 48 kHz in; row k covers frames [k * hop, k * hop + printWindow) from the first one added.
// Form: the sound is taken to 6 kHz; windows of 1,024 values (Hann) become twelve bands of equal ratio between 250 and
// 2,400 Hz, which every output of Loa and every horn loudspeaker carries; the power of a band to 0.3 is about how loud
// it is heard (Stevens), so that loud syllables weigh more than the noise between them, and a change of volume is a
// plain factor. Source of the idea: Haitsma and Kalker, A Highly Robust Audio Fingerprinting System, 2002, which keeps
// one bit where this keeps the value. Why not Chromaprint here: its library brings FFmpeg's into memory, as much again
// as the whole agent, and it says nothing of sounds under three seconds.
#pragma once

#include "media/frames.h"
#include "media/spectrum_maker.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace loa::media {

inline constexpr FrameCount printHop{3072};    // 64 ms
inline constexpr FrameCount finePrintHop{768}; // 16 ms, for what comes with an unknown delay
inline constexpr FrameCount printWindow{8192}; // 171 ms
inline constexpr std::size_t printBands = 12;

// Loudness of each band, low to high; 0 is silence, full scale about 20,000.
using PrintRow = std::array<std::uint16_t, printBands>;

class SoundPrinter {
public:
    // `hop` a multiple of 8 frames.
    explicit SoundPrinter(FrameCount hop = printHop);

    // Appends the rows that have become whole.
    void add(std::span<const float> mono, std::vector<PrintRow>& rows);
    // As newly made.
    void restart();

private:
    static constexpr std::size_t step = 8; // 48 kHz -> 6 kHz
    static constexpr std::size_t taps = 128;
    static constexpr std::size_t window = static_cast<std::size_t>(printWindow.value) / step;

    [[nodiscard]] PrintRow makeRow();

    std::size_t m_hop; // at 6 kHz
    std::array<float, taps> m_filter{};
    std::array<float, window> m_shape{}; // of the window
    std::array<std::size_t, printBands + 1> m_edges{};
    SpectrumMaker m_spectrum;
    std::vector<float> m_line;  // frames at 48 kHz not yet filtered, after taps - 1 older ones
    std::vector<float> m_low;   // at 6 kHz, not yet in a row
    std::size_t m_lowBegin = 0; // first that is still needed
};

} // namespace loa::media
