#include "media/figure_meter.h"
#include "media/fingerprint.h"
#include "media/lane.h"
#include "media/limiter.h"
#include "media/loudness_meter.h"
#include "media/mono_loudness.h"
#include "media/scratch_file.h"
#include "media/spool.h"
#include "media/true_peak_meter.h"
#include "tests/support/audio_signals.h"

#include <QDir>
#include <QTemporaryDir>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

using namespace loa;
using namespace loa::media;
using namespace loa::support;

namespace {

std::vector<float> limit(const std::vector<float>& samples, double gainDb, double ceilingDb, std::size_t block = 1000)
{
    Limiter limiter(fromDecibels(gainDb), fromDecibels(ceilingDb));
    std::vector<float> out;
    for (std::size_t at = 0; at < samples.size(); at += block)
        limiter.write(std::span(samples).subspan(at, std::min(block, samples.size() - at)), out);
    limiter.finish(out);
    return out;
}

double truePeakDb(const std::vector<float>& samples)
{
    TruePeakMeter meter(48000, 1);
    meter.add(samples);
    return toDecibels(meter.peak()).value_or(-200.0);
}

} // namespace

TEST_CASE("Loudness as a value is that of libebur128, and a copy goes on as the one that it was made from", "[levels]")
{
    std::vector<float> sound = babble(-14.0, 20.0, 1).samples;
    for (std::size_t index = sound.size() / 2; index < sound.size(); ++index) // gates have something to do
        sound[index] *= index < sound.size() * 3 / 4 ? 0.02F : 0.3F;
    auto meter = *LoudnessMeter::create(48000, std::array{ChannelRole::Center}, LoudnessScope::Integrated);
    MonoLoudness whole;
    MonoLoudness pieces;
    CHECK_FALSE(whole.integratedLufs());
    REQUIRE(meter.add(sound));
    whole.add(sound);
    std::optional<MonoLoudness> copy;
    for (std::size_t at = 0; at < sound.size(); at += 777) {
        if (!copy && at > sound.size() / 3)
            copy = pieces;
        const auto piece = std::span(sound).subspan(at, std::min<std::size_t>(777, sound.size() - at));
        pieces.add(piece);
        if (copy)
            copy->add(piece);
    }
    CHECK(whole.integratedLufs().value() == Approx(meter.integratedLufs().value()).margin(0.005));
    CHECK(pieces.integratedLufs() == whole.integratedLufs());
    CHECK(copy->integratedLufs() == whole.integratedLufs());
    // EBU Tech 3341, case 1 in one channel: a sine of 1 kHz at -23 dBFS is -26 LUFS there.
    MonoLoudness sine;
    sine.add(tone(1000.0, -23.0, 20.0).samples);
    CHECK(sine.integratedLufs().value() == Approx(-26.0).margin(0.1));
    MonoLoudness silence;
    silence.add(std::vector<float>(96'000));
    CHECK_FALSE(silence.integratedLufs());
}

TEST_CASE("the limiter keeps the true peak at its ceiling and the length as it was", "[limiter]")
{
    for (const auto& pcm : {babble(0.0, 10.0, 1), noise(0.0, 3.0, 2), tone(11'000.0, 0.0, 2.0)}) {
        for (const double gainDb : {0.0, 6.0, 15.0}) {
            const auto out = limit(pcm.samples, gainDb, -2.0);
            CHECK(out.size() == pcm.samples.size());
            CHECK(truePeakDb(out) <= -2.0 + 0.15);
        }
    }
}

TEST_CASE("the limiter leaves what stays below its ceiling alone but for the gain", "[limiter]")
{
    const Pcm pcm = babble(-20.0, 5.0, 3);
    const auto out = limit(pcm.samples, 3.0, -1.0);
    const auto gain = static_cast<float>(fromDecibels(3.0));
    REQUIRE(out.size() == pcm.samples.size());
    float worst = 0.0F;
    for (std::size_t index = 0; index < out.size(); ++index)
        worst = std::max(worst, std::abs(out[index] - pcm.samples[index] * gain));
    CHECK(worst == 0.0F);
}

TEST_CASE("the limiter's output does not hang on how its input is cut", "[limiter]")
{
    const Pcm pcm = babble(0.0, 2.0, 4);
    const auto whole = limit(pcm.samples, 9.0, -3.0, pcm.samples.size());
    for (const std::size_t block : {1U, 8U, 63U, 1000U})
        CHECK(limit(pcm.samples, 9.0, -3.0, block) == whole);
}

TEST_CASE("the limiter lets go again after a peak", "[limiter]")
{
    Pcm pcm = tone(500.0, -20.0, 2.0);
    for (std::size_t index = 24'000; index < 24'050; ++index)
        pcm.samples[index] = 1.0F;
    const auto out = limit(pcm.samples, 0.0, -6.0);
    CHECK(truePeakDb(out) <= -5.85);
    for (std::size_t index = 90'000; index < out.size(); ++index)
        REQUIRE(out[index] == pcm.samples[index]);
}

TEST_CASE("lanes work through every block in order and hand on the first failure", "[lane]")
{
    std::vector<float> seen;
    Lane good([&seen](std::span<const float> block) -> Result<void> {
        seen.insert(seen.end(), block.begin(), block.end());
        return {};
    });
    int calls = 0;
    Lane bad([&calls](std::span<const float>) -> Result<void> {
        if (++calls == 3)
            return fail(ErrorCategory::Storage, {QStringLiteral("hỏng"), QStringLiteral("broken")});
        return {};
    });
    LaneFeeder feeder({&good, &bad});
    std::vector<float> expected(1'000'000);
    std::iota(expected.begin(), expected.end(), 0.0F);
    for (std::size_t at = 0; at < expected.size(); at += 1152)
        feeder.add(std::span(expected).subspan(at, std::min<std::size_t>(1152, expected.size() - at)));
    feeder.flush();
    CHECK(good.finish());
    CHECK(seen == expected);
    const auto failed = bad.finish();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().category == ErrorCategory::Storage);
    CHECK(calls == 3);
}

TEST_CASE("the spool gives back what was written, any stretch of it", "[spool]")
{
    QTemporaryDir folder;
    auto file = ScratchFile::create(folder.path());
    REQUIRE(file);
    const Pcm pcm = noise(0.0, 1.5, 5);
    SpoolWriter writer(file->descriptor());
    for (std::size_t at = 0; at < pcm.samples.size(); at += 999)
        REQUIRE(writer.write(std::span(pcm.samples).subspan(at, std::min<std::size_t>(999, pcm.samples.size() - at))));
    REQUIRE(writer.finish());
    CHECK(writer.written().value == pcm.frames());
    for (const auto& [from, to] : {std::pair{0, 72'000}, {17, 18}, {40'000, 72'000}, {5, 5}}) {
        SpoolReader reader(file->descriptor(), FrameCount{from}, FrameCount{to});
        std::vector<float> got;
        for (;;) {
            auto block = reader.read();
            REQUIRE(block);
            if (block->empty())
                break;
            got.insert(got.end(), block->begin(), block->end());
        }
        CHECK(got == std::vector<float>(pcm.samples.begin() + from, pcm.samples.begin() + to));
    }
}

TEST_CASE("a full disk is an error that says so", "[spool]")
{
    const int full = open("/dev/full", O_WRONLY);
    REQUIRE(full >= 0);
    SpoolWriter writer(full);
    Result<void> outcome;
    const std::vector<float> block(20'000, 0.1F);
    for (int round = 0; round < 3 && outcome; ++round)
        outcome = writer.write(block);
    close(full);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().category == ErrorCategory::Storage);
    CHECK(outcome.error().message.vi.contains(QStringLiteral("đầy")));
}

TEST_CASE("a scratch file leaves nothing unless it is published, then replaces in one step", "[scratch]")
{
    QTemporaryDir folder;
    {
        auto file = ScratchFile::create(folder.path());
        REQUIRE(file);
        REQUIRE(write(file->descriptor(), "one", 3) == 3);
    }
    CHECK(QDir(folder.path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
    for (const char* content : {"two", "three"}) {
        auto file = ScratchFile::create(folder.path());
        REQUIRE(file);
        REQUIRE(write(file->descriptor(), content, strlen(content)) == static_cast<ssize_t>(strlen(content)));
        REQUIRE(file->publish(QStringLiteral("name.opus")));
        QFile published(folder.filePath(QStringLiteral("name.opus")));
        REQUIRE(published.open(QIODevice::ReadOnly));
        CHECK(published.readAll() == content);
    }
    CHECK(QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).size() == 1);
}

TEST_CASE("the fingerprint knows a sound again at another volume and tells two sounds apart", "[fingerprint]")
{
    const auto print = [](const Pcm& pcm) {
        auto made = Fingerprinter::create(pcm.rate);
        REQUIRE(made);
        REQUIRE(made->add(pcm.samples));
        auto text = made->finish();
        REQUIRE(text);
        return *text;
    };
    const Pcm loud = babble(-6.0, 12.0, 7);
    Pcm soft = loud;
    for (float& sample : soft.samples)
        sample *= 0.5F;
    CHECK(print(loud).size() > 20);
    CHECK(print(loud) == print(loud));
    CHECK(print(loud).left(20) == print(soft).left(20));
    CHECK(print(loud) != print(babble(-6.0, 12.0, 8)));
}
