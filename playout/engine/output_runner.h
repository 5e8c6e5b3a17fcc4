// One output: its device, its accounts, its health. What a player's output thread (or a simulation's step) does with
// each block lies here.
//
// Threads: begin(), withdraw(), cancel(), fellBehind(), mute() and health() from any thread; the rest on the output's
// own. The observer is called on the output's thread. Ownership: pacing, observer and settled callback outlive the
// runner. Failure: a device that fails is closed and opened again after a pause that grows from 0.5 s to 10 s, with
// jitter; a session that begins ends the pause. Frames that come meanwhile are lost for this output.
#pragma once

#include "playout/engine/delivery.h"
#include "playout/output/output.h"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

namespace loa::playout {

struct OutputHealth;

struct RunnerBlock {
    enum class Kind : std::uint8_t {
        Samples, // or none, when no samples were made
        Packet,
        LeadIn, // a packet before a run (encoder_stage.h)
        Missing // nothing to write: what is missing in packets that are still to come
    };
    FrameCount position; // on the stream clock
    FrameCount frames;
    std::span<const float> samples = {};
    Break missing = Break::None; // silence in an item's place; of all that should sound, when `absent` names none
    Kind kind = Kind::Samples;
    std::span<const std::byte> packet = {};
    Absences absent = {}; // items that should sound in it and do not; origins on the stream clock
};

class OutputRunner final : public StreamSink, public DeliveryObserver {
public:
    // An output has said its last word on the session.
    using Settled = std::function<void(const SessionId&)>;

    [[nodiscard]] static Result<std::unique_ptr<OutputRunner>> create(const OutputConfig& config,
                                                                      const StationId& station, Pacing& pacing,
                                                                      DeliveryObserver& observer, Settled settled);

    // The device may still tell of frames while it is closed: nobody hears of them any more.
    ~OutputRunner() override
    {
        mute();
        m_device.reset();
    }

    [[nodiscard]] const QString& name() const { return m_config.name; }
    [[nodiscard]] const DeviceTraits& traits() const { return m_traits; }

    // As OutputDevice; before the first block.
    void share(Departures& departures) { m_device->share(departures); }

    // The session's frame 0 will be stream frame `base`; its frames before `joinAt` never come.
    void begin(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount joinAt);
    // From its frame `position` on the session is `timeline`.
    void amend(std::shared_ptr<const SessionTimeline> timeline, FrameCount position);
    void withdraw(const SessionId& session);
    // Ends every session that was begun at stream frame `position`: what lies before still leaves and counts, unless
    // the device holds it for longer than it takes to send it, or the pacing is told to end.
    void cancel(FrameCount position);
    // A session that was begun has not ended.
    [[nodiscard]] bool isBusy() const { return m_begun.load() > 0; }
    // The mix fell so far behind that it left out what this output wanted.
    void fellBehind() { m_fallsBehind.fetch_add(1, std::memory_order_relaxed); }
    // Nothing more is reported.
    void mute() { m_muted = true; }
    [[nodiscard]] OutputHealth health() const;

    void readMail();
    void take(const RunnerBlock& block);
    // No block is waiting, and those before `position` that have not come will not.
    void rest(FrameCount position);

private:
    struct Mail {
        enum class Kind { Begin, Amend, Withdraw, Cancel } kind;
        std::shared_ptr<const SessionTimeline> timeline;
        SessionId session;
        FrameCount base;
        FrameCount joinAt;
    };
    struct Begun {
        std::shared_ptr<const SessionTimeline> timeline;
        FrameCount base;
        std::unique_ptr<DeliveryAccount> account;
    };

    // Frames that have left one behind the other, and that no account has heard of yet. What accounts make of them in
    // one piece is what they would make of each block.
    struct Left {
        FrameCount from;
        FrameCount to; // = from: none
        UtcTime at;
        UtcTime lastAt;         // the latest of them left
        FrameCount silentUntil; // accounts must hear before a frame behind this leaves
    };

    // Frames that will not leave, until the instant at which they should have.
    struct Doomed {
        FrameCount from;
        FrameCount to;
        Break why;
    };

    OutputRunner(const OutputConfig& config, const StationId& station, Pacing& pacing, DeliveryObserver& observer,
                 Settled settled);

    void post(Mail mail);
    void take(Mail& mail);
    void lose(FrameCount from, FrameCount to, Break why);
    void tellLeft();
    void settleDoomed(FrameCount until);
    void loseAbsent(const RunnerBlock& block, FrameCount frames);
    void dropSettled();
    void closeStragglers(FrameCount live);
    void endCancelled(FrameCount live);
    [[nodiscard]] OutputBlock toOutput(const RunnerBlock& block);
    bool open(FrameCount position);
    void closeDevice(Break why);
    void deviceFailed(const Error& error);
    std::span<const float> withGain(std::span<const float> samples);
    [[nodiscard]] bool isWantedSoon(FrameCount position) const;

    void delivered(FrameCount from, FrameCount to, UtcTime at) override;
    void lost(FrameCount from, FrameCount to, Break why) override;
    void measured(const DeviceClock& clock) override;
    void warned(const Error& error) override;
    void airingBegan(const AiringRecord& soFar) override;
    void airingProgress(const AiringRecord& soFar) override;
    void airingEnded(const AiringRecord& record) override;
    void sessionEnded(const StationId&, const SessionId&) override {} // accounts do not call it
    void outputChanged(const OutputEvent& event) override;

    // What each block needs lies together, in what a processor fetches at once: a hub has thousands of outputs, and its
    // cache holds few. Of the output's thread alone, but for m_hasMail.
    Pacing& m_pacing;
    std::unique_ptr<OutputDevice> m_device;
    std::atomic<bool> m_hasMail = false;
    bool m_isOpen = false;
    bool m_isResting = false;                // closed since no session wanted it
    bool m_hasSettled = false;               // some session may have ended
    int m_attempts = 0;                      // failed ones since the device last worked
    const FrameCount m_latest;               // a block may be so late
    FrameCount m_patientUntil;               // no session is given up before
    std::optional<FrameCount> m_next;        // first frame that has not come
    std::optional<FrameCount> m_cancelledAt; // what was begun has been stopped there
    Left m_left;
    std::vector<Doomed> m_doomed;
    std::vector<Begun> m_sessions;

    const OutputConfig m_config;
    const DeviceTraits m_traits;
    const StationId m_station;
    DeliveryObserver& m_observer;
    Settled m_settled;
    std::atomic<bool> m_muted = false;
    std::atomic<int> m_begun = 0; // sessions
    std::atomic<std::int64_t> m_fallsBehind = 0;

    // The output's thread alone.
    FrameCount m_openedAt;
    bool m_toldLost = false;
    FrameCount m_retryAt;
    float m_gain = 1.0F;
    std::vector<float> m_scaled;
    std::minstd_rand m_random;

    mutable std::mutex m_mutex; // guards what follows
    std::vector<Mail> m_mail;
    bool m_healthOpen = false;
    std::int64_t m_opens = 0;
    std::int64_t m_reconnects = 0;
    std::int64_t m_failures = 0;
    FrameCount m_delivered;
    FrameCount m_lost;
    std::optional<Error> m_lastError;
    std::optional<Error> m_warning; // until it is open
    std::optional<DeviceClock> m_deviceClock;
    std::int64_t m_gaps = 0;
    std::int64_t m_starts = 0;
    std::array<Duration, 512> m_startErrors{};
};

} // namespace loa::playout
