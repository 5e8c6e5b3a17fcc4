// The print of a station's mix by the time of day, in stretches: what one monitor has to listen for.
//
// Threads: any. One puts in (the measuring thread), one takes out (the monitor's). Memory: bounded; a monitor that does
// not take loses the oldest.
#pragma once

#include "media/sound_print.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <deque>
#include <mutex>
#include <span>
#include <vector>

namespace loa::playout {

// At most 20 s of one airing, without a break. Row k begins at `from` + k * 64 ms.
struct TracedStretch {
    AiringId airing;
    UtcTime from;
    UtcTime to;
    std::vector<media::PrintRow> rows;
};

struct SoundingSpan {
    UtcTime from;
    UtcTime to;
};

class MixTrace {
public:
    // Sound of the airing, its first frame due at `at`.
    void add(UtcTime at, const AiringId& airing, std::span<const float> samples);
    // Something sounds, whatever it is.
    void sounding(UtcTime at, std::size_t frames);

    // Stretches that are whole, in order; one that nothing was added to for a second is whole.
    [[nodiscard]] std::vector<TracedStretch> take(UtcTime now);
    // Something sounded in [from, to).
    [[nodiscard]] bool sounded(UtcTime from, UtcTime to) const;

private:
    void close();

    mutable std::mutex m_mutex;
    media::SoundPrinter m_printer;
    TracedStretch m_open;
    bool m_isOpen = false;
    std::deque<TracedStretch> m_whole;
    std::deque<SoundingSpan> m_spans;
};

} // namespace loa::playout
