// ffmpeg plays the folder that HLS leaves, and every playlist on the way is one that RFC 8216 allows.
#include "tests/playout/output/live.h"

#include <QDateTime>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

struct Listed {
    qint64 sequence = -1;
    qint64 discontinuity = -1;
    int target = 0;
    std::vector<double> lengths;
    std::vector<qint64> dates; // ms since the epoch
    QStringList files;
    bool ended = false;
};

Listed readPlaylist(const QByteArray& text)
{
    Listed listed;
    const QList<QByteArray> lines = text.split('\n');
    REQUIRE(lines.front() == "#EXTM3U");
    for (const QByteArray& line : lines) {
        const QByteArray value = line.mid(line.indexOf(':') + 1);
        if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:"))
            listed.sequence = value.toLongLong();
        else if (line.startsWith("#EXT-X-DISCONTINUITY-SEQUENCE:"))
            listed.discontinuity = value.toLongLong();
        else if (line.startsWith("#EXT-X-TARGETDURATION:"))
            listed.target = value.toInt();
        else if (line.startsWith("#EXTINF:"))
            listed.lengths.push_back(value.chopped(1).toDouble());
        else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:"))
            listed.dates.push_back(
                QDateTime::fromString(QString::fromLatin1(value), Qt::ISODateWithMs).toMSecsSinceEpoch());
        else if (line == "#EXT-X-ENDLIST")
            listed.ended = true;
        else if (!line.isEmpty() && !line.startsWith('#'))
            listed.files.append(QString::fromUtf8(line));
    }
    return listed;
}

void requireValid(const Listed& listed, const QString& folder)
{
    REQUIRE(listed.lengths.size() == static_cast<std::size_t>(listed.files.size()));
    REQUIRE(listed.dates.size() == listed.lengths.size());
    for (std::size_t at = 0; at < listed.lengths.size(); ++at) {
        CHECK(listed.lengths[at] > 0);
        CHECK(std::lround(listed.lengths[at]) <= listed.target); // 4.3.3.1
        CHECK(QFile::exists(folder + u'/' + listed.files[static_cast<qsizetype>(at)]));
        if (at > 0) {
            const double expected = static_cast<double>(listed.dates[at - 1]) + 1000 * listed.lengths[at - 1];
            CHECK(std::abs(static_cast<double>(listed.dates[at]) - expected) < 5);
        }
    }
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

    Listed last;
    int seen = 0;
    const auto look = [&] {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return;
        const Listed now = readPlaylist(file.readAll());
        requireValid(now, folder.path());
        if (last.sequence >= 0) {
            CHECK(now.sequence + now.files.size() >= last.sequence + last.files.size()); // 6.2.1
            CHECK(now.discontinuity == last.discontinuity);
        }
        seen += last.files == now.files ? 0 : 1;
        last = now;
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
    CHECK(last.ended);
    REQUIRE_FALSE(last.dates.empty());

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
