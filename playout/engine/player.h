// Plays sessions of one station to its outputs.
//
// Threads: functions of Player may be called from any thread (SteppedPlayer: one thread). ThreadedPlayer runs one
// pump thread, which renders in blocks of at most 20 ms ahead of time and encodes, once for all outputs with the same
// settings, and for each output a ring and a thread; the pump never waits for an output: one that is slow or hangs
// loses its own frames. These threads ask for real-time priority. The observer is called on the outputs' threads, see
// delivery.h. Time: the stream runs on the monotonic clock; a session is placed on it by the time of day as it is when
// the session is taken up, about ten seconds ahead. A step of the time of day in mid-session moves nothing. Ownership:
// settings' references outlive the player. Failure: an output that cannot be opened is tried again with growing pauses
// (0.5 s … 10 s, with jitter); frames stay at their live position. Destroying a player without stop() reports nothing
// more, as a power cut would.
#pragma once

#include "playout/engine/delivery.h"
#include "playout/engine/mix_tap.h"
#include "playout/engine/pulse.h"
#include "playout/engine/silence_watch.h"
#include "playout/engine/source.h"
#include "playout/output/output.h"
#include "playout/timeline/timeline.h"
#include "scheduler/contract/clock.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace loa::playout {

class Hub;

struct PlayerSettings {
    StationId station;
    std::vector<OutputConfig> outputs;
    SourceFactory& sources;
    const Clock& clock;
    DeliveryObserver& observer;
    double ceilingDb = -1.0;                       // true peak of the mix, dBTP
    std::chrono::milliseconds silenceAfter{15000}; // an item that is silent so long is told by silence()
    MixTap* tap = nullptr;                         // hears the mix; outlives the player; null: nobody
    Hub* hub = nullptr; // ThreadedPlayer: what it shares with other stations (hub.h); null: nothing
};

enum class PlayerState {
    Idle,    // no session accepted
    Waiting, // the next one has not begun
    Playing,
};

struct OutputHealth {
    QString name;
    bool open = false;
    std::int64_t opens = 0;    // successful ones; some devices open for each session
    std::int64_t failures = 0; // failed opens and writes
    FrameCount delivered;      // of sessions, since the player was made
    FrameCount lost;
    std::optional<Error> lastError;
    std::int64_t starts = 0;   // airings begun
    Duration startErrorP50{0}; // of the last 512: first frame against its planned instant, absolute
    Duration startErrorP99{0};
    std::int64_t gaps = 0;                            // in airings that have ended
    std::optional<DeviceClock> device = std::nullopt; // of one that has a clock of its own
    std::int64_t reconnects = 0;                      // opens that followed a failure
    // Times that it had nothing to send in its time: its sound card ran dry or, where it has none, the mix fell more
    // than a second behind and left out what it wanted.
    std::int64_t underruns = 0;
};

// What encoding has cost in the mix that the station hears (mix.h), alone or with others: outputs with the same codec,
// rate, effort and gain share one stage (encoder_stage.h).
struct EncodingCount {
    int stages = 0;
    std::int64_t runs = 0;    // encoders made
    std::int64_t packets = 0; // encoded
    std::int64_t passed = 0;  // house files' own, in place of encoded ones
};

class Player {
public:
    virtual ~Player() = default;

    // Accepts a session, to sound at its planned instant; one that has begun already is joined at the live frame. One
    // without segments is accepted and ends at once. Error: Conflict when it overlaps an accepted session or is one
    // already accepted.
    [[nodiscard]] virtual Result<void> play(SessionTimeline timeline) = 0;

    // An accepted session becomes `timeline` (same name, same start) from the next frame that has not been rendered,
    // about half a second ahead: airings that it holds no more end there (Stopped), new ones begin, what sounds in both
    // sounds on without a break. Errors: NotFound: it is over or unknown; Conflict: it overlaps another session.
    [[nodiscard]] virtual Result<void> amend(SessionTimeline timeline) = 0;

    // An airing of an accepted session is not to be heard any more: what sounds of it falls over `softCut`, from the
    // next frame that has not been rendered; its neighbours are not touched.
    virtual void revoke(const SessionId& session, const AiringId& airing) = 0;

    // Takes back a session that has not begun, without a word to the observer; false when it has begun or is not known.
    virtual bool withdraw(const SessionId& session) = 0;

    // Ends all accepted sessions: what has been rendered, 0.4 s at most, still sounds and falls over `softCut`; that is
    // heard and counts. Every airing gets its airingEnded() before this returns, within about two seconds; only where a
    // device hangs in the kernel does it return after some four without. The player may play again afterwards.
    virtual void stop() = 0;
    // What stop() does first, without the wait: for many players that stop together.
    virtual void beginStop() {}

    [[nodiscard]] virtual PlayerState state() const = 0;
    [[nodiscard]] virtual std::vector<OutputHealth> health() const = 0;
    // Silence where an item should sound, in the mix. Not known while no output wants samples (null).
    [[nodiscard]] virtual ProgrammeSilence silence() const = 0;
    // Of its threads; one that has none is always alive.
    [[nodiscard]] virtual PlayerPulse pulse() const { return {}; }
};

// Real time. Error: that of checkOutput(), or two outputs of one name.
class ThreadedPlayer final : public Player {
public:
    [[nodiscard]] static Result<std::unique_ptr<ThreadedPlayer>> create(const PlayerSettings& settings);
    ~ThreadedPlayer() override;

    [[nodiscard]] Result<void> play(SessionTimeline timeline) override;
    [[nodiscard]] Result<void> amend(SessionTimeline timeline) override;
    void revoke(const SessionId& session, const AiringId& airing) override;
    bool withdraw(const SessionId& session) override;
    void stop() override;
    void beginStop() override;
    [[nodiscard]] PlayerState state() const override;
    [[nodiscard]] std::vector<OutputHealth> health() const override;
    [[nodiscard]] ProgrammeSilence silence() const override;
    [[nodiscard]] PlayerPulse pulse() const override;
    [[nodiscard]] EncodingCount encoding() const;

    struct Impl;

private:
    explicit ThreadedPlayer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

// Simulated time: no threads, nothing happens but inside advanceTo(). The clock in the settings is not waited for; it
// must not be ahead of what advanceTo() has been told by more than the caller wants sounded late. Outputs should be
// "null": the cost of a session is then a few microseconds a second of sound (no samples are made when no output wants
// them).
class SteppedPlayer final : public Player {
public:
    [[nodiscard]] static Result<std::unique_ptr<SteppedPlayer>> create(const PlayerSettings& settings);
    ~SteppedPlayer() override;

    // Everything due before `now` leaves, and observers hear of it. Never back.
    void advanceTo(UtcTime now);

    [[nodiscard]] Result<void> play(SessionTimeline timeline) override;
    [[nodiscard]] Result<void> amend(SessionTimeline timeline) override;
    void revoke(const SessionId& session, const AiringId& airing) override;
    bool withdraw(const SessionId& session) override;
    void stop() override;
    [[nodiscard]] PlayerState state() const override;
    [[nodiscard]] std::vector<OutputHealth> health() const override;
    [[nodiscard]] ProgrammeSilence silence() const override;

    struct Impl;

private:
    explicit SteppedPlayer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::playout
