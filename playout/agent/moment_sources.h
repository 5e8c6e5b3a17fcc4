// What commands of the moment let sound: live speech and test tones, in front of all other sources. The agents of a hub
// share one, since stations that hear the same must open the same sources to be rendered together (engine/mix_table.h).
// Threads: as its parts. Ownership: `inner` outlives this.
#pragma once

#include "playout/agent/tone_sources.h"
#include "playout/engine/live_speech.h"

namespace loa::playout {

struct MomentSources {
    MomentSources(SourceFactory& inner, const VerifyKey& scheduler) : speech(inner, scheduler), tones(speech) {}

    LiveSpeech speech;
    ToneSources tones;
};

} // namespace loa::playout
