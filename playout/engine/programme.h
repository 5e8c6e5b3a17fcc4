// The sessions of one station on the stream clock: what sounds at stream frame N, and which outputs need to know.
//
// Threads: one, the pump's. render() and advance() as in renderer.h: no lock, no allocation, no log, no wait.
// Units: stream positions; a session's frame 0 lies at its `base`.
#pragma once

#include "playout/engine/renderer.h"
#include "playout/output/output.h"

namespace loa::playout {

class Programme {
public:
    explicit Programme(SourceFactory& sources, Fetching fetching = Fetching::Samples)
        : m_sources(&sources), m_fetching(fetching)
    {
    }

    // Sessions do not overlap, but by a frame that rounding costs.
    void place(std::shared_ptr<const SessionTimeline> timeline, FrameCount base);
    [[nodiscard]] bool holds(FrameCount base) const;
    // Of the session whose frame 0 lies at `base`; nothing, when there is none.
    void remove(FrameCount base);
    // From now on it is `timeline`. False: it is not here.
    bool amend(FrameCount base, std::shared_ptr<const SessionTimeline> timeline);
    void rename(FrameCount base, std::shared_ptr<const SessionTimeline> timeline); // as Renderer
    void revoke(FrameCount base, const AiringId& airing);                          // as Renderer
    // Goes on bit by bit as this one would; nullopt: some source cannot be had twice. Not in a render path.
    [[nodiscard]] std::optional<Programme> copy() const;
    // Nothing sounds from `position` on: what sounds up to there falls over the `softCut` before it, which must not
    // have been rendered.
    void cutAt(FrameCount position);
    void clear() { m_sessions.clear(); }
    [[nodiscard]] bool isEmpty() const { return m_sessions.empty(); }

    // Opens what sounds within `ahead`, forgets what was over a second before `position`.
    void prepare(FrameCount position, FrameCount ahead);

    // How far from `position` the next frame lies that such a device is to get; 0: this one. A long way when there is
    // none.
    [[nodiscard]] FrameCount untilWanted(const DeviceTraits& traits, FrameCount position) const;

    // The first frame from `position` on that is spoken live; a long way when there is none.
    [[nodiscard]] FrameCount nextLive(FrameCount position) const;

    // A recording begins or ends between `position` and `until`, and nothing sounds there that comes as time passes
    // (live speech, a relay): all of it can be had ahead of time.
    [[nodiscard]] bool hasJoin(FrameCount position, FrameCount until) const;

    RenderedRun render(FrameCount position, std::span<float> out);
    RenderedRun advance(FrameCount position, FrameCount frames);
    // As Renderer::packet().
    [[nodiscard]] std::span<const std::byte> packet(FrameCount position, FrameCount before, FrameCount after);

private:
    struct Placed {
        FrameCount base;
        FrameCount end;
        std::unique_ptr<Renderer> renderer;
        bool speaks = false; // something in it is spoken live
    };
    // The session that sounds at `position`, and how many of `frames` lie before the next change of session.
    Placed* sessionAt(FrameCount position, std::int64_t& frames);
    Placed* sessionFrom(FrameCount base);

    SourceFactory* m_sources;
    Fetching m_fetching;
    std::vector<Placed> m_sessions; // by base
};

} // namespace loa::playout
