// The standard time signal (tiếng báo giờ): six pips of 1 kHz, one a second, of which the last is long and begins on
// the second. A recording of it is approved as any other; the template's part names its mark.
//
// Thread: any. Units: frames at 48 kHz. Failure of writing: Storage; no file is left then.
// Source of the form: the six-pip signal in use since 1924 (five of 0.1 s, the last of 0.5 s); level -18 dBFS.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <vector>

namespace loa::media {

// The frame that sounds on the second: the first of the long pip.
inline constexpr FrameCount timeSignalMark{12'000 + 5 * sampleRate};
inline constexpr FrameCount timeSignalFrames{6 * sampleRate};

[[nodiscard]] std::vector<float> timeSignal();
// As a WAV file.
[[nodiscard]] Result<void> writeTimeSignal(const QString& path);

} // namespace loa::media
