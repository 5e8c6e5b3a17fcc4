// The ear of the proof in one mix: takes what leaves into a ring, and has the parties that are measured by it.
//
// Threads: MixEar's functions, told() and reached() the pump's; the rest the measuring thread's. What was told before
// an instant is known by its number, so that both threads agree on what came before a change of plans.
#pragma once

#include "playout/engine/mix_tap.h"
#include "playout/engine/spsc_ring.h"
#include "playout/proof/party.h"
#include "playout/proof/traced_station.h"

#include <functional>

namespace loa::playout {

class HeardMix final : public MixEar {
public:
    // `flushed` may be empty.
    HeardMix(FrameCount position, std::function<void()> flushed);

    void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) override;
    void passed(FrameCount position, const RenderedRun& run) override;
    void flush(FrameCount position) override;
    // So many slots hold what has been told so far.
    [[nodiscard]] std::size_t told();
    [[nodiscard]] FrameCount reached() const { return m_reached; }

    [[nodiscard]] std::size_t ready() const { return m_ring.published(); }
    // What is in the first `slots` of all that there have been.
    void measure(std::size_t slots);
    // Everything that there is was measured.
    void rest();
    // The guest's place is here, in a party that measures what it would have measured alone.
    void seat(Measuring& measuring, Guest& guest, Course course, FrameCount position);
    void trace(TracedStation& station);
    void untrace(TracedStation& station);
    [[nodiscard]] bool hasSlots() const { return !m_ring.isEmpty(); }
    void end(); // as Party

private:
    static constexpr std::size_t slotFrames = 960;
    static constexpr std::size_t ringSlots = 128; // 2.56 s

    struct Slot {
        FrameCount position;
        std::uint32_t frames = 0;
        bool isPassed = false; // the file's own packets; no samples
    };
    // The mix is below full scale by its limiter, so 16 bits hold it to -96 dBFS, in half the memory. What is never
    // written, where packets pass, is no memory at all.
    [[nodiscard]] std::span<std::int16_t> roomOf(std::size_t slot)
    {
        return std::span(m_samples.get(), ringSlots * slotFrames).subspan(slot % ringSlots * slotFrames, slotFrames);
    }
    void publishPassed();
    void measure(const Slot& slot);
    void dropEmpty();

    struct Passed {
        FrameCount position;
        FrameCount frames; // 0: none
    } m_passed;            // not yet in the ring; the pump's
    FrameCount m_reached;  // the pump's
    const std::function<void()> m_flushed;
    SpscRing<Slot> m_ring{ringSlots};
    std::unique_ptr<std::int16_t[]> m_samples; // of each slot
    std::size_t m_taken = 0;                   // slots; the measuring thread's, as what follows
    std::vector<std::unique_ptr<Party>> m_parties;
    std::vector<TracedStation*> m_traced;
};

} // namespace loa::playout
