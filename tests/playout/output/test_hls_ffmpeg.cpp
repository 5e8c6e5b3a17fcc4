// ffmpeg plays the folder that HLS leaves, and every playlist on the way is one that RFC 8216 allows.
#include "tests/playout/output/hls_validator.h"
#include "tests/playout/output/live.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <cstring>

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

std::vector<float> samplesIn(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    std::vector<float> samples(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(samples.data(), bytes.constData(), samples.size() * sizeof(float));
    return samples;
}

OutputConfig hlsInto(const QString& folder, media::AudioCodec codec)
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("hls");
    config.url = folder;
    config.codec = codec;
    config.segment = 1s;
    return config;
}

} // namespace

TEST_CASE("ffmpeg hears the programme whole from HLS, at the instant that the playlist says")
{
    const auto codec = GENERATE(media::AudioCodec::Aac, media::AudioCodec::Opus);
    QTemporaryDir folder;
    const OutputConfig config = hlsInto(folder.path(), codec);
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
    REQUIRE_FALSE(last.dates.empty());

    // The list does not end, so who reads it would not either: a copy that does.
    const QString ended = folder.filePath(QStringLiteral("ended.m3u8"));
    {
        QFile list(path);
        QFile copy(ended);
        REQUIRE((list.open(QIODevice::ReadOnly) && copy.open(QIODevice::WriteOnly)));
        copy.write(list.readAll() + "#EXT-X-ENDLIST\n");
    }

    const bool isAac = codec == media::AudioCodec::Aac;
    CHECK(probed(ended, {QStringLiteral("-show_entries"), QStringLiteral("stream=codec_name,sample_rate,channels")})
              .startsWith(isAac ? "aac,48000,1" : "opus,48000,1"));
    // Packet by packet without a gap, across all segments.
    const double length = isAac ? 1024.0 / sampleRate : 0.02;
    std::optional<double> before;
    int packets = 0;
    for (const QByteArray& line :
         probed(ended, {QStringLiteral("-show_entries"), QStringLiteral("packet=pts_time")}).split('\n')) {
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
                  QStringLiteral("-i"), ended, QStringLiteral("-ar"), QStringLiteral("48000"), QStringLiteral("-ac"),
                  QStringLiteral("1"), QStringLiteral("-f"), QStringLiteral("f32le"), QStringLiteral("-y"), heard});
    REQUIRE(ffmpeg.waitForFinished());
    INFO("codec " << static_cast<int>(codec) << ", " << ffmpeg.readAll().toStdString());
    const std::vector<float> samples = samplesIn(heard);
    requireHeardWhole(samples, programme);

    constexpr std::size_t probe = 12000;
    const Match first = bestMatch(samples, std::span(programme).subspan(probe, probe), 0, samples.size());
    const double heardAt =
        static_cast<double>(last.dates.front()) + static_cast<double>(first.lag - probe) / (sampleRate / 1000.0);
    const auto planned = std::chrono::duration<double, std::milli>(start.time_since_epoch()).count();
    CHECK(std::abs(heardAt - planned) < 10);
}

TEST_CASE("ffmpeg goes on hearing when the player is stopped and started again")
{
    const auto codec = GENERATE(media::AudioCodec::Aac, media::AudioCodec::Opus);
    QTemporaryDir folder;
    const OutputConfig config = hlsInto(folder.path(), codec);
    const QString path = folder.filePath(QStringLiteral("live.m3u8"));
    const QString heard = folder.filePath(QStringLiteral("heard.f32"));
    QProcess ffmpeg;
    ffmpeg.setProcessChannelMode(QProcess::MergedChannels);
    HlsValidator validator(folder.path());
    const auto look = [&] {
        QFile file(path);
        if (file.open(QIODevice::ReadOnly))
            validator.judge(file.readAll());
    };
    // The second item's sound is not that of the first: it is not taken for it.
    std::vector<std::vector<float>> programmes;
    for (const auto& lengths : {std::vector<std::size_t>{96000}, std::vector<std::size_t>{4800, 96000}}) {
        LivePlayer live({config}, lengths);
        live.playIn(1500ms);
        while (!live.recorder.awaitSessions(1, 100ms)) {
            look();
            if (ffmpeg.state() == QProcess::NotRunning && programmes.empty() && validator.last()) {
                ffmpeg.start(QStringLiteral("ffmpeg"),
                             {QStringLiteral("-nostdin"), QStringLiteral("-loglevel"), QStringLiteral("error"),
                              QStringLiteral("-live_start_index"), QStringLiteral("0"), QStringLiteral("-i"), path,
                              QStringLiteral("-ar"), QStringLiteral("48000"), QStringLiteral("-ac"),
                              QStringLiteral("1"), QStringLiteral("-f"), QStringLiteral("f32le"),
                              QStringLiteral("-flush_packets"), QStringLiteral("1"), heard});
                REQUIRE(ffmpeg.waitForStarted());
            }
        }
        for (const AiringRecord& record : live.recorder.ended)
            CHECK(record.outcome == Outcome::Complete);
        programmes.emplace_back(live.programme.end() - 96000, live.programme.end());
    }
    look();
    INFO(validator.faults().join(u'\n').toStdString());
    CHECK(validator.faults().isEmpty());
    // It does not end by itself, since the list does not; by then it has all.
    CHECK_FALSE(ffmpeg.waitForFinished(4000));
    ffmpeg.kill();
    CHECK(ffmpeg.waitForFinished(10000));
    INFO("codec " << static_cast<int>(codec) << ", " << ffmpeg.readAll().toStdString());
    const std::vector<float> samples = samplesIn(heard);
    for (const std::vector<float>& programme : programmes)
        requireHeardWhole(samples, programme);
}

} // namespace loa::playout
