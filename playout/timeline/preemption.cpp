#include "playout/timeline/preemption.h"

#include <algorithm>

namespace loa::playout {

namespace {

struct Play {
    Segment whole; // at its place
    bool isLive = false;
    FrameCount end = whole.end(); // where it gives way, at the latest

    [[nodiscard]] bool isSilent() const { return end <= whole.offset; }
};

// The earliest frame from `at` on at which nothing of its priority or higher keeps a live event waiting.
FrameCount turnOf(const LiveEvent& event, const std::vector<Play>& plays)
{
    FrameCount turn = event.at;
    for (bool moved = true; moved;) {
        moved = false;
        for (const Play& play : plays) {
            // A planned item of the same priority that would begin at this very frame has not begun yet.
            const bool isThere = play.isLive || play.whole.priority > event.priority ? play.whole.offset <= turn
                                                                                     : play.whole.offset < turn;
            if (isThere && turn < play.end && play.whole.priority >= event.priority) {
                turn = play.end;
                moved = true;
            }
        }
    }
    return turn;
}

// Gives each event its turn, one after the other as they come.
void placeEvents(std::vector<LiveEvent> waiting, std::vector<Play>& plays)
{
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const LiveEvent& a, const LiveEvent& b) { return a.at < b.at; });
    while (!waiting.empty()) {
        auto next = waiting.begin();
        for (auto event = waiting.begin(); event != waiting.end(); ++event) {
            const FrameCount turn = turnOf(*event, plays);
            const FrameCount best = turnOf(*next, plays);
            if (turn < best || (turn == best && event->priority > next->priority))
                next = event;
        }
        const FrameCount turn = turnOf(*next, plays);
        Play play{{next->airing,
                   next->item,
                   next->sha256,
                   turn,
                   next->frames,
                   next->priority,
                   {},
                   {},
                   {},
                   {next->frames, {}, {}, 0, {}}},
                  true};
        play.whole.isLive = next->isLive;
        if (next->cutAt)
            play.end = std::clamp(*next->cutAt, turn, play.end);
        plays.push_back(play);
        waiting.erase(next);
    }
}

const Play* highestAt(FrameCount position, const std::vector<Play>& plays)
{
    const Play* highest = nullptr;
    for (const Play& play : plays) {
        if (position < play.whole.offset || position >= play.end)
            continue;
        const bool goesBefore = !highest || play.whole.priority > highest->whole.priority ||
                                (play.whole.priority == highest->whole.priority && play.isLive && !highest->isLive);
        if (goesBefore)
            highest = &play;
    }
    return highest;
}

// What sounds at `position`: a live event alone, or all that is planned there.
bool soundsAt(FrameCount position, const Play& play, const Play* highest)
{
    if (highest == nullptr || position < play.whole.offset || position >= play.whole.end())
        return false;
    return highest->isLive ? &play == highest : !play.isLive;
}

std::vector<Segment> piecesOf(const std::vector<Play>& plays)
{
    std::vector<FrameCount> edges;
    for (const Play& play : plays) {
        if (play.isSilent())
            continue;
        edges.push_back(play.whole.offset);
        edges.push_back(play.end);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<const Play*> highest;
    for (const FrameCount edge : edges)
        highest.push_back(highestAt(edge, plays));
    std::vector<Segment> pieces;
    for (const Play& play : plays) {
        bool goesOn = false;
        for (std::size_t index = 0; index + 1 < edges.size(); ++index) {
            const bool sounds = soundsAt(edges[index], play, highest[index]);
            const FrameCount frames = edges[index + 1] - edges[index];
            if (sounds && goesOn) {
                pieces.back().frames += frames;
            } else if (sounds) {
                Segment piece = play.whole;
                piece.offset = edges[index];
                piece.frames = frames;
                piece.from = edges[index] - play.whole.offset;
                pieces.push_back(piece);
            }
            goesOn = sounds;
        }
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
    return pieces;
}

} // namespace

SessionTimeline withLiveEvents(const SessionTimeline& session, const std::vector<LiveEvent>& events)
{
    std::vector<Play> plays;
    for (const Segment& airing : session.airings())
        plays.push_back({airing, false});
    placeEvents(events, plays);

    std::vector<Segment> pieces = piecesOf(plays);
    std::erase_if(pieces,
                  [](const Segment& piece) { return piece.from > FrameCount{} && piece.frames < shortestJoin; });
    std::vector<Segment> airings;
    airings.reserve(plays.size());
    for (const Play& play : plays)
        airings.push_back(play.whole);
    std::stable_sort(airings.begin(), airings.end(),
                     [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
    for (Segment& piece : pieces) {
        const auto whole = std::find_if(plays.begin(), plays.end(),
                                        [&](const Play& play) { return play.whole.airing == piece.airing; });
        if (piece.from > FrameCount{})
            piece.fadeIn = softCut;
        if (piece.itemEnd() < whole->whole.frames)
            piece.fadeOut = softCut;
        if (whole->isLive) {
            piece.fadeIn = std::max(piece.fadeIn, softEdge);
            piece.fadeOut = std::max(piece.fadeOut, softEdge);
        }
    }
    return session.withPieces(std::move(airings), std::move(pieces)).softened();
}

} // namespace loa::playout
