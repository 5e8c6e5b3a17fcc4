// Relays of real peers: icecast2 with ffmpeg as its source, ffmpeg's HLS and RTP.
#include "media/ffmpeg/live_reader.h"
#include "playout/engine/relay_deck.h"
#include "tests/playout/engine/hostile_station.h"
#include "tests/playout/output/icecast_server.h"
#include "tests/playout/output/live.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

// ffmpeg that sends a tone until it is told to stop, or its peer is gone.
class ToneSender {
public:
    explicit ToneSender(const QStringList& output, const QString& source = u"sine=frequency=500:sample_rate=44100"_s)
    {
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(QProcess::nullDevice());
        m_process.start(u"ffmpeg"_s,
                        QStringList{u"-nostdin"_s, u"-re"_s, u"-f"_s, u"lavfi"_s, u"-i"_s, source} + output);
        REQUIRE(m_process.waitForStarted());
    }
    ~ToneSender()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(3000))
            m_process.kill();
        m_process.waitForFinished(3000);
    }

private:
    QProcess m_process;
};

QStringList mp3To(const IcecastServer& server)
{
    return {u"-c:a"_s, u"libmp3lame"_s,    u"-b:a"_s,
            u"64k"_s,  u"-content_type"_s, u"audio/mpeg"_s,
            u"-f"_s,   u"mp3"_s,           u"icecast://source:secret@127.0.0.1:%1/relay"_s.arg(server.port)};
}

constexpr float standbyLevel = 0.4F;

} // namespace

TEST_CASE("Promise 7: an Icecast mount is relayed; killed in mid-relay, the standby item sounds until it is back",
          "[promise-7][relay]")
{
    IcecastServer server(freePort(SOCK_STREAM));
    auto sender = std::make_unique<ToneSender>(mp3To(server));
    SystemClock clock;
    MemorySourceFactory standbys;
    standbys.add(sha256("standby"), std::vector<float>(96'000, standbyLevel));
    RelayTimings timings;
    timings.ahead = {sampleRate};
    timings.enough = {sampleRate / 2};
    timings.fedWithin = 500ms;
    timings.firstPause = 100ms;
    timings.longestPause = 300ms;
    timings.steady = 500ms;
    RelayDeck deck(standbys, networkOpener({false, false, true}, timings), clock, timings);
    RelayPlan plan;
    plan.airing = {u"airing-relay"_s};
    plan.definition.id = {u"relay-a"_s};
    plan.definition.addresses = {u"http://127.0.0.1:%1/relay"_s.arg(server.port)};
    plan.frames = {3600 * sampleRate};
    plan.standby = RelayStandby{{u"item-s"_s}, sha256("standby"), {96'000}};
    deck.prepare(plan);
    std::vector<RelayStep> steps;
    const auto isTold = [&](RelayStep::Kind kind) {
        for (RelayEvent& event : deck.takeEvents())
            steps.push_back(std::move(event.step));
        return std::ranges::find(steps, kind, &RelayStep::kind) != steps.end();
    };
    for (int tries = 0; tries < 1500 && !isTold(RelayStep::Kind::Opened); ++tries)
        std::this_thread::sleep_for(10ms);
    REQUIRE(isTold(RelayStep::Kind::Opened));
    CHECK(std::ranges::find(steps, RelayStep::Kind::Opened, &RelayStep::kind)->detail ==
          u"mp3, 44100 Hz, channels 1"_s);

    Segment segment;
    segment.airing = plan.airing;
    segment.relay = plan.definition.id;
    segment.frames = plan.frames;
    const auto source = deck.open(segment, {});
    FrameCount position;
    IntervalSet delivered;
    std::vector<float> block(960);
    const auto begin = clock.monotonic();
    // In real time, as a pump would; "standby" is a level, the relay a tone around nothing.
    const auto playUntil = [&](auto done) {
        for (int turn = 0; turn < 1500; ++turn) {
            const std::size_t given = source->read(position, block);
            delivered.add(position.value, position.value + static_cast<std::int64_t>(given));
            position += FrameCount{960};
            const auto mean =
                std::accumulate(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(given), 0.0F) / 960.0F;
            const float peak =
                given == 0 ? 0.0F
                           : *std::max_element(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(given));
            if (done(mean, peak))
                return true;
            const auto due = begin + std::chrono::duration_cast<std::chrono::nanoseconds>(toDuration(position));
            std::this_thread::sleep_for(std::max(due - clock.monotonic(), std::chrono::nanoseconds(0)));
        }
        return false;
    };
    const auto isTone = [](float mean, float peak) { return std::abs(mean) < 0.05F && peak > 0.05F; };
    const auto isStandby = [](float mean, float) { return std::abs(mean - standbyLevel) < 0.01F; };
    REQUIRE(playUntil(isTone));
    const FrameCount heardFrom = position;
    REQUIRE(playUntil([&](float, float) { return position > heardFrom + FrameCount{2 * sampleRate}; }));

    server.stop();
    sender.reset();
    REQUIRE(playUntil(isStandby));
    CHECK(isTold(RelayStep::Kind::Failed));
    CHECK(isTold(RelayStep::Kind::Standby));
    server.start();
    sender = std::make_unique<ToneSender>(mp3To(server));
    REQUIRE(playUntil(isTone));
    CHECK(isTold(RelayStep::Kind::Back));

    const RelaySound sound = deck.soundOf(plan.airing, delivered.intervals());
    REQUIRE(sound.shares.size() == 2);
    CHECK(sound.shares[0].frames + sound.shares[1].frames == FrameCount{delivered.total()});
    CHECK(sound.shares[0].frames.value > 2 * sampleRate);
    CHECK(delivered.total() == position.value); // from its first frame on, without a gap
}

namespace {

// Serves HLS from a folder that outlives it.
auto filesOf(const QTemporaryDir& folder)
{
    return [&folder](const QByteArray& path, const HostileStation::Send& send) {
        QFile file(folder.filePath(QString::fromLatin1(path.mid(1))));
        if (!file.open(QIODevice::ReadOnly))
            send("HTTP/1.0 404 Not Found\r\n\r\n");
        else
            send(okHead(path.endsWith(".ts") ? "video/mp2t" : "application/vnd.apple.mpegurl") + file.readAll());
    };
}

} // namespace

TEST_CASE("HLS is relayed, from a playlist with its pieces beside it", "[relay]")
{
    QTemporaryDir folder;
    REQUIRE(QProcess::execute(u"ffmpeg"_s, {u"-v"_s, u"quiet"_s, u"-nostdin"_s, u"-f"_s, u"lavfi"_s, u"-i"_s,
                                            u"sine=frequency=500:sample_rate=44100:duration=8"_s, u"-c:a"_s, u"aac"_s,
                                            u"-f"_s, u"hls"_s, u"-hls_time"_s, u"2"_s, u"-hls_list_size"_s, u"0"_s,
                                            folder.filePath(u"live.m3u8"_s)}) == 0);
    HostileStation station(filesOf(folder));
    auto reader = media::LiveReader::open({station.url(u"/live.m3u8"_s), media::LiveKind::Hls});
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().codec == u"aac"_s);
    std::int64_t frames = 0;
    for (auto block = reader->read(); block; block = reader->read())
        frames += static_cast<std::int64_t>(block->size());
    CHECK(frames > 7 * sampleRate);
    CHECK(station.asked().size() >= 5);
}

TEST_CASE("HLS is relayed as a live station has it: a list that rolls, its old pieces deleted", "[relay]")
{
    QTemporaryDir folder;
    const QString list = folder.filePath(u"live.m3u8"_s);
    ToneSender sender({u"-c:a"_s, u"aac"_s, u"-f"_s, u"hls"_s, u"-hls_time"_s, u"1"_s, u"-hls_list_size"_s, u"3"_s,
                       u"-hls_flags"_s, u"delete_segments+temp_file"_s, list});
    HostileStation station(filesOf(folder));
    for (int tries = 0; tries < 2000 && !QFile::exists(list); ++tries)
        std::this_thread::sleep_for(10ms);
    auto reader = media::LiveReader::open({station.url(u"/live.m3u8"_s), media::LiveKind::Hls});
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    std::vector<float> heard;
    while (heard.size() < static_cast<std::size_t>(6 * sampleRate)) {
        const auto block = reader->read();
        if (!block)
            FAIL(describe(block.error()).toStdString());
        heard.insert(heard.end(), block->begin(), block->end());
    }
    int crossings = 0;
    for (std::size_t index = static_cast<std::size_t>(sampleRate) + 1; index < heard.size(); ++index)
        crossings += heard[index - 1] < 0.0F && heard[index] >= 0.0F ? 1 : 0;
    CHECK(crossings == Approx(2500).margin(25));
    // It is the roll that was read, not three pieces.
    CHECK_FALSE(QFile::exists(folder.filePath(u"live0.ts"_s)));
    std::set<QByteArray> pieces;
    for (const QByteArray& path : station.asked()) {
        if (path.endsWith(".ts"))
            pieces.insert(path);
    }
    CHECK(pieces.size() >= 6);
}

TEST_CASE("a stream that changes its sample rate goes on as it was", "[relay]")
{
    QTemporaryDir folder;
    QByteArray sent;
    for (const QString& rate : {u"44100"_s, u"24000"_s, u"48000"_s}) {
        const QString path = folder.filePath(rate + u".mp3"_s);
        REQUIRE(QProcess::execute(u"ffmpeg"_s,
                                  {u"-v"_s, u"quiet"_s, u"-nostdin"_s, u"-f"_s, u"lavfi"_s, u"-i"_s,
                                   u"sine=frequency=500:sample_rate=%1:duration=4"_s.arg(rate), u"-c:a"_s,
                                   u"libmp3lame"_s, u"-write_xing"_s, u"0"_s, u"-id3v2_version"_s, u"0"_s, path}) == 0);
        QFile file(path);
        REQUIRE(file.open(QIODevice::ReadOnly));
        sent += file.readAll();
    }
    HostileStation station(
        [&](const QByteArray&, const HostileStation::Send& send) { send(okHead("audio/mpeg") + sent); });
    auto reader = media::LiveReader::open({station.url(u"/live"_s), media::LiveKind::Stream});
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().sampleRate == 44'100);
    std::vector<float> samples;
    for (auto block = reader->read(); block; block = reader->read())
        samples.insert(samples.end(), block->begin(), block->end());
    CHECK(reader->info().sampleRate == 48'000);
    CHECK(samples.size() > 23 * sampleRate / 2);
    // 500 Hz throughout: in the middle second of each part.
    for (const std::int64_t from : {1, 5, 9}) {
        int crossings = 0;
        for (std::int64_t index = from * sampleRate + 1; index < (from + 1) * sampleRate; ++index) {
            const auto at = static_cast<std::size_t>(index);
            crossings += samples[at - 1] < 0.0F && samples[at] >= 0.0F ? 1 : 0;
        }
        CHECK(crossings == Approx(500).margin(5));
    }
}

TEST_CASE("https is relayed from a host that the system trusts alone, or an authority that was named", "[relay]")
{
    QTemporaryDir folder;
    const int port = freePort(SOCK_STREAM);
    const auto authority = [&](const QString& name) {
        REQUIRE(QProcess::execute(u"openssl"_s,
                                  {u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s,
                                   u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s, u"-keyout"_s,
                                   folder.filePath(name + u".key"_s), u"-out"_s, folder.filePath(name + u".pem"_s),
                                   u"-days"_s, u"1"_s, u"-subj"_s, u"/CN="_s + name, u"-batch"_s}) == 0);
    };
    authority(u"district"_s);
    authority(u"stranger"_s);
    REQUIRE(QProcess::execute(u"openssl"_s,
                              {u"req"_s, u"-new"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s,
                               u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s, u"-keyout"_s,
                               folder.filePath(u"key.pem"_s), u"-out"_s, folder.filePath(u"request"_s), u"-subj"_s,
                               u"/CN=localhost"_s, u"-addext"_s, u"subjectAltName=DNS:localhost"_s, u"-batch"_s}) == 0);
    REQUIRE(
        QProcess::execute(u"openssl"_s,
                          {u"x509"_s, u"-req"_s, u"-days"_s, u"1"_s, u"-in"_s, folder.filePath(u"request"_s), u"-CA"_s,
                           folder.filePath(u"district.pem"_s), u"-CAkey"_s, folder.filePath(u"district.key"_s),
                           u"-copy_extensions"_s, u"copy"_s, u"-out"_s, folder.filePath(u"cert.pem"_s)}) == 0);
    QFile file(folder.filePath(u"tone.wav"_s));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(wavHead(48'000) + toneBytes(48'000, 96'000));
    file.close();
    QProcess server;
    server.setWorkingDirectory(folder.path());
    server.start(u"openssl"_s, {u"s_server"_s, u"-accept"_s, u"127.0.0.1:%1"_s.arg(port), u"-cert"_s, u"cert.pem"_s,
                                u"-key"_s, u"key.pem"_s, u"-quiet"_s, u"-WWW"_s});
    REQUIRE(server.waitForStarted());
    const QString address = u"https://localhost:%1/tone.wav"_s.arg(port);
    // It is there, and would sound to who believes anybody.
    int answer = 1;
    for (int tries = 0; tries < 100 && answer != 0; ++tries) {
        std::this_thread::sleep_for(20ms);
        answer = QProcess::execute(u"ffprobe"_s, {u"-v"_s, u"quiet"_s, address});
    }
    CHECK(answer == 0);
    for (const QString& caFile : {QString(), folder.filePath(u"stranger.pem"_s), folder.filePath(u"district.pem"_s)}) {
        INFO(caFile.toStdString());
        media::LiveSettings settings{address, media::LiveKind::Stream};
        settings.caFile = caFile;
        auto reader = media::LiveReader::open(settings);
        if (caFile.endsWith(u"district.pem")) {
            if (!reader)
                FAIL(describe(reader.error()).toStdString());
            std::size_t frames = 0;
            for (auto block = reader->read(); block; block = reader->read())
                frames += block->size();
            CHECK(frames > 90'000);
            continue;
        }
        REQUIRE_FALSE(reader);
        CHECK(reader.error().category == ErrorCategory::Unavailable);
        CHECK(reader.error().message.en.contains(u"certificate"_s));
    }
    // The certificate is for another name.
    media::LiveSettings other{u"https://127.0.0.1:%1/tone.wav"_s.arg(port), media::LiveKind::Stream};
    other.caFile = folder.filePath(u"district.pem"_s);
    CHECK_FALSE(media::LiveReader::open(other));
    server.kill();
    server.waitForFinished();
}

TEST_CASE("a multicast group is relayed by the interface that was named: our own output's stream", "[relay][rtp]")
{
    const auto codec = GENERATE(media::AudioCodec::L16, media::AudioCodec::Pcmu);
    const int port = freePort(SOCK_DGRAM, true);
    const QString address = u"rtp://239.255.77.9:%1"_s.arg(port);
    OutputConfig config;
    config.name = u"main"_s;
    config.device = u"rtp"_s;
    config.url = address;
    config.codec = codec;
    config.interfaceAddress = u"127.0.0.1"_s;
    config.ttl = 1;
    LivePlayer live({config}, {static_cast<std::size_t>(8 * sampleRate)});
    live.playIn(500ms);
    media::LiveSettings settings{address, media::LiveKind::Rtp};
    settings.localAddress = u"127.0.0.1"_s;
    if (codec == media::AudioCodec::L16) // PCMU's payload type says all
        settings.rtp = *media::rtpMapFrom(u"96 L16/48000"_s);
    auto reader = media::LiveReader::open(settings);
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    std::vector<float> heard;
    while (heard.size() < static_cast<std::size_t>(2 * sampleRate)) {
        const auto block = reader->read();
        REQUIRE(block);
        heard.insert(heard.end(), block->begin(), block->end());
    }
    const Match found = bestMatch(live.programme, std::span(heard).subspan(sampleRate, 12'000), 0, 8 * sampleRate);
    CHECK(found.correlation > (codec == media::AudioCodec::L16 ? 0.99 : 0.8));
}

TEST_CASE("RTP of a fixed payload type is relayed, and misses it when it ends", "[relay]")
{
    const int port = freePort(SOCK_DGRAM, true);
    auto sender =
        std::make_unique<ToneSender>(QStringList{u"-ar"_s, u"8000"_s, u"-ac"_s, u"1"_s, u"-c:a"_s, u"pcm_mulaw"_s,
                                                 u"-f"_s, u"rtp"_s, u"rtp://127.0.0.1:%1"_s.arg(port)});
    media::LiveSettings settings{u"rtp://127.0.0.1:%1"_s.arg(port), media::LiveKind::Rtp};
    settings.stallAfter = 700ms;
    auto reader = media::LiveReader::open(settings);
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().codec == u"pcm_mulaw"_s);
    std::int64_t frames = 0;
    while (frames < 2 * sampleRate) {
        const auto block = reader->read();
        REQUIRE(block);
        frames += static_cast<std::int64_t>(block->size());
    }
    sender.reset();
    auto block = reader->read();
    while (block)
        block = reader->read();
    CHECK(block.error().category == ErrorCategory::Unavailable);
}

TEST_CASE("RTP that only a description explains is relayed by its format: Opus, linear PCM", "[relay][rtp]")
{
    struct Format {
        const char16_t* map;
        const char16_t* heard;
        QStringList sent;
    };
    const std::array formats{
        Format{u"97 opus/48000/2", u"opus", {u"-c:a"_s, u"libopus"_s, u"-ac"_s, u"2"_s}},
        Format{u"97 L16/48000", u"pcm_s16be", {u"-c:a"_s, u"pcm_s16be"_s, u"-ar"_s, u"48000"_s, u"-ac"_s, u"1"_s}},
        Format{u"97 L24/48000/2", u"pcm_s24be", {u"-c:a"_s, u"pcm_s24be"_s, u"-ar"_s, u"48000"_s, u"-ac"_s, u"2"_s}},
    };
    for (const Format& format : formats) {
        INFO(QString::fromUtf16(format.map).toStdString());
        const int port = freePort(SOCK_DGRAM, true);
        ToneSender sender(format.sent + QStringList{u"-payload_type"_s, u"97"_s, u"-f"_s, u"rtp"_s,
                                                    u"rtp://127.0.0.1:%1"_s.arg(port)});
        media::LiveSettings settings{u"rtp://127.0.0.1:%1"_s.arg(port), media::LiveKind::Rtp};
        settings.rtp = *media::rtpMapFrom(QString::fromUtf16(format.map));
        settings.mayConnect = [](const sockaddr& host) { return host.sa_family == AF_INET; };
        auto reader = media::LiveReader::open(settings);
        if (!reader)
            FAIL(describe(reader.error()).toStdString());
        CHECK(reader->info().codec == QString::fromUtf16(format.heard));
        std::vector<float> samples;
        while (samples.size() < static_cast<std::size_t>(2 * sampleRate)) {
            const auto block = reader->read();
            REQUIRE(block);
            samples.insert(samples.end(), block->begin(), block->end());
        }
        int crossings = 0;
        for (std::size_t index = static_cast<std::size_t>(sampleRate) + 1; index < 2 * sampleRate; ++index)
            crossings += samples[index - 1] < 0.0F && samples[index] >= 0.0F ? 1 : 0;
        CHECK(crossings == Approx(500).margin(3));
    }
}

} // namespace loa::playout
