// What render() asks for its samples, kind by kind, and the pump around it: no lock, no allocation, no wait, no write.
// Decoders, receivers and networks have threads of their own; what they do is not on the path, and the counters count
// the marked thread alone.
#include "media/codecs/packet_encoder.h"
#include "playout/engine/live_speech.h"
#include "playout/engine/mix.h"
#include "playout/engine/relay_deck.h"
#include "playout/engine/relay_voices.h"
#include "playout/engine/revoked_source.h"
#include "playout/proof/prover.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/engine/path_counters.h"
#include "tests/playout/engine/recorder.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t block = 960;
constexpr std::size_t itemFrames = 100 * block; // 2 s: all of it fits into a source's ring

Segment wholeItem(const Sha256& sha256, std::int64_t frames = itemFrames)
{
    Segment segment;
    segment.airing = AiringId{u"airing"_s};
    segment.sha256 = sha256;
    segment.frames = {frames};
    return segment;
}

struct Files {
    Files() : sources([this](const Sha256& sha256) { return folder.filePath(toString(sha256) + u".opus"_s); })
    {
        for (unsigned seed = 1; seed <= 2; ++seed)
            houses.push_back(makeHouseFile(QDir(folder.path()), itemFrames, seed, 0.4F));
    }

    QTemporaryDir folder;
    std::vector<HouseFile> houses;
    FileSourceFactory sources;
};

// Takes the next block, waiting until it is there: others decode it. Each try is on the path.
template <typename Take>
std::size_t takeCounted(const Source& source, FrameCount position, const Take& take)
{
    std::size_t given = 0;
    for (int tries = 0; tries < 5000 && given < block && source.failure() == Break::None; ++tries) {
        std::size_t part = 0;
        {
            const CountedPath counts;
            part = take(position + FrameCount{static_cast<std::int64_t>(given)}, given);
        }
        given += part;
        if (part == 0)
            std::this_thread::sleep_for(1ms);
    }
    return given;
}
std::size_t readCounted(Source& source, FrameCount position, std::span<float> out)
{
    return takeCounted(source, position,
                       [&](FrameCount from, std::size_t given) { return source.read(from, out.subspan(given)); });
}
std::size_t skipCounted(Source& source, FrameCount position)
{
    return takeCounted(source, position,
                       [&](FrameCount from, std::size_t given) { return source.skip(from, block - given); });
}

} // namespace

TEST_CASE("A house file is read, skipped, taken as packets and decoded from them on a clean path")
{
    Files files;
    const auto fetching = GENERATE(Fetching::Samples, Fetching::Packets);
    const Sha256 sha256 = files.houses[0].sha256;
    const auto source = files.sources.open(wholeItem(sha256), {}, fetching);
    std::array<float, block> out{};
    static_cast<void>(takeCount());
    std::size_t frames = 0;
    std::size_t packets = 0;
    std::size_t copies = 0;
    std::unique_ptr<Source> twin;
    for (std::size_t at = 0; at < itemFrames; at += block) {
        const FrameCount position{static_cast<std::int64_t>(at)};
        if (at == 50 * block)
            twin = source->copy();
        {
            const CountedPath counts;
            packets += source->packet(position).empty() ? 0U : 1U;
            static_cast<void>(source->failure());
        }
        if (at / block % 10 == 9) // passed over, and decoded again behind it
            frames += skipCounted(*source, position);
        else
            frames += readCounted(*source, position, out);
        if (twin)
            copies += readCounted(*twin, position, out);
    }
    CHECK(takeCount() == PathCount{});
    CHECK(frames == itemFrames);
    CHECK(copies == itemFrames / 2);
    CHECK((packets >= 99) == (fetching == Fetching::Packets)); // the first may not have been there yet

    // Taken off in its middle, and one that never was.
    const auto fresh = files.sources.open(wholeItem(sha256), {}, fetching);
    REQUIRE(readCounted(*fresh, {}, out) == block);
    RevokedSource revoked(files.sources.open(wholeItem(sha256), {}, fetching), {static_cast<std::int64_t>(block)});
    RevokedSource never(nullptr, FrameCount{-1});
    CHECK(readCounted(revoked, {static_cast<std::int64_t>(block)}, out) == block);
    {
        const CountedPath counts;
        static_cast<void>(revoked.skip({2 * block}, block));
        static_cast<void>(never.read({}, out));
    }
    CHECK(revoked.failure() == Break::Stopped);
    CHECK(never.failure() == Break::Stopped);
    CHECK(takeCount() == PathCount{});

    // A file that is not there.
    const auto absent = files.sources.open(wholeItem(hashOf("no such")), {}, fetching);
    CHECK(readCounted(*absent, {}, out) == 0);
    CHECK(absent->failure() != Break::None);
    CHECK(takeCount() == PathCount{});
}

TEST_CASE("A relay turns from address to address, to its standby item and back on a clean path")
{
    Files files;
    const RelayStandby standby{{u"standby"_s}, files.houses[0].sha256, {itemFrames}};
    RelayVoices voices({}, 2, standby);
    for (int play = 0; play < 2; ++play)
        voices.addStandby(files.sources.open(wholeItem(standby.sha256), {}));
    std::vector<float> sound(50 * block, 0.3F);
    for (std::size_t line = 0; line < 2; ++line)
        voices.line(line).write(sound);
    std::array<float, block> out{};
    static_cast<void>(takeCount());
    std::size_t empty = 0;
    std::size_t at = 0;
    for (const int voice : {0, 1, standbyVoice, 0, standbyVoice, noVoice}) {
        voices.wish(voice);
        for (int count = 0; count < 20; ++count, at += block) {
            const CountedPath counts;
            empty += voices.read({static_cast<std::int64_t>(at)}, out) == 0 ? 1U : 0U;
        }
        if (voice == 1) // by now it is decoded
            std::this_thread::sleep_for(200ms);
    }
    CHECK(takeCount() == PathCount{});
    CHECK(empty <= 20);
    const std::array<IntervalSet::Interval, 1> all{{{0, static_cast<std::int64_t>(at)}}};
    CHECK(voices.soundOf(all).shares.size() == 3);
}

TEST_CASE("Live speech is taken, concealed, hurried and ended on a clean path")
{
    const SigningKey key = SigningKey::fromSeed({1});
    SilenceSourceFactory inner;
    LiveSpeech speech(inner, key.verifyKey());
    const AiringId airing{u"airing"_s};
    const OrderId stream{u"order"_s};
    speech.expect(airing, stream);
    Segment segment = wholeItem({}, 60 * sampleRate);
    segment.isLive = true;
    const auto source = speech.open(segment, {});

    std::vector<QByteArray> packets;
    media::EncoderSettings settings;
    settings.bitRate = 32'000;
    const auto encoder = media::createPacketEncoder(settings);
    REQUIRE(encoder);
    REQUIRE((*encoder)->write(std::vector<float>(100 * block, 0.2F),
                              [&](const media::EncodedPacket& packet) -> Result<void> {
                                  packets.emplace_back(reinterpret_cast<const char*>(packet.data.data()),
                                                       static_cast<qsizetype>(packet.data.size()));
                                  return {};
                              }));
    std::array<float, block> out{};
    std::uint32_t next = 0;
    const auto hear = [&](int count) {
        for (; count > 0; --count, ++next) {
            if (next != 30 && next != 31)
                speech.heard(sealSpeech({stream, next, packets[next]}, key));
        }
    };
    static_cast<void>(takeCount());
    for (int turn = 0; turn < 80 && source->failure() == Break::None; ++turn) {
        if (turn == 75)
            speech.heard(sealSpeech({stream, next, {}}, key));
        else if (turn < 75)
            hear(turn == 40 ? 10 : 1); // the line brings half a second at once, so some of it is hurried through
        const CountedPath counts;
        if (turn % 7 == 6)
            static_cast<void>(source->skip({}, block));
        else
            static_cast<void>(source->read({}, out));
    }
    for (int turn = 0; turn < 20 && source->failure() == Break::None; ++turn) {
        const CountedPath counts;
        static_cast<void>(source->read({}, out));
    }
    CHECK(takeCount() == PathCount{});
    CHECK(source->failure() == Break::Stopped);
    const auto account = speech.close(airing);
    REQUIRE(account);
    CHECK(account->packets >= 70);
    CHECK(account->missing >= 1);
}

namespace {

// Counts what is opened and closed: memory is taken and given back for that, between renders.
class Noted final : public SourceFactory {
public:
    explicit Noted(SourceFactory& inner) : m_inner(inner) {}
    std::unique_ptr<Source> open(const Segment& segment, FrameCount from, Fetching fetching) override
    {
        ++changes;
        return std::make_unique<NotedSource>(m_inner.open(segment, from, fetching), changes);
    }
    int changes = 0;

private:
    class NotedSource final : public Source {
    public:
        NotedSource(std::unique_ptr<Source> inner, int& changes) : m_inner(std::move(inner)), m_changes(changes) {}
        ~NotedSource() override { ++m_changes; }
        std::size_t read(FrameCount position, std::span<float> out) override { return m_inner->read(position, out); }
        std::size_t skip(FrameCount position, std::size_t frames) override { return m_inner->skip(position, frames); }
        std::span<const std::byte> packet(FrameCount position) override { return m_inner->packet(position); }
        [[nodiscard]] Break failure() const override { return m_inner->failure(); }

    private:
        const std::unique_ptr<Source> m_inner;
        int& m_changes;
    };
    SourceFactory& m_inner;
};

// A stream that sends a level without end.
class LevelInput final : public RelayInput {
public:
    Result<std::span<const float>> read() override
    {
        std::this_thread::sleep_for(1ms);
        return std::span<const float>(m_samples);
    }
    void setDrift(int) override {}
    [[nodiscard]] QString words() const override { return u"level"_s; }

private:
    std::vector<float> m_samples = std::vector<float>(block, 0.25F);
};

MixLane laneTo(const OutputConfig& output, const Clock& clock, const StreamClock& stream, DeliveryObserver& observer)
{
    auto made = OutputLane::create(output, {u"station-1"_s}, clock, stream, observer, [](const SessionId&) {});
    REQUIRE(made);
    MixLane lane{std::move(*made)};
    const DeviceTraits& traits = lane.output->runner().traits();
    if (traits.packets)
        lane.key = EncodingKey{*traits.packets, output.gainDb, traits.passes, traits.bundle};
    lane.output->interrupt(true); // what comes is thrown away, and waited for by nobody
    return lane;
}

} // namespace

TEST_CASE("The pump, with sources as an agent has them, leaves the path for opening, closing and encoding alone")
{
    Files files;
    const SystemClock clock;
    const StreamClock stream(clock);
    RelayDeck deck(
        files.sources,
        [](const RelayAddress&, const std::function<bool()>&) -> Result<std::unique_ptr<RelayInput>> {
            return std::make_unique<LevelInput>();
        },
        clock);
    LiveSpeech speech(deck, SigningKey::fromSeed({1}).verifyKey());
    Noted sources(speech);
    Recorder recorder;
    Prover prover({});

    // A file alone, another over its end, a relay, speech over it that nobody speaks.
    const auto segment = [&](const char* name, const Sha256& sha256, std::int64_t offset, std::int64_t frames) {
        Segment one = wholeItem(sha256, frames);
        one.airing = AiringId{QString::fromLatin1(name)};
        one.offset = {offset};
        one.mixing.length = {frames};
        return one;
    };
    Segment bed = segment("bed", files.houses[0].sha256, 0, itemFrames);
    Segment tune = segment("tune", files.houses[1].sha256, 90 * block, itemFrames);
    bed.mixing.fadeOut = {10 * block};
    const Segment relay = segment("relay", hashOf("relay"), 190 * block, 150 * block);
    RelayDefinition definition;
    definition.addresses = {u"http://127.0.0.1/one"_s};
    deck.prepare({relay.airing, definition, relay.frames});
    const SessionTimeline plan({u"station-1"_s}, {u"session-1"_s}, 1, morning, {bed, tune, relay});
    LiveEvent spoken{{u"speech"_s}, {u"speech"_s}, hashOf("speech"), {250 * block}, {50 * block}, Priority::Emergency};
    speech.expect(spoken.airing, OrderId{u"order"_s});
    spoken.isLive = true;
    const auto timeline = std::make_shared<const SessionTimeline>(withLiveEvents(plan, {spoken}).softened());

    OutputConfig output;
    output.name = u"main"_s;
    std::vector<OutputConfig> outputs;
    bool encodes = false;
    SECTION("samples alone")
    {
        output.device = u"null"_s;
        outputs.push_back(output);
    }
    SECTION("L16 over RTP, and samples")
    {
        output.device = u"null"_s;
        outputs.push_back(output);
        output.device = u"rtp"_s;
        output.name = u"rtp"_s;
        output.url = u"rtp://127.0.0.1:9"_s;
        output.codec = media::AudioCodec::L16;
        outputs.push_back(output);
    }
    SECTION("Opus over RTP, where house packets pass")
    {
        output.device = u"rtp"_s;
        output.url = u"rtp://127.0.0.1:9"_s;
        outputs.push_back(output);
        encodes = true;
    }
    MixMember member;
    member.tap = &prover.addStation().tap();
    for (const OutputConfig& one : outputs)
        member.lanes.push_back(laneTo(one, clock, stream, recorder));
    MixSettings settings;
    settings.sources = &sources;
    settings.fetching = PassThrough::fetchingFor(outputs);
    settings.ears = &member.tap->ears();
    Mix mix(settings, {});
    REQUIRE(mix.add(member));
    mix.programme().place(timeline, {960});
    member.tap->placed(timeline, {960}, {});

    static_cast<void>(mix.pumpUntil({1})); // opens
    std::this_thread::sleep_for(300ms);    // what is decoded and received ahead is there
    PathCount onPath;
    PathCount opening; // and closing
    PathCount encoding;
    int busy = 0;
    bool wasPassing = false;
    for (FrameCount end{block}; end < FrameCount{360 * block}; end += FrameCount{block}) {
        static_cast<void>(takeCount());
        const auto changes = [&] { return sources.changes + (mix.programme().isEmpty() ? 1 : 0); };
        const int before = changes();
        const std::int64_t passed = mix.encoding().passed;
        {
            const CountedPath counts;
            busy += mix.pumpUntil(end) ? 1 : 0;
        }
        const PathCount count = takeCount();
        const bool isPassing = mix.encoding().passed > passed;
        const bool isEncoding = encodes && !(isPassing && wasPassing);
        (changes() != before ? opening : isEncoding ? encoding : onPath) += count;
        wasPassing = isPassing;
        for (MixLane& lane : member.lanes)
            static_cast<void>(lane.output->work());
        if (end.value % (10 * static_cast<std::int64_t>(block)) == 0)
            std::this_thread::sleep_for(20ms); // the decoder's thread is to be ahead
    }
    INFO("opening and closing: " << opening << "; encoding: " << encoding);
    CHECK(onPath == PathCount{});
    CHECK(busy >= 300);
    CHECK((mix.encoding().passed > 50) == encodes);
    CHECK((mix.encoding().packets > 0) == encodes);
    CHECK((opening.allocations > 0 || opening.frees > 0)); // the counters see the pump
}

} // namespace loa::playout
