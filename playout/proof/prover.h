// The proof of what left: measures every airing of every station's mix as it leaves (airing_measure.h). A mix is told
// and measured once for all stations that hear it and mean to sound the same in it (party.h); each station has its own
// proofs, those which it would have alone.
//
// Threads: taps and ears belong to their players (mix_tap.h); proof() and forget() from any thread. One thread of low
// priority measures for all stations of the process; without it (simulated time) an ear's flush() measures. Ownership:
// the shelf outlives the prover, the prover outlives players.
// Order: what a tap is told counts from the next frame on that its ear hears, however late it is measured.
// What passes as the file's own packets is not decoded for a proof, unless a monitor wants a trace of it
// (AiringMeasure). Memory: 260 KB a mix, 20 KB more while an airing sounds, 8 KB a minute of it; a few KB a station.
// Failure: a mix that comes faster than it is measured leaves holes: they are not measured, and proof() counts fewer
// frames. Nothing waits for a measure.
#pragma once

#include "playout/engine/mix_tap.h"
#include "playout/proof/mix_trace.h"
#include "playout/proof/party.h"

#include <memory>

namespace loa::playout {

// One station's part.
class StationProof {
public:
    virtual ~StationProof() = default;
    [[nodiscard]] virtual MixTap& tap() = 0;
    // Of the mix in the airing's place so far, at most a second behind; whole once it has passed. None: not measured.
    [[nodiscard]] virtual std::optional<MixProof> proof(const AiringId& airing) const = 0;
    virtual void forget(const AiringId& airing) = 0;
    // From now on the mix is traced as well, for one monitor. Before the first session.
    [[nodiscard]] virtual MixTrace& addTrace() = 0;
};

class Prover {
public:
    enum class Mode { OwnThread, InFlush };

    explicit Prover(FindReference reference, Mode mode = Mode::OwnThread);
    ~Prover();

    // Lives as long as the prover. Before the first session, from the thread that made the prover.
    [[nodiscard]] StationProof& addStation();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::playout
