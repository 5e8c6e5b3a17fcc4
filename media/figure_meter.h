// Measures a stretch of audio: loudness, range, true peak, silence at both ends, clipping.
//
// Thread: one at a time. Memory: 8 bytes per 100 ms and per second of sound (libebur128's gating blocks), else flat.
// Loudness: EBU R128 / ITU-R BS.1770-4 over all channels, surround weighted; range: EBU Tech 3342. A mono signal counts
// once (no dual-mono offset), as ffmpeg's ebur128 does. True peak: true_peak_meter.h. Silence: before the first and
// after the last frame with a sample above -60 dBFS. Clipped: samples at or beyond the largest 16-bit value
// (32767/32768). Absent figures: loudness and range need sound above -70 LUFS (and 400 ms, 3 s of it); digital silence
// has no peak.
#pragma once

#include "media/error.h"
#include "media/ffmpeg/source_reader.h"
#include "media/frames.h"
#include "media/loudness_meter.h"
#include "media/true_peak_meter.h"

#include <cstdint>
#include <optional>
#include <span>

namespace loa::media {

struct AudioFigures {
    std::int64_t frames = 0; // at the measured rate
    std::optional<double> integratedLufs;
    std::optional<double> loudnessRangeLu;
    std::optional<double> truePeakDbtp;
    std::optional<double> samplePeakDbfs;
    std::int64_t leadSilenceMs = 0;
    std::int64_t tailSilenceMs = 0;
    std::int64_t clippedSamples = 0;
};

class FigureMeter {
public:
    [[nodiscard]] static Result<FigureMeter> create(int rate, std::span<const ChannelRole> roles);

    [[nodiscard]] Result<void> add(std::span<const float> interleaved);
    [[nodiscard]] AudioFigures figures() const;

private:
    FigureMeter(int rate, std::size_t channels, LoudnessMeter loudness);

    int m_rate;
    std::size_t m_channels;
    LoudnessMeter m_loudness;
    TruePeakMeter m_peak;
    std::int64_t m_frames = 0;
    std::int64_t m_firstSound = -1;
    std::int64_t m_lastSound = -1;
    std::int64_t m_clipped = 0;
};

// 20 log10; nothing for zero.
[[nodiscard]] std::optional<double> toDecibels(double linear);
[[nodiscard]] double fromDecibels(double decibels);

} // namespace loa::media
