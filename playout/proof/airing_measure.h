// One airing as it left the mix: how like its item, and how loud. Only frames that sounded alone are added, so that a
// fade into another item is not held against it.
//
// Thread: one at a time; may allocate. Units: frames of the item, from its first.
// Failure: what cannot be measured is absent in proof().
#pragma once

#include "media/loudness_meter.h"
#include "media/print_match.h"
#include "scheduler/contract/airing.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace loa::playout {

using Print = std::vector<media::PrintRow>;

class AiringMeasure {
public:
    // Asked from time to time until it is there; what is heard meanwhile is kept for two minutes.
    using Reference = std::function<std::shared_ptr<const Print>()>;

    explicit AiringMeasure(Reference reference);

    // Frames from `from` on; after a jump the comparison begins anew at the next row.
    void add(FrameCount from, std::span<const float> samples);
    // Of what was added so far; none: nothing was.
    [[nodiscard]] std::optional<MixProof> proof() const;
    [[nodiscard]] FrameCount frames() const { return m_frames; }

private:
    void print(FrameCount from, std::span<const float> samples);
    void compare();

    Reference m_find;
    std::shared_ptr<const Print> m_reference;
    std::optional<media::LoudnessMeter> m_loudness;
    media::SoundPrinter m_printer;
    media::PrintComparison m_comparison;
    std::vector<media::PrintRow> m_fresh;
    std::vector<std::pair<std::int64_t, media::PrintRow>> m_waiting; // row of the item, as heard
    std::int64_t m_next = -1;                                        // frame that continues the run
    std::int64_t m_printFrom = 0;                                    // first frame of the run that is printed
    std::int64_t m_row = 0;                                          // of the item, to come out next
    FrameCount m_frames;
    FrameCount m_askAgain;
    bool m_gaveUp = false;
};

} // namespace loa::playout
