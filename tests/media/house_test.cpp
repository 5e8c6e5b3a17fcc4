// The house file, judged by others: ffmpeg's meter and decoder.
#include "media/ffmpeg/decoder.h"
#include "tests/media/media_program.h"

#include <QFile>
#include <QRegularExpression>
#include <QtEndian>

using namespace loa::support;

namespace {

struct OtherMeter {
    double integrated = 0.0;
    double range = 0.0;
    double peak = 0.0;
};

OtherMeter measureWithFfmpeg(const QString& path)
{
    const ProgramRun run = mustRun(QStringLiteral("ffmpeg"),
                                   {QStringLiteral("-hide_banner"), QStringLiteral("-nostats"), QStringLiteral("-i"),
                                    path, QStringLiteral("-af"), QStringLiteral("ebur128=peak=true:framelog=verbose"),
                                    QStringLiteral("-f"), QStringLiteral("null"), QStringLiteral("-")});
    const QString words = QString::fromUtf8(run.err);
    const auto figure = [&words](const char* pattern) {
        const auto match =
            QRegularExpression(QLatin1String(pattern)).match(words, words.lastIndexOf(QStringLiteral("Summary:")));
        REQUIRE(match.hasMatch());
        return match.captured(1).toDouble();
    };
    return {figure(R"(I:\s+(-?[\d.]+) LUFS)"), figure(R"(LRA:\s+(-?[\d.]+) LU)"), figure(R"(Peak:\s+(-?[\d.]+) dBFS)")};
}

QJsonObject result(const QJsonObject& report)
{
    return report.value(QStringLiteral("result")).toObject();
}

} // namespace

TEST_CASE("the house file's figures are those that ffmpeg finds, at the target and below the peak", "[house]")
{
    const Workshop shop;
    const std::vector<Pcm> sounds{babble(-12.0, 12.0, 51), babble(-38.0, 12.0, 52, 2, 44100), noise(-6.0, 12.0, 53),
                                  tone(440.0, -3.0, 12.0, 1, 22050), babble(0.0, 12.0, 54, 1, 16000)};
    for (const Pcm& sound : sounds) {
        const QJsonObject house = result(shop.taken(shop.writeSound("sound.wav", sound)));
        const OtherMeter other = measureWithFfmpeg(text(house, "path"));
        CHECK(number(house, "integrated_lufs") == Approx(-16.0).margin(0.1));
        CHECK(other.integrated == Approx(-16.0).margin(0.2));
        CHECK(number(house, "integrated_lufs") == Approx(other.integrated).margin(0.11));
        // Windows every second here, every 100 ms there: both within Tech 3342, unlike on so few seconds.
        CHECK(number(house, "loudness_range_lu") == Approx(other.range).margin(0.5));
        CHECK(number(house, "true_peak_dbtp") <= -1.5);
        CHECK(other.peak <= -1.5);
        CHECK(number(house, "true_peak_dbtp") == Approx(other.peak).margin(0.3));
    }
}

TEST_CASE("decoding the house file gives the recording and silence up to a whole packet, to every decoder", "[house]")
{
    const Workshop shop;
    for (const double seconds : {1.0, 1.00003, 2.34567, 61.5}) {
        const QJsonObject house = result(shop.taken(shop.writeSound("sound.wav", babble(-12.0, seconds, 55))));
        const auto frames = static_cast<qint64>(number(house, "frames"));
        CHECK(frames == (std::llround(seconds * 48000) + 959) / 960 * 960);
        QFile file(text(house, "path"));
        REQUIRE(file.open(QIODevice::ReadOnly));
        const QByteArray head = file.read(47); // the first page: its header, and "OpusHead" (RFC 7845, 5.1)
        REQUIRE(head.mid(28, 8) == "OpusHead");
        CHECK(qFromLittleEndian<quint16>(head.constData() + 28 + 10) == 960); // so packets hold whole 20 ms of it
        auto decoder = loa::media::Decoder::open(text(house, "path"));
        REQUIRE(decoder);
        while (!decoder->read()->empty()) {
        }
        CHECK(decoder->position().value == frames);
        const ProgramRun raw =
            mustRun(QStringLiteral("ffmpeg"),
                    {QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-i"), text(house, "path"),
                     QStringLiteral("-f"), QStringLiteral("s16le"), QStringLiteral("-")});
        CHECK(raw.out.size() == frames * 2);
    }
}

TEST_CASE("targets are options", "[house]")
{
    const Workshop shop;
    const QString source = shop.writeSound("sound.wav", babble(-12.0, 10.0, 56));
    const QJsonObject house = result(
        shop.taken(source, {QStringLiteral("--target-lufs"), QStringLiteral("-23"), QStringLiteral("--max-true-peak"),
                            QStringLiteral("-6"), QStringLiteral("--bitrate"), QStringLiteral("32000")}));
    CHECK(number(house, "integrated_lufs") == Approx(-23.0).margin(0.1));
    CHECK(number(house, "true_peak_dbtp") <= -6.0);
    CHECK(number(house, "bytes") < 32'000.0 / 8 * 10 * 1.2);
}

TEST_CASE("peaks too sharp for the target are held, and the file says that it is softer", "[house]")
{
    const Workshop shop;
    // Clicks: loud in peak, next to nothing in loudness.
    Pcm clicks = noise(-60.0, 10.0, 57);
    for (std::size_t at = 4800; at < clicks.samples.size(); at += 9600)
        clicks.samples[at] = 0.99F;
    const QJsonObject report = shop.taken(shop.writeSound("clicks.wav", clicks));
    CHECK(number(result(report), "true_peak_dbtp") <= -1.5);
    CHECK(number(result(report), "integrated_lufs") < -16.5);
    CHECK(warnsOf(report, "off-target"));
}
