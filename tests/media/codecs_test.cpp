#include "media/codecs/house_reader.h"
#include "media/codecs/packet_encoder.h"
#include "media/ffmpeg/audio_writer.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cmath>

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
