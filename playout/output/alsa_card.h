// A sound card by ALSA. libasound is loaded when the first one is opened: who has none does without it.
//
// Thread, units, failure: as SoundCard. open(): Unsupported (no libasound, no common format), NotFound (no such
// device), Conflict (another program has it), Unavailable.
// Source: alsa-lib 1.2.8, pcm.h.
#pragma once

#include "playout/output/sound_card.h"

#include <memory>

namespace loa::playout {

[[nodiscard]] std::unique_ptr<SoundCard> makeAlsaCard();

} // namespace loa::playout
