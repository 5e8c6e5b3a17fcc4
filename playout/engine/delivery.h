// The account of what left: from frames delivered to an output to what the journal says of each airing (promise 3).
//
// Threads: a DeliveryAccount belongs to its output's thread. A DeliveryObserver is called on the threads of all
// outputs at once: it must be thread-safe and must return promptly (hand over to a thread of its own; no disk wait),
// since the output waits meanwhile.
// Units: positions in frames from the session's first frame; instants UTC. A frame k of an interval delivered from
// frame `from` at instant `at` counts as left at `at` + (k - from) / 48000 s.
// Airings that sound at once are counted each for itself: a frame of the mix that leaves is one of each of them, but
// for those that are named as absent from it. Claims: a record never counts a frame that no delivered() named, nor one
// twice. A process that dies leaves what the last airingProgress() said: claim no more than that. Failure: none;
// intervals may come in any order, overlap, or lie outside the session.
#pragma once

#include "playout/output/break.h"
#include "playout/timeline/timeline.h"

#include <QString>

#include <array>
#include <optional>
#include <vector>

namespace loa::playout {

// An airing that should sound in a run and does not. Its origin (Segment::origin(), on whichever clock the run is
// counted) tells it from all that sound at once with it.
struct Absence {
    FrameCount origin;
    Break why = Break::None;

    bool operator==(const Absence&) const = default;
};

// All of a run's; a value without memory of its own, so that it may pass through rings.
class Absences {
public:
    void add(const Absence& one) { m_each[m_count++] = one; }
    [[nodiscard]] bool isEmpty() const { return m_count == 0; }
    // Why the first of them does not sound; None: nothing is absent.
    [[nodiscard]] Break why() const { return m_count == 0 ? Break::None : m_each[0].why; }
    [[nodiscard]] const Absence* begin() const { return m_each.data(); }
    [[nodiscard]] const Absence* end() const { return m_each.data() + m_count; }
    // The same on a clock on which frame 0 of this one is `base`.
    [[nodiscard]] Absences on(FrameCount base) const;
    bool operator==(const Absences&) const = default;

private:
    std::array<Absence, mostAtOnce> m_each{};
    std::size_t m_count = 0;
};

// Intervals of whole numbers [from, to), kept joined and in order.
class IntervalSet {
public:
    struct Interval {
        std::int64_t from = 0;
        std::int64_t to = 0;
        bool operator==(const Interval&) const = default;
    };
    void add(std::int64_t from, std::int64_t to);
    // What of [from, to) is not in the set.
    [[nodiscard]] std::vector<Interval> missing(std::int64_t from, std::int64_t to) const;
    [[nodiscard]] std::int64_t total() const { return m_total; }
    [[nodiscard]] const std::vector<Interval>& intervals() const { return m_intervals; }

private:
    std::vector<Interval> m_intervals;
    std::int64_t m_total = 0;
};

// One airing on one output: so far, or in the end. Everything that LogEntry says of it but sequence and chain.
struct AiringRecord {
    StationId station;
    SessionId session;
    AiringId airing;
    ItemId item;
    Sha256 sha256;
    QString output;
    std::int64_t bundleVersion = 0;
    UtcTime plannedStart;
    FrameCount plannedFrames;
    std::optional<UtcTime> firstFrameAt;
    std::optional<UtcTime> lastFrameAt;
    FrameCount frames;
    int gaps = 0;
    Outcome outcome = Outcome::Unknown;              // Unknown until the end
    Break reason = Break::None;                      // the first break's
    RelayId relay = {};                              // of a relay
    std::vector<IntervalSet::Interval> sounded = {}; // of a relay: which of its frames were delivered

    bool operator==(const AiringRecord&) const = default;
};

// Something that happened to an output, whether or not anything was to sound.
struct OutputEvent {
    enum class Kind { Opened, Lost };
    StationId station;
    QString output;
    Kind kind = Kind::Opened;
    std::optional<Error> error; // Lost: why
    UtcTime at;
};

class DeliveryObserver {
public:
    virtual ~DeliveryObserver() = default;

    // Its first frames have left.
    virtual void airingBegan(const AiringRecord& soFar) = 0;
    // About once a second of frames delivered: a checkpoint.
    virtual void airingProgress(const AiringRecord& soFar) = 0;
    // Exactly once for each airing of an accepted session and each output, unless the player is destroyed before. Also
    // for those that never began.
    virtual void airingEnded(const AiringRecord& record) = 0;
    // Every airing of the session has ended on every output; called once, last.
    virtual void sessionEnded(const StationId& station, const SessionId& session) = 0;
    virtual void outputChanged(const OutputEvent& event) = 0;
};

class DeliveryAccount {
public:
    // `observer` outlives the account.
    DeliveryAccount(const SessionTimeline& timeline, const QString& output, DeliveryObserver& observer);

    // Frames [from, to) left, the first of them at `at`, and the others at their distance from it or, where they left
    // in several pieces, the latest of all at `lastAt`: no farther than silentUntil().
    void delivered(FrameCount from, FrameCount to, UtcTime at, std::optional<UtcTime> lastAt = {});
    // Frames [from, to) will not leave any more. What was settled first stays: delivered stays delivered, lost stays
    // lost.
    void lost(FrameCount from, FrameCount to, Break why);
    // Of the airing with this origin alone, in frames of the session.
    void lostOf(const Absence& absence, FrameCount from, FrameCount to);
    // Nothing will leave any more: ends every airing that has not ended.
    void close(Break why);

    // From `position` on the session is `timeline`: airings that it does not hold any more lose what is left of them
    // (Stopped), those that something else covers lose that (Preempted), new ones begin, without what lies before.
    void amend(const SessionTimeline& timeline, FrameCount position);

    // Frames that leave from `from` on without a break may be told together up to this one: nothing is reported of them
    // before, none is an airing's first or last, and all have one fate. A long way when nothing is open.
    [[nodiscard]] FrameCount silentUntil(FrameCount from) const;

    // Every airing has ended.
    [[nodiscard]] bool isClosed() const { return m_open == 0; }

private:
    struct Row {
        AiringRecord record;
        FrameCount offset;
        IntervalSet sounded;
        IntervalSet settled;
        IntervalSet covered; // given to others: settled as their time passes, since it may be given back
        FrameCount reported; // frames at the last checkpoint
        bool ended = false;
    };
    // function(row, first, last): the part of [from, to) in each open row, in frames of its item.
    template <typename Function>
    void eachRow(FrameCount from, FrameCount to, Function function);
    void addRow(const SessionTimeline& timeline, const Segment& airing);
    void omitCovered(const SessionTimeline& timeline, FrameCount position);
    // function(from, to, isCovered): the parts of [from, to) that are not settled.
    template <typename Function>
    static void eachFresh(const Row& row, std::int64_t from, std::int64_t to, Function function);
    void loseIn(Row& row, std::int64_t first, std::int64_t last, Break why);
    void end(Row& row);

    const QString m_output;
    std::vector<Row> m_rows;
    std::size_t m_open = 0;
    DeliveryObserver& m_observer;
};

} // namespace loa::playout
