// Other people's receivers take what the SDP file describes: ffmpeg, GStreamer and mpv, all at once.
#include "tests/playout/engine/house_files.h"
#include "tests/playout/output/live.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <array>
#include <map>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

struct Peer {
    const char* name;
    std::vector<media::AudioCodec> codecs;
    // What writes float samples, 48 kHz, mono, to `heard`.
    QStringList (*command)(const QString& sdp, const QString& heard);
};

QStringList ffmpegCommand(const QString& sdp, const QString& heard)
{
    return QStringLiteral("ffmpeg -nostdin -loglevel error -protocol_whitelist file,udp,rtp -i %1 -ar 48000 -ac 1 "
                          "-flush_packets 1 -f f32le -y %2")
        .arg(sdp, heard)
        .split(u' ');
}

QStringList gstreamerCommand(const QString& sdp, const QString& heard)
{
    return QStringLiteral("gst-launch-1.0 -q filesrc location=%1 ! sdpdemux ! decodebin ! audioconvert ! audioresample "
                          "! audio/x-raw,format=F32LE,rate=48000,channels=1 ! filesink buffer-mode=2 location=%2")
        .arg(sdp, heard)
        .split(u' ');
}

QStringList mpvCommand(const QString& sdp, const QString& heard)
{
    return QStringLiteral("mpv --no-config --no-terminal --no-video --cache=no "
                          "--demuxer-lavf-o=protocol_whitelist=[file,udp,rtp] --ao=pcm --ao-pcm-waveheader=no "
                          "--ao-pcm-file=%2 --audio-format=float --audio-samplerate=48000 --audio-channels=mono %1")
        .arg(sdp, heard)
        .split(u' ');
}

using media::AudioCodec;
const std::array peers{
    Peer{"ffmpeg",
         {AudioCodec::Opus, AudioCodec::L16, AudioCodec::Pcmu, AudioCodec::Pcma, AudioCodec::Mp3},
         ffmpegCommand},
    Peer{"gstreamer",
         {AudioCodec::Opus, AudioCodec::L16, AudioCodec::Pcmu, AudioCodec::Pcma, AudioCodec::Mp3},
         gstreamerCommand},
    Peer{"mpv", {AudioCodec::Opus, AudioCodec::L16}, mpvCommand},
};

std::vector<float> samplesIn(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    std::vector<float> samples(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::copy_n(reinterpret_cast<const float*>(bytes.constData()), samples.size(), samples.begin());
    return samples;
}

} // namespace

namespace {

// House files, one behind the other, from disk: their own packets leave, but around the joins.
struct PassingPlayer {
    PassingPlayer(const QDir& folder, std::vector<OutputConfig> outputs)
        : sources(
              [folder](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); })
    {
        for (unsigned item = 0; item < 3; ++item) {
            auto sound = programmeSound(60 * 960, item + 1);
            const HouseFile house = houseFileOf(folder, sound, 10);
            Segment segment;
            segment.airing = AiringId{QStringLiteral("passed-%1").arg(item)};
            segment.sha256 = house.sha256;
            segment.offset = {item * 60 * 960};
            segment.frames = {60 * 960};
            segments.push_back(segment);
            programme.insert(programme.end(), house.samples.begin(), house.samples.end());
        }
        auto made = ThreadedPlayer::create(
            {StationId{QStringLiteral("station-2")}, std::move(outputs), sources, clock, recorder});
        if (!made)
            FAIL(describe(made.error()).toStdString());
        player = std::move(*made);
    }
    void playAt(UtcTime start)
    {
        REQUIRE(player->play(
            {StationId{QStringLiteral("station-2")}, SessionId{QStringLiteral("passed")}, 1, start, segments}));
    }

    SystemClock clock;
    FileSourceFactory sources;
    Recorder recorder;
    std::vector<Segment> segments;
    std::vector<float> programme;
    std::unique_ptr<ThreadedPlayer> player;
};

} // namespace

TEST_CASE("ffmpeg, GStreamer and mpv hear the programme whole by the SDP file")
{
    QTemporaryDir folder;
    std::vector<OutputConfig> outputs;
    std::map<QString, QStringList> commands; // by output
    for (const Peer& peer : peers) {
        for (const AudioCodec codec : peer.codecs) {
            OutputConfig config;
            config.name = QStringLiteral("%1-%2").arg(QLatin1String(peer.name)).arg(static_cast<int>(codec));
            config.device = QStringLiteral("rtp");
            config.url = QStringLiteral("rtp://127.0.0.1:%1").arg(freePort(SOCK_DGRAM, true));
            config.codec = codec;
            config.sdpPath = folder.filePath(config.name + QStringLiteral(".sdp"));
            config.leadIn = 2s; // receivers find their feet in it
            commands[config.name] = peer.command(config.sdpPath, folder.filePath(config.name + QStringLiteral(".f32")));
            outputs.push_back(config);
            if (codec != AudioCodec::Mp3 && codec != AudioCodec::Opus)
                continue;
            // Three MPEG frames a packet, or six of Opus.
            config.name += QStringLiteral("-long");
            config.url = QStringLiteral("rtp://127.0.0.1:%1").arg(freePort(SOCK_DGRAM, true));
            config.packetTime = codec == AudioCodec::Mp3 ? 72ms : 120ms;
            config.sdpPath = folder.filePath(config.name + QStringLiteral(".sdp"));
            commands[config.name] = peer.command(config.sdpPath, folder.filePath(config.name + QStringLiteral(".f32")));
            outputs.push_back(config);
        }
    }
    // The same once more, with packets of house files.
    std::vector<OutputConfig> passed;
    for (const OutputConfig& config : outputs) {
        if (config.codec != AudioCodec::Opus)
            continue;
        passed.push_back(config);
        passed.back().name += QStringLiteral("-passed");
        passed.back().url = QStringLiteral("rtp://127.0.0.1:%1").arg(freePort(SOCK_DGRAM, true));
        passed.back().sdpPath = folder.filePath(passed.back().name + QStringLiteral(".sdp"));
        const auto* peer = std::find_if(peers.begin(), peers.end(), [&](const Peer& one) {
            return config.name.startsWith(QLatin1String(one.name));
        });
        commands[passed.back().name] =
            peer->command(passed.back().sdpPath, folder.filePath(passed.back().name + QStringLiteral(".f32")));
    }
    // And from a multicast group. The description names no interface: who is on two must say which.
    OutputConfig group;
    group.name = QStringLiteral("ffmpeg-group");
    group.device = QStringLiteral("rtp");
    group.url = QStringLiteral("rtp://239.255.77.10:%1").arg(freePort(SOCK_DGRAM, true));
    group.codec = AudioCodec::Opus;
    group.interfaceAddress = QStringLiteral("127.0.0.1");
    group.ttl = 1;
    group.sdpPath = folder.filePath(QStringLiteral("group.sdp"));
    group.leadIn = 2s;
    outputs.push_back(group);
    commands[group.name] = ffmpegCommand(group.sdpPath, folder.filePath(group.name + QStringLiteral(".f32")));
    commands[group.name].insert(1, QStringLiteral("-localaddr"));
    commands[group.name].insert(2, group.interfaceAddress);
    LivePlayer live(outputs, {48000, 60001});
    PassingPlayer passing(QDir(folder.path()), passed);
    std::vector<std::unique_ptr<QProcess>> receivers;
    for (auto [output, command] : commands) {
        receivers.push_back(std::make_unique<QProcess>());
        receivers.back()->setProcessChannelMode(QProcess::MergedChannels);
        receivers.back()->start(command.takeFirst(), command);
        REQUIRE(receivers.back()->waitForStarted());
    }
    passing.playAt(std::chrono::ceil<std::chrono::seconds>(passing.clock.now() + 6s));
    live.playIn(6s); // all have opened their ports by then
    REQUIRE(live.recorder.awaitSessions(1, 30s));
    REQUIRE(passing.recorder.awaitSessions(1, 30s));
    std::this_thread::sleep_for(3s); // what their jitter buffers still hold
    for (auto& receiver : receivers)
        receiver->terminate();
    for (auto& receiver : receivers) {
        if (!receiver->waitForFinished(500)) { // ffmpeg waits for one packet more
            receiver->kill();
            receiver->waitForFinished();
        }
    }
    for (const AiringRecord& record : live.recorder.ended)
        CHECK(record.outcome == Outcome::Complete);
    for (const AiringRecord& record : passing.recorder.ended)
        CHECK(record.outcome == Outcome::Complete);
    CHECK(passing.player->encoding().passed == 2 * 3 * (60 - 3)); // one by one, and six as one
    std::size_t index = 0;
    for (const auto& [output, command] : commands) {
        INFO(output.toStdString() << ": " << receivers[index++]->readAll().toStdString());
        requireHeardWhole(samplesIn(folder.filePath(output + QStringLiteral(".f32"))),
                          output.endsWith(u"passed") ? passing.programme : live.programme);
    }
}

} // namespace loa::playout
