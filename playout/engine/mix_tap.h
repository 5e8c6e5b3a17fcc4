// Whoever listens to a station's mix as it leaves for the outputs, after volume and limiter.
//
// Threads: the pump's (a stepped player's own). hear() and flush() are part of the render path: no lock, no allocation,
// no log, no wait; a listener that is slow loses what it should have heard, and delays nobody. The others are called
// between renders and may take a lock, briefly. Units: stream positions; a session's frame 0 lies at its `base`.
#pragma once

#include "playout/engine/renderer.h"

#include <memory>
#include <span>

namespace loa::playout {

class MixTap {
public:
    virtual ~MixTap() = default;
    // From now on this is the session of that name.
    virtual void placed(std::shared_ptr<const SessionTimeline> timeline, FrameCount base) = 0;
    // All sessions end here.
    virtual void cut() = 0;
    // The next run of the mix and what leaves of it, in order.
    virtual void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) = 0;
    // False: where nothing but a house file's own packets leave, it may be told so, by passed(), instead of hearing
    // them.
    [[nodiscard]] virtual bool wantsSamples() const { return true; }
    // In place of hear(): the run's frames are those of the approved file, packet by packet.
    virtual void passed(FrameCount position, const RenderedRun& run)
    {
        static_cast<void>(position);
        static_cast<void>(run);
    }
    // Nothing more for a while.
    virtual void flush() = 0;
};

} // namespace loa::playout
