// Whoever listens to mixes as they leave for the outputs, after volume and limiter: an ear for each mix, which hears it
// once for all stations that share it, and a tap for each station, which knows whose ear is its own and what the
// station means to sound.
//
// Threads: the pump's (a stepped player's own). An ear's functions are part of the render path: no lock, no allocation,
// no log, no wait; a listener that is slow loses what it should have heard, and delays nobody. The others are called
// between renders and may take a lock, briefly. Units: stream positions; a session's frame 0 lies at its `base`.
#pragma once

#include "playout/engine/renderer.h"

#include <memory>
#include <span>

namespace loa::playout {

class MixEar {
public:
    virtual ~MixEar() = default;
    // The next run of the mix and what leaves of it, in order.
    virtual void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) = 0;
    // In place of hear(), where nobody wants samples: the run's frames are those of the approved file, packet by
    // packet.
    virtual void passed(FrameCount position, const RenderedRun& run) = 0;
    // All before `position` has been told, and nothing more comes for a while.
    virtual void flush(FrameCount position) = 0;
};

class MixEars {
public:
    virtual ~MixEars() = default;
    // Of a mix whose next frame is `position`.
    [[nodiscard]] virtual std::shared_ptr<MixEar> open(FrameCount position) = 0;
};

class MixTap {
public:
    virtual ~MixTap() = default;
    // Whom the mix of such a station has its ear from; outlives the mix.
    [[nodiscard]] virtual MixEars& ears() = 0;
    // From the next frame on the station hears what this ear does.
    virtual void follow(const std::shared_ptr<MixEar>& ear) = 0;
    // From the frame `from` on this is the session at `base`.
    virtual void placed(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount from) = 0;
    // The one at `base` will not be.
    virtual void removed(FrameCount base) = 0;
    // All sessions end at `from`.
    virtual void cut(FrameCount from) = 0;
    // False: where nothing but a house file's own packets leave, the ear may be told so, by passed(), instead of
    // hearing them.
    [[nodiscard]] virtual bool wantsSamples() const { return true; }
};

} // namespace loa::playout
