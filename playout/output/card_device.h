// Plays the stream on a sound card, each frame at its instant by the card's own account, and follows the card's clock.
//
// "Left" means: heard, as far as the card can tell: its count of frames that have passed, its delay taken off.
// Placing: the card starts with silence while it is asked where it stands, until its answers agree, and then gets as
// much more of it (or as much less of the stream) as puts the first frame on its instant. From then on the stream is
// stretched by what DriftFollower says. An error over its bound, a buffer that ran empty and a machine that slept are
// placed anew: what is overdue by then is lost, "output-late", and what the card had not played, "output-down"; the log
// counts a gap. A device that plays at once whatever it gets (ALSA's null and file) has no clock: it gets each block at
// its instant, and nothing is stretched.
//
// Thread, failure: as OutputDevice; a card that takes nothing for `timeout` hangs (LimitExceeded).
#pragma once

#include "playout/output/card_resampler.h"
#include "playout/output/drift_follower.h"
#include "playout/output/output.h"
#include "playout/output/sound_card.h"

#include <deque>

namespace loa::playout {

class CardDevice final : public OutputDevice {
public:
    CardDevice(const OutputConfig& config, std::unique_ptr<SoundCard> card, Pacing& pacing, StreamSink& sink);
    ~CardDevice() override { close(); }

    [[nodiscard]] Result<void> open(const StreamStart& start) override;
    [[nodiscard]] Result<void> write(const OutputBlock& block) override;
    void close() override;

    // Cuts and inserted silence are softened over so many frames.
    static constexpr FrameCount softening{240};

private:
    // Card frames [from, to) carry stream frames from `position` on, those from `until` on only to push out the others.
    struct Stretch {
        std::int64_t from;
        std::int64_t to;
        double position;
        double step; // stream frames a card frame
        FrameCount until;
    };
    // Where the card stood at one moment.
    struct Reading {
        double played;       // card frames heard by then
        double live;         // the stream frame that was due
        std::int64_t queued; // card frames in its buffer
    };

    [[nodiscard]] Result<void> startCard();
    [[nodiscard]] Result<void> place(FrameCount position);
    [[nodiscard]] Result<void> tend();
    [[nodiscard]] Result<void> startAgain(CardCondition condition);
    [[nodiscard]] Result<void> playAtOnce(const OutputBlock& block);
    [[nodiscard]] Result<void> play(std::span<const float> samples, FrameCount until);
    [[nodiscard]] Result<void> fall(FrameCount position, std::span<const float> samples);
    [[nodiscard]] Result<void> flush(FrameCount until);
    void drain();
    [[nodiscard]] Result<void> put(std::span<const float> samples);
    [[nodiscard]] Result<void> putSilence(std::int64_t frames);
    [[nodiscard]] std::optional<Reading> read();
    // The stream position that is heard, if the stream is.
    std::optional<double> tell(const Reading& reading);
    void follow(const Reading& reading, double heard);
    void lose(FrameCount from, FrameCount to, Break why);
    [[nodiscard]] double streamFrames(double cardFrames) const { return cardFrames * sampleRate / m_format.rate; }
    [[nodiscard]] tl::unexpected<Error> hung() const;

    const OutputConfig m_config;
    std::unique_ptr<SoundCard> m_card;
    Pacing& m_pacing;
    StreamSink& m_sink;
    DriftFollower m_follower; // outlives closing: what was learnt of the card stays
    DeviceClock m_clock;
    std::unique_ptr<CardResampler> m_resampler;
    std::vector<float> m_scratch;

    bool m_isOpen = false;
    CardFormat m_format;
    FrameCount m_buffered; // of m_ahead, what lies in the card's buffer
    FrameCount m_ahead;    // blocks go to the card so long before they are due
    bool m_hasClock = true;

    int m_starts = 0;
    std::int64_t m_written = 0;      // card frames, since its start
    std::deque<Stretch> m_stretches; // not heard whole yet
    std::optional<Reading> m_last;   // since its start

    bool m_isPlaced = false;
    std::int64_t m_placedFrom = 0; // card frames before it tell of an older placing
    bool m_isFalling = false;      // the next block falls to silence, and what follows is placed anew
    bool m_isRising = false;       // the next block rises from silence
    FrameCount m_first;            // of the stream, that can still be heard in time
    FrameCount m_next;             // stream frame that comes next
    FrameCount m_covered;          // stream frames before it are settled or in m_stretches
    FrameCount m_told;             // settled up to here
    double m_followedAt = 0;
    double m_measuredAt = 0;
};

} // namespace loa::playout
