#include "media/ffmpeg/decoder.h"
#include "playout/output/ogg_opus.h"
#include "playout/output/stream_encoder.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cmath>

namespace loa::playout {

namespace {

std::vector<float> tone(std::size_t frames)
{
    std::vector<float> samples(frames);
    for (std::size_t index = 0; index < frames; ++index)
        samples[index] = 0.5F * std::sin(static_cast<float>(index) * 0.05F);
    return samples;
}

} // namespace

TEST_CASE("Our Ogg pages are read by libav, pre-skip taken off, to the frame")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("stream.opus"));
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    const auto put = [&](const std::vector<std::byte>& bytes) {
        REQUIRE(file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size())) ==
                static_cast<qint64>(bytes.size()));
    };
    auto encoder = StreamEncoder::create({}, {0});
    REQUIRE(encoder);
    OggOpusPager pager(42, encoder->delay());
    put(pager.headers({{QStringLiteral("TITLE"), QStringLiteral("Xã Một")}}));
    const std::vector<float> samples = tone(48000);
    FrameCount end;
    FrameCount expectedFrom{
        -960}; // packets lie on the grid of the stream: one before the first frame, then each its own
    REQUIRE(encoder->write({{0}, samples, {48000}}, [&](const StreamPacket& packet) -> Result<void> {
        CHECK(packet.from == expectedFrom);
        CHECK(packet.to - packet.from == FrameCount{960});
        expectedFrom = packet.to;
        end = packet.to;
        put(pager.page(packet.data, packet.sinceFirst));
        return {};
    }));
    file.close();

    auto decoder = media::Decoder::open(path);
    if (!decoder)
        FAIL(describe(decoder.error()).toStdString());
    std::vector<float> decoded;
    for (;;) {
        auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            break;
        decoded.insert(decoded.end(), block->begin(), block->end());
    }
    CHECK(decoder->counts().decodeErrors == 0);
    // The stream began 648 frames of priming before frame 0, and ends with the last packet.
    const std::size_t priming = 960 - static_cast<std::size_t>(encoder->delay().value);
    REQUIRE(decoded.size() == priming + static_cast<std::size_t>(end.value));
    double signal = 0;
    double error = 0;
    for (std::size_t index = 4800; index < static_cast<std::size_t>(end.value); ++index) {
        const double difference = static_cast<double>(decoded[priming + index]) - static_cast<double>(samples[index]);
        error += difference * difference;
        signal += static_cast<double>(samples[index]) * static_cast<double>(samples[index]);
    }
    CHECK(error < 0.01 * signal); // a frame of offset would be 0.25 %, ten frames 25 %
}

TEST_CASE("A short break is filled with silence, a long one is an error")
{
    auto encoder = StreamEncoder::create({}, {0});
    REQUIRE(encoder);
    const std::vector<float> samples = tone(960);
    FrameCount end;
    const auto sink = [&](const StreamPacket& packet) -> Result<void> {
        end = packet.to;
        return {};
    };
    REQUIRE(encoder->write({{0}, samples, {960}}, sink));
    REQUIRE(encoder->write({{48000}, samples, {960}}, sink));
    CHECK(end == FrameCount{48000});
    CHECK_FALSE(encoder->write({{48000 * 10}, samples, {960}}, sink));
}

TEST_CASE("Packets of every size become pages of the right segments")
{
    OggOpusPager pager(1, {312});
    for (const std::size_t size : {0U, 1U, 254U, 255U, 256U, 510U, 1275U}) {
        const auto page = pager.page(std::vector<std::byte>(size, std::byte{7}), {960});
        const auto segments = std::to_integer<std::size_t>(page[26]);
        CHECK(segments == size / 255 + 1);
        CHECK(page.size() == 27 + segments + size);
        CHECK(std::to_integer<std::size_t>(page[26 + segments]) == size % 255);
    }
}

} // namespace loa::playout
