#include "media/ffmpeg/audio_writer.h"
#include "media/ffmpeg/decoder.h"
#include "tests/support/audio_process.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cmath>

using namespace loa;
using namespace loa::media;
using namespace loa::support;

namespace {

WriterSettings settingsFor(AudioCodec codec, bool streaming = false)
{
    WriterSettings settings;
    settings.encoder.codec = codec;
    settings.streaming = streaming;
    return settings;
}

std::int64_t framesIn(const QString& path)
{
    auto decoder = Decoder::open(path);
    REQUIRE(decoder);
    for (;;) {
        auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            return decoder->position().value;
    }
}

Result<void> writeInBlocks(AudioWriter& writer, const std::vector<float>& samples, std::size_t block)
{
    for (std::size_t at = 0; at < samples.size(); at += block) {
        if (auto done = writer.write(std::span(samples).subspan(at, std::min(block, samples.size() - at))); !done)
            return done;
    }
    return {};
}

} // namespace

TEST_CASE("what a writer finished decodes to exactly the frames written", "[writer]")
{
    QTemporaryDir folder;
    for (const double seconds : {0.02, 1.0, 2.4567}) {
        const Pcm pcm = babble(-10.0, seconds, 31);
        for (const AudioCodec codec :
             {AudioCodec::Opus, AudioCodec::Mp3, AudioCodec::Pcm16, AudioCodec::PcmFloat, AudioCodec::Flac}) {
            const QString path = folder.filePath(QStringLiteral("written"));
            auto writer = AudioWriter::toFile(path, settingsFor(codec));
            REQUIRE(writer);
            REQUIRE(writeInBlocks(*writer, pcm.samples, 777));
            REQUIRE(writer->finish());
            CHECK(writer->written().value == pcm.frames());
            CHECK(framesIn(path) == pcm.frames());
        }
    }
}

TEST_CASE("float WAV gives back the very samples", "[writer]")
{
    QTemporaryDir folder;
    const Pcm pcm = noise(0.0, 0.5, 32);
    const QString path = folder.filePath(QStringLiteral("same.wav"));
    auto writer = AudioWriter::toFile(path, settingsFor(AudioCodec::PcmFloat));
    REQUIRE(writer);
    REQUIRE(writeInBlocks(*writer, pcm.samples, 1000));
    REQUIRE(writer->finish());
    auto decoder = Decoder::open(path);
    REQUIRE(decoder);
    std::vector<float> back;
    for (;;) {
        auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            break;
        back.insert(back.end(), block->begin(), block->end());
    }
    CHECK(back == pcm.samples);
}

TEST_CASE("a stream reaches its sink at once: headers from the start, then packet by packet", "[writer]")
{
    for (const AudioCodec codec : {AudioCodec::Opus, AudioCodec::Mp3}) {
        QByteArray bytes;
        auto writer = AudioWriter::toSink(
            [&bytes](std::span<const std::byte> part) -> Result<void> {
                bytes.append(reinterpret_cast<const char*>(part.data()), static_cast<qsizetype>(part.size()));
                return {};
            },
            settingsFor(codec, true));
        REQUIRE(writer);
        if (codec == AudioCodec::Opus)
            CHECK(bytes.startsWith("OggS"));
        const Pcm pcm = babble(-10.0, 2.0, 33);
        // After half a second no more than a few packets may still be held back.
        REQUIRE(writeInBlocks(*writer, {pcm.samples.begin(), pcm.samples.begin() + 24'000}, 960));
        const qsizetype atHalf = bytes.size();
        CHECK(atHalf > 64'000 / 8 / 2 * 6 / 10);
        REQUIRE(writeInBlocks(*writer, {pcm.samples.begin() + 24'000, pcm.samples.end()}, 960));
        REQUIRE(writer->finish());
        CHECK(bytes.size() > atHalf);

        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("received"));
        QFile file(path);
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        if (codec == AudioCodec::Opus)
            CHECK(framesIn(path) == pcm.frames());
        else
            CHECK(framesIn(path) >= pcm.frames());
    }
}

TEST_CASE("every Ogg page of a stream holds one packet", "[writer]")
{
    QByteArray bytes;
    auto writer = AudioWriter::toSink(
        [&bytes](std::span<const std::byte> part) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(part.data()), static_cast<qsizetype>(part.size()));
            return {};
        },
        settingsFor(AudioCodec::Opus, true));
    REQUIRE(writer);
    REQUIRE(writeInBlocks(*writer, babble(-10.0, 1.0, 34).samples, 480));
    REQUIRE(writer->finish());
    CHECK(bytes.count("OggS") >= 50 + 2);
}

TEST_CASE("the sink's failure is handed on as it is and stays", "[writer]")
{
    int calls = 0;
    auto writer = AudioWriter::toSink(
        [&calls](std::span<const std::byte>) -> Result<void> {
            if (++calls > 4)
                return fail(ErrorCategory::Unavailable, {QStringLiteral("đứt"), QStringLiteral("gone")},
                            QStringLiteral("here"));
            return {};
        },
        settingsFor(AudioCodec::Opus, true));
    REQUIRE(writer);
    const std::vector<float> second(48000, 0.1F);
    Result<void> outcome;
    for (int round = 0; round < 3 && outcome; ++round)
        outcome = writer->write(second);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().category == ErrorCategory::Unavailable);
    CHECK(outcome.error().where == QStringLiteral("here"));
    const int before = calls;
    CHECK(writer->write(second).error() == outcome.error());
    CHECK(writer->finish().error() == outcome.error());
    CHECK(calls == before);
}

TEST_CASE("a full disk is a storage error, and a target that cannot be opened too", "[writer]")
{
    auto writer = AudioWriter::toFile(QStringLiteral("/dev/full"), settingsFor(AudioCodec::Opus));
    Result<void> outcome;
    if (writer) {
        const std::vector<float> second(48000, 0.1F);
        for (int round = 0; round < 60 && outcome; ++round)
            outcome = writer->write(second);
        if (outcome)
            outcome = writer->finish();
    } else {
        outcome = passOn(writer);
    }
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().category == ErrorCategory::Storage);
    auto nowhere = AudioWriter::toFile(QStringLiteral("/nonexistent/folder/a.opus"), settingsFor(AudioCodec::Opus));
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().category == ErrorCategory::Storage);
}

TEST_CASE("packets for RTP lie end to end and name their frames", "[encoder]")
{
    for (const auto& [codec, isAligned] :
         {std::pair(AudioCodec::Opus, false), std::pair(AudioCodec::Opus, true), std::pair(AudioCodec::L16, false)}) {
        EncoderSettings settings;
        settings.codec = codec;
        settings.alignPackets = isAligned;
        auto encoder = Encoder::create(settings);
        REQUIRE(encoder);
        const Pcm pcm = babble(-10.0, 1.2345, 35);
        std::int64_t next = -encoder->delay().value;
        std::int64_t covered = 0;
        std::int64_t packets = 0;
        const PacketSink sink = [&](const EncodedPacket& packet) -> Result<void> {
            CHECK(packet.position.value == next);
            CHECK_FALSE(packet.data.empty());
            next += packet.duration.value;
            covered += packet.duration.value - packet.padding.value;
            ++packets;
            if (codec == AudioCodec::L16)
                CHECK(packet.data.size() == static_cast<std::size_t>(packet.duration.value) * 2);
            return {};
        };
        for (std::size_t at = 0; at < pcm.samples.size(); at += 500)
            REQUIRE(encoder->write(
                std::span(pcm.samples).subspan(at, std::min<std::size_t>(500, pcm.samples.size() - at)), sink));
        REQUIRE(encoder->finish(sink));
        CHECK(covered == pcm.frames() + encoder->delay().value);
        if (isAligned)
            CHECK(encoder->delay().value == 960);
        CHECK(packets >= 61);
        CHECK(encoder->packetFrames().value == 960);
    }
}

TEST_CASE("L16 is big endian, clips at full scale and turns NaN into silence", "[encoder]")
{
    EncoderSettings settings;
    settings.codec = AudioCodec::L16;
    auto encoder = Encoder::create(settings);
    REQUIRE(encoder);
    std::vector<float> samples(960, 0.0F);
    samples[0] = 0.5F;
    samples[1] = 7.0F;
    samples[2] = -7.0F;
    samples[3] = std::nanf("");
    QByteArray bytes;
    REQUIRE(encoder->write(samples, [&bytes](const EncodedPacket& packet) -> Result<void> {
        bytes =
            QByteArray(reinterpret_cast<const char*>(packet.data.data()), static_cast<qsizetype>(packet.data.size()));
        return {};
    }));
    CHECK(bytes.left(8) == QByteArray::fromHex("40007fff80000000"));
}

TEST_CASE("Opus keeps to its bit rate on tonal sound", "[encoder]")
{
    auto encoder = Encoder::create({});
    REQUIRE(encoder);
    std::size_t bytes = 0;
    const PacketSink sink = [&bytes](const EncodedPacket& packet) -> Result<void> {
        bytes += packet.data.size();
        return {};
    };
    REQUIRE(encoder->write(babble(-6.0, 20.0, 36).samples, sink));
    REQUIRE(encoder->finish(sink));
    CHECK(static_cast<double>(bytes) * 8.0 / 20.0 < 70'000.0);
}

TEST_CASE("what ffmpeg says of our files agrees: one stream, Opus, mono, 48 kHz", "[writer]")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("house.opus"));
    WriterSettings settings;
    settings.tags = {{QStringLiteral("title"), QStringLiteral("Bản tin cải cách hành chính")}};
    auto writer = AudioWriter::toFile(path, settings);
    REQUIRE(writer);
    REQUIRE(writeInBlocks(*writer, babble(-10.0, 2.0, 37).samples, 960));
    REQUIRE(writer->finish());
    const auto probe = mustRun(QStringLiteral("ffprobe"),
                               {QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-show_entries"),
                                QStringLiteral("stream=codec_name,channels,sample_rate:stream_tags=title"),
                                QStringLiteral("-of"), QStringLiteral("default=nokey=1:noprint_wrappers=1"), path});
    CHECK(probe.out == QByteArray("opus\n48000\n1\nBản tin cải cách hành chính\n"));
}
