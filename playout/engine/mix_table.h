// Which stations of one pump hear which mix.
//
// Rule. Stations begin in one silent mix. Whoever's programme changes goes over to a copy of the mix that he leaves,
// with that change made; those who follow at the same frame with the same change go there too; who is alone is changed
// where he is. Changes are the same when they make the same sound at the same frames, whatever airings are called. A
// mix whose programme is over and through which silence has gone is left again for the silent one. So stations with
// equal plans are rendered once, each of them hears what it would hear alone, bit by bit, and none can be held up by
// another. Not shared: what belongs to one airing (SourceFactory::isCommon()), such as relays and live speech.
//
// Where many come one after the other, as when a hub is started in mid-session, the silent mix stays behind whoever
// leaves it, for the next: so those who come within one tick hear one mix.
//
// Threads: whoever holds the mutex. Ownership: members outlive their stay; mixes live as long as they have members, the
// silent one that stays as long as any has.
#pragma once

#include "playout/engine/mix.h"

#include <map>
#include <mutex>

namespace loa::playout {

struct MixChange {
    enum class Kind {
        Place,  // timeline at base
        Amend,  // what is at base is timeline
        Remove, // what is at base
        Revoke, // airing of what is at base
        Cut     // nothing from base on
    } kind;
    FrameCount base;
    std::shared_ptr<const SessionTimeline> timeline = {};
    AiringId airing = {};
    FrameCount origin = {}; // of the airing's first frame in its session
};
using MixChanges = std::vector<MixChange>;

// A member's own sessions, by where their frame 0 lies.
using PlacedSessions = std::map<FrameCount, std::shared_ptr<const SessionTimeline>>;

// They make the same sound, frame by frame.
[[nodiscard]] bool soundAlike(const SessionTimeline& a, const SessionTimeline& b);

class MixTable {
public:
    explicit MixTable(bool keepsSilent = false) : m_keepsSilent(keepsSilent) {}

    [[nodiscard]] std::mutex& mutex() { return m_mutex; }

    // Into the silent mix, or a new one that begins at `cursor`. Encoders were tried before: none fails.
    [[nodiscard]] Mix& enter(MixMember& member, const MixSettings& settings, FrameCount cursor);
    void leave(MixMember& member, Mix& mix);
    // Where `member`, who is in `mix` and has placed `own` there, is after the changes.
    [[nodiscard]] Mix& change(MixMember& member, Mix& mix, const MixChanges& changes, const PlacedSessions& own);
    // Over to the silent one, if nobody could tell.
    [[nodiscard]] Mix& settle(MixMember& member, Mix& mix);
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }

private:
    struct Entry {
        std::unique_ptr<Mix> mix;
        std::int64_t number = 0; // changes with what it holds
        bool isSilent = false;   // the one to settle in
        std::int64_t parent = 0; // whose copy it is, of which frame, and what was changed
        FrameCount bornAt = {};
        MixChanges changes = {};
    };
    [[nodiscard]] Entry& entryOf(const Mix& mix);
    [[nodiscard]] Entry* silentLike(const MixSettings& settings);
    void move(MixMember& member, Mix& from, Mix& to);

    const bool m_keepsSilent;
    std::mutex m_mutex;
    std::vector<Entry> m_entries;
    std::int64_t m_numbers = 0;
};

} // namespace loa::playout
