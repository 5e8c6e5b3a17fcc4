// One airing as it left the mix: how like its item, and how loud. Only frames that sounded alone are added, so that a
// fade into another item is not held against it.
//
// What passed as the file's own packets is the item, bit by bit: its match is 1000, and its loudness that of the same
// part of the file, from the reference. Where the rest was heard the match is the mean by frames of what was compared,
// and the loudness that of both by their power, each gated by itself.
//
// A copy goes on bit by bit as the one that it was made from.
//
// Thread: one at a time; may allocate. Units: frames of the item, from its first.
// Failure: what cannot be measured is absent in proof().
#pragma once

#include "media/gated_loudness.h"
#include "media/mono_loudness.h"
#include "media/print_match.h"
#include "scheduler/contract/airing.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace loa::playout {

using Print = std::vector<media::PrintRow>;

// What a house file sounds like.
struct Reference {
    static constexpr FrameCount loudnessHop{sampleRate / 10};
    static constexpr FrameCount loudnessBlock{4 * sampleRate / 10};

    Print print;
    std::vector<std::int16_t> loudness; // of each whole block, 1/100 LUFS; -70 LUFS at least

    bool operator==(const Reference&) const = default;
};

class AiringMeasure {
public:
    // Asked from time to time until it is there; what is heard meanwhile is kept for two minutes.
    using Find = std::function<std::shared_ptr<const Reference>()>;

    explicit AiringMeasure(Find find);

    // Frames from `from` on; after a jump the comparison begins anew at the next row.
    void add(FrameCount from, std::span<const float> samples);
    // The item's own packets left in their place.
    void passed(FrameCount from, FrameCount frames);
    // Of what was added so far; none: nothing was.
    [[nodiscard]] std::optional<MixProof> proof() const;
    [[nodiscard]] FrameCount frames() const { return m_frames; }

private:
    void print(FrameCount from, std::span<const float> samples);
    void compare();
    void weigh();
    [[nodiscard]] bool hasReference();
    [[nodiscard]] std::optional<int> match() const;
    [[nodiscard]] std::optional<double> lufs() const;

    Find m_find;
    std::shared_ptr<const Reference> m_reference;
    media::MonoLoudness m_loudness;
    media::SoundPrinter m_printer;
    media::PrintComparison m_comparison;
    std::vector<media::PrintRow> m_fresh;
    std::vector<std::pair<std::int64_t, media::PrintRow>> m_waiting; // row of the item, as heard
    std::int64_t m_next = -1;                                        // frame that continues the run
    std::int64_t m_printFrom = 0;                                    // first frame of the run that is printed
    std::int64_t m_row = 0;                                          // of the item, to come out next
    FrameCount m_frames;
    FrameCount m_passed;          // of them
    std::int64_t m_passedTo = -1; // frame that continues the run of those
    std::int64_t m_block = 0;     // of loudness, the first that begins in the run and has not been taken
    std::vector<std::pair<std::int64_t, std::int64_t>> m_blocks; // first, behind last: taken, to be weighed
    std::optional<media::GatedLoudness> m_gated;                 // of passed blocks; none weighed yet
    FrameCount m_askAgain;
    bool m_gaveUp = false;
};

} // namespace loa::playout
