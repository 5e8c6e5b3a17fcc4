// What a monitor input makes of what it hears: was each airing heard, and is there sound that the station did not send.
// No clock, no thread, no device of its own: instants come in with the sound.
//
// Thread: one at a time. Memory: prints of the last minutes, some 300 KB.
// Units: mono at 48 kHz; instants UTC; delays from the mix to the monitor, within the bounds given.
//
// Heard: each stretch of the mix (20 s) is sought in what arrived, at any delay within bounds, later near the delay
// found last. An airing is heard ("yes") when its stretches match with 500 or more on the mean. It was not ("no") only
// where it surely would have been: everything arrived, at least 20 s of it could be compared, it matched below 300, and
//   a stream    nothing more: a stream has no noise of its own;
//   a microphone    it has heard this station before, and now it is at least 10 dB more silent than then: noise that
//                   drowns the loudspeaker is never taken for silence.
// All else is "unknown"; so is what would be a "no" after a step of the clock, until the mix that was under way is
// over: its instants and those of what arrives are not of one time of day then. Figures: ARCHITECTURE.md, "Proof".
//
// Foreign sound: sound for `foreignAfter` while the mix is silent, or sound in which the mix is not found (below 300).
// Of a microphone: as loud as the loudspeaker was when it was heard, less 6 dB; never before it was heard.
#pragma once

#include "media/print_match.h"
#include "playout/proof/mix_trace.h"
#include "scheduler/contract/airing.h"

#include <optional>
#include <variant>
#include <vector>

namespace loa::playout {

enum class MonitorKind { Stream, Microphone };

struct EarSettings {
    MonitorKind kind = MonitorKind::Stream;
    std::chrono::milliseconds delayLeast{0};
    std::chrono::milliseconds delayMost{30'000};
    std::chrono::seconds foreignAfter{60}; // 0: not looked for
};

// One airing that has left the output that the monitor listens to.
struct HeardQuestion {
    HeardProof proof; // all but the answer
    UtcTime from;     // at the mix
    UtcTime to;
    bool isWhole = false; // every frame left: what was not heard can be "no"
};

struct ForeignSound {
    UtcTime from;
    std::optional<UtcTime> until; // absent: it goes on
};

using MonitorFinding = std::variant<HeardProof, ForeignSound>;

class MonitorEar {
public:
    MonitorEar(EarSettings settings, MixTrace& trace) : m_settings(settings), m_trace(trace) {}

    // Sound arrived; the last sample now.
    void hear(UtcTime now, std::span<const float> samples);
    // The input broke off, or has just been opened: what was heard does not join what will be.
    void interrupt();
    // The clock was stepped by so much.
    void doubt(std::chrono::microseconds by);
    void ask(HeardQuestion question) { m_questions.push_back(std::move(question)); }
    // What can be said by now.
    [[nodiscard]] std::vector<MonitorFinding> judge(UtcTime now);

private:
    struct Judged { // a stretch that was sought
        AiringId airing;
        UtcTime from;
        UtcTime to;
        std::optional<media::PrintFound> found;
        std::chrono::milliseconds delay{0};
        bool arrived = false; // all of what could have held it
        double level = -120.0;
    };
    struct Second {
        UtcTime from;
        double power = 0.0; // mean square
    };

    void measure(std::span<const float> samples);
    void seek(const TracedStretch& stretch);
    [[nodiscard]] HeardProof answer(const HeardQuestion& question) const;
    [[nodiscard]] double levelBetween(UtcTime from, UtcTime to) const;
    [[nodiscard]] std::optional<double> loud() const;
    void noteForeign(UtcTime from, UtcTime to, std::vector<MonitorFinding>& findings);
    void endForeign(std::vector<MonitorFinding>& findings);
    void judgeSeconds(UtcTime now, std::vector<MonitorFinding>& findings);
    void forget(UtcTime now);
    [[nodiscard]] std::int64_t rowAt(UtcTime instant) const;
    [[nodiscard]] UtcTime instantOf(std::int64_t row) const;

    const EarSettings m_settings;
    MixTrace& m_trace;
    media::SoundPrinter m_printer{media::finePrintHop};
    std::vector<media::PrintRow> m_rows; // fine, of the present connection
    std::int64_t m_firstRow = 0;         // number of m_rows.front() since it began
    std::int64_t m_frames = 0;           // since it began
    std::optional<UtcTime> m_began;      // instant of its first frame, as the steadiest arrival tells
    UtcTime m_openedAt;
    std::vector<Second> m_seconds;
    Second m_second;
    std::int64_t m_secondFrames = 0;
    UtcTime m_lookedUntil;
    std::vector<TracedStretch> m_waiting;
    std::vector<Judged> m_judged;
    std::vector<HeardQuestion> m_questions;
    std::optional<std::chrono::milliseconds> m_delay; // as found last
    std::optional<double> m_heardLevel;               // dBFS, when it was heard
    std::optional<UtcTime> m_foreignFrom;
    std::optional<std::chrono::microseconds> m_doubt; // by how much the clock was stepped
    UtcTime m_foreignTo;
    std::chrono::microseconds m_foreignFor{0};
    bool m_isForeign = false;
};

} // namespace loa::playout
