// Finds silence where sound should be: an item whose recording, relay or source has fallen silent, or that is missing.
// Where an approved recording's own packets pass there is nothing to watch for: what they are silent about was approved
// with them, and what is missing of them does not pass.
//
// Threads: hear() is the pump's, part of its render path: no lock, no allocation, no log, no wait. The rest from any
// thread. Units: a sample counts as silence below -60 dBFS; a pause in speech is shorter than any patience allowed.
#pragma once

#include "playout/engine/renderer.h"

#include <atomic>
#include <chrono>

namespace loa::playout {

struct ProgrammeSilence {
    bool now = false;       // what should sound has been silent for as long as patience lasts
    bool isMissing = false; // and frames of it are, that a source should have given
    FrameCount total;       // of such silences, from their first frame, since the player was made
};

class SilenceWatch {
public:
    explicit SilenceWatch(std::chrono::milliseconds patience) : m_patience(toFrames(patience)) {}
    // Goes on as `other` would. The pump's.
    SilenceWatch(const SilenceWatch& other)
        : m_patience(other.m_patience), m_quiet(other.m_quiet), m_isSilent(other.m_isSilent.load()),
          m_total(other.m_total.load()), m_hasMissed(other.m_hasMissed), m_isMissing(other.m_isMissing.load())
    {
    }

    // The next run of the mix and what leaves of it, in order.
    void hear(const RenderedRun& run, std::span<const float> samples);
    // Nothing is planned any more: a stop.
    void reset();

    [[nodiscard]] ProgrammeSilence heard() const
    {
        return {m_isSilent.load(), m_isMissing.load(), FrameCount{m_total.load()}};
    }

private:
    const FrameCount m_patience;
    FrameCount m_quiet; // the pump's: silent frames of items in a row
    std::atomic<bool> m_isSilent = false;
    std::atomic<std::int64_t> m_total = 0;
    bool m_hasMissed = false; // the pump's: within m_quiet
    std::atomic<bool> m_isMissing = false;
};

} // namespace loa::playout
