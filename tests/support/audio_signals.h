// Sounds made by formula, and WAV files of them, for tests and benchmarks. Pure but for the files; any thread.
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace loa::support {

// Interleaved float.
struct Pcm {
    int rate = 48000;
    int channels = 1;
    std::vector<float> samples;

    std::int64_t frames() const { return static_cast<std::int64_t>(samples.size()) / channels; }
};

// The same sine in every channel. Level: of its peak, dB full scale.
[[nodiscard]] Pcm tone(double hertz, double levelDbfs, double seconds, int channels = 1, int rate = 48000,
                       double phaseDegrees = 0.0);
[[nodiscard]] Pcm silence(double seconds, int channels = 1, int rate = 48000);
// Same seed, same noise; white, evenly spread.
[[nodiscard]] Pcm noise(double levelDbfs, double seconds, unsigned seed, int channels = 1, int rate = 48000);
// Like speech to a meter and a codec: syllables of noise and of tone with pauses, never twice the same.
[[nodiscard]] Pcm babble(double levelDbfs, double seconds, unsigned seed, int channels = 1, int rate = 48000);

void append(Pcm& to, const Pcm& more); // same rate and channels

enum class WavSamples { Int16, Int24, Float32 };
// False when the disk refuses. More than two channels: WAVE_FORMAT_EXTENSIBLE with libav's usual speakers for their
// number.
[[nodiscard]] bool writeWav(const QString& path, const Pcm& pcm, WavSamples samples = WavSamples::Int16);

} // namespace loa::support
