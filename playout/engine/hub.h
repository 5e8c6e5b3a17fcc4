// What the stations of one process have in common: the origin of their stream clocks, so that a frame's number means
// the same instant for all of them, the encoders of those that send the same, and, where there are many, threads: a
// pump for each processor instead of each station, and as many for the outputs that never wait.
//
// Threads: any. Outlives its players.
#pragma once

#include "playout/engine/encoding_share.h"
#include "playout/engine/mix_table.h"
#include "playout/engine/stream_clock.h"
#include "playout/engine/task_thread.h"
#include "playout/output/departures.h"

#include <memory>
#include <vector>

namespace loa::playout {

// A thread that renders and encodes, and who is rendered together there.
struct Pump {
    explicit Pump(bool isShared = false) : mixes(isShared) {}

    MixTable mixes;
    TaskThread thread{"loa-pump"}; // last: gone before the mixes
};

// A thread on which outputs that never wait live together, and what they send together.
struct SharedOutputs {
    Departures departures;
    TaskThread thread{"loa-output", [this] { departures.flush(); }}; // last
};

class Hub {
public:
    // So many stations and each still has threads of its own.
    static constexpr std::size_t fewStations = 8;

    Hub(const Clock& clock, std::size_t stations);

    [[nodiscard]] std::chrono::nanoseconds origin() const { return m_origin; } // monotonic
    [[nodiscard]] EncodingShare& encoders() { return m_encoders; }
    // The one with the fewest tasks; null: a station makes its own.
    [[nodiscard]] Pump* pump();
    [[nodiscard]] SharedOutputs* outputs();

private:
    const std::chrono::nanoseconds m_origin;
    EncodingShare m_encoders;
    std::vector<std::unique_ptr<Pump>> m_pumps;
    std::vector<std::unique_ptr<SharedOutputs>> m_outputs;
};

} // namespace loa::playout
