// The house file is encoded in segments by several encoders: the joints must be as good as the rest.
#include "media/ffmpeg/decoder.h"
#include "media/figure_meter.h"
#include "media/limited_spool.h"
#include "media/segment_encoder.h"
#include "media/spool.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace loa;
using namespace loa::media;
using namespace loa::support;

namespace {

constexpr FrameCount packet{960};

struct Spooled {
    QTemporaryDir folder;
    Spool spool;

    explicit Spooled(const Pcm& pcm)
    {
        spool.descriptor = open(folder.path().toLocal8Bit().constData(), O_TMPFILE | O_RDWR, 0600);
        REQUIRE(spool.descriptor >= 0);
        SpoolWriter writer(spool.descriptor);
        REQUIRE(writer.write(pcm.samples));
        REQUIRE(writer.finish());
        spool.frames = writer.written();
    }
    ~Spooled() { close(spool.descriptor); }
};

std::vector<float> decodeAll(const QString& path)
{
    auto decoder = Decoder::open(path);
    REQUIRE(decoder);
    std::vector<float> samples;
    for (;;) {
        auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            return samples;
        samples.insert(samples.end(), block->begin(), block->end());
    }
}

WriterSettings houseWriting()
{
    WriterSettings settings;
    settings.encoder.alignPackets = true;
    return settings;
}

QByteArray encodeInSegments(const Spool& spool, const Levels& levels)
{
    QByteArray bytes;
    auto encoded =
        encodeSpool(spool, levels, houseWriting(), [&bytes](std::span<const std::byte> part) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(part.data()), static_cast<qsizetype>(part.size()));
            return {};
        });
    REQUIRE(encoded);
    return bytes;
}

// Energy of the difference in each packet's time, dB.
std::vector<double> errorsDb(const std::vector<float>& coded, const std::vector<float>& original)
{
    std::vector<double> errors;
    for (std::size_t at = 0; at + 960 <= original.size(); at += 960) {
        double sum = 1e-9;
        for (std::size_t index = at; index < at + 960; ++index)
            sum += std::pow(static_cast<double>(coded[index] - original[index]), 2.0);
        errors.push_back(10.0 * std::log10(sum));
    }
    return errors;
}

} // namespace

TEST_CASE("segments end on packets, in the quiet, and cover all", "[segments]")
{
    Pcm pcm = tone(300.0, -20.0, 200.0);
    // A breath of silence 1.3 s after the first nominal end.
    std::fill_n(pcm.samples.begin() + static_cast<std::ptrdiff_t>(61.3 * 48000), 4800, 0.0F);
    const Spooled spooled(pcm);
    const auto ends = segmentEnds(spooled.spool, packet);
    REQUIRE(ends);
    REQUIRE(ends->size() == 3);
    CHECK((*ends)[0].value % 960 == 0);
    CHECK((*ends)[0].value >= 613 * 4800 + 960 - 1);
    CHECK((*ends)[0].value <= 614 * 4800);
    CHECK((*ends)[1].value % 960 == 0);
    CHECK(ends->back() == spooled.spool.frames);
}

TEST_CASE("a joint between segments is as true to the sound as one encoder's run", "[segments]")
{
    // No pause anywhere: the worst case for a joint.
    Pcm pcm = tone(220.0, -14.0, 130.0);
    const Pcm hiss = noise(-26.0, 130.0, 9);
    const Pcm high = tone(1870.0, -22.0, 130.0);
    for (std::size_t index = 0; index < pcm.samples.size(); ++index)
        pcm.samples[index] += hiss.samples[index] + high.samples[index];
    const Spooled spooled(pcm);
    const Levels levels{0.0, -1.0};
    const QString segmented = spooled.folder.filePath(QStringLiteral("segmented.opus"));
    QFile file(segmented);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(encodeInSegments(spooled.spool, levels));
    file.close();

    const QString single = spooled.folder.filePath(QStringLiteral("single.opus"));
    std::vector<float> limited;
    {
        auto writer = AudioWriter::toFile(single, houseWriting());
        REQUIRE(writer);
        REQUIRE(playLimited(spooled.spool, FrameCount{0}, spooled.spool.frames, levels,
                            [&](std::span<const float> block) -> Result<void> {
                                limited.insert(limited.end(), block.begin(), block.end());
                                return writer->write(block);
                            }));
        REQUIRE(writer->finish());
    }
    const auto one = errorsDb(decodeAll(single), limited);
    const auto many = errorsDb(decodeAll(segmented), limited);
    REQUIRE(one.size() == many.size());
    const auto ends = segmentEnds(spooled.spool, packet);
    REQUIRE(ends);
    REQUIRE(ends->size() == 2);
    const double worstOfOne = *std::max_element(one.begin(), one.end());
    const auto joint = static_cast<std::size_t>((*ends)[0].value / 960);
    for (std::size_t index = joint - 2; index < joint + 10; ++index)
        CHECK(many[index] <= worstOfOne + 1.0);
    CHECK(many.front() == one.front());
}

TEST_CASE("the same sound gives the same bytes, run after run", "[segments]")
{
    const Spooled spooled(babble(-12.0, 125.0, 10));
    const Levels levels{3.0, -2.0};
    const QByteArray first = encodeInSegments(spooled.spool, levels);
    CHECK(first.size() > 100'000);
    CHECK(encodeInSegments(spooled.spool, levels) == first);
}

TEST_CASE("stretches of the limited spool fit together", "[segments]")
{
    const Spooled spooled(babble(-3.0, 20.0, 12));
    const Levels levels{9.0, -3.0};
    const auto play = [&](std::int64_t from, std::int64_t to) {
        std::vector<float> samples;
        REQUIRE(playLimited(spooled.spool, FrameCount{from}, FrameCount{to}, levels,
                            [&](std::span<const float> block) -> Result<void> {
                                samples.insert(samples.end(), block.begin(), block.end());
                                return {};
                            }));
        return samples;
    };
    const auto whole = play(0, spooled.spool.frames.value);
    REQUIRE(whole.size() == static_cast<std::size_t>(spooled.spool.frames.value));
    for (const auto& [from, to] :
         {std::pair<std::int64_t, std::int64_t>{0, 1}, {100'000, 300'003}, {900'000, 960'000}}) {
        const auto part = play(from, to);
        REQUIRE(part.size() == static_cast<std::size_t>(to - from));
        float worst = 0.0F;
        for (std::size_t index = 0; index < part.size(); ++index)
            worst = std::max(worst, std::abs(part[index] - whole[static_cast<std::size_t>(from) + index]));
        CHECK(worst < 1e-3F);
    }
}
