#include "media/ffmpeg/decoder.h"
#include "tests/playout/output/icecast_server.h"
#include "tests/playout/output/live.h"

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

OutputConfig mountOn(const IcecastServer& server, const char* name, media::AudioCodec codec)
{
    OutputConfig config;
    config.name = QString::fromLatin1(name);
    config.device = QStringLiteral("icecast");
    config.url = server.url(QStringLiteral("/%1").arg(config.name));
    config.password = QStringLiteral("secret");
    config.codec = codec;
    config.streamName = QStringLiteral("Xã Một");
    return config;
}

std::vector<float> decode(const QByteArray& stream, const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    REQUIRE(file.write(stream) == stream.size());
    file.close();
    auto decoder = media::Decoder::open(path);
    if (!decoder)
        FAIL(describe(decoder.error()).toStdString());
    std::vector<float> samples;
    for (;;) {
        auto block = decoder->read();
        REQUIRE(block);
        if (block->empty())
            return samples;
        samples.insert(samples.end(), block->begin(), block->end());
    }
}

void awaitHearing(const IcecastListener& listener)
{
    for (int tries = 0; tries < 500 && !listener.isHearing(); ++tries)
        std::this_thread::sleep_for(20ms);
    REQUIRE(listener.isHearing());
}

} // namespace

TEST_CASE("A listener of a real Icecast hears the programme whole, in Opus, MP3 and AAC")
{
    IcecastServer server(freePort(SOCK_STREAM));
    LivePlayer live({mountOn(server, "opus", media::AudioCodec::Opus), mountOn(server, "mp3", media::AudioCodec::Mp3),
                     mountOn(server, "aac", media::AudioCodec::Aac)},
                    {72000, 60001, 48000});
    // The mounts are there before any session is.
    IcecastListener opus(server.port, "/opus");
    IcecastListener mp3(server.port, "/mp3");
    IcecastListener aac(server.port, "/aac");
    awaitHearing(opus);
    awaitHearing(aac);
    awaitHearing(mp3);
    const UtcTime start = live.playIn(1s);
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    std::this_thread::sleep_for(1500ms); // what the server still holds: it passes MP3 and AAC on in blocks
    for (const AiringRecord& record : live.recorder.ended) {
        INFO(record.output.toStdString() << ' ' << toString(record.reason).toStdString());
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.gaps == 0);
        CHECK(std::chrono::abs(*record.firstFrameAt - record.plannedStart) < 250ms);
    }
    CHECK(live.player->health()[0].opens == 1);
    CHECK(start < live.clock.now());
    QTemporaryDir folder;
    requireHeardWhole(decode(opus.end(), folder.filePath(QStringLiteral("heard.opus"))), live.programme);
    requireHeardWhole(decode(mp3.end(), folder.filePath(QStringLiteral("heard.mp3"))), live.programme);
    requireHeardWhole(decode(aac.end(), folder.filePath(QStringLiteral("heard.aac"))), live.programme);
}

TEST_CASE("Two mounts with the same settings share one encode, and one that joins late is heard whole")
{
    IcecastServer server(freePort(SOCK_STREAM));
    // The third comes up in the middle of the others' stream, two seconds before the session.
    OutputConfig late = mountOn(server, "late", media::AudioCodec::Opus);
    late.between = BetweenSessions::Closed;
    late.leadIn = 2s;
    OutputConfig softer = mountOn(server, "softer", media::AudioCodec::Mp3);
    softer.gainDb = -3.0;
    LivePlayer live({mountOn(server, "one", media::AudioCodec::Opus), mountOn(server, "two", media::AudioCodec::Opus),
                     late, mountOn(server, "mp3-one", media::AudioCodec::Mp3),
                     mountOn(server, "mp3-two", media::AudioCodec::Mp3), softer},
                    {48000, 60001});
    std::vector<std::unique_ptr<IcecastListener>> listeners;
    for (const char* mount : {"/one", "/two", "/late", "/mp3-one", "/mp3-two", "/softer"})
        listeners.push_back(std::make_unique<IcecastListener>(server.port, mount));
    awaitHearing(*listeners[0]);
    awaitHearing(*listeners[1]);
    const UtcTime start = live.playIn(3500ms);
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    std::this_thread::sleep_for(1500ms);
    for (const AiringRecord& record : live.recorder.ended) {
        INFO(record.output.toStdString());
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.gaps == 0);
    }
    const EncodingCount count = live.player->encoding();
    CHECK(count.stages == 3);
    CHECK(count.runs == 3);
    const auto lived = std::chrono::duration<double>(live.clock.now() - start + 8s).count();
    CHECK(static_cast<double>(count.packets) < lived * (50 + 2 * 41.7)); // 20 ms and twice 24 ms: no packet twice
    QTemporaryDir folder;
    std::vector<QByteArray> streams;
    for (const auto& listener : listeners) {
        streams.push_back(listener->end());
        const QString name = QStringLiteral("heard-%1").arg(streams.size());
        requireHeardWhole(decode(streams.back(), folder.filePath(name)), live.programme);
    }
    // The late one's Ogg stream has a beginning of its own, and counts from it.
    CHECK(streams[2].startsWith("OggS"));
    CHECK(streams[2].indexOf("OpusHead") == 28);
}

TEST_CASE("Who tunes in, or is reconnected, in mid-sound hears it rise, not click")
{
    IcecastServer server(freePort(SOCK_STREAM));
    LivePlayer live({mountOn(server, "opus", media::AudioCodec::Opus), mountOn(server, "mp3", media::AudioCodec::Mp3),
                     mountOn(server, "aac", media::AudioCodec::Aac)},
                    {6 * 48000});
    live.playIn(1s);
    std::this_thread::sleep_for(2s);
    std::vector<std::unique_ptr<IcecastListener>> listeners; // each cut in at another place of a wave
    for (std::size_t number = 0; number < 12; ++number) {
        listeners.push_back(
            std::make_unique<IcecastListener>(server.port, std::array{"/opus", "/mp3", "/aac"}.at(number % 3)));
        std::this_thread::sleep_for(70ms);
    }
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    QTemporaryDir folder;
    for (std::size_t number = 0; number < listeners.size(); ++number) {
        const auto heard = decode(listeners[number]->end(), folder.filePath(QStringLiteral("heard-%1").arg(number)));
        REQUIRE(heard.size() > 48000);
        float last = 0.0F;
        float largest = 0.0F;
        for (const float sample : std::span(heard).first(48000)) {
            largest = std::max(largest, std::abs(sample - last));
            last = sample;
        }
        INFO(number);
        // Of a wave of 0.4, which itself steps by up to 0.1: a cut is as high as the wave is there.
        CHECK(largest < 0.2F);
        const auto begun = std::find_if(heard.begin(), heard.end(), [](float s) { return std::abs(s) > 0.3F; });
        CHECK(begun - heard.begin() < 24000); // it was in mid-sound
    }
}

TEST_CASE("A mount that is there for its sessions alone")
{
    IcecastServer server(freePort(SOCK_STREAM));
    OutputConfig config = mountOn(server, "short", media::AudioCodec::Opus);
    config.between = BetweenSessions::Closed;
    config.leadIn = 1s;
    LivePlayer live({config}, {24000});
    live.playIn(2s);
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    CHECK(live.recorder.ended[0].outcome == Outcome::Complete);
    for (int tries = 0; tries < 250 && live.player->health()[0].open; ++tries)
        std::this_thread::sleep_for(20ms);
    CHECK_FALSE(live.player->health()[0].open);
}

TEST_CASE("Promise 7: Icecast restarted in mid-item costs the frames of the meanwhile, and is told", "[promise-7]")
{
    IcecastServer server(freePort(SOCK_STREAM));
    LivePlayer live({mountOn(server, "commune", media::AudioCodec::Mp3)}, {6 * sampleRate, sampleRate});
    live.playIn(800ms);
    while (live.recorder.beganCount() == 0)
        std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(1s);
    server.stop();
    std::this_thread::sleep_for(500ms);
    server.start();
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    const AiringRecord cut = live.recorder.record(QStringLiteral("airing-0"), QStringLiteral("commune"));
    CHECK(cut.outcome == Outcome::Partial);
    CHECK(cut.reason == Break::OutputDown);
    CHECK(cut.gaps >= 1);
    CHECK(cut.frames > FrameCount{sampleRate});
    CHECK(cut.frames < FrameCount{6 * sampleRate});
    // Back in time for the next item, at its live position.
    const AiringRecord next = live.recorder.record(QStringLiteral("airing-1"), QStringLiteral("commune"));
    CHECK(next.outcome == Outcome::Complete);
    CHECK(std::chrono::abs(*next.firstFrameAt - next.plannedStart) < 250ms);
    live.player->stop();
    REQUIRE(live.recorder.events.size() == 2);
    CHECK(live.recorder.events[0].kind == OutputEvent::Kind::Lost);
    CHECK(live.recorder.events[1].kind == OutputEvent::Kind::Opened);
}

TEST_CASE("A real Icecast's refusal is told in words")
{
    IcecastServer server(freePort(SOCK_STREAM));
    OutputConfig config = mountOn(server, "commune", media::AudioCodec::Mp3);
    config.password = QStringLiteral("wrong");
    LivePlayer live({config}, {12000});
    live.playIn(600ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    REQUIRE(live.player->health()[0].lastError);
    CHECK(live.player->health()[0].lastError->category == ErrorCategory::Unauthorized);
}

} // namespace loa::playout
