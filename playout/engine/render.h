// What would sound between two instants, as a WAV file, faster than real time: the same guard, mix and limiter as on
// air, also with what happens live (render_events.h).
//
// Thread: any; takes as long as decoding takes.
// Units: the file holds exactly toFrames(to - from) frames; frame n is what sounds n frames after `from`.
// Failure: InvalidInput (reversed interval), NotFound or Storage (media folder, output file), and that of a house
// file that cannot be decoded: an unfinished output file is removed. Audio that the guard refuses is silence, and is
// listed.
#pragma once

#include "playout/engine/render_events.h"

#include <QString>

#include <vector>

namespace loa::playout {

enum class RenderFormat { Pcm16, PcmFloat };

struct RenderSummary {
    FrameCount frames;   // in the file
    FrameCount sounding; // of them, frames of items
    int airings = 0;     // wholly or partly inside the interval
    std::vector<Refusal> refusals;
};

// `bundle` comes from openBundle(). `mediaFolder` holds house files named by their SHA-256, bare or with ".opus" or
// ".ogg", those of announcements too, whose lengths are found here.
[[nodiscard]] Result<RenderSummary> renderToWav(const Bundle& bundle, const QString& mediaFolder, UtcTime from,
                                                UtcTime to, const QString& outPath,
                                                RenderFormat format = RenderFormat::Pcm16, RenderEvents events = {});

// The house file in `folder`, under whichever of the names above it has; empty when there is none.
[[nodiscard]] QString findMedia(const QString& folder, const Sha256& sha256);

} // namespace loa::playout
