// House packets sent as they are: random programmes, judged by what a listener's decoder makes of the packets.
#include "playout/engine/encoder_stage.h"
#include "playout/engine/pass_through.h"
#include "tests/playout/engine/house_files.h"
#include "tests/support/audio_signals.h"

#include <QTemporaryDir>

#include <opus.h>

#include <catch2/catch.hpp>
#include <map>

namespace loa::playout {

using namespace test;

namespace {

constexpr std::int64_t slot = 960;
constexpr auto slotSize = static_cast<std::size_t>(slot);

struct House {
    std::vector<float> samples;
    std::vector<QByteArray> packets;
    Sha256 sha256;
};

// Speech, a tone that glides in noise, and one whose length is not of whole packets.
const std::vector<House>& houses()
{
    static const std::vector<House> made = [] {
        const QTemporaryDir folder;
        std::vector<House> all;
        for (unsigned number = 0; number < 4; ++number) {
            const std::size_t frames = (130 + 20 * number) * slotSize + (number == 3 ? 333 : 0);
            HouseFile file;
            if (number == 1) {
                file = makeHouseFile(QDir(folder.path()), frames, number, 0.7F, 10);
            } else {
                auto sound = support::babble(-14.0, static_cast<double>(frames) / 48000.0, number);
                sound.samples.resize(frames);
                file = houseFileOf(QDir(folder.path()), sound.samples, 10);
            }
            all.push_back({file.samples, packetsOf(folder.filePath(toString(file.sha256) + QStringLiteral(".opus"))),
                           file.sha256});
        }
        return all;
    }();
    return made;
}

const House& houseOf(const Sha256& sha256)
{
    return *std::find_if(houses().begin(), houses().end(), [&](const House& one) { return one.sha256 == sha256; });
}

class HouseSources final : public SourceFactory {
public:
    std::unique_ptr<Source> open(const Segment& segment, FrameCount, Fetching) override
    {
        return std::make_unique<HouseSource>(houseOf(segment.sha256));
    }

    [[nodiscard]] bool isCommon(const Segment& segment) const override
    {
        return segment.airing != AiringId{QStringLiteral("relay")};
    }

private:
    class HouseSource final : public Source {
    public:
        explicit HouseSource(const House& house) : m_house(house) {}
        std::size_t read(FrameCount position, std::span<float> out) override
        {
            const std::size_t given = skip(position, out.size());
            std::copy_n(m_house.samples.begin() + static_cast<std::ptrdiff_t>(position.value), given, out.begin());
            return given;
        }
        std::size_t skip(FrameCount position, std::size_t frames) override
        {
            REQUIRE(position >= m_next);
            const auto left = static_cast<std::int64_t>(m_house.samples.size()) - position.value;
            const std::size_t given = std::min(frames, static_cast<std::size_t>(std::max(left, std::int64_t{0})));
            m_next = position + FrameCount{static_cast<std::int64_t>(given)};
            return given;
        }
        std::span<const std::byte> packet(FrameCount position) override
        {
            const auto index = static_cast<std::size_t>(position.value / slot);
            if (position.value % slot != 0 || index >= m_house.packets.size())
                return {};
            const QByteArray& bytes = m_house.packets[index];
            return std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        }
        [[nodiscard]] Break failure() const override { return Break::None; }

    private:
        const House& m_house;
        FrameCount m_next;
    };
};

// Of a packet that bundles some, each for itself.
QList<QByteArray> piecesOf(const QByteArray& whole)
{
    const std::unique_ptr<OpusRepacketizer, decltype(&opus_repacketizer_destroy)> apart(opus_repacketizer_create(),
                                                                                        opus_repacketizer_destroy);
    REQUIRE(opus_repacketizer_cat(apart.get(), reinterpret_cast<const unsigned char*>(whole.constData()),
                                  static_cast<opus_int32>(whole.size())) == OPUS_OK);
    QList<QByteArray> pieces;
    for (int index = 0; index < opus_repacketizer_get_nb_frames(apart.get()); ++index) {
        QByteArray piece(1275, '\0');
        const opus_int32 size = opus_repacketizer_out_range(apart.get(), index, index + 1,
                                                            reinterpret_cast<unsigned char*>(piece.data()), 1275);
        REQUIRE(size > 0);
        pieces.append(piece.left(size));
    }
    return pieces;
}

using Timeline = std::shared_ptr<const SessionTimeline>;

// What the pump does (threaded_player.cpp), for one output.
struct Station {
    explicit Station(bool passes, int bundle = 1)
        : programme(sources, passes ? Fetching::Packets : Fetching::Samples), bus(programme),
          passing(programme, bus, defaultCeilingDb)
    {
        EncodingKey key;
        key.encoder.complexity = 6;
        key.passes = passes;
        key.bundle = bundle;
        stage = std::move(*EncoderStage::create(key));
    }
    void run(FrameCount until)
    {
        std::array<float, slotSize> scratch{};
        while (position < until) {
            programme.prepare(position, {8 * sampleRate});
            const auto packet =
                stage->key().passes ? passing.packetFor(position, {slot}) : std::span<const std::byte>{};
            const bool needsSamples = packet.empty() || !stage->goesOnPassing(position);
            for (std::int64_t done = 0; done < slot;) {
                const auto room = std::span(scratch).subspan(static_cast<std::size_t>(done));
                const FrameCount at = position + FrameCount{done};
                const RenderedRun made = needsSamples ? bus.render(at, room) : bus.advance(at, FrameCount{slot - done});
                done += made.frames.value;
                sounding += made.sounding ? made.frames.value : 0;
            }
            mixed += needsSamples ? 1 : 0;
            mix.insert(mix.end(), scratch.begin(), scratch.end());
            const auto give = [&](const EncoderStage::Packet& one) {
                if (one.leadsIn)
                    return;
                CHECK(one.position.value ==
                      static_cast<std::int64_t>(packets.size()) * slot); // none twice, none missing
                const QByteArray whole(reinterpret_cast<const char*>(one.data.data()),
                                       static_cast<qsizetype>(one.data.size()));
                packets.append(stage->key().bundle > 1 ? piecesOf(whole) : QList<QByteArray>{whole});
                CHECK((one.position + one.frames).value == static_cast<std::int64_t>(packets.size()) * slot);
                sent.push_back({one.position, one.frames});
            };
            const bool passesNow = !packet.empty() && stage->mayPass(position);
            if (!(passesNow && stage->goesOnPassing(position)))
                REQUIRE(stage->write(position, scratch, give));
            if (passesNow) {
                passed.push_back(static_cast<std::size_t>(position.value / slot));
                stage->pass(position, packet, give);
            }
            position += FrameCount{slot};
        }
    }
    // What is heard.
    [[nodiscard]] std::vector<float> decoded() const
    {
        const auto decoder = media::SpeechDecoder::create();
        std::vector<float> heard;
        std::array<float, slotSize> block{};
        for (const QByteArray& packet : packets) {
            (*decoder)->decode(
                {reinterpret_cast<const std::uint8_t*>(packet.constData()), static_cast<std::size_t>(packet.size())},
                block);
            heard.insert(heard.end(), block.begin(), block.end());
        }
        return heard;
    }

    HouseSources sources;
    Programme programme;
    MixBus bus;
    PassThrough passing;
    std::unique_ptr<EncoderStage> stage;
    FrameCount position;
    std::vector<float> mix;          // of slots that were mixed
    QList<QByteArray> packets;       // of a slot each
    std::vector<std::size_t> passed; // slots
    struct Sent {
        FrameCount from;
        FrameCount frames;
    };
    std::vector<Sent> sent; // as they leave
    std::int64_t sounding = 0;
    int mixed = 0;
};

// The energy of the difference, of each quarter of a slot.
std::vector<double> errors(const std::vector<float>& heard, const std::vector<float>& mix)
{
    std::vector<double> all(std::min(heard.size(), mix.size()) / 240, 0.0);
    for (std::size_t index = 0; index < 240 * all.size(); ++index)
        all[index / 240] += std::pow(heard[index] - mix[index], 2.0);
    return all;
}

Segment segmentOf(std::size_t number, const House& house, std::int64_t offset)
{
    Segment segment;
    segment.airing = AiringId{QStringLiteral("airing-%1").arg(number)};
    segment.item = ItemId{QStringLiteral("item-%1").arg(number)};
    segment.sha256 = house.sha256;
    segment.offset = {offset};
    segment.frames = {static_cast<std::int64_t>(house.samples.size())};
    return segment;
}

Timeline timelineOf(std::vector<Segment> segments)
{
    return std::make_shared<const SessionTimeline>(
        SessionTimeline({}, SessionId{QStringLiteral("session")}, 1, UtcTime{}, std::move(segments)).softened());
}

constexpr FrameCount base{100 * slot}; // the session's first frame

} // namespace

TEST_CASE("Recordings laid end to end are passed but for the packets around their joins")
{
    std::vector<Segment> segments;
    std::int64_t offset = 0;
    for (std::size_t number = 0; number < 6; ++number) {
        const House& house = houses()[number % 3];
        segments.push_back(segmentOf(number, house, offset));
        offset += segments.back().frames.value;
    }
    const Timeline timeline = timelineOf(segments);
    Station station(true);
    station.programme.place(timeline, base);
    station.run(base + FrameCount{offset + 10 * slot});
    // The last slot of each and the first two are made, and the third of the first, which rises from silence. Mixed is
    // also each slot in which the encoder ends.
    const auto slots = static_cast<std::size_t>(offset / slot);
    CHECK(station.passed.size() == slots - 6 * 3 - 1);
    CHECK(station.mixed ==
          static_cast<int>(station.position.value / slot) - static_cast<int>(station.passed.size()) + 6);
    CHECK(station.sounding == offset);
    CHECK(station.stage->passed() == static_cast<std::int64_t>(station.passed.size()));
    for (const Segment& segment : segments) {
        const House& house = houseOf(segment.sha256);
        const auto first = static_cast<std::size_t>((base + segment.offset).value / slot);
        const std::size_t count = house.packets.size();
        for (std::size_t index = segment.offset.value > 0 ? 2 : 3; index + 1 < count; ++index)
            CHECK((station.packets[static_cast<qsizetype>(first + index)] == house.packets[index]));
    }
}

TEST_CASE("Joins are seen ahead, but where something sounds that comes as time passes")
{
    const House& house = houses()[0];
    const FrameCount length{static_cast<std::int64_t>(house.samples.size())};
    std::vector<Segment> segments{segmentOf(0, house, 0), segmentOf(1, house, length.value),
                                  segmentOf(2, house, 3 * length.value)};
    HouseSources sources;
    Programme programme(sources);
    CHECK_FALSE(programme.hasJoin({}, base + length));
    programme.place(timelineOf(segments), base);
    CHECK_FALSE(programme.hasJoin(base - FrameCount{100}, base)); // up to it, without it
    CHECK(programme.hasJoin(base - FrameCount{100}, base + FrameCount{1}));
    CHECK_FALSE(programme.hasJoin(base + FrameCount{1}, base + length));
    CHECK(programme.hasJoin(base + FrameCount{1}, base + length + FrameCount{1}));
    CHECK(programme.hasJoin(base + length + length, base + length + length + FrameCount{1})); // an end
    CHECK_FALSE(programme.hasJoin(base + length + length + FrameCount{1}, base + FrameCount{3 * length.value}));
    segments[1].airing = AiringId{QStringLiteral("relay")};
    Programme relayed(sources);
    relayed.place(timelineOf(segments), base);
    CHECK(relayed.hasJoin(base - FrameCount{100}, base + FrameCount{1}));
    CHECK_FALSE(relayed.hasJoin(base + FrameCount{1}, base + length + FrameCount{1}));
    CHECK_FALSE(relayed.hasJoin(base + length + FrameCount{1}, base + length + length + FrameCount{1}));
    CHECK(relayed.hasJoin(base + length + length + FrameCount{1}, base + FrameCount{3 * length.value + 1}));
}

TEST_CASE("Packets that leave several as one are those that leave one by one, bit by bit, passed or made")
{
    const int bundle = GENERATE(2, 3, 6);
    std::vector<Segment> segments;
    std::int64_t offset = 0;
    for (std::size_t number = 0; number < 4; ++number) {
        segments.push_back(segmentOf(number, houses()[number], offset));
        offset += segments.back().frames.value + (number == 1 ? 7 * slot : 0);
    }
    const Timeline timeline = timelineOf(segments);
    Station one(true);
    Station several(true, bundle);
    for (Station* station : {&one, &several}) {
        station->programme.place(timeline, base);
        station->run(base + FrameCount{offset + 30 * slot});
    }
    CHECK(several.passed == one.passed);
    REQUIRE(one.packets.size() - several.packets.size() < bundle); // what is in the last one
    CHECK((several.packets == one.packets.first(several.packets.size())));
    // Between multiples of the bundle, and shorter only where the next one is of another kind.
    const std::int64_t length = bundle * slot;
    std::size_t whole = 0;
    for (const Station::Sent& sent : several.sent) {
        CHECK(sent.from.value / length ==
              (sent.from + sent.frames).value / length - ((sent.from + sent.frames).value % length == 0 ? 1 : 0));
        whole += sent.frames.value == length ? 1 : 0;
    }
    CHECK(whole > several.sent.size() * 9 / 10);
}

namespace {

// One random programme; how many packets were passed in it.
std::size_t judge(unsigned seed)
{
    INFO("seed " << seed);
    std::minstd_rand random(seed);
    const auto below = [&](std::int64_t most) { return static_cast<std::int64_t>(random()) % most; };
    // Items end to end, with gaps, off the grid, faded under the next one, beneath a notice; a volume; a change on the
    // way.
    std::vector<Segment> segments;
    std::int64_t offset = 0;
    for (std::size_t number = 0; number < 7; ++number) {
        const House& house = houses()[static_cast<std::size_t>(below(4))];
        if (below(4) == 0)
            offset += below(2) == 0 ? slot * below(30) : below(30'000);
        else if (below(4) == 0)
            offset = (offset + slot - 1) / slot * slot;
        Segment segment = segmentOf(number, house, offset);
        segment.mixing.length = segment.frames;
        if (below(3) == 0)
            segment.mixing.fadeOut = {below(24'000)};
        if (below(4) == 0)
            segment.mixing.fadeIn = {below(24'000)};
        offset += segment.frames.value;
        if (below(4) == 0 && segment.mixing.fadeOut.value > 0)
            offset -= segment.mixing.fadeOut.value; // the next one begins beneath it
        segments.push_back(segment);
    }
    Timeline timeline = timelineOf(segments);
    if (below(3) == 0)
        timeline = std::make_shared<const SessionTimeline>(
            timeline->withLevels({{{}, 1.0F}, {{below(offset)}, 0.5F}, {{offset - offset / 4}, 1.0F}}));
    // Something is cut in its middle and silence follows, or it goes on: known at an instant that the plan did not
    // name.
    const FrameCount changesAt{slot * (100 + below(offset / slot))};
    std::vector<Segment> pieces = timeline->segments();
    std::erase_if(pieces, [&](const Segment& piece) { return base + piece.offset > changesAt && below(2) == 0; });
    for (Segment& piece : pieces) {
        const FrameCount cut = changesAt - base + FrameCount{below(3 * slot)};
        if (piece.offset < cut && cut < piece.end()) {
            piece.frames = cut - piece.offset;
            piece.fadeOut = std::min(softCut, piece.frames);
        }
    }
    const auto amended = std::make_shared<const SessionTimeline>(timeline->withPieces(timeline->airings(), pieces));
    const FrameCount end = base + FrameCount{(offset + 20 * slot) / slot * slot};

    Station passing(true);
    Station encoding(false);
    for (Station* station : {&passing, &encoding}) {
        station->programme.place(timeline, base);
        station->run(changesAt);
        // The limiter may have read ahead; who passes has not.
        station->run(std::max(changesAt, FrameCount{(station->bus.readUntil().value + slot - 1) / slot * slot}));
    }
    const FrameCount common = std::max(passing.position, encoding.position);
    for (Station* station : {&passing, &encoding}) {
        station->run(common);
        REQUIRE(station->programme.amend(base, amended));
        station->run(end);
    }
    CHECK(passing.sounding == encoding.sounding);
    REQUIRE(passing.packets.size() + 3 > encoding.packets.size());
    // A passed packet is one of an item that sounds there, and the mix is what it decodes to.
    for (const std::size_t index : passing.passed) {
        const FrameCount at = FrameCount{static_cast<std::int64_t>(index) * slot} - base;
        const Timeline& now = at + base < common ? timeline : amended;
        const Soundings soundings = now->whatSoundsAt(at);
        REQUIRE(soundings.size() == 1);
        const House& house = houseOf(now->segments()[soundings[0].segment].sha256);
        CHECK((passing.packets[static_cast<qsizetype>(index)] ==
               house.packets[static_cast<std::size_t>(soundings[0].frame.value / slot)]));
        const bool isMix = std::equal(encoding.mix.begin() + static_cast<std::ptrdiff_t>(index * slotSize),
                                      encoding.mix.begin() + static_cast<std::ptrdiff_t>((index + 1) * slotSize),
                                      house.samples.begin() + soundings[0].frame.value);
        CHECK(isMix);
    }
    const std::vector<double> ours = errors(passing.decoded(), encoding.mix);
    const std::vector<double> theirs = errors(encoding.decoded(), encoding.mix);
    double worst = 0;
    for (std::size_t index = 4; index + 4 < std::min(ours.size(), theirs.size()); ++index) {
        const double near = *std::max_element(theirs.begin() + static_cast<std::ptrdiff_t>(index - 4),
                                              theirs.begin() + static_cast<std::ptrdiff_t>(index + 5));
        worst = std::max(worst, ours[index] / (near + 1e-4));
    }
    CHECK(worst < 4.0);
    return passing.passed.size();
}

} // namespace

TEST_CASE("What a listener hears of passed packets is the mix, as well as if all had been encoded, at every switch")
{
    std::size_t passed = 0;
    for (unsigned seed = 1; seed <= 12; ++seed)
        passed += judge(seed);
    CHECK(passed > 2000);
}

} // namespace loa::playout
