// Packets of live speech between the network, which brings them in bursts, late, doubled or not at all, and a render
// path that wants 20 ms every 20 ms.
//
// Threads: put() and end() on one (the network's), everything else on another (the pump's); neither waits, locks or
// allocates. Units: packets of 20 ms; sequences from 0.
// Depth: it begins to give once `target` packets lie ready, at first 3 (60 ms). A packet that comes after its turn
// raises the target by one, up to 10 (200 ms); when for 5 s as many as the first target lay ready all the time, one
// packet is left out and the target falls again, so that a bad minute does not delay the rest of the speech. More than
// the target and one for half a second (the speaker's machine stood still when the reader came, or its clock is fast)
// costs a packet too. What is older than the target when the reader comes first, or when a line that stood still brings
// more than 15 at once, is given up: speech is heard live.
// Failure: what is missing is told as Missing; more than `patience` packets missing in a row end the stream, and so do
// `firstPatience` turns before it begins: nobody's microphone holds a programme up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace loa::playout {

struct SpeechPacket {
    std::uint16_t size = 0;
    std::array<std::uint8_t, 1275> bytes{};

    [[nodiscard]] std::span<const std::uint8_t> data() const { return {bytes.data(), size}; }
};

class JitterBuffer {
public:
    static constexpr std::uint32_t firstTarget = 3;
    static constexpr std::uint32_t longestTarget = 10;
    static constexpr std::uint32_t patience = 250;      // 5 s
    static constexpr std::uint32_t firstPatience = 500; // 10 s

    enum class Turn {
        Waiting,  // nothing has come yet, or not enough: silence
        Packet,   // `packet` is the next one
        Missing,  // its turn came, it did not; `packet` is the one after, when that is here (size > 0)
        LeaveOut, // `packet` is the next one, and its time is to be saved: it is decoded and blended away
        Ended,
    };

    JitterBuffer();

    // Of any order; doubled and overdue ones are dropped. False: dropped.
    bool put(std::uint32_t sequence, std::span<const std::uint8_t> bytes);
    // The speaker has ended: nothing from `sequence` on.
    void end(std::uint32_t sequence);

    [[nodiscard]] Turn take(SpeechPacket& packet);

    [[nodiscard]] std::uint32_t target() const { return m_target; }
    // Counted by the reader.
    [[nodiscard]] std::uint32_t missing() const { return m_missing.load(std::memory_order_relaxed); }

private:
    static constexpr std::uint32_t capacity = 256; // 5 s
    static constexpr std::uint32_t none = 0xFFFF'FFFF;
    static constexpr std::uint32_t mostReady = longestTarget + 5;
    static constexpr std::uint32_t calmPackets = 250; // 5 s
    static constexpr std::uint32_t deepPackets = 25;  // 0.5 s

    struct Slot {
        std::atomic<std::uint32_t> sequence{none};
        SpeechPacket packet;
    };
    [[nodiscard]] Turn wait();
    [[nodiscard]] bool copy(std::uint32_t sequence, SpeechPacket& packet);
    [[nodiscard]] bool judgeDepth(std::uint32_t ready);

    std::array<Slot, capacity> m_slots;
    std::atomic<std::uint32_t> m_newest{none}; // the writer's
    std::atomic<std::uint32_t> m_end{none};    // the writer's
    std::atomic<std::uint32_t> m_next{none};   // the reader's: the next turn; none: not begun
    std::atomic<std::uint32_t> m_missing{0};
    std::array<std::atomic<std::uint32_t>, 16> m_missed; // the last turns that were passed over; the reader's
    std::atomic<std::uint32_t> m_late{0};                // of those, how many came after all; the writer's
    std::uint32_t m_lateSeen = 0;                        // from here on the reader's alone
    std::uint32_t m_passedOver = 0;
    std::uint32_t m_target = firstTarget;
    std::uint32_t m_inARow = 0; // missing
    std::uint32_t m_waited = 0; // turns before it began
    std::uint32_t m_calm = 0;   // turns in a row with as much ready as the first target wants
    std::uint32_t m_deep = 0;   // … and with more than the present one wants
};

} // namespace loa::playout
