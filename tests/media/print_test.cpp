#include "media/ffmpeg/audio_writer.h"
#include "media/ffmpeg/decoder.h"
#include "media/loudness_meter.h"
#include "media/print_match.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace loa;
using namespace loa::media;
using namespace loa::support;

namespace {

std::vector<float> speech(double seconds, unsigned seed)
{
    return babble(-12.0, seconds, seed).samples;
}

std::vector<PrintRow> printOf(std::span<const float> sound, FrameCount hop = printHop)
{
    SoundPrinter printer(hop);
    std::vector<PrintRow> rows;
    printer.add(sound, rows);
    return rows;
}

std::optional<int> match(std::span<const float> reference, std::span<const float> heard)
{
    const auto a = printOf(reference);
    const auto b = printOf(heard);
    PrintComparison comparison;
    for (std::size_t row = 0; row < std::min(a.size(), b.size()); ++row)
        comparison.add(a[row], b[row]);
    return comparison.perMille();
}

std::vector<float> through(const EncoderSettings& encoder, const char* name, std::span<const float> sound)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QString::fromLatin1(name));
    WriterSettings settings;
    settings.encoder = encoder;
    auto writer = AudioWriter::toFile(path, settings);
    REQUIRE((writer && writer->write(sound) && writer->finish()));
    auto decoder = Decoder::open(path);
    REQUIRE(decoder);
    std::vector<float> heard;
    for (;;) {
        const auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            return heard;
        heard.insert(heard.end(), block->begin(), block->end());
    }
}

// As a microphone in a yard has it: a horn's band, echoes from walls, engines that come and go, and all of it softer.
std::vector<float> yard(std::span<const float> sound, double delaySeconds, double noiseDb, unsigned seed)
{
    const auto delay = static_cast<std::size_t>(delaySeconds * sampleRate);
    std::vector<float> heard(delay + sound.size() + 3 * sampleRate);
    float low = 0.0F;
    float high = 0.0F;
    std::vector<float> horn(heard.size());
    for (std::size_t index = 0; index < sound.size(); ++index) {
        low += 0.4F * (sound[index] - low); // about 4 kHz
        high += 0.05F * (low - high);       // about 400 Hz
        horn[delay + index] = low - high;
    }
    for (std::size_t index = 0; index < heard.size(); ++index) {
        heard[index] = horn[index];
        for (const auto& [at, gain] : {std::pair{1'900, 0.5F}, {4'700, 0.4F}, {9'100, 0.3F}, {17'000, 0.2F}}) {
            if (index >= static_cast<std::size_t>(at))
                heard[index] += gain * horn[index - static_cast<std::size_t>(at)];
        }
    }
    double power = 0.0;
    for (const float sample : heard)
        power += static_cast<double>(sample * sample);
    std::vector<float> rumble = noise(0.0, static_cast<double>(heard.size()) / sampleRate, seed).samples;
    float brown = 0.0F;
    double noisePower = 0.0;
    for (std::size_t index = 0; index < heard.size(); ++index) {
        brown += 0.2F * (rumble[index] - brown);
        rumble[index] = brown * (1.0F + 0.8F * std::sin(static_cast<float>(index) / 25'000.0F));
        noisePower += static_cast<double>(rumble[index] * rumble[index]);
    }
    const auto gain = static_cast<float>(std::sqrt(power / noisePower) * std::pow(10.0, noiseDb / 20.0));
    for (std::size_t index = 0; index < heard.size(); ++index)
        heard[index] = 0.05F * (heard[index] + gain * rumble[index]);
    return heard;
}

} // namespace

TEST_CASE("A print knows a sound again at any volume and through the outputs' codecs", "[print]")
{
    const std::vector<float> item = speech(20, 1);
    std::vector<float> soft = item;
    for (float& sample : soft)
        sample *= 0.01F;
    CHECK(match(item, item) == 1000);
    CHECK(match(item, soft).value() >= 990);
    EncoderSettings mp3;
    mp3.codec = AudioCodec::Mp3;
    CHECK(match(item, through(mp3, "a.mp3", item)).value() >= 980);
    EncoderSettings opus;
    opus.bitRate = 16'000;
    CHECK(match(item, through(opus, "a.opus", item)).value() >= 950);
}

TEST_CASE("Another sound, silence, and half of the right one are told apart", "[print]")
{
    const std::vector<float> item = speech(30, 1);
    int most = 0;
    for (unsigned seed = 2; seed < 12; ++seed)
        most = std::max(most, match(item, speech(30, seed)).value());
    CHECK(most < 200);
    CHECK(match(item, std::vector<float>(item.size())) == 0);
    CHECK(match(item, noise(-20.0, 30, 5).samples).value() < 100);
    std::vector<float> half = item;
    const std::vector<float> other = speech(15, 40);
    std::copy(other.begin(), other.end(), half.begin() + static_cast<std::ptrdiff_t>(half.size() - other.size()));
    const int halved = match(item, half).value();
    CHECK(halved > 420);
    CHECK(halved < 620);
}

TEST_CASE("What has nothing to be recognised by is not measured", "[print]")
{
    const std::vector<float> item = speech(10, 1);
    CHECK_FALSE(match(std::vector<float>(480'000), item));               // silence
    CHECK_FALSE(match(tone(440.0, -12.0, 10).samples, item));            // a steady tone
    CHECK_FALSE(match(std::span(item).first(30'000), item));             // 0.6 s
    CHECK(match(std::span(item).first(48'000), item).value_or(0) > 990); // 1 s is enough in step
}

TEST_CASE("A print does not depend on the blocks that it is made of", "[print]")
{
    const std::vector<float> item = speech(3, 1);
    const auto whole = printOf(item);
    CHECK(whole.size() == static_cast<std::size_t>((item.size() - printWindow.value) / printHop.value + 1));
    for (const std::size_t block : {1UL, 7UL, 960UL, 5'000UL}) {
        SoundPrinter printer;
        std::vector<PrintRow> rows;
        for (std::size_t from = 0; from < item.size(); from += block)
            printer.add(std::span(item).subspan(from, std::min(block, item.size() - from)), rows);
        CHECK(rows == whole);
    }
}

TEST_CASE("A sound is found in what a microphone hears, however late, soft and noisy", "[print]")
{
    const std::vector<float> item = speech(20, 1);
    const auto reference = printOf(item);
    const auto most = static_cast<std::int64_t>(10.0 / 0.016);
    for (const double noiseDb : {-20.0, 0.0, 5.0}) {
        const auto heard = printOf(yard(item, 4.321, noiseDb, 3), finePrintHop);
        const auto found = findPrint(reference, heard, 0, most, 100);
        REQUIRE(found);
        INFO(noiseDb << " " << found->perMille);
        CHECK(found->perMille >= 500);
        CHECK(std::abs(static_cast<double>(found->at) * 0.016 - 4.321) < 0.05);
    }
    // Whatever else may be heard there stays below.
    for (unsigned seed = 2; seed < 8; ++seed) {
        const auto other = printOf(yard(speech(32, seed), 0.0, -10.0, seed), finePrintHop);
        const auto found = findPrint(reference, other, 0, most, 100);
        REQUIRE(found);
        CHECK(found->perMille < 350);
    }
    CHECK(findPrint(reference, printOf(std::vector<float>(1'500'000), finePrintHop), 0, most, 100)->perMille == 0);
    CHECK_FALSE(findPrint(reference, printOf(std::span(item).first(200'000), finePrintHop), 0, most, 100));
    CHECK_FALSE(findPrint({}, reference, 0, most, 1));
}

TEST_CASE("A clock that runs off is followed", "[print]")
{
    const std::vector<float> item = speech(120, 1);
    std::vector<float> slow; // 300 in a million: what cheap sound cards do
    for (double at = 0.0; at < static_cast<double>(item.size() - 1); at += 1.0003)
        slow.push_back(item[static_cast<std::size_t>(at)]);
    const auto found = findPrint(printOf(item), printOf(slow, finePrintHop), 0, 60, 100);
    REQUIRE(found);
    CHECK(found->perMille >= 950);
}

TEST_CASE("Loudness without range is the same loudness", "[print]")
{
    const std::vector<float> item = speech(10, 1);
    const std::array roles{ChannelRole::Center};
    auto with = LoudnessMeter::create(48'000, roles);
    auto without = LoudnessMeter::create(48'000, roles, LoudnessScope::Integrated);
    REQUIRE((with && without && with->add(item) && without->add(item)));
    REQUIRE((with->integratedLufs() && without->integratedLufs()));
    CHECK(*with->integratedLufs() == Approx(*without->integratedLufs()));
    CHECK(with->rangeLu());
    CHECK_FALSE(without->rangeLu());
}
