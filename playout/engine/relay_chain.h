// Which voice of a relay sounds: the first of its addresses that can be heard, else the standby item, else nothing; and
// which of its addresses are worth holding open.
//
// Purpose: the rule alone, as a state machine over instants and what is known of each line. Pure: no clock, no thread,
// no network.
// Threads: any, one at a time. Units: frames; instants in nanoseconds of any clock that does not go back.
//
// The rule:
//   1. An address can be heard when it is open, holds enough to go on with, and has not been silent for the source's
//      limit. The first that can be heard sounds. While none can be, the standby item sounds from its beginning.
//   2. What sounds goes on while it can be heard; an address before it in the list comes back when it could be heard
//      without a break for `steady`, so that a line that comes and goes does not toss the listeners to and fro. In
//      place of the standby item one that has not failed before comes at once. One that fails again soon after it came
//      back (within 12 times `steady`; an address that drips) waits twice as long the next time, up to 64 times.
//   3. With no standby item, an address that is open but silent is still better than nothing.
//   4. The first address is always held open. The next one is opened as soon as nothing before it is well (fed, not
//      silent, with enough in hand), which is sooner than it cannot be heard: while what was received still plays. It
//      is let go when one before it has been well for `steady`.
// Each change of what sounds, and what becomes of each line, is a step; steps before the relay's first frame are told
// of lines alone.
#pragma once

#include "media/frames.h"

#include <QString>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace loa::playout {

struct RelayLineState {
    bool isOpen = false; // sound was decoded, and it has not failed since
    bool isFed = false;  // something arrived within the last second or two
    FrameCount buffered; // received and not yet played
    FrameCount silent;   // silent frames in a row, up to the one that plays now
    QString detail = {}; // for people: what it is ("mp3, 44100 Hz"), or why it failed
};

// A voice: the index of an address, or one of these.
inline constexpr int standbyVoice = -1;
inline constexpr int noVoice = -2;

struct RelayStep {
    enum class Kind {
        Opened,  // "relay-opened"
        Failed,  // "relay-failed"
        Silent,  // "relay-silent"
        Second,  // "relay-second": another address than the first sounds
        Standby, // "relay-standby"
        Nothing, // "relay-nothing": silence
        Back,    // "relay-back": the first address sounds again
    };
    Kind kind = Kind::Opened;
    int line = 0; // of which address
    QString detail = {};
    bool operator==(const RelayStep&) const = default;
};
[[nodiscard]] QString toString(RelayStep::Kind kind);

class RelayChain {
public:
    struct Rule {
        std::size_t lines = 1;
        bool hasStandby = false;
        FrameCount silence;                 // limit
        FrameCount enough{sampleRate};      // received ahead, to begin with
        FrameCount reserve{sampleRate / 4}; // what a line has left when it is left; half of it while it is fed
        std::chrono::nanoseconds steady = std::chrono::seconds(5);
    };
    using Instant = std::chrono::nanoseconds;

    explicit RelayChain(Rule rule);

    // There is a standby item from now on.
    void allowStandby() { m_rule.hasStandby = true; }
    // What is known now of each line, in their order. `isOnAir`: the relay's first frame has been asked for.
    void step(Instant now, const std::vector<RelayLineState>& lines, bool isOnAir);

    [[nodiscard]] int voice() const { return m_voice; }
    [[nodiscard]] bool isWanted(std::size_t line) const { return m_lines[line].isWanted; }
    // Since the last call, in order.
    [[nodiscard]] std::vector<RelayStep> takeSteps() { return std::exchange(m_steps, {}); }

private:
    struct Line {
        bool isWanted = false;
        bool wasOpen = false;
        bool wasSilent = false;
        bool isTold = false;               // its failure
        std::optional<Instant> heardSince; // could be heard without a break
        std::optional<Instant> wellSince;
        std::optional<Instant> cameAt; // took over while the relay sounded
        bool hasFailed = false;        // while it sounded
        int relapses = 0;              // in a row
    };
    void follow(Instant now, const std::vector<RelayLineState>& lines);
    void choose(Instant now, const std::vector<RelayLineState>& lines, bool isOnAir);
    [[nodiscard]] bool canBeHeard(const RelayLineState& line, bool sounds) const;
    void tell(int voice);

    Rule m_rule;
    std::vector<Line> m_lines;
    std::vector<RelayStep> m_steps;
    int m_voice = noVoice;
    std::optional<int> m_told; // the voice that steps have told of
    bool m_wasOnAir = false;
    bool m_everFirst = true; // nothing but the first address has sounded
};

} // namespace loa::playout
