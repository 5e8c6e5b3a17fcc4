// Sources of test tones: a sine of 1 kHz at the level that was ordered, for the airings that were ordered so; every
// other airing's source comes from `inner`. Threads: add(), forget() and open() from any; the sources as in source.h.
// `inner` outlives this.
#pragma once

#include "playout/engine/source.h"
#include "scheduler/contract/command.h"

#include <map>
#include <mutex>

namespace loa::playout {

class ToneSources final : public SourceFactory {
public:
    explicit ToneSources(SourceFactory& inner) : m_inner(inner) {}

    void add(const AiringId& airing, const ToneOrder& tone);
    void forget(const AiringId& airing);
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment& segment) const override;

private:
    // Null: it is no tone.
    [[nodiscard]] std::unique_ptr<Source> toneOf(const Segment& segment);

    SourceFactory& m_inner;
    mutable std::mutex m_mutex;
    std::map<AiringId, ToneOrder> m_tones;
};

} // namespace loa::playout
