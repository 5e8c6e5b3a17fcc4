#include "media/codecs/house_packets.h"
#include "media/codecs/house_reader.h"
#include "media/codecs/packet_encoder.h"
#include "media/codecs/speech_decoder.h"
#include "media/ffmpeg/audio_writer.h"

#include <QFile>
#include <QTemporaryDir>

#include <ogg/ogg.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace loa::media {

namespace {

std::vector<float> glide(std::size_t frames)
{
    std::vector<float> samples(frames);
    double phase = 0;
    for (std::size_t index = 0; index < frames; ++index) {
        phase += 0.02 + 1e-7 * static_cast<double>(index);
        samples[index] = 0.4F * static_cast<float>(std::sin(phase));
    }
    return samples;
}

template <typename Reader>
std::vector<float> readWhole(Reader& reader)
{
    std::vector<float> samples;
    for (;;) {
        auto block = reader.read();
        REQUIRE(block);
        if (block->empty())
            return samples;
        samples.insert(samples.end(), block->begin(), block->end());
    }
}

} // namespace

TEST_CASE("a house file reads alike with libopusfile and with FFmpeg, and from any frame on", "[codecs]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("house.opus"));
    const std::vector<float> sound = glide(100'003);
    auto writer = AudioWriter::toFile(path, {});
    REQUIRE((writer && writer->write(sound) && writer->finish()));
    auto house = HouseReader::open(path);
    auto decoder = Decoder::open(path);
    REQUIRE((house && decoder));
    const std::vector<float> ours = readWhole(*house);
    const std::vector<float> theirs = readWhole(*decoder);
    REQUIRE(ours.size() == sound.size());
    REQUIRE(theirs.size() == sound.size());
    float most = 0;
    for (std::size_t index = 0; index < ours.size(); ++index)
        most = std::max(most, std::abs(ours[index] - theirs[index]));
    CHECK(most < 1e-3F);
    for (const std::int64_t from : {1, 959, 960, 50'001, 100'002}) {
        auto late = HouseReader::open(path);
        REQUIRE(late->skip(FrameCount{from}) == FrameCount{from});
        const std::vector<float> rest = readWhole(*late);
        CHECK(std::equal(rest.begin(), rest.end(), ours.begin() + from, ours.end()));
    }
    auto beyond = HouseReader::open(path);
    CHECK(beyond->skip(FrameCount{200'000}) == FrameCount{100'003});
    CHECK(HouseReader::open(folder.filePath(QStringLiteral("none.opus"))).error().category == ErrorCategory::NotFound);
}

namespace {

// Frames that the file's packets decode to, from the recording's first one on, as far as they can be read.
struct Unpacked {
    std::vector<float> samples;
    std::optional<ErrorCategory> failure;
};

Unpacked unpack(const QString& path)
{
    Unpacked all;
    auto packets = HousePackets::open(path);
    if (!packets) {
        all.failure = packets.error().category;
        return all;
    }
    const auto decoder = SpeechDecoder::create();
    REQUIRE(decoder);
    std::array<float, SpeechDecoder::frame> block{};
    FrameCount expected = packets->begin();
    for (;;) {
        const auto packet = packets->read();
        if (!packet) {
            all.failure = packet.error().category;
            CHECK(packets->read().error().category == *all.failure);
            return all;
        }
        if (!*packet)
            return all;
        CHECK((*packet)->position == expected);
        expected += HousePackets::frames;
        const auto bytes = (*packet)->data;
        CHECK((*decoder)->decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, block));
        const auto leading = std::clamp<std::int64_t>(-(*packet)->position.value, 0, 960);
        all.samples.insert(all.samples.end(), block.begin() + leading, block.end());
    }
}

} // namespace

TEST_CASE("the packets of a house file decode to its samples, those of other files are refused", "[codecs]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("house.opus"));
    const std::vector<float> sound = glide(200 * 960);
    WriterSettings settings;
    settings.encoder.alignPackets = GENERATE(true, false);
    auto writer = AudioWriter::toFile(path, settings);
    REQUIRE((writer && writer->write(sound) && writer->finish()));
    CHECK(HousePackets::open(path)->begin() == FrameCount{settings.encoder.alignPackets ? -960 : -312});
    auto house = HouseReader::open(path);
    REQUIRE(house);
    std::vector<float> samples = unpack(path).samples;
    REQUIRE(samples.size() >= sound.size());
    samples.resize(sound.size());
    CHECK((samples == readWhole(*house)));

    CHECK(unpack(folder.filePath(QStringLiteral("none.opus"))).failure == ErrorCategory::NotFound);
    const QString other = folder.filePath(QStringLiteral("other"));
    settings.encoder.frameDuration = std::chrono::milliseconds(40);
    auto longer = AudioWriter::toFile(other, settings);
    REQUIRE((longer && longer->write(sound) && longer->finish()));
    CHECK(unpack(other).failure == ErrorCategory::Unsupported);
    settings.encoder = {};
    settings.encoder.codec = AudioCodec::Flac;
    auto flac = AudioWriter::toFile(other, settings);
    REQUIRE((flac && flac->write(sound) && flac->finish()));
    CHECK(unpack(other).failure == ErrorCategory::Unsupported);
}

TEST_CASE("damaged house files give whole packets or an error", "[codecs]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("house.opus"));
    auto writer = AudioWriter::toFile(path, {});
    REQUIRE((writer && writer->write(glide(300 * 960)) && writer->finish()));
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    const auto fails = [&](const QByteArray& bytes) {
        QFile broken(folder.filePath(QStringLiteral("broken.opus")));
        REQUIRE(broken.open(QIODevice::WriteOnly));
        broken.write(bytes);
        broken.close();
        return unpack(broken.fileName()).failure.has_value();
    };
    CHECK_FALSE(fails(whole));
    CHECK(fails(whole + whole)); // a second stream
    CHECK(fails({}));
    std::minstd_rand random(5);
    for (int round = 0; round < 200; ++round) {
        QByteArray bytes = whole;
        const auto at = static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size()));
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random() % 255));
        CHECK(fails(bytes)); // every byte is covered by a page's checksum
        static_cast<void>(fails(whole.left(at)));
        static_cast<void>(fails(whole.left(at) + whole.mid(static_cast<qsizetype>(random() % 30'000))));
    }
    // Comments that do not end are not read into memory.
    ogg_stream_state stream;
    ogg_stream_init(&stream, 7);
    QByteArray head("OpusHead\1\1\300\3\200\273\0\0\0\0\0", 19);
    QByteArray tags(1'000'000, 'x');
    tags.replace(0, 8, "OpusTags");
    QByteArray endless;
    for (QByteArray* bytes : {&head, &tags}) {
        ogg_packet packet{reinterpret_cast<unsigned char*>(bytes->data()), bytes->size(), bytes == &head, 0, 0, 0};
        ogg_stream_packetin(&stream, &packet);
        ogg_page page;
        while (ogg_stream_flush(&stream, &page) != 0) {
            endless.append(reinterpret_cast<const char*>(page.header), page.header_len);
            endless.append(reinterpret_cast<const char*>(page.body), page.body_len);
        }
    }
    ogg_stream_clear(&stream);
    CHECK(fails(endless));
}

TEST_CASE("packets follow each other without a hole, whatever the blocks", "[codecs]")
{
    const auto codec = GENERATE(AudioCodec::Opus, AudioCodec::Mp3, AudioCodec::Aac, AudioCodec::L16, AudioCodec::Pcmu,
                                AudioCodec::Pcma);
    EncoderSettings settings;
    settings.codec = codec;
    auto encoder = createPacketEncoder(settings);
    REQUIRE(encoder);
    FrameCount next = FrameCount{} - (*encoder)->delay();
    const std::vector<float> sound = glide(96'000);
    std::span<const float> rest(sound);
    for (std::size_t size = 1; !rest.empty(); size = size * 3 % 1'999 + 1) {
        const auto block = rest.first(std::min(size, rest.size()));
        REQUIRE((*encoder)->write(block, [&](const EncodedPacket& packet) -> Result<void> {
            CHECK(packet.position == next);
            CHECK(packet.duration == (*encoder)->packetFrames());
            CHECK_FALSE(packet.data.empty());
            next += packet.duration;
            return {};
        }));
        rest = rest.subspan(block.size());
    }
    // No more is held back than the tail that follows a session on air: LAME keeps some frames in its bit reservoir.
    CHECK(next > FrameCount{96'000 - 12'000});
}

TEST_CASE("MP3 packets of three frames are those of one frame, three by three", "[codecs]")
{
    const std::vector<float> sound = glide(96'000);
    const auto packetsOf = [&](std::chrono::milliseconds duration) {
        EncoderSettings settings;
        settings.codec = AudioCodec::Mp3;
        settings.frameDuration = duration;
        auto encoder = createPacketEncoder(settings);
        REQUIRE(encoder);
        std::vector<std::vector<std::byte>> packets;
        REQUIRE((*encoder)->write(sound, [&](const EncodedPacket& packet) -> Result<void> {
            packets.emplace_back(packet.data.begin(), packet.data.end());
            return {};
        }));
        return packets;
    };
    const auto single = packetsOf(std::chrono::milliseconds(24));
    const auto triple = packetsOf(std::chrono::milliseconds(72));
    REQUIRE(triple.size() > 20);
    REQUIRE(single.size() >= 3 * triple.size());
    for (std::size_t number = 0; number < triple.size(); ++number) {
        std::vector<std::byte> joined;
        for (std::size_t part = 3 * number; part < 3 * number + 3; ++part)
            joined.insert(joined.end(), single[part].begin(), single[part].end());
        REQUIRE(triple[number] == joined);
    }
}

TEST_CASE("G.711 knows silence and full scale (ITU-T G.711, tables 1 and 2)", "[codecs]")
{
    struct Law {
        AudioCodec codec;
        int silence;
        int loudest;
        int lowest;
    };
    const auto law = GENERATE(Law{AudioCodec::Pcmu, 0xFF, 0x80, 0x00}, Law{AudioCodec::Pcma, 0xD5, 0xAA, 0x2A});
    EncoderSettings settings;
    settings.codec = law.codec;
    const auto lastByteOf = [&](float level) {
        auto encoder = createPacketEncoder(settings);
        int last = -1;
        REQUIRE((*encoder)->write(std::vector<float>(9'600, level), [&](const EncodedPacket& packet) -> Result<void> {
            CHECK(packet.data.size() == 160);
            last = std::to_integer<int>(packet.data.back());
            return {};
        }));
        return last;
    };
    CHECK(lastByteOf(0.0F) == law.silence);
    CHECK(lastByteOf(1.0F) == law.loudest);
    CHECK(lastByteOf(-1.0F) == law.lowest);
}

} // namespace loa::media
