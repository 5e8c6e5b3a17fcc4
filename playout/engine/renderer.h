// One session as samples, run by run: the same for live play, simulation and render.
//
// Threads: one. render() and advance() take no lock, allocate nothing, log nothing and never wait; prefetch() does
// all of that and is called between them.
// Units: positions in frames from the session's first frame; they never go back.
// Ownership: holds the sources that it opened; the factory outlives it.
// Failure: where a source gives nothing the run is silence and says why.
#pragma once

#include "playout/engine/source.h"
#include "playout/timeline/timeline.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

struct RenderedRun {
    FrameCount frames;           // >= 1
    bool sounding = false;       // an item's own frames
    Break missing = Break::None; // otherwise: silence in an item's place, and why; None: silence as planned
};

class Renderer {
public:
    Renderer(std::shared_ptr<const SessionTimeline> timeline, SourceFactory& sources);

    [[nodiscard]] const SessionTimeline& timeline() const { return *m_timeline; }

    // The same session from now on as another timeline; sources that serve it as well stay open. Not in a render path.
    void amend(std::shared_ptr<const SessionTimeline> timeline);
    // Opens the sources that sound between `position` and `ahead` frames later, lets go of those that are over.
    void prefetch(FrameCount position, FrameCount ahead);

    // Fills the beginning of `out` with one run of one kind; `out` is not empty.
    RenderedRun render(FrameCount position, std::span<float> out);
    // As render(), without samples.
    RenderedRun advance(FrameCount position, FrameCount frames);

private:
    // samples null: none wanted.
    RenderedRun run(FrameCount position, float* samples, std::int64_t frames);
    // The piece's fades, the session's volume, and the rise where it was entered.
    void shape(const Segment& segment, FrameCount position, std::span<float> samples) const;

    std::shared_ptr<const SessionTimeline> m_timeline;
    SourceFactory& m_factory;
    std::vector<std::unique_ptr<Source>> m_sources; // one a segment; null: not open
    std::size_t m_over = 0;                         // segments before this one are over
    std::size_t m_opened = 0;                       // segments before this one have been opened
    FrameCount m_soundedUntil{-1};                  // sound, without a break, up to here
    FrameCount m_risesFrom{-softJoin.value};        // where an item was entered last
};

} // namespace loa::playout
