// Relays as sources: opened ahead of time, received on threads of their own, and played as any item is.
//
// Purpose: a relay is prepared some time before its first frame (prepare); its addresses are received, each on its own
// thread, into jitter buffers (relay_line.h); a supervisor decides which of them sounds (relay_chain.h); the source
// that a player opens crossfades between them, and from its first frame to its last it is the player's positions alone
// that count, whatever the network does (promises 7 and 8). Threads: prepare(), close(), forget(), soundOf() and
// takeEvents() from one, the agent's; open() from any; sources as in source.h. One supervisor thread for all relays,
// one thread an address held open. Ownership: the deck outlives the player; `items` (for standby items) and the opener
// outlive the deck. Destroying it waits for its threads: at most for a name that is being resolved. Account: which
// voice filled which frame is noted as the pump asks for it, in memory set aside for it; what of that was heard is what
// outputs report as delivered (soundOf), so the log stays made of deliveries (promise 3). Failure: an address that
// fails is tried again with growing pauses; the steps are events.
#pragma once

#include "playout/engine/delivery.h"
#include "playout/engine/relay_chain.h"
#include "playout/engine/relay_networks.h"
#include "playout/engine/source.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/relay.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace loa::playout {

struct RelayStandby {
    ItemId item;
    Sha256 sha256;
    FrameCount frames;
};

struct RelayPlan {
    AiringId airing;
    RelayDefinition definition; // approved
    FrameCount frames;
    std::optional<RelayStandby> standby = {}; // approved, on disk and verified
};

struct RelayEvent {
    AiringId airing;
    RelayStep step;
    QString address; // as logs may show it
};

// One play of the standby item, from its first frame on: the longest that was delivered.
struct StandbyPlay {
    FrameCount at; // the relay's frame at which it began
    FrameCount frames;
    bool isWhole = false;
};

struct RelaySound {
    std::vector<RelayShare> shares; // those with frames, addresses first
    std::optional<StandbyPlay> standby;
};

// What the agent asks of relays; simulations have one of their own.
class RelayService {
public:
    virtual ~RelayService() = default;
    // Begins to receive. When it is prepared already: takes the standby item, if it had none.
    virtual void prepare(const RelayPlan& plan) = 0;
    // Ends receiving; what sounded is still known.
    virtual void close(const AiringId& airing) = 0;
    virtual void forget(const AiringId& airing) = 0;
    // What filled those of its frames that were delivered.
    [[nodiscard]] virtual RelaySound soundOf(const AiringId& airing,
                                             std::span<const IntervalSet::Interval> delivered) = 0;
    // A change of what sounds is told before it can be heard.
    [[nodiscard]] virtual std::vector<RelayEvent> takeEvents() = 0;
};

// Sound from an address, at 48 kHz mono. One thread; read() waits for the network, within limits, and ends soon after
// the opener's `isCancelled` says so.
class RelayInput {
public:
    virtual ~RelayInput() = default;
    // At least one frame, valid until the next call.
    [[nodiscard]] virtual Result<std::span<const float>> read() = 0;
    virtual void setDrift(int framesASecond) = 0;
    [[nodiscard]] virtual QString words() const = 0; // "mp3, 44100 Hz, 2"
};
// Where it comes from, and how it is read.
struct RelayAddress {
    QString address;
    RelayKind kind = RelayKind::Stream;
    std::optional<media::RtpMap> rtp = {};
};
using RelayOpener =
    std::function<Result<std::unique_ptr<RelayInput>>(const RelayAddress& from, std::function<bool()> isCancelled)>;

struct RelayTimings {
    std::chrono::milliseconds openWithin{10'000};
    std::chrono::milliseconds stallAfter{15'000}; // an address that sends nothing for so long is opened anew
    std::chrono::milliseconds fedWithin{1500};    // and after so long is not well (of HLS: ten times that)
    std::chrono::milliseconds firstPause{500};    // between tries, doubled up to
    std::chrono::milliseconds longestPause{15'000};
    std::chrono::milliseconds steady{5000};
    std::chrono::milliseconds tick{50};
    std::chrono::milliseconds fullPause{20}; // a line is full: the player takes a block in that time
    FrameCount ahead{3 * sampleRate}; // received ahead of what plays, of a stream; of RTP half, of HLS three times that
    FrameCount enough{sampleRate};    // of that, to begin with; at most a third
};

// The one that FFmpeg opens (media/ffmpeg/live_reader.h).
[[nodiscard]] RelayOpener networkOpener(const RelayNetworks& networks, const RelayTimings& timings = {});

class RelayDeck final : public RelayService, public SourceFactory {
public:
    // `items` opens what is no relay, and standby items.
    RelayDeck(SourceFactory& items, RelayOpener opener, const Clock& clock, const RelayTimings& timings = {});
    ~RelayDeck() override;

    void prepare(const RelayPlan& plan) override;
    void close(const AiringId& airing) override;
    void forget(const AiringId& airing) override;
    [[nodiscard]] RelaySound soundOf(const AiringId& airing, std::span<const IntervalSet::Interval> delivered) override;
    [[nodiscard]] std::vector<RelayEvent> takeEvents() override;

    // A relay that was not prepared fails.
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment& segment) const override;

    struct Impl;

private:
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::playout
