// ffmpeg receives what the SDP file describes.
#include "tests/playout/output/live.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("ffmpeg hears the programme whole by the SDP file")
{
    const auto codec = GENERATE(media::AudioCodec::Opus, media::AudioCodec::L16, media::AudioCodec::Pcmu,
                                media::AudioCodec::Pcma, media::AudioCodec::Mp3);
    QTemporaryDir folder;
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("rtp");
    config.url = QStringLiteral("rtp://127.0.0.1:%1").arg(freePort(SOCK_DGRAM, true));
    config.codec = codec;
    config.sdpPath = folder.filePath(QStringLiteral("main.sdp"));
    config.leadIn = 1s;
    LivePlayer live({config}, {48000, 60001});

    const QString heard = folder.filePath(QStringLiteral("heard.f32"));
    QProcess ffmpeg;
    ffmpeg.setProcessChannelMode(QProcess::MergedChannels);
    ffmpeg.start(QStringLiteral("ffmpeg"),
                 {QStringLiteral("-nostdin"), QStringLiteral("-loglevel"), QStringLiteral("error"),
                  QStringLiteral("-protocol_whitelist"), QStringLiteral("file,udp,rtp"), QStringLiteral("-i"),
                  config.sdpPath, QStringLiteral("-t"), QStringLiteral("3.3"), QStringLiteral("-ar"),
                  QStringLiteral("48000"), QStringLiteral("-ac"), QStringLiteral("1"), QStringLiteral("-f"),
                  QStringLiteral("f32le"), QStringLiteral("-y"), heard});
    REQUIRE(ffmpeg.waitForStarted());
    live.playIn(2500ms); // ffmpeg has opened its port by then
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    // 1 s of lead-in and the programme are 3.25 s; the tail makes it 3.35 s, so ffmpeg ends by itself.
    REQUIRE(ffmpeg.waitForFinished());
    INFO("codec " << static_cast<int>(codec) << ", " << ffmpeg.readAll().toStdString());
    for (const AiringRecord& record : live.recorder.ended)
        CHECK(record.outcome == Outcome::Complete);

    QFile file(heard);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    std::vector<float> samples(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::copy_n(reinterpret_cast<const float*>(bytes.constData()), samples.size(), samples.begin());
    requireHeardWhole(samples, live.programme);
}

} // namespace loa::playout
