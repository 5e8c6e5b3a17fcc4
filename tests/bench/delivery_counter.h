// Counts what sounded and what did not.
//
// Threads: any.
#pragma once

#include "playout/engine/delivery.h"

#include <atomic>

namespace loa::bench {

class DeliveryCounter final : public playout::DeliveryObserver {
public:
    void airingBegan(const playout::AiringRecord&) override {}
    void airingProgress(const playout::AiringRecord&) override {}
    void airingEnded(const playout::AiringRecord& record) override
    {
        frames += record.frames.value;
        planned += record.plannedFrames.value;
    }
    void sessionEnded(const StationId&, const SessionId&) override { ++sessions; }
    void outputChanged(const playout::OutputEvent&) override {}

    std::atomic<int> sessions = 0;
    std::atomic<std::int64_t> frames = 0;
    std::atomic<std::int64_t> planned = 0;
};

} // namespace loa::bench
