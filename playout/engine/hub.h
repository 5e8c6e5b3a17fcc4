// What the stations of one process have in common: the origin of their stream clocks, so that a frame's number means
// the same instant for all of them, and the encoders of those that send the same.
//
// Threads: any. Outlives its players.
#pragma once

#include "playout/engine/encoding_share.h"
#include "playout/engine/stream_clock.h"

namespace loa::playout {

class Hub {
public:
    explicit Hub(const Clock& clock) : m_origin(StreamClock(clock).origin()) {}

    [[nodiscard]] std::chrono::nanoseconds origin() const { return m_origin; } // monotonic
    [[nodiscard]] EncodingShare& encoders() { return m_encoders; }

private:
    const std::chrono::nanoseconds m_origin;
    EncodingShare m_encoders;
};

} // namespace loa::playout
