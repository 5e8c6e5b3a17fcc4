// Turns interleaved float audio of any rate and channels into mono, at 48 kHz unless told otherwise.
//
// Thread: one thread at a time. Memory: flat. Mix: channels are mixed with libswresample's matrix, scaled so that no
// sum can pass full scale (stereo: half and half). Length: n frames at rate r become exactly round(n * rate / r)
// frames once finish() has been called; the filter's delay is taken out, so frame k sounds at k / rate. Failure:
// create() fails on a rate or channel count that libswresample does not take.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::media {

class MonoResampler {
public:
    // `channels` are taken in libav's usual order for their number.
    [[nodiscard]] static Result<MonoResampler> create(int sourceRate, int channels,
                                                      int targetRate = static_cast<int>(sampleRate));
    MonoResampler(MonoResampler&&) noexcept;
    MonoResampler& operator=(MonoResampler&&) noexcept;
    ~MonoResampler();

    // Appends to `mono` what can be given so far.
    [[nodiscard]] Result<void> write(std::span<const float> interleaved, std::vector<float>& mono);
    // Appends the rest. Nothing may be written after.
    [[nodiscard]] Result<void> finish(std::vector<float>& mono);

    struct Impl;

private:
    explicit MonoResampler(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
