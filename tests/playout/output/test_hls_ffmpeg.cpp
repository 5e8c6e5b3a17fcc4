// ffmpeg plays the folder that HLS leaves, and every playlist on the way is one that RFC 8216 allows.
#include "tests/playout/output/hls_validator.h"
#include "tests/playout/output/live.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// What ffprobe says of the list and its segments; fails when it has a word to say against them.
QByteArray probed(const QString& path, const QStringList& what)
{
    QProcess ffprobe;
    ffprobe.start(QStringLiteral("ffprobe"), QStringList{QStringLiteral("-v"), QStringLiteral("warning")} + what +
                                                 QStringList{QStringLiteral("-of"), QStringLiteral("csv=p=0"), path});
    REQUIRE(ffprobe.waitForFinished());
    INFO(ffprobe.readAllStandardError().toStdString());
    CHECK(ffprobe.exitCode() == 0);
    return ffprobe.readAllStandardOutput().trimmed();
}

} // namespace

TEST_CASE("ffmpeg hears the programme whole from HLS, at the instant that the playlist says")
{
    const auto codec = GENERATE(media::AudioCodec::Aac, media::AudioCodec::Opus);
    QTemporaryDir folder;
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("hls");
    config.url = folder.path();
    config.codec = codec;
    config.segment = 1s;
    const QString path = folder.filePath(QStringLiteral("live.m3u8"));
    auto live = std::make_unique<LivePlayer>(std::vector{config}, std::vector<std::size_t>{48000, 60001});
    const UtcTime start = live->playIn(1500ms);

    HlsValidator validator(folder.path());
    int seen = 0;
    const auto look = [&] {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return;
        validator.judge(file.readAll());
        seen += validator.isChanged() ? 1 : 0;
    };
    while (!live->recorder.awaitSessions(1, 100ms)) {
        look();
        REQUIRE(live->clock.now() < start + 20s);
    }
    for (const AiringRecord& record : live->recorder.ended)
        CHECK(record.outcome == Outcome::Complete);
    const std::vector<float> programme = live->programme;
    live.reset();
    look();
    CHECK(seen >= 3);
    INFO(validator.faults().join(u'\n').toStdString());
    CHECK(validator.faults().isEmpty());
    REQUIRE(validator.last());
    const HlsListing& last = *validator.last();
    CHECK(last.ended);
    REQUIRE_FALSE(last.dates.empty());

    const bool isAac = codec == media::AudioCodec::Aac;
    CHECK(probed(path, {QStringLiteral("-show_entries"), QStringLiteral("stream=codec_name,sample_rate,channels")})
              .startsWith(isAac ? "aac,48000,1" : "opus,48000,1"));
    // Packet by packet without a gap, across all segments.
    const double length = isAac ? 1024.0 / sampleRate : 0.02;
    std::optional<double> before;
    int packets = 0;
    for (const QByteArray& line :
         probed(path, {QStringLiteral("-show_entries"), QStringLiteral("packet=pts_time")}).split('\n')) {
        const double at = line.split(',').front().toDouble();
        if (before)
            CHECK(at - *before == Approx(length).margin(0.0002));
        before = at;
        ++packets;
    }
    CHECK(packets >= 100);

    const QString heard = folder.filePath(QStringLiteral("heard.f32"));
    QProcess ffmpeg;
    ffmpeg.setProcessChannelMode(QProcess::MergedChannels);
    ffmpeg.start(QStringLiteral("ffmpeg"),
                 {QStringLiteral("-nostdin"), QStringLiteral("-loglevel"), QStringLiteral("error"),
                  QStringLiteral("-i"), path, QStringLiteral("-ar"), QStringLiteral("48000"), QStringLiteral("-ac"),
                  QStringLiteral("1"), QStringLiteral("-f"), QStringLiteral("f32le"), QStringLiteral("-y"), heard});
    REQUIRE(ffmpeg.waitForFinished());
    INFO("codec " << static_cast<int>(codec) << ", " << ffmpeg.readAll().toStdString());
    QFile file(heard);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    std::vector<float> samples(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::copy_n(reinterpret_cast<const float*>(bytes.constData()), samples.size(), samples.begin());
    requireHeardWhole(samples, programme);

    constexpr std::size_t probe = 12000;
    const Match first = bestMatch(samples, std::span(programme).subspan(probe, probe), 0, samples.size());
    const double heardAt =
        static_cast<double>(last.dates.front()) + static_cast<double>(first.lag - probe) / (sampleRate / 1000.0);
    const auto planned = std::chrono::duration<double, std::milli>(start.time_since_epoch()).count();
    CHECK(std::abs(heardAt - planned) < 10);
}

} // namespace loa::playout
