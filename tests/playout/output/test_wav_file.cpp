#include "playout/output/wav_file.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <vector>

namespace loa::playout {

namespace {

struct WavReading {
    std::uint32_t dataBytes = 0;
    std::uint32_t riffBytes = 0;
    qsizetype fileBytes = 0;
    std::vector<std::int16_t> samples;
};

WavReading readWav(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    REQUIRE(bytes.size() >= 44);
    REQUIRE(bytes.startsWith("RIFF"));
    REQUIRE(bytes.mid(8, 8) == "WAVEfmt ");
    REQUIRE(bytes.mid(36, 4) == "data");
    WavReading reading;
    std::memcpy(&reading.riffBytes, bytes.constData() + 4, 4);
    std::memcpy(&reading.dataBytes, bytes.constData() + 40, 4);
    reading.fileBytes = bytes.size();
    reading.samples.resize(static_cast<std::size_t>(bytes.size() - 44) / 2);
    if (!reading.samples.empty())
        std::memcpy(reading.samples.data(), bytes.constData() + 44, reading.samples.size() * 2);
    return reading;
}

} // namespace

TEST_CASE("A WAV file is valid while it is being written: its header never names a byte that is not there")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.wav"));
    auto wav = WavFile::create(path, WavFormat::Pcm16, false);
    REQUIRE(wav);
    CHECK(readWav(path).dataBytes == 0);
    const std::vector<float> block(4800, 0.25F);
    for (int tenth = 1; tenth <= 35; ++tenth) {
        REQUIRE(wav->write(block));
        const WavReading reading = readWav(path);
        CHECK(reading.dataBytes + 44 <= reading.fileBytes);
        CHECK(reading.riffBytes == reading.dataBytes + 36);
        CHECK(reading.dataBytes >= static_cast<std::uint32_t>((tenth / 10) * 10 * 9600)); // at most a second behind
    }
    REQUIRE(wav->close());
    const WavReading reading = readWav(path);
    CHECK(reading.dataBytes == 35 * 9600);
    CHECK(reading.samples.back() == 8192);
}

TEST_CASE("Samples are rounded and clipped, NaN is silence")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.wav"));
    auto wav = WavFile::create(path, WavFormat::Pcm16, false);
    const std::vector<float> samples{
        1.0F, -1.0F, 3.0F, -3.0F, 0.4F / 32768.0F, 0.6F / 32768.0F, std::numeric_limits<float>::quiet_NaN()};
    REQUIRE(wav->write(samples));
    REQUIRE(wav->close());
    CHECK(readWav(path).samples == std::vector<std::int16_t>{32767, -32768, 32767, -32768, 0, 1, 0});
}

TEST_CASE("A file that is there is not replaced unasked")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.wav"));
    REQUIRE(WavFile::create(path, WavFormat::Pcm16, false));
    CHECK(WavFile::create(path, WavFormat::Pcm16, false).error().category == ErrorCategory::Conflict);
    CHECK(WavFile::create(path, WavFormat::Float, true));
}

TEST_CASE("A full disk is an error in words")
{
    const auto full = WavFile::create(QStringLiteral("/dev/full"), WavFormat::Pcm16, true);
    REQUIRE_FALSE(full);
    CHECK(full.error().category == ErrorCategory::Storage);
    CHECK(full.error().where == QStringLiteral("/dev/full"));
}

} // namespace loa::playout
