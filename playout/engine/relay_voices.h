// What the pump has of one relay: its voices, the one that is to sound, and the account of which filled what.
//
// Threads: read() and isAtEnd() are the pump's: no lock, no allocation, no log, no wait. wish(), addStandby(),
// setStandby(), idle() are the supervisor's; line() any; soundOf() any. Units: positions in frames from the relay's
// first frame.
#pragma once

#include "playout/engine/relay_deck.h"
#include "playout/engine/relay_line.h"
#include "playout/engine/spsc_ring.h"

#include <array>
#include <atomic>

namespace loa::playout {

inline constexpr FrameCount voiceFade{2400}; // 50 ms, equal power

class RelayVoices {
public:
    RelayVoices(RelayLine::Shape shape, std::size_t lines, const std::optional<RelayStandby>& standby);

    [[nodiscard]] RelayLine& line(std::size_t index) { return *m_lines[index]; }
    [[nodiscard]] std::size_t lines() const { return m_lines.size(); }

    void wish(int voice) { m_wished.store(voice, std::memory_order_release); }
    // The standby item's length, where the relay began without one.
    void setStandby(FrameCount frames) { m_standbyFrames.store(frames.value, std::memory_order_release); }
    // How many plays of the standby item are there to be begun; at most two.
    [[nodiscard]] std::size_t standbysReady() const;
    void addStandby(std::unique_ptr<Source> source);
    // Nobody has asked for a while: lines may be drained.
    void letGo();
    // Positions asked for so far; -1: none.
    [[nodiscard]] FrameCount askedUntil() const { return {m_asked.load(std::memory_order_acquire)}; }

    std::size_t read(FrameCount position, std::span<float> out);
    [[nodiscard]] bool isSilenced() const { return m_voice == noVoice; }

    [[nodiscard]] RelaySound soundOf(std::span<const IntervalSet::Interval> delivered) const;

private:
    static constexpr std::size_t longestPiece = 960;
    struct Mark {
        int voice = noVoice;
        int play = 0; // of the standby item, from 1
        std::int64_t from = 0;
        std::atomic<std::int64_t> to = 0;
    };
    struct Standby {
        std::unique_ptr<Source> source;
    };
    void turnTo(int voice);
    std::size_t readPiece(std::int64_t position, std::span<float> out);
    std::size_t pull(int voice, std::span<float> out);
    std::size_t pullStandby(std::span<float> out);
    void endStandby();
    void endBefore();
    void crossfade(std::span<float> samples, std::size_t given, std::size_t old);
    void note(std::int64_t position, std::size_t frames, int voice);

    std::vector<std::unique_ptr<RelayLine>> m_lines;
    std::atomic<std::int64_t> m_standbyFrames; // 0: none
    std::atomic<int> m_wished = noVoice;
    std::atomic<std::int64_t> m_asked = -1;
    SpscRing<Standby> m_standbys{2};
    std::atomic<std::size_t> m_standbysAdded = 0;
    std::atomic<std::size_t> m_standbysEnded = 0;

    // The pump's.
    int m_voice = noVoice;
    int m_before = noVoice; // falls while m_voice rises
    std::int64_t m_fade = voiceFade.value;
    std::int64_t m_standbyAt = 0; // next frame of the play that goes on; 0: a new one
    int m_play = 0;
    std::array<float, longestPiece> m_scratch{};

    std::array<Mark, 2048> m_marks;
    std::atomic<std::size_t> m_markCount = 0;
};

} // namespace loa::playout
