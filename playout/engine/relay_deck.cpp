#include "playout/engine/relay_deck.h"

#include "media/ffmpeg/live_reader.h"
#include "playout/engine/relay_receiver.h"
#include "playout/engine/relay_voices.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t mostEvents = 1000; // between two visits of the agent
constexpr auto idleAfter = 1s;           // nobody has asked for so long: not on air

RelayLine::Shape shapeFor(RelayKind kind, const RelayTimings& timings)
{
    switch (kind) {
    case RelayKind::Stream:
        return {timings.ahead, 1U << 19U, true};
    case RelayKind::Hls: // pieces of up to ten seconds or so come at once
        return {timings.ahead + timings.ahead + timings.ahead, 1U << 20U, false};
    case RelayKind::Rtp:
        return {{timings.ahead.value / 2}, 1U << 19U, true};
    }
    return {};
}

// A line that nobody plays yet is drained down to half its target, so that is as much as it may ever hold.
FrameCount enoughFor(RelayKind kind, const RelayTimings& timings)
{
    return {std::min(timings.enough.value, shapeFor(kind, timings).target.value / 3)};
}

// To fall with: a crossfade, a block and the supervisor's tick.
FrameCount reserveFor(FrameCount enough)
{
    return {std::min(enough.value * 3 / 4, sampleRate / 4)};
}

class NetworkInput final : public RelayInput {
public:
    explicit NetworkInput(media::LiveReader reader) : m_reader(std::move(reader)) {}
    [[nodiscard]] Result<std::span<const float>> read() override { return m_reader.read(); }
    void setDrift(int framesASecond) override
    {
        if (framesASecond != m_drift)
            m_reader.setDrift(framesASecond);
        m_drift = framesASecond;
    }
    [[nodiscard]] QString words() const override
    {
        const media::LiveInfo& info = m_reader.info();
        return QStringLiteral("%1, %2 Hz, channels %3").arg(info.codec).arg(info.sampleRate).arg(info.channels);
    }

private:
    media::LiveReader m_reader;
    int m_drift = 0;
};

media::LiveKind liveKindOf(RelayKind kind)
{
    switch (kind) {
    case RelayKind::Stream:
        return media::LiveKind::Stream;
    case RelayKind::Hls:
        return media::LiveKind::Hls;
    case RelayKind::Rtp:
        return media::LiveKind::Rtp;
    }
    return media::LiveKind::Stream;
}

RelayAddress addressOf(const RelayDefinition& relay, std::size_t line)
{
    return {relay.addresses[line], relay.kind, relay.rtp};
}

// One relay, from its preparation until it is forgotten.
struct Relay {
    Relay(const RelayPlan& asked, const RelayTimings& timings)
        : plan(asked),
          voices(shapeFor(asked.definition.kind, timings), asked.definition.addresses.size(), asked.standby),
          chain({asked.definition.addresses.size(), asked.standby.has_value(), toFrames(asked.definition.silence),
                 enoughFor(asked.definition.kind, timings), reserveFor(enoughFor(asked.definition.kind, timings)),
                 timings.steady}),
          receivers(asked.definition.addresses.size())
    {
    }

    const RelayPlan plan;
    std::optional<RelayStandby> late; // came after it was prepared; under the deck's mutex
    RelayVoices voices;
    // The supervisor's.
    std::optional<RelayStandby> standby = plan.standby;
    RelayChain chain;
    std::vector<std::unique_ptr<RelayReceiver>> receivers;
    FrameCount askedUntil{-1};
    std::chrono::nanoseconds askedAt{0};
    std::atomic<bool> isClosed = false;
};

class RelaySource final : public Source {
public:
    explicit RelaySource(std::shared_ptr<Relay> relay) : m_relay(std::move(relay)) {}
    std::size_t read(FrameCount position, std::span<float> out) override { return m_relay->voices.read(position, out); }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        std::size_t skipped = 0;
        while (skipped < frames) {
            const std::span<float> piece = std::span(m_scratch).first(std::min(m_scratch.size(), frames - skipped));
            const std::size_t there = read(position + FrameCount{static_cast<std::int64_t>(skipped)}, piece);
            skipped += there;
            if (there < piece.size())
                break;
        }
        return skipped;
    }
    [[nodiscard]] Break failure() const override
    {
        return m_relay->voices.isSilenced() ? Break::SourceFailed : Break::None;
    }

private:
    std::shared_ptr<Relay> m_relay;
    std::array<float, 960> m_scratch{};
};

class FailedSource final : public Source {
public:
    std::size_t read(FrameCount, std::span<float>) override { return 0; }
    std::size_t skip(FrameCount, std::size_t) override { return 0; }
    [[nodiscard]] Break failure() const override { return Break::SourceFailed; }
};

} // namespace

RelayOpener networkOpener(const RelayNetworks& networks, const RelayTimings& timings)
{
    return [networks, timings](const RelayAddress& from,
                               std::function<bool()> isCancelled) -> Result<std::unique_ptr<RelayInput>> {
        media::LiveSettings settings;
        settings.address = from.address;
        settings.kind = liveKindOf(from.kind);
        settings.rtp = from.rtp;
        settings.openWithin = timings.openWithin;
        settings.stallAfter = timings.stallAfter;
        settings.isCancelled = std::move(isCancelled);
        settings.caFile = networks.caFile;
        settings.localAddress = networks.interfaceAddress;
        settings.mayConnect = [networks](const sockaddr& host) { return networks.allows(host); };
        auto reader = media::LiveReader::open(std::move(settings));
        if (!reader)
            return passOn(reader);
        return std::make_unique<NetworkInput>(*std::move(reader));
    };
}

struct RelayDeck::Impl {
    Impl(SourceFactory& itemSources, RelayOpener relayOpener, const Clock& systemClock,
         const RelayTimings& relayTimings)
        : items(itemSources), opener(std::move(relayOpener)), clock(systemClock), timings(relayTimings)
    {
    }

    void run();
    void supervise(const std::shared_ptr<Relay>& owner);
    void tell(Relay& relay);
    void holdLines(const std::shared_ptr<Relay>& owner);
    void takeLateStandby(Relay& relay);
    void keepStandby(Relay& relay);
    void endLine(const std::shared_ptr<Relay>& owner, std::size_t line);
    void closeLines(const std::shared_ptr<Relay>& owner);
    [[nodiscard]] std::shared_ptr<Relay> find(const AiringId& airing);
    [[nodiscard]] std::unique_ptr<Source> openRelay(const Segment& segment);

    SourceFactory& items;
    const RelayOpener opener;
    const Clock& clock;
    const RelayTimings timings;

    std::mutex mutex; // of all below; never held while a relay is supervised
    std::condition_variable wake;
    std::map<AiringId, std::shared_ptr<Relay>> relays;
    std::vector<std::shared_ptr<Relay>> closing;
    std::vector<RelayEvent> events;
    bool quit = false;

    // The supervisor's: cancelled, and not over yet.
    struct Ending {
        std::shared_ptr<Relay> relay; // whose line it may still write to
        std::size_t line = 0;
        std::unique_ptr<RelayReceiver> receiver;
    };
    std::vector<Ending> ending;
    std::thread thread;
};

RelayDeck::RelayDeck(SourceFactory& items, RelayOpener opener, const Clock& clock, const RelayTimings& timings)
    : m_impl(std::make_unique<Impl>(items, std::move(opener), clock, timings))
{
    m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
}

RelayDeck::~RelayDeck()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->quit = true;
    }
    m_impl->wake.notify_all();
    m_impl->thread.join();
}

void RelayDeck::prepare(const RelayPlan& plan)
{
    {
        const std::lock_guard lock(m_impl->mutex);
        auto& relay = m_impl->relays[plan.airing];
        if (relay) {
            if (plan.standby && !relay->plan.standby)
                relay->late = plan.standby;
            return;
        }
        relay = std::make_shared<Relay>(plan, m_impl->timings);
    }
    m_impl->wake.notify_all();
}

void RelayDeck::close(const AiringId& airing)
{
    {
        const std::lock_guard lock(m_impl->mutex);
        const auto found = m_impl->relays.find(airing);
        if (found == m_impl->relays.end())
            return;
        m_impl->closing.push_back(found->second);
    }
    m_impl->wake.notify_all();
}

void RelayDeck::forget(const AiringId& airing)
{
    {
        const std::lock_guard lock(m_impl->mutex);
        const auto found = m_impl->relays.find(airing);
        if (found == m_impl->relays.end())
            return;
        m_impl->closing.push_back(found->second);
        m_impl->relays.erase(found);
    }
    m_impl->wake.notify_all();
}

RelaySound RelayDeck::soundOf(const AiringId& airing, std::span<const IntervalSet::Interval> delivered)
{
    const auto relay = m_impl->find(airing);
    return relay ? relay->voices.soundOf(delivered) : RelaySound{};
}

std::vector<RelayEvent> RelayDeck::takeEvents()
{
    const std::lock_guard lock(m_impl->mutex);
    return std::exchange(m_impl->events, {});
}

std::unique_ptr<Source> RelayDeck::open(const Segment& segment, FrameCount from, Fetching fetching)
{
    return segment.relay.isEmpty() ? m_impl->items.open(segment, from, fetching) : m_impl->openRelay(segment);
}

std::unique_ptr<Source> RelayDeck::Impl::openRelay(const Segment& segment)
{
    if (auto relay = find(segment.airing))
        return std::make_unique<RelaySource>(std::move(relay));
    return std::make_unique<FailedSource>();
}

bool RelayDeck::isCommon(const Segment& segment) const
{
    return segment.relay.isEmpty() && m_impl->items.isCommon(segment);
}

std::shared_ptr<Relay> RelayDeck::Impl::find(const AiringId& airing)
{
    const std::lock_guard lock(mutex);
    const auto found = relays.find(airing);
    return found == relays.end() ? nullptr : found->second;
}

void RelayDeck::Impl::run()
{
    pthread_setname_np(pthread_self(), "loa-relays");
    const auto isOpen = [](const auto& one) { return !one.second->isClosed; };
    std::unique_lock lock(mutex);
    while (!quit) {
        std::vector<std::shared_ptr<Relay>> toClose = std::exchange(closing, {});
        std::vector<std::shared_ptr<Relay>> open;
        for (const auto& one : relays) {
            if (isOpen(one))
                open.push_back(one.second);
        }
        lock.unlock();
        for (const auto& relay : toClose)
            closeLines(relay);
        for (const auto& relay : open) {
            if (!relay->isClosed)
                supervise(relay);
        }
        std::erase_if(ending, [](const Ending& one) { return one.receiver->isOver(); });
        open.clear(); // what was forgotten ends here, not under the lock
        toClose.clear();
        lock.lock();
        const auto isCalled = [this] { return quit || !closing.empty(); };
        if (!ending.empty() || std::ranges::any_of(relays, isOpen))
            wake.wait_for(lock, timings.tick, isCalled);
        else
            wake.wait(lock, [&] { return isCalled() || std::ranges::any_of(relays, isOpen); });
    }
    std::vector<std::shared_ptr<Relay>> last = std::exchange(closing, {});
    for (const auto& one : relays)
        last.push_back(one.second);
    relays.clear();
    lock.unlock();
    for (const auto& relay : last)
        closeLines(relay);
    ending.clear();
}

void RelayDeck::Impl::supervise(const std::shared_ptr<Relay>& owner)
{
    Relay& relay = *owner;
    const auto now = clock.monotonic();
    if (std::exchange(relay.askedUntil, relay.voices.askedUntil()) != relay.voices.askedUntil())
        relay.askedAt = now;
    const bool isOnAir = relay.askedUntil.value >= 0 && now - relay.askedAt < idleAfter;
    if (relay.askedUntil.value >= 0 && !isOnAir)
        relay.voices.letGo();
    if (relay.askedUntil >= relay.plan.frames) {
        closeLines(owner);
        return;
    }
    std::vector<RelayLineState> states;
    for (std::size_t index = 0; index < relay.receivers.size(); ++index) {
        RelayLineState state;
        if (relay.receivers[index])
            state = relay.receivers[index]->state();
        else
            state.buffered = relay.voices.line(index).buffered();
        states.push_back(std::move(state));
    }
    takeLateStandby(relay);
    keepStandby(relay);
    relay.chain.step(now, states, isOnAir);
    tell(relay); // before it can sound, so that whoever hears a change finds it told
    relay.voices.wish(relay.chain.voice());
    holdLines(owner);
}

void RelayDeck::Impl::tell(Relay& relay)
{
    std::vector<RelayStep> steps = relay.chain.takeSteps();
    const std::lock_guard lock(mutex);
    for (RelayStep& step : steps) {
        if (events.size() == mostEvents)
            break;
        const QString& address = relay.plan.definition.addresses[static_cast<std::size_t>(step.line)];
        events.push_back({relay.plan.airing, std::move(step), shownAddress(address)});
    }
}

void RelayDeck::Impl::holdLines(const std::shared_ptr<Relay>& owner)
{
    Relay& relay = *owner;
    for (std::size_t index = 0; index < relay.receivers.size(); ++index) {
        auto& receiver = relay.receivers[index];
        if (!relay.chain.isWanted(index)) {
            endLine(owner, index);
            continue;
        }
        // One writer a line: who was cancelled may still be waiting for the network.
        const bool isEnding =
            std::ranges::any_of(ending, [&](const Ending& one) { return one.relay == owner && one.line == index; });
        if (!receiver && !isEnding)
            receiver = std::make_unique<RelayReceiver>(addressOf(relay.plan.definition, index),
                                                       relay.voices.line(index), opener, clock, timings);
    }
}

void RelayDeck::Impl::takeLateStandby(Relay& relay)
{
    if (relay.standby)
        return;
    {
        const std::lock_guard lock(mutex);
        relay.standby = relay.late;
    }
    if (!relay.standby)
        return;
    relay.voices.setStandby(relay.standby->frames);
    relay.chain.allowStandby();
}

// One play is ready at all times, and a second one while the first sounds.
void RelayDeck::Impl::keepStandby(Relay& relay)
{
    if (!relay.standby)
        return;
    const std::size_t wanted = relay.chain.voice() == standbyVoice ? 2 : 1;
    while (relay.voices.standbysReady() < wanted) {
        Segment segment;
        segment.item = relay.standby->item;
        segment.sha256 = relay.standby->sha256;
        segment.frames = relay.standby->frames;
        relay.voices.addStandby(items.open(segment, {}));
    }
}

void RelayDeck::Impl::endLine(const std::shared_ptr<Relay>& owner, std::size_t line)
{
    auto& receiver = owner->receivers[line];
    if (!receiver)
        return;
    receiver->cancel();
    ending.push_back({owner, line, std::move(receiver)});
}

void RelayDeck::Impl::closeLines(const std::shared_ptr<Relay>& owner)
{
    owner->isClosed = true;
    for (std::size_t line = 0; line < owner->receivers.size(); ++line)
        endLine(owner, line);
}

} // namespace loa::playout
