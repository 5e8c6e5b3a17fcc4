// Each output lays the sound on the channels that it is told, as ffmpeg hears them.
#include "tests/playout/output/icecast_server.h"
#include "tests/playout/output/live.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <cmath>
#include <cstring>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using media::AudioCodec;
using media::Channels;

namespace {

struct TwoChannels {
    std::vector<float> left;
    std::vector<float> right;
};

QStringList ffmpegInto(const QStringList& input, const QString& raw)
{
    return QStringList{QStringLiteral("-nostdin"), QStringLiteral("-loglevel"), QStringLiteral("error")} + input +
           QStringList{QStringLiteral("-ar"),
                       QStringLiteral("48000"),
                       QStringLiteral("-flush_packets"),
                       QStringLiteral("1"),
                       QStringLiteral("-f"),
                       QStringLiteral("f32le"),
                       QStringLiteral("-y"),
                       raw};
}

TwoChannels channelsIn(const QString& raw)
{
    QFile file(raw);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    TwoChannels heard;
    for (qsizetype at = 0; at + 8 <= bytes.size(); at += 8) {
        std::array<float, 2> frame{};
        std::memcpy(frame.data(), bytes.constData() + at, 8);
        heard.left.push_back(frame[0]);
        heard.right.push_back(frame[1]);
    }
    return heard;
}

double levelOf(std::span<const float> samples)
{
    double sum = 0;
    for (const float sample : samples)
        sum += static_cast<double>(sample) * static_cast<double>(sample);
    return 10 * std::log10(sum / static_cast<double>(std::max<std::size_t>(samples.size(), 1)) + 1e-12);
}

} // namespace

TEST_CASE("Sound lies on the channel that an output is told, in every codec")
{
    QTemporaryDir folder;
    const IcecastServer server(freePort(SOCK_STREAM));
    std::vector<OutputConfig> outputs;
    const auto add = [&](const char* device, AudioCodec codec, Channels channel) -> OutputConfig& {
        OutputConfig config;
        config.name = QStringLiteral("%1-%2").arg(QLatin1String(device)).arg(static_cast<int>(codec));
        config.device = QLatin1String(device);
        config.codec = codec;
        config.channel = channel;
        config.bitRate = 48'000;
        config.url = folder.filePath(config.name);
        outputs.push_back(config);
        return outputs.back();
    };
    std::map<QString, std::unique_ptr<QProcess>> receivers;
    for (const auto& [codec, channel] : {std::pair{AudioCodec::Opus, Channels::Right},
                                         {AudioCodec::L16, Channels::Left},
                                         {AudioCodec::Mp3, Channels::Stereo}}) {
        OutputConfig& rtp = add("rtp", codec, channel);
        rtp.url = QStringLiteral("rtp://127.0.0.1:%1").arg(freePort(SOCK_DGRAM, true));
        rtp.sdpPath = folder.filePath(rtp.name + QStringLiteral(".sdp"));
        rtp.leadIn = 2s;
    }
    for (const auto& [codec, channel] : {std::pair{AudioCodec::Opus, Channels::Left},
                                         {AudioCodec::Mp3, Channels::Right},
                                         {AudioCodec::Aac, Channels::Left}}) {
        OutputConfig& mount = add("icecast", codec, channel);
        mount.url = server.url(u'/' + mount.name);
        mount.password = QStringLiteral("secret");
    }
    for (const auto& [codec, channel] :
         {std::pair{AudioCodec::Aac, Channels::Right}, {AudioCodec::Opus, Channels::Stereo}}) {
        OutputConfig& list = add("hls", codec, channel);
        list.segment = 1s;
        list.between = BetweenSessions::Closed; // so that all of it is still listed
    }
    add("wav", AudioCodec::Pcm16, Channels::Right);
    add("flac", AudioCodec::Flac, Channels::Left);

    auto live = std::make_unique<LivePlayer>(outputs, std::vector<std::size_t>{144'000});
    std::map<QString, std::unique_ptr<IcecastListener>> listeners;
    const auto raw = [&](const OutputConfig& output) { return folder.filePath(output.name + QStringLiteral(".f32")); };
    for (const OutputConfig& output : outputs) {
        if (output.device == u"icecast") {
            listeners[output.name] =
                std::make_unique<IcecastListener>(server.port, ('/' + output.name.toLatin1()).constData());
        } else if (output.device == u"rtp") {
            auto& receiver = receivers[output.name] = std::make_unique<QProcess>();
            receiver->start(QStringLiteral("ffmpeg"),
                            ffmpegInto({QStringLiteral("-protocol_whitelist"), QStringLiteral("file,udp,rtp"),
                                        QStringLiteral("-i"), output.sdpPath},
                                       raw(output)));
            REQUIRE(receiver->waitForStarted());
        }
    }
    for (const auto& [name, listener] : listeners) {
        for (int tries = 0; tries < 500 && !listener->isHearing(); ++tries)
            std::this_thread::sleep_for(20ms);
        REQUIRE(listener->isHearing());
    }
    live->playIn(3s);
    REQUIRE(live->recorder.awaitSessions(1, 20s));
    std::this_thread::sleep_for(1500ms); // what servers and receivers still hold
    // Without its end, which a server may still hold: it passes MP3 and AAC on in blocks, and silence fills them
    // slowly.
    const std::vector<float> programme(live->programme.begin(), live->programme.end() - 24'000);
    for (auto& [name, receiver] : receivers) {
        receiver->kill(); // what it heard is flushed
        CHECK(receiver->waitForFinished());
    }
    live.reset();

    for (const OutputConfig& output : outputs) {
        INFO(output.name.toStdString());
        QString file;
        if (output.device == u"icecast") {
            file = folder.filePath(output.name + QStringLiteral(".stream"));
            QFile stream(file);
            REQUIRE(stream.open(QIODevice::WriteOnly));
            stream.write(listeners[output.name]->end());
        } else if (output.device == u"hls") {
            file = output.url + QStringLiteral("/live.m3u8");
            QFile list(file);
            REQUIRE(list.open(QIODevice::Append));
            list.write("#EXT-X-ENDLIST\n"); // so that ffmpeg ends
        } else if (output.device != u"rtp") {
            file = QDir(output.url).entryInfoList(QDir::Files).front().filePath();
        }
        if (!file.isEmpty()) {
            QProcess decoder;
            decoder.start(QStringLiteral("ffmpeg"), ffmpegInto({QStringLiteral("-i"), file}, raw(output)));
            CHECK(decoder.waitForFinished());
            INFO(decoder.readAllStandardError().toStdString());
        }
        const TwoChannels heard = channelsIn(raw(output));
        const Channels channel = *output.channel;
        if (media::soundsIn(channel, 0))
            requireHeardWhole(heard.left, programme);
        if (media::soundsIn(channel, 1))
            requireHeardWhole(heard.right, programme);
        if (channel == Channels::Stereo) {
            CHECK(std::abs(levelOf(heard.left) - levelOf(heard.right)) < 0.1);
            continue;
        }
        const double sound = levelOf(channel == Channels::Left ? heard.left : heard.right);
        const double silence = levelOf(channel == Channels::Left ? heard.right : heard.left);
        CHECK(silence < sound - 60);
    }
}

} // namespace loa::playout
