// loa-media from outside: what it prints, for sound it takes.
#include "media/ffmpeg/decoder.h"
#include "media/time_signal.h"
#include "tests/media/media_program.h"

#include <QCryptographicHash>
#include <QRegularExpression>

using namespace loa::support;

namespace {

QJsonObject part(const QJsonObject& report, const char* name)
{
    return report.value(QLatin1String(name)).toObject();
}

QString sha256Of(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return QString::fromLatin1(QCryptographicHash::hash(file.readAll(), QCryptographicHash::Sha256).toHex());
}

} // namespace

TEST_CASE("ingest prints every promised member and leaves one file named by its hash", "[ingest]")
{
    const Workshop shop;
    const QString source = shop.writeSound("bản tin.wav", babble(-12.0, 6.0, 41, 2, 44100));
    const QJsonObject report = shop.taken(source);
    for (const char* name : {"source", "result"}) {
        const QJsonObject object = part(report, name);
        for (const char* key : {"path", "sha256", "codec"})
            CHECK_FALSE(text(object, key).isEmpty());
        for (const char* key : {"sample_rate", "channels", "frames", "integrated_lufs", "loudness_range_lu",
                                "true_peak_dbtp", "lead_silence_ms", "tail_silence_ms", "clipped_samples"})
            (void)number(object, key);
        CHECK(text(object, "sha256") == sha256Of(text(object, "path")));
    }
    CHECK(text(part(report, "source"), "path") == source);
    CHECK(text(part(report, "source"), "codec") == QStringLiteral("pcm_s16le"));
    CHECK(number(part(report, "source"), "sample_rate") == 44100);
    CHECK(number(part(report, "source"), "channels") == 2);
    CHECK(number(part(report, "source"), "frames") == 6 * 48000);
    CHECK(number(part(report, "result"), "frames") == 6 * 48000);
    CHECK(text(part(report, "result"), "codec") == QStringLiteral("opus"));
    CHECK(number(part(report, "result"), "sample_rate") == 48000);
    CHECK(number(part(report, "result"), "channels") == 1);
    CHECK(report.value(QStringLiteral("peaks")).toArray().size() == 1000);
    CHECK(text(report, "fingerprint").size() > 20);
    CHECK(report.value(QStringLiteral("warnings")).isArray());
    const QString name = text(part(report, "result"), "sha256") + QStringLiteral(".opus");
    CHECK(everythingIn(shop.out) == QStringList{name});

    // Once more: the same bytes under the same name.
    CHECK(text(part(shop.taken(source), "result"), "sha256") == text(part(report, "result"), "sha256"));
    CHECK(everythingIn(shop.out) == QStringList{name});
}

TEST_CASE("source figures are those of the file's own channels: EBU Tech 3341 case 1 through the program",
          "[ingest][ebu]")
{
    const Workshop shop;
    const QString source = shop.writeSound("case1.wav", tone(1000.0, -23.0, 20.0, 2), WavSamples::Int24);
    const QJsonObject figures = part(shop.taken(source), "source");
    CHECK(number(figures, "integrated_lufs") == Approx(-23.0).margin(0.1));
    CHECK(number(figures, "true_peak_dbtp") == Approx(-23.0).margin(0.2));
    CHECK(number(figures, "loudness_range_lu") == Approx(0.0).margin(0.1));
}

TEST_CASE("surround sound is weighed and mixed: EBU Tech 3341 case 6 through the program", "[ingest][ebu]")
{
    const Workshop shop;
    Pcm pcm = silence(20.0, 6);
    constexpr std::array levels{-28.0, -28.0, -24.0, -200.0, -30.0, -30.0};
    for (std::size_t channel = 0; channel < levels.size(); ++channel) {
        const Pcm one = tone(1000.0, levels[channel], 20.0);
        for (std::size_t frame = 0; frame < one.samples.size(); ++frame)
            pcm.samples[frame * 6 + channel] = one.samples[frame];
    }
    const QJsonObject report = shop.taken(shop.writeSound("case6.wav", pcm, WavSamples::Int24));
    CHECK(number(part(report, "source"), "integrated_lufs") == Approx(-23.0).margin(0.1));
    CHECK(number(part(report, "source"), "channels") == 6);
    CHECK(number(part(report, "result"), "integrated_lufs") == Approx(-16.0).margin(0.15));
}

TEST_CASE("real speech in every usual format is taken, with the length it had", "[ingest]")
{
    const Workshop shop;
    const QString wav = shop.path("speech.wav");
    mustRun(QStringLiteral("espeak-ng"),
            {QStringLiteral("-v"), QStringLiteral("vi"), QStringLiteral("-w"), wav,
             QStringLiteral("Kính thưa bà con. Ủy ban nhân dân xã thông báo lịch tiếp dân tháng mười hai.")});
    const double frames = number(part(shop.taken(wav), "source"), "frames");
    CHECK(frames > 3 * 48000);
    for (const char* name : {"speech.mp3", "speech.m4a", "speech.flac"}) {
        const QJsonObject report = shop.taken(shop.convert(wav, name));
        INFO(name);
        CHECK(number(part(report, "source"), "frames") == frames);
        CHECK(number(part(report, "result"), "integrated_lufs") == Approx(-16.0).margin(0.2));
        CHECK(number(part(report, "result"), "true_peak_dbtp") <= -1.5);
    }
    const QString opus = shop.convert(wav, "speech.opus", {QStringLiteral("-b:a"), QStringLiteral("32k")});
    CHECK(number(part(shop.taken(opus), "source"), "frames") == Approx(frames).margin(1.0));
}

TEST_CASE("the fingerprint of the whole is the one that fpcalc finds", "[ingest]")
{
    const Workshop shop;
    const QString source = shop.writeSound("speech.wav", babble(-12.0, 20.0, 42));
    const QString ours = text(shop.taken(source), "fingerprint");
    // Some releases of fpcalc end with an error at the end of a file, after printing.
    const QByteArray theirs = runProgram(QStringLiteral("fpcalc"), {QStringLiteral("-plain"), source}).out.trimmed();
    if (theirs.isEmpty()) {
        WARN("fpcalc is not installed: compared with nothing");
        return;
    }
    // The same algorithm behind another resampler: equal but for the odd bit, and of the same length.
    CHECK(ours.size() == Approx(theirs.size()).epsilon(0.02));
    CHECK(ours.left(40) == QString::fromLatin1(theirs.left(40)));
}

TEST_CASE("what deserves a second look is taken with a warning", "[ingest]")
{
    const Workshop shop;
    Pcm edges = silence(5.0);
    append(edges, babble(-12.0, 4.0, 43));
    const QJsonObject silent = shop.taken(shop.writeSound("edges.wav", edges));
    CHECK(warnsOf(silent, "silence"));
    CHECK(number(part(silent, "source"), "lead_silence_ms") == Approx(5000).margin(60));

    Pcm loud = babble(12.0, 4.0, 44);
    CHECK(warnsOf(shop.taken(shop.writeSound("loud.wav", loud)), "clipped"));
    CHECK(warnsOf(shop.taken(shop.writeSound("narrow.wav", babble(-12.0, 4.0, 45, 1, 8000))), "narrow-band"));
    CHECK(warnsOf(shop.taken(shop.writeSound("quiet.wav", babble(-50.0, 4.0, 46))), "quiet"));
    CHECK(shop.taken(shop.writeSound("fine.wav", babble(-14.0, 4.0, 47)))
              .value(QStringLiteral("warnings"))
              .toArray()
              .isEmpty());

    // Left against right, not quite equal: the mix nearly vanishes.
    Pcm against = babble(-12.0, 4.0, 48, 2);
    for (std::size_t index = 1; index < against.samples.size(); index += 2)
        against.samples[index] *= -0.8F;
    CHECK(warnsOf(shop.taken(shop.writeSound("against.wav", against)), "cancelling-channels"));
}

TEST_CASE("an MP3 cut short is taken with a warning and its real length", "[ingest]")
{
    const Workshop shop;
    const QString mp3 = shop.convert(shop.writeSound("whole.wav", babble(-12.0, 10.0, 49)), "whole.mp3");
    QFile file(mp3);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    const QJsonObject report = shop.taken(shop.write("cut.mp3", bytes.left(bytes.size() / 2)));
    CHECK(warnsOf(report, "truncated"));
    CHECK(number(part(report, "source"), "duration_ms") == Approx(5000).margin(150));
    const double filling = number(part(report, "result"), "frames") - number(part(report, "source"), "frames");
    CHECK(filling >= 0);
    CHECK(filling < 960);
}

TEST_CASE("probe only looks", "[ingest]")
{
    const Workshop shop;
    const QString source = shop.convert(shop.writeSound("a.wav", babble(-12.0, 3.0, 50, 2, 44100)), "a.m4a");
    const ProgramRun run = runProgram(loaProgram(QStringLiteral("loa-media")),
                                      {QStringLiteral("probe"), source, QStringLiteral("--json")});
    REQUIRE(run.exitCode == 0);
    const QJsonObject figures = part(run.json(), "source");
    CHECK(text(figures, "codec") == QStringLiteral("aac"));
    CHECK(number(figures, "frames") == 3 * 48000);
    CHECK(figures.value(QStringLiteral("frames_exact")).toBool());
    CHECK(text(figures, "sha256") == sha256Of(source));
    CHECK(everythingIn(shop.out).isEmpty());
    const ProgramRun refused =
        runProgram(loaProgram(QStringLiteral("loa-media")),
                   {QStringLiteral("probe"), shop.write("text.mp3", "xin chào"), QStringLiteral("--json")});
    CHECK(refused.exitCode == 2);
}

TEST_CASE("wrong usage is told apart from a refusal", "[ingest]")
{
    const auto exitOf = [](const QStringList& arguments) {
        return runProgram(loaProgram(QStringLiteral("loa-media")), arguments).exitCode;
    };
    CHECK(exitOf({}) == 64);
    CHECK(exitOf({QStringLiteral("ingest"), QStringLiteral("a.wav")}) == 64);
    CHECK(exitOf({QStringLiteral("probe"), QStringLiteral("a.wav"), QStringLiteral("--out"), QStringLiteral("x")}) ==
          64);
    CHECK(exitOf({QStringLiteral("probe"), QStringLiteral("a.wav"), QStringLiteral("--max-seconds"),
                  QStringLiteral("many")}) == 64);
    CHECK(exitOf({QStringLiteral("probe"), QStringLiteral("a.wav"), QStringLiteral("--unknown")}) == 64);
    CHECK(exitOf({QStringLiteral("--help")}) == 0);
}

TEST_CASE("The standard time signal keeps its length and its mark through ingest", "[ingest]")
{
    using namespace loa;
    const Workshop shop;
    const QString source = shop.path("pips.wav");
    REQUIRE(media::writeTimeSignal(source));
    const QJsonObject report = shop.taken(source);
    CHECK(number(part(report, "result"), "frames") == static_cast<double>(media::timeSignalFrames.value));
    auto decoder = media::Decoder::open(text(part(report, "result"), "path"));
    REQUIRE(decoder);
    std::vector<float> heard;
    for (;;) {
        const auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            break;
        heard.insert(heard.end(), block->begin(), block->end());
    }
    REQUIRE(heard.size() == static_cast<std::size_t>(media::timeSignalFrames.value));
    // Where it lies best over the long pip as it was made, to the frame.
    const std::vector<float> made = media::timeSignal();
    const auto likeness = [&](std::int64_t shift) {
        double sum = 0.0;
        for (std::int64_t frame = media::timeSignalMark.value; frame < media::timeSignalMark.value + 24'000; ++frame)
            sum += static_cast<double>(made[static_cast<std::size_t>(frame)]) *
                   static_cast<double>(heard[static_cast<std::size_t>(frame + shift)]);
        return sum;
    };
    for (std::int64_t shift = -20; shift <= 20; ++shift)
        CHECK(likeness(shift) <= likeness(0));
}
