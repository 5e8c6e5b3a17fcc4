// One session as samples, run by run: the same for live play, simulation and render.
//
// Threads: one. render() and advance() take no lock, allocate nothing, log nothing and never wait; prefetch() does
// all of that and is called between them.
// Units: positions in frames from the session's first frame; they never go back.
// Ownership: holds the sources that it opened; the factory outlives it.
// Failure: an item whose source gives nothing is silent, and the run says which and why; what sounds beside it goes on.
#pragma once

#include "media/codecs/house_packets.h"
#include "playout/engine/source.h"
#include "playout/timeline/timeline.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

struct RenderedRun {
    FrameCount frames;           // >= 1
    bool sounding = false;       // some item's own frames
    Break missing = Break::None; // otherwise: silence in an item's place, and why; None: silence as planned
    Absences absent = {};        // each item that should sound here and does not, beside others or alone
};

class Renderer {
public:
    Renderer(std::shared_ptr<const SessionTimeline> timeline, SourceFactory& sources,
             Fetching fetching = Fetching::Samples);

    [[nodiscard]] const SessionTimeline& timeline() const { return *m_timeline; }

    // The same session from now on as another timeline; sources that serve it as well stay open. Not in a render path.
    void amend(std::shared_ptr<const SessionTimeline> timeline);
    // The airing falls silent over `softCut` from the next frame on; what of it has not begun does not begin, whatever
    // amend() brings. Not in a render path.
    void revoke(const AiringId& airing);
    // The same session under other names: `timeline` sounds as the present one does.
    void rename(std::shared_ptr<const SessionTimeline> timeline);
    // Goes on bit by bit as this one would; null: some source cannot be had twice. Not in a render path.
    [[nodiscard]] std::unique_ptr<Renderer> copy() const;
    // Opens the sources that sound between `position` and `ahead` frames later, lets go of those that are over.
    void prefetch(FrameCount position, FrameCount ahead);

    // Fills the beginning of `out` with one run of one kind; `out` is not empty.
    RenderedRun render(FrameCount position, std::span<float> out);
    // As render(), without samples.
    RenderedRun advance(FrameCount position, FrameCount frames);
    // The house file's packet that holds just the samples which render() would give from `position` on, and would have
    // given from `before` frames earlier without a break up to `after` frames behind it; empty: there is none. As
    // render(), and for the position that comes next.
    [[nodiscard]] std::span<const std::byte> packet(FrameCount position, FrameCount before, FrameCount after);

private:
    // A segment's source, and what it needs to be mixed with others.
    struct Voice {
        std::unique_ptr<Source> source;        // null: not open
        std::vector<float> ahead;              // room for `aheadFrames`; empty where nothing else sounds with it
        FrameCount aheadFrom;                  // item frame of the first one that was read ahead
        std::size_t aheadCount = 0;            // how many
        FrameCount soundedUntil{-1};           // sound, without a break, up to here
        FrameCount risesFrom{-softJoin.value}; // where the item was entered last, beside another
    };
    static constexpr std::size_t aheadFrames = 1024;

    // samples null: none wanted.
    RenderedRun run(FrameCount position, float* samples, std::int64_t frames);
    RenderedRun runAlone(const Sounding& one, FrameCount position, float* samples, std::int64_t frames);
    RenderedRun runMixed(const Soundings& all, FrameCount position, float* samples, std::int64_t frames);
    // Reads ahead up to `frames` from `frame` on; how many are there.
    static std::size_t readAhead(Voice& voice, FrameCount frame, std::size_t frames);
    [[nodiscard]] Break failureOf(const Sounding& one) const;
    // It sounds from `position` up to `until`; entered in its middle it rises, and after silence all that sounds does.
    void sound(const Sounding& one, FrameCount position, FrameCount until);
    // The piece's fades, what lowers it, and the rise where it was entered.
    void shape(std::size_t index, FrameCount position, std::span<float> samples) const;
    // The session's volume, and the rise of the whole mix where it was entered.
    void shapeMix(FrameCount position, std::span<float> samples) const;
    void roomAhead();

    std::shared_ptr<const SessionTimeline> m_timeline;
    SourceFactory& m_factory;
    const Fetching m_fetching;
    QSet<AiringId> m_revoked;
    std::vector<Voice> m_voices;             // one a segment
    std::size_t m_over = 0;                  // segments before this one are over
    std::size_t m_opened = 0;                // segments before this one have been opened
    FrameCount m_soundedUntil{-1};           // the mix: sound, without a break, up to here
    FrameCount m_risesFrom{-softJoin.value}; // where it was entered last, after silence
};

} // namespace loa::playout
