// A sound card, as CardDevice plays to one: a buffer that a clock of its own empties.
//
// Thread: one at a time. Nothing here waits.
// Units: frames of the card, at the rate that open() settled on.
// Failure: open() says why; later trouble shows in status(), and write() takes nothing then.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <chrono>
#include <span>

namespace loa::playout {

enum class CardChannels { All, First, Left, Right };

struct CardRequest {
    QString name;
    int rate = sampleRate;
    CardChannels channels = CardChannels::All; // which of the card's channels carry the sound
    std::chrono::milliseconds buffer{200};
    std::chrono::milliseconds period{20};
};

struct CardFormat {
    int rate = 0;
    int channels = 0;
    std::int64_t buffer = 0;
    std::int64_t period = 0;
    QString sample; // "FLOAT_LE", for the log
};

enum class CardCondition {
    Ready, // opened or restarted: waits for start()
    Playing,
    Dry,       // its buffer ran empty: wants a restart()
    Suspended, // the machine slept: wants a restart()
    Gone,      // unplugged: wants to be closed
};

struct CardStatus {
    CardCondition condition = CardCondition::Gone;
    std::int64_t delay = 0;          // frames until the next one that is written is heard …
    std::chrono::nanoseconds age{0}; // … counted from so long ago
    std::int64_t queued = 0;         // frames in its buffer; the rest of the delay lies behind it
};

class SoundCard {
public:
    virtual ~SoundCard() = default;
    [[nodiscard]] virtual Result<CardFormat> open(const CardRequest& request) = 0;
    // Begins to empty the buffer.
    [[nodiscard]] virtual Result<void> start() = 0;
    // How many frames it took; fewer when its buffer is full.
    [[nodiscard]] virtual std::int64_t write(std::span<const float> mono) = 0;
    [[nodiscard]] virtual CardStatus status() = 0;
    // Throws away what is in the buffer; Ready afterwards.
    [[nodiscard]] virtual Result<void> restart() = 0;
    virtual void close() = 0;
};

} // namespace loa::playout
