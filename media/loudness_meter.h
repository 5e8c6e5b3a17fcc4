// Loudness by EBU R128 / ITU-R BS.1770-4 (libebur128), and its range by EBU Tech 3342.
//
// Thread: one at a time. Memory: 8 bytes per 100 ms, and per second of sound with range; without range about 160 KB,
// with it 1.2 MB. Absent figures: see figure_meter.h.
#pragma once

#include "media/error.h"
#include "media/ffmpeg/source_reader.h"

#include <memory>
#include <optional>
#include <span>

namespace loa::media {

enum class LoudnessScope { Integrated, WithRange };

class LoudnessMeter {
public:
    [[nodiscard]] static Result<LoudnessMeter> create(int rate, std::span<const ChannelRole> roles,
                                                      LoudnessScope scope = LoudnessScope::WithRange);
    LoudnessMeter(LoudnessMeter&&) noexcept;
    LoudnessMeter& operator=(LoudnessMeter&&) noexcept;
    ~LoudnessMeter();

    [[nodiscard]] Result<void> add(std::span<const float> interleaved);
    [[nodiscard]] std::optional<double> integratedLufs() const;
    // Of the last 400 ms; none before so much was added, and of silence.
    [[nodiscard]] std::optional<double> momentaryLufs() const;
    // None when it was made without.
    [[nodiscard]] std::optional<double> rangeLu() const;

private:
    struct Impl;
    explicit LoudnessMeter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
