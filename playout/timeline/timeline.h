// What sounds at frame N of a session, and what may sound at all.
//
// Purpose: turns a session of a bundle into a list of segments counted in frames from the session's planned instant,
// and keeps out of it whatever the agent itself must not let sound: unapproved audio, audio that is not what was
// approved, instants outside the hours policy, anything while the clock is not trusted (promises 1, 2, 9 and 10).
// Pure: values in, values out, no clock, no disk.
// Threads: any.
// Units: frames at 48 kHz; position 0 is the session's first frame, at startsAt().
// Failure: there is none to handle. What is refused is silent and comes out as a Refusal, for the journal to say
// "missed" and why.
//
// The one rule of everything that disturbs a session: time goes on. No frame of the plan is ever moved, so whatever
// comes after a disturbance still leaves at its planned instant (promise 8), and no session grows past its hours
// (promise 2). What was not heard is not made up by the agent; the planner sees it in the log and makes it good
// (promise 5).
//
// Late join: an agent that comes (back) up while an item of the bundle in force sounds joins it at the frame that is
// due then, with a rise of `softJoin`, if at least `shortestJoin` of it is left. What sounded before a crash has its
// entry already ("partial", "interrupted": the last checkpoint), the joined part gets one of its own ("partial",
// "late-start"), which counts the frames after the join alone. An item that did not begin because the clock was not
// trusted, or because the bundle came late, is not joined: it is missed.
//
// Softness: sound that begins after silence or ends in silence rises and falls over `softEdge`, unless the plan has it
// fade there; one item behind the other is joined as it is, sample by sample. Fades are of equal power: sin and cos of
// a quarter turn. Frames in a fade, and those lowered beneath another item, were heard and count.
//
// Overlaps (scheduler/contract/mix_rules.h): the end of a recording that may be faded under the beginning of the next,
// and a time signal or notice over such a recording, which it lowers. A sample of the mix is the sum, in the order of
// offsets, of each item's sample times: the fades of its piece and plan (Segment::gainAt()), what lowers it
// (SessionTimeline::duckAt()), its rise where it was joined beside another; the sum times the session's volume, times
// the rise where the session was joined or comes back after silence in an item's place. Each item is entered,
// cut, refused, missing and counted by itself: what sounds beside it neither moves nor ends. An item whose neighbour
// does not sound keeps its fades; one whose ducking neighbour does not sound is not lowered.
// Sources: scheduler/contract/bundle.h and hours.h; the agent judges again what the scheduler judged when it planned.
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/mix_rules.h"

#include <QSet>
#include <QString>

#include <array>
#include <optional>
#include <vector>

namespace loa::playout {

inline constexpr FrameCount softEdge{240};                // 5 ms: at silence
inline constexpr FrameCount softJoin{480};                // 10 ms: where an item is entered in its middle
inline constexpr FrameCount softCut{960};                 // 20 ms: where an item is cut, or goes on after a cut
inline constexpr FrameCount shortestJoin{5 * sampleRate}; // less is not worth entering an item for

// How an airing meets its neighbours, whichever pieces of it sound.
struct Mixing {
    FrameCount length;  // of the airing, from which the fall is counted
    FrameCount fadeIn;  // of its first frames
    FrameCount fadeOut; // of its last ones
    int duckDb = 0;     // lowers what it sounds over
    FrameCount duckGlide;

    bool operator==(const Mixing&) const = default;
};

// One item, or a piece of one, at its place.
struct Segment {
    AiringId airing;
    ItemId item;
    Sha256 sha256;
    FrameCount offset; // from the session's first frame
    FrameCount frames; // > 0
    Priority priority = Priority::Normal;
    FrameCount from{};    // the item's frame that sounds at `offset`
    FrameCount fadeIn{};  // of the piece's first frames, equal power
    FrameCount fadeOut{}; // of its last frames
    Mixing mixing = {};   // as planned; the piece's own fades come on top
    RelayId relay{};      // of a relay: its source; it has no item, and `sha256` is its approved definition's
    bool isLive = false;  // spoken while it sounds: rendered as late as can be

    [[nodiscard]] FrameCount end() const { return offset + frames; }
    // Where the item's first frame lies, heard or not; the same for all pieces of an airing.
    [[nodiscard]] FrameCount origin() const { return offset - from; }
    // The item's first frame that is not in the piece any more.
    [[nodiscard]] FrameCount itemEnd() const { return from + frames; }
    // The factor of its fades at `position` of the session, inside the piece: those of the piece times those of the
    // plan; 1 outside fades.
    [[nodiscard]] float gainAt(FrameCount position) const;
    // How much it lowers what lies beneath it at `position`: 1 away from it, 10^(-duckDb / 20) while it sounds, on the
    // glides in a straight line of decibels, taken at the middle of the frame.
    [[nodiscard]] float duckAt(FrameCount position) const;
    [[nodiscard]] bool overlaps(const Segment& other) const { return offset < other.end() && other.offset < end(); }
    bool operator==(const Segment&) const = default;
};
// The rise of an equal-power fade of `length` frames at its frame `index`: sin of a quarter turn, taken at the middle
// of the frame; 1 at and after `length`. A fall is the same read backwards.
[[nodiscard]] float equalPowerRise(std::int64_t index, std::int64_t length);

// A volume from a frame of the session on.
struct VolumeLevel {
    FrameCount from;
    float gain = 1.0F; // linear
    bool operator==(const VolumeLevel&) const = default;
};
inline constexpr FrameCount volumeGlide{sampleRate / 10}; // from one level to the next, in a straight line

// Where in which segment.
struct Sounding {
    std::size_t segment = 0; // index into segments()
    FrameCount frame;        // from the item's first frame

    bool operator==(const Sounding&) const = default;
};

// What sounds at once, in the order of offsets.
class Soundings {
public:
    void add(const Sounding& one) { m_each[m_count++] = one; }
    [[nodiscard]] std::size_t size() const { return m_count; }
    [[nodiscard]] bool isFull() const { return m_count == m_each.size(); }
    [[nodiscard]] bool isEmpty() const { return m_count == 0; }
    [[nodiscard]] const Sounding& operator[](std::size_t index) const { return m_each[index]; }
    [[nodiscard]] const Sounding* begin() const { return m_each.data(); }
    [[nodiscard]] const Sounding* end() const { return m_each.data() + m_count; }
    void reverse();

private:
    std::array<Sounding, mostAtOnce> m_each{};
    std::size_t m_count = 0;
};

class SessionTimeline {
public:
    // `segments` by offset, at most `mostAtOnce` at any frame, none empty, each a whole item (a bug otherwise:
    // asserted).
    SessionTimeline(StationId station, SessionId session, std::int64_t bundleVersion, UtcTime startsAt,
                    std::vector<Segment> segments);

    [[nodiscard]] const StationId& station() const { return m_station; }
    [[nodiscard]] const SessionId& session() const { return m_session; }
    [[nodiscard]] std::int64_t bundleVersion() const { return m_bundleVersion; }
    [[nodiscard]] UtcTime startsAt() const { return m_startsAt; }
    // What sounds, in order.
    [[nodiscard]] const std::vector<Segment>& segments() const { return m_segments; }
    // The airings that the session is to account for, each whole and at its planned place, also where something else
    // sounds over it.
    [[nodiscard]] const std::vector<Segment>& airings() const { return m_airings; }
    [[nodiscard]] const Segment* findAiring(const AiringId& airing) const;

    // Up to the end of the last segment; 0 when nothing sounds.
    [[nodiscard]] FrameCount frames() const;
    [[nodiscard]] UtcTime endsAt() const { return startsAt() + toDuration(frames()); }
    [[nodiscard]] UtcTime plannedStart(const Segment& segment) const { return startsAt() + toDuration(segment.offset); }

    // Empty: silence.
    [[nodiscard]] Soundings whatSoundsAt(FrameCount position) const;
    // The first position after `position` at which the answer of whatSoundsAt() changes to other segments or to
    // silence; frames() or later: nothing changes any more.
    [[nodiscard]] FrameCount nextChange(FrameCount position) const;
    // How far from `position` on one segment alone sounds with its own samples, bit by bit: no fade, nothing over it,
    // volume 1. `position` itself: not at all. Who joins it in its middle, and the limiter, may still change samples.
    [[nodiscard]] FrameCount plainUntil(FrameCount position) const;

    // What lowers `segment` (an index into segments()) at `position`, all together; 1: nothing.
    [[nodiscard]] float duckAt(std::size_t segment, FrameCount position) const;
    // Some segment lowers others.
    [[nodiscard]] bool hasDucks() const { return !m_ducks.empty(); }
    // Another segment sounds together with it somewhere.
    [[nodiscard]] bool isMixed(std::size_t segment) const;

    // The same session without these airings: silence in their place (already told of in the journal, say).
    [[nodiscard]] SessionTimeline without(const QSet<AiringId>& airings) const;
    // The same session at these volumes, by frame; none: as approved.
    [[nodiscard]] SessionTimeline withLevels(std::vector<VolumeLevel> levels) const;
    [[nodiscard]] const std::vector<VolumeLevel>& levels() const { return m_levels; }
    // The volume at a frame.
    [[nodiscard]] float volumeAt(FrameCount position) const;
    // The same session, accounting for `airings` (whole), of which `pieces` sound, in order, at most
    // `mostAtOnce` at any frame.
    [[nodiscard]] SessionTimeline withPieces(std::vector<Segment> airings, std::vector<Segment> pieces) const;
    // The same session with soft edges where sound meets silence.
    [[nodiscard]] SessionTimeline softened() const;

    bool operator==(const SessionTimeline&) const = default;

private:
    void index();

    StationId m_station;
    SessionId m_session;
    std::int64_t m_bundleVersion = 0;
    UtcTime m_startsAt;
    std::vector<Segment> m_segments;
    std::vector<FrameCount> m_reach;  // by segment: where it and all before it are over
    std::vector<std::size_t> m_ducks; // segments that lower others
    std::vector<Segment> m_airings;
    std::vector<VolumeLevel> m_levels;
};

// Words for LogEntry::reason.
enum class RefusalReason {
    NotApproved,    // "not-approved": hash not in the bundle's media list, other item's, or without a named person's
                    // approval; of a relay, that of its exact definition
    OutsideHours,   // "outside-hours": some instant of the airing is outside the policy of its date
    OutsideSession, // "outside-session": beyond the session's length, or the session beyond what the policy allows a
                    // session or a day
    OutsideBundle,  // "outside-bundle": not wholly inside the bundle's validity
    OtherStation,   // "other-station": the bundle is not this station's
    MediaMissing,   // "media-missing": no such file in the cache
    MediaAltered,   // "media-altered": there is a file, but its hash differs
    FramesDiffer,   // "frames-differ": planned length is not the length that was approved
    MixNotAllowed,  // "mix-not-allowed": it would be faded, cut short, lowered or laid over another against mix_rules.h
    ClockUntrusted, // "clock-untrusted"
};
[[nodiscard]] QString toString(RefusalReason reason);
// A file that comes yet would mend it.
[[nodiscard]] constexpr bool isOfMedia(RefusalReason reason)
{
    return reason == RefusalReason::MediaMissing || reason == RefusalReason::MediaAltered;
}

struct Refusal {
    BundleAiring airing;
    UtcTime plannedStart;
    RefusalReason reason = RefusalReason::NotApproved;
    QString detail; // for people

    bool operator==(const Refusal&) const = default;
};

// What the agent knows besides the bundle.
struct AdmissionFacts {
    StationId station;     // whose agent this is
    QSet<Sha256> verified; // media on disk whose SHA-256 was computed and holds
    QSet<Sha256> altered;  // media on disk whose SHA-256 differs from its name
    ClockState clock = ClockState::Untrusted;
};

struct Admission {
    SessionTimeline timeline;      // what may sound; possibly nothing
    std::vector<Refusal> refusals; // every other airing of the session, each with the first reason that applies
};

// Judges every airing of `session`, which must be one of `bundle`. An EMERGENCY airing is free of hours and of session
// limits, of nothing else.
[[nodiscard]] Admission admit(const Bundle& bundle, const BundleSession& session, const AdmissionFacts& facts);

} // namespace loa::playout
